import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import type { ClientConnection } from '../authentication/scheme.ts';
import type { ServerCertificate } from '../tls/certificates.ts';
import type { ResetConnection } from './misbehave.ts';

export type RequestHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  connection: ClientConnection,
  reset: ResetConnection,
) => Promise<void>;

/** The stand-in's front: TLS, HTTP/1.1 only (NTLM knows nothing else), loopback only. */
export interface TlsServer {
  readonly port: number;
  close(): Promise<void>;
}

export type TlsVersion = '1.0' | '1.1' | '1.2' | '1.3';

export const TLS_VERSIONS: readonly TlsVersion[] = ['1.0', '1.1', '1.2', '1.3'];

/** The lowest and the highest version offered; Node's own without them. */
export interface TlsVersions {
  readonly min: TlsVersion | undefined;
  readonly max: TlsVersion | undefined;
}

const NODE_NAMES = { '1.0': 'TLSv1', '1.1': 'TLSv1.1', '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' } as const;

function isOld({ min, max }: TlsVersions): boolean {
  return [min, max].some((version) => version === '1.0' || version === '1.1');
}

/** IIS keeps an idle connection for two minutes. */
const KEEP_ALIVE_MS = 120_000;

export async function listenTls(
  port: number,
  certificate: ServerCertificate,
  versions: TlsVersions,
  handle: RequestHandler,
): Promise<TlsServer> {
  const connections = new WeakMap<Socket, ClientConnection>();
  /** TCP sockets by the client's port: TLS hides the one below it, and only that one can be reset. */
  const tcpSockets = new Map<number, Socket>();
  let lastConnection = 0;
  const reset: ResetConnection = ({ request }) => {
    tcpSockets.get(request.socket.remotePort ?? -1)?.resetAndDestroy();
    request.socket.destroy();
  };

  const server: Server = createServer(
    {
      key: certificate.key,
      cert: certificate.certificate,
      // A weak key, or a version before 1.2, can only be shown by a server that does not mind it.
      ...(certificate.isWeak || isOld(versions) ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
      ...(versions.min === undefined ? {} : { minVersion: NODE_NAMES[versions.min] }),
      ...(versions.max === undefined ? {} : { maxVersion: NODE_NAMES[versions.max] }),
      ALPNProtocols: ['http/1.1'],
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: 64 * 1024,
    },
    (request, response) => {
      let connection = connections.get(request.socket);
      if (!connection) {
        lastConnection += 1;
        connection = { id: lastConnection };
        connections.set(request.socket, connection);
      }
      handle(request, response, connection, reset).catch((error: unknown) => {
        // A defect of the stand-in must be seen, and must not pass for a fault of Exchange.
        process.stderr.write(`exchange stand-in: ${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
        request.socket.destroy();
      });
    },
  );
  server.on('connection', (socket) => {
    if (!(socket instanceof Socket) || socket.remotePort === undefined) return;
    const clientPort = socket.remotePort;
    tcpSockets.set(clientPort, socket);
    socket.once('close', () => {
      if (tcpSockets.get(clientPort) === socket) tcpSockets.delete(clientPort);
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: addressOf(server.address()).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address;
}
