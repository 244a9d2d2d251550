import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { md4 } from '../../../sandbox/exchange/authentication/ntlm/md4.ts';
import { rc4 } from '../../../sandbox/exchange/authentication/ntlm/rc4.ts';
import {
  channelBinding,
  ntlmV2Key,
  readClientAnswer,
  verifyAnswer,
} from '../../../sandbox/exchange/authentication/ntlm/ntlmv2.ts';
import { createAuthority } from '../../../sandbox/exchange/tls/certificates.ts';

describe('the digests below NTLM, by published vectors', () => {
  it.each([
    ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
    ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
    ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
    ['message digest', 'd9130a8164549fe818874806e1c7014b'],
    ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
    ['1234567890'.repeat(8), 'e33b4ddc9c38f2199c3e7b164fcc0536'],
  ])('MD4 of "%s" (RFC 1320)', (text, digest) => {
    expect(md4(Buffer.from(text)).toString('hex')).toBe(digest);
  });

  it('RC4 (RFC 6229 and the key exchange of MS-NLMP 4.2.4.2.3)', () => {
    expect(rc4(Buffer.from('0102030405', 'hex'), Buffer.alloc(16)).toString('hex')).toBe(
      'b2396305f03dc027ccc3524a0a1118a8',
    );
    const sessionBaseKey = Buffer.from('8de40ccadbc14a82f15cb0ad0de95ca3', 'hex');
    expect(rc4(sessionBaseKey, Buffer.alloc(16, 0x55)).toString('hex')).toBe('c5dad2544fc9799094ce1ce90bc9d03e');
  });
});

describe('NTLMv2, by MS-NLMP 4.2.4', () => {
  const key = ntlmV2Key('Password', 'User', 'Domain');
  const pairs = '02000c0044006f006d00610069006e0001000c005300650072007600650072000000000000000000';
  const temp = `0101000000000000${'00'.repeat(8)}${'aa'.repeat(8)}00000000${pairs}`;
  const serverChallenge = Buffer.from('0123456789abcdef', 'hex');

  it('derives the key from user, domain and password', () => {
    expect(key.toString('hex')).toBe('0c868a403bfd7a93a3001ef22ef02e3f');
  });

  it('takes the proof of the example and derives its session base key', () => {
    const answer = readClientAnswer(Buffer.from(`68cd0ab851e51c96aabc927bebef6a1c${temp}`, 'hex'));
    expect(answer && verifyAnswer(answer, serverChallenge, key)?.toString('hex')).toBe(
      '8de40ccadbc14a82f15cb0ad0de95ca3',
    );
  });

  it('takes no other proof, challenge or password, and no NTLMv1', () => {
    const answer = readClientAnswer(Buffer.from(`68cd0ab851e51c96aabc927bebef6a1d${temp}`, 'hex'));
    expect(answer && verifyAnswer(answer, serverChallenge, key)).toBeUndefined();
    const right = readClientAnswer(Buffer.from(`68cd0ab851e51c96aabc927bebef6a1c${temp}`, 'hex'));
    expect(right && verifyAnswer(right, Buffer.alloc(8), key)).toBeUndefined();
    expect(right && verifyAnswer(right, serverChallenge, ntlmV2Key('password', 'User', 'Domain'))).toBeUndefined();
    expect(readClientAnswer(Buffer.alloc(24, 1))).toBeUndefined();
  });

  it('binds to the channel by the hash of the certificate (RFC 5929, MS-NLMP 3.1.5.1.2)', async () => {
    const { certificate } = await createAuthority('ec');
    const hash = createHash('sha256').update(new X509Certificate(certificate).raw).digest();
    const structure = Buffer.concat([
      Buffer.from(`${'00'.repeat(16)}35000000`, 'hex'),
      Buffer.from('tls-server-end-point:'),
      hash,
    ]);
    expect(channelBinding(certificate)).toEqual(createHash('md5').update(structure).digest());
  });
});
