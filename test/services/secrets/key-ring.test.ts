import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  bindingText,
  openAccess,
  openSecret,
  passwordAuthentication,
} from '../../../services/secrets/credential-access.ts';
import { createKeyRing } from '../../../services/secrets/key-ring.ts';
import { Secret } from '../../../services/secrets/secret.ts';
import type { Credential, SecretEnvelope } from '../../../services/model/secret-request.ts';
import { hostOf } from '../../../services/model/secret-target.ts';
import { secretOf } from '../../support/scripted-exchange.ts';

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
    parties: [],
  } as const;
  const credential: Credential = {
    environmentId: 'main',
    id: 'k1',
    binding,
    envelope: ring.seal(secret, bindingText(binding)),
    certificate: null,
    setBy: 'ada',
    setAt: 0,
    refused: false,
    revision: 1,
  };
  const target = {
    ownerRecord: 'main/p1',
    secret: { host: 'mail.contoso.test', account: 'svc@contoso.test', scheme: 'basic', parties: [] },
    serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
    modernAuthentication: null,
    access: 'impersonation',
    maxConnections: 4,
  } as const;

  it('opens for its own server, account and profile, whatever the case', () => {
    const access = openAccess(ring, credential, {
      ...target,
      secret: { ...target.secret, host: 'MAIL.contoso.test', account: 'SVC@contoso.test' },
    });
    expect(secretOf(access)).toBe('Pass wörd 1');
    expect(access).toMatchObject({
      credentialId: 'k1',
      maxConnections: 4,
      authentication: { scheme: 'basic', userName: 'SVC@contoso.test' },
    });
    expect(JSON.stringify(access)).not.toContain('Pass');
  });

  it.each([
    ['host', { host: 'evil.test' }],
    ['port', { host: 'mail.contoso.test:8443' }],
    ['search', { host: 'autodiscover:contoso.test' }],
    ['account', { account: 'other@contoso.test' }],
    ['scheme', { scheme: 'ntlm' } as const],
    ['kind of secret', { scheme: 'certificate' } as const],
    ['party', { parties: ['contoso.test'] }],
  ])('opens for no other %s (law 3)', (_, change) => {
    const other = { ...target.secret, ...change };
    expect(() => openSecret(ring, credential, 'main/p1', other)).toThrow(unreadable('binding'));
  });

  it.each([
    ['profile', 'main/p2'],
    ['environment', 'other/p1'],
  ])('opens for no other %s (law 3)', (_, ownerRecord) => {
    expect(() => openAccess(ring, credential, { ...target, ownerRecord })).toThrow(unreadable('binding'));
  });

  it('is not fooled by a binding that was edited in the store', () => {
    const edited = { ...credential, binding: { ...binding, host: 'evil.test' } };
    const elsewhere = {
      ...target,
      serverLocation: 'https://evil.test/EWS/Exchange.asmx',
      secret: { ...target.secret, host: 'evil.test' },
    };
    expect(() => openAccess(ring, edited, elsewhere)).toThrow(unreadable('binding'));
  });

  it('opens nothing where the address is not that of the server it is for (law 3)', () => {
    const askew = { ...target, serverLocation: 'https://evil.test/EWS/Exchange.asmx' };
    expect(() => openAccess(ring, credential, askew)).toThrow(unreadable('host'));
  });

  it('never makes a password of a certificate or of a client secret', () => {
    for (const scheme of ['certificate', 'key-vault'] as const)
      expect(() => passwordAuthentication({ ...target.secret, scheme }, secret)).toThrow(unreadable('scheme'));
  });

  it('never hands a password to a token endpoint or a vault', () => {
    const app = { tenant: 'contoso.test', clientId: 'app', resource: '', certificate: { source: 'file' } } as const;
    expect(() => openAccess(ring, credential, { ...target, modernAuthentication: app })).toThrow(unreadable('scheme'));
  });

  it('opens a certificate for its tenant, app and resource alone (law 3)', () => {
    const app = { tenant: 'contoso.test', clientId: 'app', resource: '', certificate: { source: 'file' } } as const;
    const own = {
      host: 'mail.contoso.test',
      account: 'app',
      scheme: 'certificate',
      parties: ['contoso.test', ''],
    } as const;
    const certificate: Credential = {
      ...credential,
      binding: { ...own, ownerRecord: 'main/p1' },
      envelope: ring.seal(secret, bindingText({ ...own, ownerRecord: 'main/p1' })),
    };
    const access = openAccess(ring, certificate, { ...target, secret: own, modernAuthentication: app });
    expect(access).toMatchObject({ account: 'app', authentication: { scheme: 'oauth', app } });
    expect(secretOf(access)).toBe('Pass wörd 1');
    for (const parties of [
      ['evil.test', ''],
      ['contoso.test', 'evil'],
      ['contoso.test', '', 'https://v.vault.azure.net'],
    ])
      expect(() => openSecret(ring, certificate, 'main/p1', { ...own, parties })).toThrow(unreadable('binding'));
  });

  it('joins the parts of a binding so that none can pretend to be another', () => {
    expect(bindingText({ ...binding, ownerRecord: 'a","b', host: 'c' })).not.toBe(
      bindingText({ ...binding, ownerRecord: 'a', host: 'b","c' }),
    );
    expect(bindingText({ ...binding, parties: ['a', 'b'] })).not.toBe(bindingText({ ...binding, parties: ['a","b'] }));
    expect(hostOf('https://MAIL.contoso.test:443/x')).toBe('mail.contoso.test');
  });
});
