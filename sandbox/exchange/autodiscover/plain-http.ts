import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientConnection } from '../authentication/scheme.ts';
import { isAfterwards, misbehave } from '../http/misbehave.ts';
import { replyPlain, type Exchange } from '../http/reply.ts';
import type { Identity } from '../http/wire-headers.ts';
import { hostName, noteIn } from './endpoint.ts';
import type { AutodiscoverLog } from './log.ts';
import type { AutodiscoverRuleBook } from './rule-book.ts';

export interface PlainHttpParts {
  readonly identity: Identity;
  readonly rules: AutodiscoverRuleBook;
  readonly log: AutodiscoverLog;
  /** Where the 302 leads a client that came by this Host header. */
  readonly autodiscover: (host: string) => string;
}

export interface PlainHttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Port 80 of `autodiscover.DOMAIN`: an unauthenticated GET of autodiscover.xml is redirected to where TLS is, everything
 * else refused, as IIS does with "require SSL". Credentials sent here show in the log; nobody ever asks for them.
 */
export async function listenPlainHttp(port: number, parts: PlainHttpParts): Promise<PlainHttpServer> {
  const connections = new WeakMap<Socket, ClientConnection>();
  let last = 0;
  const server = createServer((request, response) => {
    let connection = connections.get(request.socket);
    if (!connection) connections.set(request.socket, (connection = { id: -(last += 1) }));
    answer(request, response, connection, parts).catch(() => {
      request.socket.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: address === null || typeof address === 'string' ? port : address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  connection: ClientConnection,
  { identity, rules, log, autodiscover }: PlainHttpParts,
): Promise<void> {
  const plain: Exchange = { request, response, identity };
  const note = noteIn(log, plain, connection, 'http');
  const exchange: Exchange = { ...plain, onAnswer: () => note.settle(response.statusCode) };
  response.once('close', () => note.settle(0));
  const trouble = rules.atTheDoor('http', hostName(request.headers.host ?? ''));
  if (trouble !== undefined && !isAfterwards(trouble)) {
    await misbehave(exchange, trouble, [], () => request.socket.resetAndDestroy());
  } else if (request.method === 'GET' && /^\/autodiscover\/autodiscover\.xml$/i.test(request.url ?? '')) {
    replyPlain(exchange, 302, '', ['Location', autodiscover(request.headers.host ?? '')]);
  } else {
    // 403.4, "SSL required".
    replyPlain(exchange, 403);
  }
}
