import { once } from 'node:events';
import { createServer, type TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { RequestReader, type Answering } from './request-reader.ts';

export interface ScriptedTlsServer {
  readonly url: string;
  /** Trust this. */
  readonly ca: string;
  answerWith(answering: Answering): void;
  /** Open connections. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

/** TLS on loopback whose answers are bytes, right or wrong. */
export async function startScriptedTlsServer(): Promise<ScriptedTlsServer> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'fuzz.test' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  let answering: Answering = () => ({ bytes: Buffer.alloc(0), then: 'end' });
  const sockets = new Set<TLSSocket>();
  const server = createServer({ key, cert, ALPNProtocols: ['http/1.1'] }, (socket) => {
    const reader = new RequestReader();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // The client hangs up in the middle of what it cannot read.
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const request = reader.take(chunk);
      if (request === null) return;
      const { bytes, then } = answering(request);
      if (then === 'reset') socket.write(bytes, () => socket.destroy());
      else if (then === 'end') socket.end(bytes);
      else socket.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `https://127.0.0.1:${port}/EWS/Exchange.asmx`,
    ca: cert,
    answerWith(next) {
      answering = next;
    },
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
