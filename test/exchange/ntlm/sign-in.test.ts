import type { IncomingMessage, RequestListener } from 'node:http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseAllowList } from '../../../services/exchange/address-guard.ts';
import { avId } from '../../../services/exchange/ntlm/target-info.ts';
import { createTlsContext } from '../../../services/exchange/tls-context.ts';
import { createTransport, type Transport } from '../../../services/exchange/transport.ts';
import { startFakeServer, type FakeServer } from '../fake-server.ts';
import { challengeMessage, fieldOf, targetInfoOf } from './challenge-message.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

interface Seen {
  readonly path: string | undefined;
  readonly type: number | null;
  readonly label: string | undefined;
  readonly body: string;
  readonly message: Buffer;
  readonly port: number | undefined;
}

interface Behaviour {
  /** WWW-Authenticate of a plain 401. */
  readonly offer?: string[];
  /** WWW-Authenticate with the challenge; `*` stands for it. */
  readonly challenge?: string[];
  readonly accepts?: () => boolean;
  /** Runs before a request of a signed-in connection; true: it was answered. */
  readonly intervene?: (request: IncomingMessage, ...rest: Parameters<RequestListener>) => boolean;
}

/** A server that keeps who signed in by connection, and notes what it saw. */
async function start(behaviour: Behaviour = {}) {
  const seen: Seen[] = [];
  const signedIn = new WeakSet<object>();
  const server = await startFakeServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [label, token = ''] = (request.headers.authorization ?? '').split(' ');
      const message = Buffer.from(token, 'base64');
      const type = message.length > 12 ? message.readUInt32LE(8) : null;
      const body = Buffer.concat(chunks).toString();
      seen.push({ path: request.url, type, label, body, message, port: request.socket.remotePort });
      const { offer = ['Negotiate', 'NTLM'], challenge = ['NTLM *', 'Negotiate'], accepts = () => true } = behaviour;
      if (behaviour.intervene?.(request, request, response)) return;
      const offered = offer.some((value) => value.split(/[ ,]/).includes(label ?? ''));
      if (type === 1 && offered) {
        const values = challenge.map((value) => value.replace('*', challengeMessage().toString('base64')));
        response.writeHead(401, { 'WWW-Authenticate': values }).end();
      } else if (signedIn.has(request.socket) || (type === 3 && accepts())) {
        signedIn.add(request.socket);
        response.end(`got ${body}`);
      } else response.writeHead(401, { 'WWW-Authenticate': offer }).end();
    });
  });
  const transport = createTransport({
    policy: parseAllowList(['127.0.0.0/8']),
    tlsContext: createTlsContext(server.ca),
    deadlineMs: 2000,
  });
  open.push(transport, server);
  return { seen, server, transport, post: poster(transport, server), forget: signedIn };
}

const poster =
  (transport: Transport, server: FakeServer) =>
  (body = '<a/>', credentialId = 'c1', path = '/EWS/Exchange.asmx') =>
    transport.send({
      url: server.origin + path,
      method: 'POST',
      headers: { 'Content-Type': 'text/xml' },
      body,
      authentication: { scheme: 'ntlm', userName: 'КОНТОСО\\служба', password: 'Sync!Pass1', credentialId },
    });

const types = (seen: readonly Seen[]): (number | null)[] => seen.map(({ type }) => type);

describe('NTLM signs in a connection', () => {
  test('once: with an empty body first, the true one with the answer, and nothing after that', async () => {
    const { seen, server, post } = await start();
    expect((await post('<one/>')).answer?.body).toBe('got <one/>');
    expect((await post('<two/>')).answer?.body).toBe('got <two/>');
    expect(types(seen)).toEqual([1, 3, null]);
    expect(seen.map(({ body }) => body)).toEqual(['', '<one/>', '<two/>']);
    expect(server.connections()).toBe(1);
    expect(fieldOf(seen[1]?.message ?? Buffer.alloc(0), 36).toString('utf16le')).toBe('служба');
    const binding = targetInfoOf(seen[1]?.message ?? Buffer.alloc(0)).find(({ id }) => id === avId.channelBindings);
    expect(binding?.value).not.toEqual(Buffer.alloc(16));
  });

  test('each for itself, however many there are', async () => {
    const { seen, server, post } = await start();
    await post();
    await Promise.all(Array.from({ length: 20 }, () => post()));
    await Promise.all(Array.from({ length: 20 }, () => post()));
    expect(server.connections()).toBe(20);
    expect(types(seen).filter((type) => type === 3)).toHaveLength(20);
  });

  test('for one credential: another one never gets it', async () => {
    const { seen, server, post } = await start();
    await post('<a/>', 'c1');
    await post('<a/>', 'c2');
    expect(types(seen)).toEqual([1, 3, 1, 3]);
    expect(server.connections()).toBe(2);
  });

  test.each<[string, string[], string[]]>([
    ['first', ['NTLM', 'Basic realm="x"'], ['NTLM *', 'Basic realm="x"']],
    ['last', ['Negotiate', 'NTLM'], ['Negotiate', 'Basic realm="a, NTLM b"', 'NTLM *']],
    ['in the middle of one line', ['Negotiate, NTLM'], ['Negotiate, NTLM *, Basic realm="x"']],
  ])('with the challenge %s', async (_name, offer, challenge) => {
    const { post } = await start({ offer, challenge });
    expect((await post()).answer?.status).toBe(200);
  });

  test('by Negotiate where only that is offered, and goes straight to it afterwards', async () => {
    const { seen, post, server } = await start({ offer: ['Negotiate'], challenge: ['Negotiate *'] });
    expect((await post()).answer?.status).toBe(200);
    await Promise.all([post(), post()]);
    expect(server.connections()).toBe(2);
    expect(seen.filter(({ label }) => label === 'NTLM')).toHaveLength(1);
    expect(seen.map(({ label }) => label).slice(0, 3)).toEqual(['NTLM', 'Negotiate', 'Negotiate']);
  });
});

