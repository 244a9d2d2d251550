import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bindingText, hostOf, openAccess } from '../../../services/secrets/credential-access.ts';
import { createKeyRing } from '../../../services/secrets/key-ring.ts';
import { Secret } from '../../../services/secrets/secret.ts';
import type { Credential, SecretEnvelope } from '../../../services/model/secret-request.ts';

const oldKey = Buffer.alloc(32, 1).toString('base64');
const newKey = Buffer.alloc(32, 2).toString('base64');
const ring = createKeyRing([newKey]);
const secret = new Secret('Pass wörd 1');
const unreadable = (reason: string) => expect.objectContaining({ code: 'secret.unreadable', params: { reason } });

describe('a secret', () => {
  it('cannot print itself, whatever way it is tried (law 3)', () => {
    const error = new Error('failed', { cause: secret });
    const attempts = [
      String(secret),
      `the secret ${secret as unknown as string}`,
      ['', secret].join(),
      JSON.stringify({ secret, list: [secret] }),
      inspect(secret),
      inspect({ deep: { secret } }, { showHidden: true, depth: 9 }),
      inspect(error),
      format('%s %j %o %O', secret, secret, secret, secret),
      JSON.stringify(Object.entries(secret)),
      JSON.stringify(Object.assign({}, secret)),
      inspect(structuredClone(secret)),
    ];
    for (const text of attempts) expect(text).not.toContain('Pass');
    expect(secret.reveal()).toBe('Pass wörd 1');
  });
});

describe('the key ring', () => {
  const sealed = ring.seal(secret, 'binding');

  it('opens what it sealed, with the same binding', () => {
    expect(ring.open(sealed, 'binding').reveal()).toBe('Pass wörd 1');
  });

  it('seals the same secret differently each time and shows nothing of it', () => {
    const again = ring.seal(secret, 'binding');
    expect(again.data).not.toBe(sealed.data);
    expect(again.iv).not.toBe(sealed.iv);
    expect(Buffer.from(sealed.data, 'base64').toString('latin1')).not.toContain('Pass');
  });

  it('opens nothing for another binding (law 3)', () => {
    expect(() => ring.open(sealed, 'binding ')).toThrow(unreadable('binding'));
    expect(() => ring.open(sealed, '')).toThrow(unreadable('binding'));
  });

  const flipped = (text: string): string => {
    const bytes = Buffer.from(text, 'base64');
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    return bytes.toString('base64');
  };
  it.each<[string, Partial<SecretEnvelope>]>([
    ['data that was changed', { data: flipped(sealed.data) }],
    ['data that was cut', { data: Buffer.from(sealed.data, 'base64').subarray(1).toString('base64') }],
    ['another tag', { tag: flipped(sealed.tag) }],
    ['a tag cut to four bytes', { tag: Buffer.from(sealed.tag, 'base64').subarray(0, 4).toString('base64') }],
    ['no tag', { tag: '' }],
    ['another iv', { iv: flipped(sealed.iv) }],
    ['no iv', { iv: '' }],
  ])('opens nothing with %s', (_, change) => {
    expect(() => ring.open({ ...sealed, ...change }, 'binding')).toThrow(unreadable('binding'));
  });

  it('reads what older keys sealed and seals with the newest', () => {
    const before = createKeyRing([oldKey]).seal(secret, 'b');
    const rotated = createKeyRing([newKey, oldKey]);
    expect(rotated.open(before, 'b').reveal()).toBe('Pass wörd 1');
    expect(ring.open(rotated.seal(secret, 'b'), 'b').reveal()).toBe('Pass wörd 1');
    expect(() => ring.open(before, 'b')).toThrow(unreadable('key'));
  });

  it.each([[[]], [['']], [['c2hvcnQ=']], [[newKey, 'c2hvcnQ=']]])('refuses keys such as %j', (keys) => {
    expect(() => createKeyRing(keys)).toThrow(expect.objectContaining({ code: 'config.key-invalid' }));
  });

  it('derives the same value again for one purpose only, and only with the key', () => {
    expect(ring.derive('form', 'x')).toBe(createKeyRing([newKey]).derive('form', 'x'));
    expect(ring.derive('form', 'x')).not.toBe(ring.derive('other', 'x'));
    expect(ring.derive('form', 'x')).not.toBe(createKeyRing([oldKey]).derive('form', 'x'));
  });
});

describe('a credential', () => {
  const binding = {
    ownerRecord: 'main/p1',
    host: 'mail.contoso.test',
    account: 'svc@contoso.test',
    scheme: 'basic',
  } as const;
  const credential: Credential = {
    environmentId: 'main',
    id: 'k1',
    binding,
    envelope: ring.seal(secret, bindingText(binding)),
    setBy: 'ada',
    setAt: 0,
    refused: false,
    revision: 1,
  };
  const target = {
    ownerRecord: 'main/p1',
    serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
    userName: 'svc@contoso.test',
    scheme: 'basic',
    access: 'impersonation',
    maxConnections: 4,
  } as const;

  it('opens for its own server, account and profile, whatever the case and the path', () => {
    const access = openAccess(ring, credential, {
      ...target,
      serverLocation: 'https://MAIL.contoso.test/ews/other',
      userName: 'SVC@contoso.test',
    });
    expect(access.authentication.password.reveal()).toBe('Pass wörd 1');
    expect(access).toMatchObject({ credentialId: 'k1', maxConnections: 4 });
    expect(JSON.stringify(access)).not.toContain('Pass');
  });

  it.each([
    ['host', { serverLocation: 'https://evil.test/EWS/Exchange.asmx' }],
    ['port', { serverLocation: 'https://mail.contoso.test:8443/EWS/Exchange.asmx' }],
    ['account', { userName: 'other@contoso.test' }],
    ['scheme', { scheme: 'ntlm' } as const],
    ['profile', { ownerRecord: 'main/p2' }],
    ['environment', { ownerRecord: 'other/p1' }],
  ])('opens for no other %s (law 3)', (_, change) => {
    expect(() => openAccess(ring, credential, { ...target, ...change })).toThrow(unreadable('binding'));
  });

  it('is not fooled by a binding that was edited in the store', () => {
    const edited = { ...credential, binding: { ...binding, host: 'evil.test' } };
    expect(() => openAccess(ring, edited, { ...target, serverLocation: 'https://evil.test/' })).toThrow(
      unreadable('binding'),
    );
  });

  it('joins the parts of a binding so that none can pretend to be another', () => {
    expect(bindingText({ ...binding, ownerRecord: 'a","b', host: 'c' })).not.toBe(
      bindingText({ ...binding, ownerRecord: 'a', host: 'b","c' }),
    );
    expect(hostOf('https://MAIL.contoso.test:443/x')).toBe('mail.contoso.test');
  });
});
