import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { SecureVersion } from 'node:tls';
import { generate } from 'selfsigned';

export interface FakeServer {
  readonly origin: string;
  readonly port: number;
  /** Trust this. */
  readonly ca: string;
  /** TCP connections so far. */
  readonly connections: () => number;
  close(): Promise<void>;
}

let certificate: Promise<{ private: string; cert: string }> | null = null;

/** A TLS server of our own on loopback, for what the stand-in does not do. */
export async function startFakeServer(listener: RequestListener, maxVersion?: SecureVersion): Promise<FakeServer> {
  certificate ??= generate([{ name: 'commonName', value: 'fake.test' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'fake.test' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  const { private: key, cert } = await certificate;
  const old =
    maxVersion === undefined ? {} : { maxVersion, minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0' };
  const server: Server = createServer({ key, cert, ALPNProtocols: ['h2', 'http/1.1'], ...old }, listener);
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    origin: `https://127.0.0.1:${port}`,
    port,
    ca: cert,
    connections: () => connections,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
