import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { channelBinding } from '../../../sandbox/exchange/authentication/ntlm/ntlmv2.ts';
import { writeNegotiateChallenge } from '../../../sandbox/exchange/authentication/ntlm/spnego.ts';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { basic, envelope, getFolder, send, texts, type WireAnswer } from './ews-client.ts';
import {
  NEGOTIATE_MESSAGE,
  authenticateMessage,
  authenticateValues,
  challengeOf,
  signInByNtlm,
  type NtlmIdentity,
} from './ntlm-client.ts';

const BODY = envelope(getFolder(['inbox']), {});

/** What another NTLM implementation, not ours, makes of it. */
interface OtherClient {
  createType1Message(workstation: string, target: string): string;
  decodeType2Message(header: string): unknown;
  createType3Message(type2: unknown, user: string, password: string, workstation: string, target: string): string;
}
const otherClient = createRequire(import.meta.url)('@ewsjs/ntlm-client') as OtherClient;

describe('NTLM at the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  beforeAll(async () => {
    exchange = await startExchange({ mailboxes: 2, schemes: ['Negotiate', 'NTLM', 'Basic'] });
  });
  afterAll(() => exchange.close());
  beforeEach(() => {
    exchange.unlock();
    exchange.resetLog();
  });

  const outcome = async (identity: NtlmIdentity): Promise<string> => {
    const { agent } = await signInByNtlm(exchange, BODY, identity);
    agent.destroy();
    return exchange.signIns().at(-1)?.outcome ?? '';
  };

  it('sends the challenge of a Windows server: its flags, its names in their order, and the time', async () => {
    const { agent, first, challenge } = await signInByNtlm(exchange, BODY);
    agent.destroy();
    expect(first.status).toBe(401);
    expect(first.text).toBe('');
    expect(challenge.readUInt32LE(20).toString(16)).toBe('2818205');
    const length = challenge.readUInt16LE(40);
    let offset = challenge.readUInt32LE(44);
    const end = offset + length;
    const ids: number[] = [];
    const names: string[] = [];
    while (offset < end) {
      const id = challenge.readUInt16LE(offset);
      const size = challenge.readUInt16LE(offset + 2);
      ids.push(id);
      if (id !== 7 && id !== 0) names.push(challenge.subarray(offset + 4, offset + 4 + size).toString('utf16le'));
      offset += 4 + size;
    }
    expect(ids).toEqual([2, 1, 4, 3, 5, 7, 0]);
    expect(names).toEqual(['CONTOSO', 'EX19-01', 'contoso.test', 'ex19-01.contoso.test', 'contoso.test']);
  });

  it('signs in once on a connection, says so, and wants no header afterwards', async () => {
    const { agent, answer } = await signInByNtlm(exchange, BODY);
    expect(answer.status).toBe(200);
    expect(answer.headers['persistent-auth']).toBe('true');
    const again = (): Promise<WireAnswer> =>
      send(exchange, { body: BODY, agent, headers: { 'Content-Type': 'text/xml' } });
    for (let calls = 0; calls < 5; calls += 1) expect((await again()).status).toBe(200);
    expect(exchange.signIns()).toMatchObject([
      { scheme: 'NTLM', userName: 'CONTOSO\\svc-mailroom', outcome: 'accepted' },
    ]);
    expect(exchange.requests().map(({ status }) => status)).toEqual([401, 200, 200, 200, 200, 200, 200]);
    agent.destroy();
    const stranger = await send(exchange, { body: BODY, headers: { 'Content-Type': 'text/xml' } });
    expect(stranger.status).toBe(401);
  });

  it('forgets who signed in when a handshake begins anew on the connection', async () => {
    const { agent } = await signInByNtlm(exchange, BODY);
    const restarted = await signInByNtlm(exchange, BODY, { password: 'wrong' }, { agent });
    expect(restarted.answer.status).toBe(401);
    const after = await send(exchange, { body: BODY, agent, headers: { 'Content-Type': 'text/xml' } });
    expect(after.status).toBe(401);
    expect((await signInByNtlm(exchange, BODY, {}, { agent })).answer.status).toBe(200);
    agent.destroy();
  });

  it.each<[string, NtlmIdentity]>([
    ['DOMAIN\\user', {}],
    ['the DNS name of the domain', { domain: 'contoso.test' }],
    ['a user principal name', { domain: '', user: 'svc-mailroom@contoso.test' }],
    ['a plain name', { domain: '' }],
    ['another case', { domain: 'contoso', user: 'SVC-Mailroom' }],
    ['OEM names', { oem: true }],
    ['a message integrity code', { mic: 'right' }],
    ['a message integrity code under a key of its own', { mic: 'right', keyExchange: true }],
  ])('takes %s', async (_what, identity) => {
    expect(await outcome(identity)).toBe('accepted');
  });

  it.each<[string, NtlmIdentity, string]>([
    ['a wrong password', { password: 'Sync!Pass2' }, 'wrong-password'],
    ['an unknown user', { user: 'somebody' }, 'unknown-user'],
    ['another domain', { domain: 'FABRIKAM' }, 'unknown-user'],
    ['a code that does not fit', { mic: 'wrong' }, 'altered'],
    ['a code that is announced and missing', { mic: 'announced' }, 'altered'],
    ['a binding to another channel', { channelBinding: Buffer.alloc(16, 7) }, 'channel-binding'],
  ])('refuses %s', async (_what, identity, expected) => {
    expect(await outcome(identity)).toBe(expected);
  });

  it('refuses a third message without a second, one used twice, and what is no NTLM', async () => {
    const { agent, challenge } = await signInByNtlm(exchange, BODY);
    const again = authenticateMessage(NEGOTIATE_MESSAGE, challenge, {});
    for (const token of [again, Buffer.from('NTLMSSP\0'), Buffer.from('hello, this is no token'), Buffer.alloc(0)]) {
      const headers = { 'Content-Type': 'text/xml', Authorization: `NTLM ${token.toString('base64')}` };
      expect((await send(exchange, { body: BODY, agent, headers })).status).toBe(401);
      expect(exchange.signIns().at(-1)?.outcome).toBe('malformed');
    }
    agent.destroy();
  });

  it('takes NTLM under Negotiate, bare and wrapped, and asks a Kerberos client to use NTLM', async () => {
    const { agent, answer } = await signInByNtlm(exchange, BODY, {}, { scheme: 'Negotiate' });
    expect(answer.status).toBe(200);
    const post = (token: Buffer): Promise<WireAnswer> => {
      const headers = { 'Content-Type': 'text/xml', Authorization: `Negotiate ${token.toString('base64')}` };
      return send(exchange, { body: BODY, agent, headers });
    };
    const der = (tag: number, ...parts: Buffer[]): Buffer => {
      const content = Buffer.concat(parts);
      const { length } = content;
      return Buffer.concat([
        Buffer.from(length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255]),
        content,
      ]);
    };
    const kerberos = Buffer.from('06092a864886f712010202', 'hex');
    const ntlm = Buffer.from('060a2b06010401823702020a', 'hex');
    const init = (mechanism: Buffer, token: Buffer): Buffer =>
      der(
        0x60,
        Buffer.from('06062b0601050502', 'hex'),
        der(0xa0, der(0x30, der(0xa0, der(0x30, mechanism)), der(0xa2, der(0x04, token)))),
      );
    const redirected = await post(init(kerberos, Buffer.from('ticket')));
    expect(challengeOf(redirected, 'Negotiate')).toEqual(writeNegotiateChallenge(undefined));
    const first = challengeOf(await post(init(ntlm, NEGOTIATE_MESSAGE)), 'Negotiate');
    const challenge = first.subarray(first.indexOf('NTLMSSP\0'));
    const reply = der(0xa1, der(0x30, der(0xa2, der(0x04, authenticateMessage(NEGOTIATE_MESSAGE, challenge, {})))));
    const done = await post(reply);
    expect(done.status).toBe(200);
    expect(challengeOf(done, 'Negotiate').toString('hex')).toBe('a1073005a0030a0100');
    agent.destroy();
  });

  it('offers Basic beside it, and knows nobody by a scheme it does not offer', async () => {
    const { userName, password } = exchange.serviceAccount;
    const headers = { 'Content-Type': 'text/xml', Authorization: basic(userName, password) };
    expect((await send(exchange, { body: BODY, headers })).status).toBe(200);
  });

  it('works with @ewsjs/ntlm-client', async () => {
    const first = await send(exchange, {
      method: 'GET',
      headers: { Authorization: otherClient.createType1Message('ws', 'CONTOSO') },
    });
    expect(first.status).toBe(401);
    const { agent, answer } = await withOtherClient(exchange);
    expect(answer.status).toBe(200);
    agent.destroy();
  });

  it('works with curl --ntlm, --anyauth and several requests on one connection', async () => {
    const run = (...args: string[]): Promise<string> =>
      new Promise((resolve, reject) => {
        const common = ['-sS', '--cacert', exchange.ca, '-u', 'CONTOSO\\svc-mailroom:Sync!Pass1', '-o', '/dev/null'];
        const body = ['-H', 'Content-Type: text/xml', '-d', BODY, '-w', '%{http_code} %{num_connects};'];
        execFile('curl', [...common, ...body, ...args], (error, stdout) => {
          if (error) reject(error);
          else resolve(stdout);
        });
      });
    expect(await run('--ntlm', exchange.ews)).toBe('200 1;');
    expect(await run('--ntlm', exchange.ews, '-o', '/dev/null', exchange.ews)).toBe('200 1;200 0;');
    expect(exchange.signIns().map((entry) => entry.outcome)).toEqual(['accepted', 'accepted']);
  });
});

