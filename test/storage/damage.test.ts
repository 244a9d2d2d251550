import { appendFile, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeLine } from '../../services/storage/crc-lines.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { append, put, readAudit, remove } from '../contract/store.contract.ts';
import { makeTempFolder } from './open-temp-store.ts';

const warnings: Readonly<Record<string, unknown>>[] = [];
const logger = {
  warn: (details: Readonly<Record<string, unknown>>) => void warnings.push(details),
  error: () => undefined,
};

describe('what a damaged folder does to the start', () => {
  let folder: string;
  const path = (name: string) => join(folder, name);
  const snapshot = () => path('snapshot-00000002.ndjson');
  const lastJournal = () => path('journal-00000002.ndjson');

  /** Snapshot 2 with a1…a3 and one audit entry; journal 2 with b1…b3, a line each; snapshot 1 and journal 1 as `.prev`. */
  beforeEach(async () => {
    warnings.length = 0;
    folder = await makeTempFolder();
    let store = await openJournalStore({ folder });
    for (const n of [1, 2, 3]) await store.commit([put(`a${n}`, n)]);
    await store.commit([append(1)]);
    await store.close();
    const journal = path('journal-00000002.ndjson');
    store = await openJournalStore({ folder });
    for (const n of [1, 2, 3]) await store.commit([put(`b${n}`, n)]);
    const lines = await readFile(journal);
    const files = await filesNow();
    await store.close();
    // Back to how a kill -9 before the close would have left the folder.
    for (const name of await readdir(folder)) if (!name.startsWith('lock')) await rm(path(name));
    for (const [name, content] of files) await writeFile(path(name), content);
    await writeFile(journal, lines);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function filesNow(): Promise<[string, Buffer][]> {
    const names = (await readdir(folder)).filter((name) => name.includes('.ndjson'));
    return Promise.all(names.map(async (name): Promise<[string, Buffer]> => [name, await readFile(path(name))]));
  }

  async function contentAfterOpen(): Promise<string[]> {
    const store = await openJournalStore({ folder, logger });
    const records = await store.query('turnState', { limit: 100 });
    await store.close();
    return records.map((record) => record.key);
  }

  async function flipByte(file: string, at: number): Promise<void> {
    const content = await readFile(file);
    content[at] = content[at]! ^ 0x01;
    await writeFile(file, content);
  }

  async function lineStart(file: string, line: number): Promise<number> {
    const lines = (await readFile(file, 'utf8')).split('\n').slice(0, line);
    return lines.reduce((offset, text) => offset + text.length + 1, 0);
  }

  const everything = ['a1', 'a2', 'a3', 'b1', 'b2', 'b3'];

  async function expectRefusal(file: string, offset: number, code = 'store.damaged'): Promise<void> {
    const before = await filesNow();
    await expect(openJournalStore({ folder })).rejects.toMatchObject({ code, params: { file, offset } });
    expect(await filesNow(), 'a refused start changes no file').toEqual(before);
  }

  test('an undamaged folder opens with everything', async () => {
    expect(await contentAfterOpen()).toEqual(everything);
    expect(warnings).toEqual([]);
  });

  test.each([
    ['after its first byte', (start: number) => start + 1],
    ['in its checksum', (start: number) => start + 5],
    ['before its newline', (_: number, end: number) => end - 1],
  ])('a last line of the last journal that was torn %s is cut and logged', async (_, tear) => {
    const start = await lineStart(lastJournal(), 2);
    const size = tear(start, (await readFile(lastJournal())).length);
    await truncate(lastJournal(), size);
    expect(await contentAfterOpen()).toEqual(everything.slice(0, 5));
    expect(warnings).toEqual([{ file: lastJournal(), offset: start, bytes: size - start }]);
    expect(await contentAfterOpen(), 'and stays so').toEqual(everything.slice(0, 5));
  });

  test('blocks of zeros at the end of the last journal, as a power cut leaves them, are cut', async () => {
    await appendFile(lastJournal(), Buffer.alloc(4096));
    expect(await contentAfterOpen()).toEqual(everything);
  });

  test('a flipped byte in the middle of the last journal is damage, not a torn end', async () => {
    const start = await lineStart(lastJournal(), 1);
    await flipByte(lastJournal(), start + 30);
    await expectRefusal(lastJournal(), start);
  });

  test('a line missing from a journal is noticed by its number', async () => {
    const lines = (await readFile(lastJournal(), 'utf8')).split('\n');
    await writeFile(lastJournal(), lines.toSpliced(1, 1).join('\n'));
    await expectRefusal(lastJournal(), lines[0]!.length + 1);
  });

  test('a flipped byte in a journal that is not the last refuses the start, at its end too', async () => {
    await writeFile(path('journal-00000003.ndjson'), '');
    const start = await lineStart(lastJournal(), 2);
    await flipByte(lastJournal(), start + 30);
    await expectRefusal(lastJournal(), start);
  });

  test('a flipped byte in the snapshot refuses the start', async () => {
    const start = await lineStart(snapshot(), 2);
    await flipByte(snapshot(), start + 20);
    await expectRefusal(snapshot(), start);
  });

  test('a snapshot without its footer, or with a record too few, refuses the start', async () => {
    const lines = (await readFile(snapshot(), 'utf8')).trimEnd().split('\n');
    const withoutFooter = lines.slice(0, -1).join('\n') + '\n';
    await writeFile(snapshot(), withoutFooter);
    await expectRefusal(snapshot(), withoutFooter.length);
    await writeFile(snapshot(), lines.toSpliced(1, 1).join('\n') + '\n');
    await expectRefusal(snapshot(), await lineStart(snapshot(), lines.length - 2));
    await writeFile(snapshot(), '');
    await expectRefusal(snapshot(), 0);
  });

  test('a snapshot from a newer version refuses the start', async () => {
    const [, ...rest] = (await readFile(snapshot(), 'utf8')).split('\n');
    const header = encodeLine(JSON.stringify({ schema: 99, seq: 4, logs: {} }));
    await writeFile(snapshot(), header + rest.join('\n'));
    await expectRefusal(snapshot(), 0, 'store.newer-schema');
  });

  test('a missing journal or snapshot refuses the start: it never begins empty', async () => {
    await rename(lastJournal(), path('elsewhere'));
    await expectRefusal(lastJournal(), 0);
    await rename(path('elsewhere'), lastJournal());
    await rm(snapshot());
    await expectRefusal(snapshot(), 0);
  });

  test('the previous generation without its suffix brings back everything when the snapshot is damaged', async () => {
    await rm(snapshot());
    for (const name of ['snapshot-00000001.ndjson', 'journal-00000001.ndjson'])
      await rename(path(`${name}.prev`), path(name));
    const store = await openJournalStore({ folder });
    expect(await store.count('turnState', {})).toBe(6);
    expect(
      (await readAudit(store)).map((entry) => entry.at),
      'no entry twice',
    ).toEqual([1]);
    await store.close();
    expect(await contentAfterOpen()).toEqual(everything);
  });

  test('a damaged line of a log is reported with file and offset when it is read, after what comes before it', async () => {
    let store = await openJournalStore({ folder });
    for (const n of [2, 3]) await store.commit([append(n), remove(`a${n}`)]);
    await store.close();
    const file = path((await readdir(folder)).find((name) => name.startsWith('audit-'))!);
    const start = await lineStart(file, 1);
    await flipByte(file, start + 20);
    store = await openJournalStore({ folder });
    const seen: number[] = [];
    const reading = (async () => {
      for await (const entry of store.readLog('audit')) seen.push(entry.at);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'store.damaged', params: { file, offset: start } });
    expect(seen).toEqual([1]);
    await store.close();
  });

  test('what an export is writing at the end of a log is not looked at by a reader', async () => {
    const store = await openJournalStore({ folder });
    await store.commit([append(2)]);
    const file = path((await readdir(folder)).find((name) => name.startsWith('audit-'))!);
    await appendFile(file, 'half a li');
    expect((await readAudit(store)).map((entry) => entry.at)).toEqual([1, 2]);
    await truncate(file, (await readFile(file)).length - 'half a li'.length);
    await store.close();
  });

  test('a log that lost its end after the checkpoint refuses the start', async () => {
    const file = path((await readdir(folder)).find((name) => name.startsWith('audit-'))!);
    await truncate(file, (await readFile(file)).length - 3);
    await expectRefusal(file, 0);
  });

  test('day files of a log that were taken away are not missed', async () => {
    await rm(path((await readdir(folder)).find((name) => name.startsWith('audit-'))!));
    const store = await openJournalStore({ folder });
    expect(await readAudit(store)).toEqual([]);
    await store.commit([append(2)]);
    await store.close();
    const again = await openJournalStore({ folder });
    expect((await readAudit(again)).map((entry) => entry.at)).toEqual([2]);
    await again.close();
  });
});
