import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Server } from 'node:net';
import { generate } from 'selfsigned';

/** One request as it arrived. */
export interface Arrived {
  readonly to: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Respond = (arrived: Arrived, response: ServerResponse) => void;

export interface ScriptedServer {
  readonly https: number;
  readonly http: number;
  /** Trust this. */
  readonly ca: string;
  readonly arrived: readonly Arrived[];
  answerWith(respond: Respond): void;
  close(): Promise<void>;
}

/** HTTPS and HTTP on loopback for every host whose name the certificate has; each test scripts the answers. */
export async function startScriptedServer(names: readonly string[]): Promise<ScriptedServer> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'autodiscover.test' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) },
    ],
  });
  let arrived: Arrived[] = [];
  let script: Respond = (_, response) => void response.writeHead(404).end();
  const listener: RequestListener = (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const one = {
        to: `${'encrypted' in request.socket ? 'https' : 'http'}://${request.headers.host ?? ''}`,
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(pieces).toString('utf8'),
      };
      arrived.push(one);
      script(one, response);
    });
  };
  const secure = createHttpsServer({ key, cert }, listener);
  const plain = createHttpServer(listener);
  const [https, http] = await Promise.all([listen(secure), listen(plain)]);
  return {
    https,
    http,
    ca: cert,
    get arrived() {
      return arrived;
    },
    answerWith(respond) {
      arrived = [];
      script = respond;
    },
    async close() {
      for (const server of [secure, plain]) server.closeAllConnections();
      await Promise.all([secure, plain].map((server) => new Promise((resolve) => void server.close(resolve))));
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
