import { createHash, createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, describe, test } from 'vitest';
import { readAccountName, upperCase } from '../../../services/exchange/ntlm/account-name.ts';
import { channelBindingOf } from '../../../services/exchange/ntlm/channel-binding.ts';
import { lmV2Response, ntlmV2Response, ntowfV2 } from '../../../services/exchange/ntlm/hashes.ts';
import { md4 } from '../../../services/exchange/ntlm/md4.ts';
import { authenticateMessage, negotiateMessage, readChallenge } from '../../../services/exchange/ntlm/messages.ts';
import { avId, readTargetInfo, writeTargetInfo } from '../../../services/exchange/ntlm/target-info.ts';
import { challengeMessage, fieldOf, targetInfoOf } from './challenge-message.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

describe('MD4 (RFC 1320, A.5)', () => {
  test.each([
    ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
    ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
    ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
    ['message digest', 'd9130a8164549fe818874806e1c7014b'],
    ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
    [
      '12345678901234567890123456789012345678901234567890123456789012345678901234567890',
      'e33b4ddc9c38f2199c3e7b164fcc0536',
    ],
  ])('of %j', (text, digest) => {
    expect(md4(Buffer.from(text)).toString('hex')).toBe(digest);
  });
});

describe('NTLMv2 (MS-NLMP 4.2.4)', () => {
  const name = { domain: 'Domain', user: 'User' };
  const input = {
    key: ntowfV2(name, 'Password'),
    serverChallenge: hex('0123456789abcdef'),
    clientChallenge: hex('aaaaaaaaaaaaaaaa'),
    time: 0n,
    targetInfo: hex('02000c0044006f006d00610069006e0001000c005300650072007600650072 00 00000000'),
  };

  test('the key of user, domain and password', () => {
    expect(input.key.toString('hex')).toBe('0c868a403bfd7a93a3001ef22ef02e3f');
  });
  test('the response and its session key', () => {
    const { nt, sessionBaseKey } = ntlmV2Response(input);
    expect(nt.subarray(0, 16).toString('hex')).toBe('68cd0ab851e51c96aabc927bebef6a1c');
    expect(nt.subarray(16).toString('hex')).toBe(
      `01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000${input.targetInfo.toString('hex')}00000000`,
    );
    expect(sessionBaseKey.toString('hex')).toBe('8de40ccadbc14a82f15cb0ad0de95ca3');
  });
  test('the LMv2 response', () => {
    expect(lmV2Response(input).toString('hex')).toBe('86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa');
  });
});

describe('an account name', () => {
  test('is split at the backslash, and a principal name is not', () => {
    expect(readAccountName('CONTOSO\\svc')).toEqual({ domain: 'CONTOSO', user: 'svc' });
    expect(readAccountName('svc@contoso.test')).toEqual({ domain: '', user: 'svc@contoso.test' });
    expect(readAccountName('svc')).toEqual({ domain: '', user: 'svc' });
  });
  test('is made upper case unit by unit, in any alphabet', () => {
    expect(upperCase('служба-müller ß')).toBe('СЛУЖБА-MÜLLER ß');
  });
});

describe('the first message', () => {
  test('asks for Unicode and NTLMv2, and names nobody', () => {
    const message = negotiateMessage();
    expect(message.toString('latin1', 0, 8)).toBe('NTLMSSP\0');
    expect(message.readUInt32LE(8)).toBe(1);
    expect(message.readUInt32LE(12) & 0x80201).toBe(0x80201);
    expect([message.readUInt16LE(16), message.readUInt16LE(24)]).toEqual([0, 0]);
  });
});

describe('a challenge', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['another protocol', Buffer.from('NTLMSSQ\0'.padEnd(60, '\0'), 'latin1')],
    ['our own message', negotiateMessage()],
    ['cut off', challengeMessage().subarray(0, 31)],
    ['a field beyond its end', challengeMessage().subarray(0, 60)],
    ['one without Unicode', challengeMessage({ flags: 0x200 })],
  ])('is not %s', (_name, message) => {
    expect(readChallenge(message)).toBeNull();
  });
  test('may have no target info and no version at all', () => {
    expect(readChallenge(challengeMessage().subarray(0, 32))?.targetInfo).toHaveLength(0);
  });
  test('whose pairs say a length beyond the end ends there', () => {
    const pairs = writeTargetInfo([{ id: 1, value: Buffer.from('ab') }]);
    pairs.writeUInt16LE(500, 2);
    expect(readTargetInfo(pairs)).toEqual([]);
  });
});

