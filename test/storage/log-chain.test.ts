import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeLine, readLines, readLinesBackwards, type Line } from '../../services/storage/crc-lines.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { canonicalJson, verifyLog, type LogVerdict } from '../../services/storage/log-chain.ts';
import { append, put, readAudit, readChain } from '../contract/store.contract.ts';
import { makeTempFolder } from './open-temp-store.ts';

let folder: string;
const path = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await makeTempFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A line of a day file, as a forger edits it. */
interface Batch {
  s: number;
  t: number;
  entries: Record<string, unknown>[];
  links?: { position: number; hash: string }[];
}

const namesOf = async (start: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith(start) && name.endsWith('.ndjson')).toSorted();

async function rewrite(name: string, edit: (lines: unknown[]) => unknown[]): Promise<void> {
  const lines: unknown[] = [];
  for await (const { value } of readLines(path(name))) lines.push(value);
  const text = edit(lines).map((line) => encodeLine(JSON.stringify(line)));
  await writeFile(path(name), text.join(''));
}

/** Six entries, one a commit, in the day file; the store is closed. */
async function sixEntries(): Promise<string> {
  const store = await openJournalStore({ folder });
  for (let n = 1; n <= 6; n += 1) await store.commit([append(n)]);
  await store.close();
  return (await namesOf('audit')).at(-1) ?? '';
}

async function verdict(): Promise<LogVerdict> {
  const store = await openJournalStore({ folder });
  try {
    return await verifyLog(store, 'audit');
  } finally {
    await store.close();
  }
}