describe('NTLM signs in again', () => {
  test('after the connection was reset', async () => {
    const { seen, server, post } = await start({
      intervene: ({ url, socket }) => {
        if (url === '/reset') socket.destroy();
        return url === '/reset';
      },
    });
    await post();
    expect((await post('<a/>', 'c1', '/reset')).fault?.code).toBe('ConnectionReset');
    expect((await post()).answer?.status).toBe(200);
    expect(types(seen)).toEqual([1, 3, null, 1, 3]);
    expect(server.connections()).toBe(2);
  });

  test('once when a connection that was let in is asked again', async () => {
    const { seen, post, forget, server } = await start({
      intervene: ({ url, socket }) => {
        if (url === '/forget') forget.delete(socket);
        return false;
      },
    });
    await post();
    expect((await post('<b/>', 'c1', '/forget')).answer?.body).toBe('got <b/>');
    expect(types(seen)).toEqual([1, 3, null, 1, 3]);
    expect(server.connections()).toBe(1);
  });

  test('when the server closes after each answer', async () => {
    const { post, server } = await start({
      intervene: (_request, _same, response) => {
        if (response.req.headers.authorization === undefined) response.setHeader('Connection', 'close');
        return false;
      },
    });
    await post();
    await post();
    expect((await post()).answer?.status).toBe(200);
    expect(server.connections()).toBe(2);
  });

  test('on no second connection when the first is closed in the middle of each handshake, for ever', async () => {
    const { post, seen, server } = await start({
      intervene: (_request, _same, response) => {
        response.setHeader('Connection', 'close');
        return false;
      },
    });
    expect((await post()).fault?.code).toBe('ConnectionReset');
    expect(types(seen)).toEqual([1, 1, 1]);
    expect(server.connections()).toBe(3);
  });
});

describe('a refused password', () => {
  test('is one try, also when many begin at once, and later ones do not reach the server', async () => {
    const { seen, post } = await start({ accepts: () => false });
    const results = await Promise.all(Array.from({ length: 27 }, () => post()));
    expect(results.every(({ answer }) => answer?.status === 401)).toBe(true);
    expect((await post()).answer?.status).toBe(401);
    expect(types(seen)).toEqual([1, 3]);
  });

  test('that stopped working after a pause is one try again, however many connections are opened', async () => {
    let isRight = true;
    const { seen, post, server } = await start({ accepts: () => isRight });
    await post();
    // Ten seconds without a sign-in say nothing any more of the password.
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 10_001);
    try {
      isRight = false;
      const results = await Promise.all(Array.from({ length: 27 }, () => post()));
      // The first one still had its connection, which stays signed in; that is how Exchange does it, too.
      expect(results.map(({ answer }) => answer?.status).filter((status) => status === 200)).toHaveLength(1);
      expect(types(seen).filter((type) => type === 3)).toHaveLength(2);
      expect(server.connections()).toBe(2);
    } finally {
      now.mockRestore();
    }
  });
});

describe('a server that does not do NTLM', () => {
  test.each([
    ['offers Basic alone', ['Basic realm="x"'], ['Basic realm="x"']],
    ['answers Negotiate with Kerberos’ own', ['Negotiate'], ['Negotiate oYG2MIGzoAMKAQE=']],
    ['names NTLM and gives no challenge', ['NTLM'], ['NTLM']],
    ['gives a challenge that is none', ['NTLM'], ['NTLM AAAA']],
  ])('%s: the password is not sent', async (_name, offer, challenge) => {
    const { seen, post } = await start({ offer, challenge });
    expect((await post()).fault).toMatchObject({ code: 'NtlmNotOffered', params: { host: '127.0.0.1' } });
    expect(types(seen)).not.toContain(3);
    // It was no wrong password, so the next one asks again.
    expect((await post()).fault?.code).toBe('NtlmNotOffered');
  });

  test('but answers otherwise is judged by that answer', async () => {
    const { post } = await start({
      intervene: (_request, _same, response) => {
        response.writeHead(503, { 'Retry-After': '7' }).end();
        return true;
      },
    });
    expect((await post()).answer).toMatchObject({ status: 503, headers: { 'retry-after': '7' } });
  });
});