async function withOtherClient(exchange: ExchangeStandIn) {
  const { Agent } = await import('node:https');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const post = (authorization: string): Promise<WireAnswer> =>
    send(exchange, { body: BODY, agent, headers: { 'Content-Type': 'text/xml', Authorization: authorization } });
  const first = await post(otherClient.createType1Message('ws', ''));
  const header = authenticateValues(first).find((value) => value.startsWith('NTLM ')) ?? '';
  const type2 = otherClient.decodeType2Message(header);
  return {
    agent,
    answer: await post(otherClient.createType3Message(type2, 'svc-mailroom', 'Sync!Pass1', 'ws', 'CONTOSO')),
  };
}

describe('an account that locks, by NTLM', () => {
  it('counts wrong passwords whatever the scheme, and nothing else', async () => {
    const exchange = await startExchange({ lockout: 3, schemes: ['NTLM', 'Basic'] });
    const attempt = async (identity: NtlmIdentity): Promise<number> => {
      const { agent, answer } = await signInByNtlm(exchange, BODY, identity);
      agent.destroy();
      return answer.status;
    };
    for (let tries = 0; tries < 4; tries += 1) await attempt({ mic: 'wrong' });
    for (let tries = 0; tries < 4; tries += 1) await attempt({ user: 'nobody' });
    expect(await attempt({})).toBe(200);
    for (let tries = 0; tries < 2; tries += 1) expect(await attempt({ password: 'x' })).toBe(401);
    const headers = { 'Content-Type': 'text/xml', Authorization: basic('CONTOSO\\svc-mailroom', 'x') };
    await send(exchange, { body: BODY, headers });
    expect(exchange.isLocked()).toBe(true);
    expect(await attempt({})).toBe(401);
    expect(exchange.signIns().at(-1)?.outcome).toBe('locked');
    await exchange.close();
  });
});