describe('the chain of a log', () => {
  test('is whole as it was written, and tells how many entries since when', async () => {
    await sixEntries();
    const found = await verdict();
    expect(found).toMatchObject({ problem: null, badPosition: null, entries: 6, unlinked: 0, since: 1, until: 6 });
    expect(found.head.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('can be checked by hand: SHA-256 of the hash before, the position and the entry', async () => {
    const name = await sixEntries();
    const [line = ''] = (await readFile(path(name), 'utf8')).split('\n');
    const { entries, links } = JSON.parse(line.slice(9)) as Batch;
    const [entry] = entries;
    const sorted = JSON.stringify(entry, Object.keys(entry ?? {}).toSorted());
    const text = `${'0'.repeat(64)}\n1\n${sorted}`;
    expect(links?.[0]?.hash).toBe(createHash('sha256').update(text).digest('hex'));
  });

  type Edit = (lines: Batch[]) => Batch[];
  const edits: [string, Edit, Partial<LogVerdict>][] = [
    [
      'an edited entry',
      (lines) => {
        lines[2]!.entries[0]!['actorName'] = 'Somebody else';
        return lines;
      },
      { problem: 'changed', badPosition: 3, entries: 2 },
    ],
    ['a removed entry', (lines) => lines.toSpliced(2, 1), { problem: 'missing', badPosition: 3, entries: 2 }],
    ['a cut end', (lines) => lines.slice(0, -2), { problem: 'cut', badPosition: 5, entries: 4 }],
    ['everything gone', () => [], { problem: 'cut', badPosition: 1, entries: 0 }],
    ['a cut beginning', (lines) => lines.slice(2), { problem: 'begins-late', badPosition: 3, entries: 4 }],
    [
      'an entry twice',
      (lines) => lines.toSpliced(3, 0, lines[2]!),
      { problem: 'inserted', badPosition: 4, entries: 3 },
    ],
    [
      'an entry put in without a link',
      (lines) => lines.toSpliced(3, 0, { s: 4, t: 0, entries: lines[0]!.entries }),
      { problem: 'inserted', badPosition: 4, entries: 3 },
    ],
    [
      'an entry put in before all others',
      (lines) => lines.toSpliced(0, 0, { s: 1, t: 0, entries: lines[3]!.entries }),
      { problem: 'inserted', badPosition: 1, entries: 0 },
    ],
    [
      'two entries in each other’s place',
      (lines) => [lines[0]!, { ...lines[2]!, s: 2 }, { ...lines[1]!, s: 3 }, ...lines.slice(3)],
      { problem: 'missing', badPosition: 2, entries: 1 },
    ],
    [
      'a last entry changed together with its hash',
      (lines) => {
        const last = lines.at(-1)!;
        last.entries[0]!['actorName'] = 'Somebody else';
        const before = lines.at(-2)!.links![0]!.hash;
        const text = `${before}\n6\n${canonicalJson(last.entries[0])}`;
        last.links![0]!.hash = createHash('sha256').update(text).digest('hex');
        return lines;
      },
      { problem: 'changed', badPosition: 6, entries: 5 },
    ],
    [
      'links taken off',
      (lines) => lines.map(({ s, t, entries }) => ({ s, t, entries })),
      { problem: 'inserted', badPosition: 1, entries: 0 },
    ],
  ];
  test.each(edits)('shows %s', async (_name, edit, expected) => {
    const name = await sixEntries();
    await rewrite(name, (lines) => edit(lines as Batch[]));
    expect(await verdict()).toMatchObject(expected);
  });

  test('shows a line that no longer fits its checksum, and new entries do not hide it', async () => {
    const name = await sixEntries();
    const text = await readFile(path(name), 'utf8');
    await writeFile(path(name), text.replace('"subjects":["s4"]', '"subjects":["s9"]'));
    expect(await verdict()).toMatchObject({ problem: 'damaged', badPosition: 4, entries: 3 });
    const store = await openJournalStore({ folder });
    await store.commit([append(7)]);
    await store.close();
    expect(await verdict()).toMatchObject({ problem: 'damaged', badPosition: 4 });
  });

  test('shows an entry that was edited in a journal, before a checkpoint moves it to the day file and after', async () => {
    const store = await openJournalStore({ folder });
    for (let n = 1; n <= 3; n += 1) await store.commit([append(n)]);
    const journal = (await namesOf('journal')).at(-1) ?? '';
    const content = await readFile(path(journal));
    const snapshot = (await namesOf('snapshot')).at(-1) ?? '';
    const before = await readFile(path(snapshot));
    await store.close();
    for (const name of await readdir(folder)) if (!name.startsWith('lock')) await rm(path(name));
    await writeFile(path(journal), content);
    await writeFile(path(snapshot), before);
    await rewrite(journal, (lines) =>
      (lines as { ops: { entry: Record<string, unknown> }[] }[][]).map((group) => {
        for (const { ops } of group)
          if (ops[0]?.entry['at'] === 2) ops[0].entry = { ...ops[0].entry, actorId: 'somebody' };
        return group;
      }),
    );
    expect(await verdict()).toMatchObject({ problem: 'changed', badPosition: 2, entries: 1 });
    expect(await namesOf('audit')).toHaveLength(1);
    expect(await verdict()).toMatchObject({ problem: 'changed', badPosition: 2, entries: 1 });
  });

  test('checks a long log up to the entry that was the last when it began', async () => {
    const store = await openJournalStore({ folder, checkpointBytes: 2000 });
    for (let n = 1; n <= 20; n += 1) await store.commit([append(n)]);
    const checking = verifyLog(store, 'audit');
    for (let n = 1; n <= 20; n += 1) await store.commit([append(n), put('a', n)]);
    const { problem, entries } = await checking;
    expect(problem).toBeNull();
    expect(entries).toBeGreaterThanOrEqual(20);
    expect((await verifyLog(store, 'audit')).entries).toBe(40);
    await store.close();
  });
});

describe('a log from before there was a chain', () => {
  /** Takes the chain out of all files, so that they are those of an earlier version. */
  async function older(): Promise<void> {
    await rewrite((await namesOf('audit')).at(-1) ?? '', (lines) =>
      (lines as Batch[]).map(({ s, t, entries }) => ({ s, t, entries })),
    );
    await rewrite((await namesOf('snapshot')).at(-1) ?? '', ([header, ...records]) => {
      const { heads: _heads, ...earlier } = header as Record<string, unknown>;
      return [earlier, ...records];
    });
  }

  test('stays readable, is marked, and is protected from now on', async () => {
    const name = await sixEntries();
    await older();
    const store = await openJournalStore({ folder });
    await store.commit([append(7)]);
    const items = await readChain(store);
    expect(items.map(({ link }) => link?.position ?? null)).toEqual([null, null, null, null, null, null, 7]);
    await store.close();
    expect(await verdict()).toMatchObject({ problem: null, entries: 7, unlinked: 6, since: 1, until: 7 });
    await rewrite(name, (lines) => {
      (lines as Batch[])[1]!.entries[0]!['actorName'] = 'Somebody else';
      return lines;
    });
    expect((await verdict()).problem).toBe('changed');
    const again = await openJournalStore({ folder });
    expect(await readChain(again)).toHaveLength(7);
    await again.close();
  });

  test('one of its old entries that is taken away is missed', async () => {
    const name = await sixEntries();
    await older();
    await verdict();
    await rewrite(name, (lines) => lines.toSpliced(1, 1));
    expect((await verdict()).problem).toBe('cut');
  });

  test('opens although a line of it is damaged, and says so when it is checked', async () => {
    const name = await sixEntries();
    await older();
    const text = await readFile(path(name), 'utf8');
    await writeFile(path(name), text.replace('"subjects":["s4"]', '"subjects":["s9"]'));
    expect((await verdict()).problem).toBe('damaged');
  });
});

describe('a file of lines', () => {
  const backwards = async (file: string): Promise<Line[]> => {
    const lines: Line[] = [];
    for await (const line of readLinesBackwards(file)) lines.push(line);
    return lines;
  };
  const forwards = async (file: string): Promise<Line[]> => {
    const lines: Line[] = [];
    for await (const line of readLines(file)) lines.push(line);
    return lines;
  };

  test.each([
    ['nothing', ''],
    ['one line', encodeLine('[1]')],
    [
      'short and very long lines',
      [1, 300_000, 2, 256 * 1024 - 14, 600_000, 3].map((n) => encodeLine(`"${'é'.repeat(n)}"`)).join(''),
    ],
    ['thousands of lines', Array.from({ length: 30_000 }, (_, n) => encodeLine(`[${n}]`)).join('')],
    ['a torn end', `${encodeLine('[1]')}${encodeLine('[2]')}0000`],
    ['only a torn end', 'abc'],
    ['a damaged line', `${encodeLine('[1]')}00000000 [2]\n${encodeLine('[3]')}`],
    ['an empty line', `${encodeLine('[1]')}\n${encodeLine('[3]')}`],
    ['an empty first line', `\n${encodeLine('[3]')}`],
  ])('of %s reads the same from its end', async (_name, text) => {
    const file = path('lines.ndjson');
    await writeFile(file, text);
    expect(await backwards(file)).toEqual((await forwards(file)).toReversed());
  });
});

test('an entry is written with its fields sorted, whatever order a store gives back', async () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: 'ü"' })).toBe('{"a":"ü\\"","b":[1,{"c":"x","d":null}]}');
  const store = await openJournalStore({ folder });
  await store.commit([append(1)]);
  const [entry] = await readAudit(store);
  const turned = Object.fromEntries(Object.entries(entry ?? {}).toReversed());
  expect(canonicalJson(turned)).toBe(canonicalJson(entry));
  await store.close();
});
