import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MailroomError } from '../../services/model/error.ts';
import type { BotLog } from '../log.ts';
import { isLoopbackHostHeader } from '../loopback.ts';

export interface MetricsServerOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly log: Pick<BotLog, 'error'>;
  readonly contentType: string;
  readonly scrape: () => Promise<string>;
}

export interface MetricsServer {
  /** The real one. */
  readonly port: number;
  close(): Promise<void>;
}

/** A scraper or two and somebody who looks. */
const mostConnections = 16;

/**
 * `GET /metrics` on this machine alone, beside the door for Teams, so that no proxy in front of Mailroom passes it on by
 * accident.
 * @throws MailroomError `metrics.port-in-use`
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer((request, response) => void answer(options, request, response));
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  server.maxHeadersCount = 100;
  server.maxConnections = mostConnections;
  return {
    port: await listen(server, options.port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  options: MetricsServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Whatever comes with the request is left unread and ends with the connection.
  if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined)
    response.setHeader('Connection', 'close');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  // Against DNS rebinding: a page of another name that resolves to this machine is not to read this.
  if (!isLoopbackHostHeader(request.headers.host)) return end(response, 403);
  if (request.url?.split('?', 1)[0] !== '/metrics') return end(response, 404);
  if (request.method !== 'GET') return end(response.setHeader('Allow', 'GET'), 405);
  try {
    const text = await options.scrape();
    end(response.setHeader('Content-Type', options.contentType), 200, text);
  } catch (error) {
    options.log.error({ error }, 'the metrics could not be read');
    end(response, 500);
  }
}

function end(response: ServerResponse, status: number, text = ''): void {
  response.statusCode = status;
  response.end(text);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void =>
      reject(error.code === 'EADDRINUSE' ? new MailroomError('metrics.port-in-use', { port }, error) : error);
    server.once('error', onError);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', onError);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