describe('extended protection', () => {
  it.each([
    ['none', 'accepted', 'accepted', 'accepted'],
    ['allow', 'accepted', 'accepted', 'channel-binding'],
    ['require', 'channel-binding', 'accepted', 'channel-binding'],
  ] as const)(
    '%s: without binding %s, with the right one %s, with a wrong one %s',
    async (mode, without, right, wrong) => {
      const exchange = await startExchange({ schemes: ['NTLM'], extendedProtection: mode });
      const binding = channelBinding(exchange.serverCertificate);
      const outcomes: (string | undefined)[] = [];
      for (const identity of [{}, { channelBinding: binding }, { channelBinding: Buffer.alloc(16, 1) }]) {
        const { agent } = await signInByNtlm(exchange, BODY, { ...identity, mic: 'right' });
        agent.destroy();
        outcomes.push(exchange.signIns().at(-1)?.outcome);
      }
      expect(outcomes).toEqual([without, right, wrong]);
      await exchange.close();
    },
  );
});

describe('the place of the challenge', () => {
  it.each([
    ['first', ['NTLM TlRM', 'Negotiate', 'Basic rea']],
    ['between', ['Negotiate', 'NTLM TlRM', 'Basic rea']],
    ['last', ['Negotiate', 'Basic rea', 'NTLM TlRM']],
  ] as const)('is %s', async (challengePlace, expected) => {
    const exchange = await startExchange({ schemes: ['Negotiate', 'NTLM', 'Basic'], challengePlace });
    const { agent, first, answer } = await signInByNtlm(exchange, BODY);
    agent.destroy();
    expect(authenticateValues(first).map((value) => value.slice(0, 9))).toEqual(expected);
    expect(texts(answer, 'ResponseCode')).toEqual(['NoError']);
    await exchange.close();
  });
});
