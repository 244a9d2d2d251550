import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Credential, CredentialBinding } from '../../../services/model/secret-request.ts';
import { bindingText } from '../../../services/secrets/credential-access.ts';
import { createKeyRing, type KeyRing } from '../../../services/secrets/key-ring.ts';
import { resealCredentials } from '../../../services/secrets/reseal-credentials.ts';
import { Secret } from '../../../services/secrets/secret.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { openTempStore, type TempStore } from '../../storage/open-temp-store.ts';

const oldKey = randomBytes(32).toString('base64');
const newKey = randomBytes(32).toString('base64');

let temp: TempStore;
beforeEach(async () => {
  temp = await openTempStore();
});
afterEach(() => temp.dispose());

const bindingOf = (id: string): CredentialBinding => ({
  ownerRecord: keyOf('main', `profile-${id}`),
  host: 'mail.contoso.test',
  account: `svc-${id}@contoso.test`,
  scheme: 'ntlm',
  parties: [],
});

async function store(keys: KeyRing, id: string): Promise<void> {
  const binding = bindingOf(id);
  const value: Credential = {
    environmentId: 'main',
    id,
    binding,
    envelope: keys.seal(new Secret(`password of ${id}`), bindingText(binding)),
    certificate: null,
    setBy: 'ada',
    setAt: 1,
    refused: false,
    revision: 1,
  };
  await temp.store.commit([{ kind: 'put', collection: 'credential', key: keyOf('main', id), value }]);
}

async function open(keys: KeyRing, id: string): Promise<string> {
  const { value } = (await temp.store.get('credential', keyOf('main', id)))!;
  return keys.open(value.envelope, bindingText(value.binding)).reveal();
}

describe('sealing anew', () => {
  test('makes the old key dispensable, for more credentials than one page', async () => {
    const before = createKeyRing([oldKey]);
    const ids = Array.from({ length: 450 }, (_, number) => `c${number}`);
    for (const id of ids) await store(before, id);
    const both = createKeyRing([newKey, oldKey]);
    expect(await resealCredentials({ store: temp.store, keys: both })).toEqual({
      resealed: 450,
      current: 0,
      unreadable: [],
    });
    const after = createKeyRing([newKey]);
    for (const id of ids) expect(await open(after, id)).toBe(`password of ${id}`);
    await expect(open(before, 'c7')).rejects.toMatchObject({ code: 'secret.unreadable' });
  });

  test('does nothing the second time', async () => {
    const keys = createKeyRing([newKey, oldKey]);
    await store(createKeyRing([oldKey]), 'a');
    await resealCredentials({ store: temp.store, keys });
    const once = await temp.store.get('credential', keyOf('main', 'a'));
    expect(await resealCredentials({ store: temp.store, keys })).toEqual({ resealed: 0, current: 1, unreadable: [] });
    expect(await temp.store.get('credential', keyOf('main', 'a'))).toEqual(once);
  });

  test('names what no key opens and leaves it as it is', async () => {
    await store(createKeyRing([randomBytes(32).toString('base64')]), 'lost');
    await store(createKeyRing([oldKey]), 'kept');
    const report = await resealCredentials({ store: temp.store, keys: createKeyRing([newKey, oldKey]) });
    expect(report).toEqual({
      resealed: 1,
      current: 0,
      unreadable: [{ host: 'mail.contoso.test', account: 'svc-lost@contoso.test' }],
    });
    expect((await temp.store.get('credential', keyOf('main', 'lost')))?.value.revision).toBe(1);
  });
});