test('whatever a server sends for a challenge, it is none or it is answered', () => {
  const whole = challengeMessage();
  const mutation = fc.record({
    at: fc.nat(whole.length - 1),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    length: fc.nat(whole.length),
  });
  let answered = 0;
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const message = Buffer.from(whole);
      for (const { at, bytes } of mutations) message.set(bytes.slice(0, message.length - at), at);
      const challenge = readChallenge(message.subarray(0, Math.max(...mutations.map(({ length }) => length))));
      if (challenge === null) return;
      answered += 1;
      authenticateMessage({
        negotiate: negotiateMessage(),
        challenge,
        name: { domain: '', user: 'u' },
        password: 'p',
        host: 'h',
        channelBinding: Buffer.alloc(16),
        nowMs: 0,
      });
    }),
    { numRuns: 5000 },
  );
  expect(answered).toBeGreaterThan(50);
});

test('a challenge that would not fit into the answer is none', () => {
  const big = Buffer.concat([challengeMessage(), Buffer.alloc(60_000)]);
  big.writeUInt16LE(60_000, 40);
  expect(readChallenge(big)).toBeNull();
});

describe('the third message', () => {
  const negotiate = negotiateMessage();
  const channelBinding = Buffer.alloc(16, 7);
  const answer = (message: Buffer, account = 'КОНТОСО\\служба'): Buffer => {
    const challenge = readChallenge(message);
    if (challenge === null) throw new Error('no challenge');
    return authenticateMessage({
      negotiate,
      challenge,
      name: readAccountName(account),
      password: 'Пароль 1',
      host: 'mail.contoso.test',
      channelBinding,
      nowMs: 0,
    });
  };

  test('names the account in its own alphabet', () => {
    const message = answer(challengeMessage());
    expect(fieldOf(message, 28).toString('utf16le')).toBe('КОНТОСО');
    expect(fieldOf(message, 36).toString('utf16le')).toBe('служба');
    expect(fieldOf(message, 44).toString('utf16le')).toBe('MAILROOM');
  });

  test('answers a timestamp with a code over all three messages, the channel, and no LM response', () => {
    const challenge = challengeMessage();
    const message = answer(challenge);
    const pairs = targetInfoOf(message);
    expect(pairs.find(({ id }) => id === avId.flags)?.value.readUInt32LE(0)).toBe(2);
    expect(pairs.find(({ id }) => id === avId.channelBindings)?.value).toEqual(channelBinding);
    expect(pairs.find(({ id }) => id === avId.targetName)?.value.toString('utf16le')).toBe('HTTP/mail.contoso.test');
    expect(fieldOf(message, 12)).toEqual(Buffer.alloc(24));
    const response = fieldOf(message, 20);
    const key = ntowfV2({ domain: 'КОНТОСО', user: 'служба' }, 'Пароль 1');
    const sessionKey = createHmac('md5', key).update(response.subarray(0, 16)).digest();
    const mic = Buffer.from(message.subarray(72, 88));
    const bare = Buffer.from(message).fill(0, 72, 88);
    expect(mic).toEqual(createHmac('md5', sessionKey).update(negotiate).update(challenge).update(bare).digest());
    // The server's time, not ours.
    expect(response.readBigUInt64LE(24)).toBe(133_000_000_000_000_000n);
  });

  test('has an LMv2 response and no code where the server gives no time', () => {
    const message = answer(challengeMessage({ hasTime: false }));
    expect(fieldOf(message, 12)).not.toEqual(Buffer.alloc(24));
    expect(message.subarray(72, 88)).toEqual(Buffer.alloc(16));
    expect(targetInfoOf(message).some(({ id }) => id === avId.flags)).toBe(false);
  });
});

describe('the channel binding', () => {
  test('is over the certificate’s own hash, and over SHA-256 where that is MD5 or SHA-1', async () => {
    const { generate } = await import('selfsigned');
    for (const [algorithm, hash] of [
      ['sha1', 'sha256'],
      ['sha256', 'sha256'],
      ['sha384', 'sha384'],
      ['sha512', 'sha512'],
    ] as const) {
      const { cert } = await generate([{ name: 'commonName', value: 'x' }], { keyType: 'ec', algorithm });
      const der = Buffer.from(cert.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
      const data = Buffer.concat([Buffer.from('tls-server-end-point:'), createHash(hash).update(der).digest()]);
      const struct = Buffer.concat([Buffer.alloc(16), Buffer.from(Uint32Array.of(data.length).buffer), data]);
      expect(channelBindingOf(der)).toEqual(createHash('md5').update(struct).digest());
    }
  });
});
