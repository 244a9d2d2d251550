import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Credential, CredentialBinding } from '../../services/model/secret-request.ts';
import { bindingText } from '../../services/secrets/credential-access.ts';
import { createKeyRing } from '../../services/secrets/key-ring.ts';
import { Secret } from '../../services/secrets/secret.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { keyOf } from '../../services/storage/store.ts';
import { makeTempFolder } from '../storage/open-temp-store.ts';

const oldKey = Buffer.alloc(32, 1).toString('base64');
const newKey = Buffer.alloc(32, 2).toString('base64');
const binding: CredentialBinding = {
  ownerRecord: 'main/p1',
  host: 'mail.contoso.test',
  account: 'svc@contoso.test',
  scheme: 'basic',
  parties: [],
};

let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await makeTempFolder();
  folder = join(parent, 'data');
  const value: Credential = {
    environmentId: 'main',
    id: 'c1',
    binding,
    envelope: createKeyRing([oldKey]).seal(new Secret('Pass wörd'), bindingText(binding)),
    certificate: null,
    setBy: 'ada',
    setAt: 1,
    refused: false,
    revision: 1,
  };
  const store = await openJournalStore({ folder });
  await store.commit([{ kind: 'put', collection: 'credential', key: keyOf('main', 'c1'), value }]);
  await store.close();
});
afterEach(() => rm(parent, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly said: string;
}

/** Runs a command as its npm script does. */
function run(command: 'backup' | 'restore' | 'rekey', args: readonly string[], env: Record<string, string> = {}) {
  const entry = fileURLToPath(new URL(`../../bot/maintenance/${command}.ts`, import.meta.url));
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile(
    process.execPath,
    [entry, ...args],
    { env: { PATH: process.env['PATH'] ?? '', MAILROOM_DATA_DIR: folder, ...env } },
    (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
  );
  return promise;
}

async function password(of: string, keys: readonly string[]): Promise<string> {
  const store = await openJournalStore({ folder: of });
  const credential = await store.get('credential', keyOf('main', 'c1'));
  await store.close();
  return createKeyRing(keys).open(credential!.value.envelope, bindingText(binding)).reveal();
}

describe('the commands of the store', () => {
  test('back up, restore into a new folder, and seal anew with the newest key', async () => {
    const file = join(parent, 'monday.backup');
    const restored = join(parent, 'restored');
    expect(await run('backup', [file])).toMatchObject({ code: 0, said: expect.stringContaining(`to ${file}`) });
    expect(await run('restore', [file], { MAILROOM_DATA_DIR: restored })).toMatchObject({ code: 0 });
    expect(await password(restored, [oldKey])).toBe('Pass wörd');

    const both = { MAILROOM_DATA_DIR: restored, MAILROOM_KEY: `${newKey},${oldKey}` };
    const rekeyed = await run('rekey', [], both);
    expect(rekeyed).toMatchObject({ code: 0, said: expect.stringMatching(/^1 secrets? sealed/) });
    expect(await password(restored, [newKey])).toBe('Pass wörd');
  });

  test('say in one line what is wrong, and change nothing', async () => {
    const file = join(parent, 'no.backup');
    const lines = await Promise.all([
      run('backup', []),
      run('backup', [file], { MAILROOM_DATA_DIR: join(parent, 'nowhere') }),
      run('restore', [file]),
      run('rekey', []),
      run('rekey', [], { MAILROOM_KEY: 'short' }),
    ]);
    expect(lines.map(({ code }) => code)).toEqual([2, 1, 1, 2, 2]);
    for (const { said } of lines) expect(said.trimEnd().split('\n')).toHaveLength(1);
    expect(lines[0]?.said).toContain('npm run backup -- FILE');
    expect(lines[2]?.said).toContain('is not empty');
    expect(lines[3]?.said).toContain('MAILROOM_KEY is missing');
    expect(await password(folder, [oldKey])).toBe('Pass wörd');
  });

  test('refuse to seal anew while Mailroom runs on the folder', async () => {
    const store = await openJournalStore({ folder });
    const refused = await run('rekey', [], { MAILROOM_KEY: `${newKey},${oldKey}` });
    await store.close();
    expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('another Mailroom process') });
  });
});
