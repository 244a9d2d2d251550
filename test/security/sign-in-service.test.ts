import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCertificateAuthority, issueLoopbackCertificate } from '../../sandbox/entra/certificate-authority.ts';
import { createHybridModernAuth } from '../../services/exchange/oauth/hybrid-modern-auth.ts';
import { createTlsContext } from '../../services/exchange/tls-context.ts';
import { makeCertificate } from '../exchange/oauth/certificate-samples.ts';

/*
 * The sign-in service says itself where its token endpoint is. Whatever it says, the assertion that the app's certificate
 * signed goes to that service and to no other place, be it one that Exchange may be reached at.
 */

const tenant = '5f1b2c3d-0000-4c0a-9a7e-c0470500a001';
const day = 86_400_000;

/** Who was asked for what, in order. */
let asked: string[];
let open: Server[];
let tls: { readonly cert: string; readonly key: string };
let caPem: string;

beforeEach(async () => {
  asked = [];
  open = [];
  const authority = await createCertificateAuthority();
  const { certPem: cert, keyPem: key } = await issueLoopbackCertificate(authority);
  tls = { cert, key };
  caPem = authority.caPem;
});

afterEach(() => {
  for (const server of open) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server on loopback that tells who it is; gives its port. */
async function serve(name: string, answer: (path: string) => object): Promise<number> {
  const server = createServer(tls, (request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    asked.push(`${name} ${request.method} ${path.slice(path.lastIndexOf('/') + 1)}`);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer(path)));
  });
  open.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test.each([
  ['itself', (own: number) => `https://localhost:${own}`, ['login POST token']],
  ['another port of its host', (_own: number, other: number) => `https://localhost:${other}`, []],
  ['an address in a network of Exchange', (_own: number, other: number) => `https://127.0.0.1:${other}`, []],
])('a sign-in service that names %s as its token endpoint', async (_name, place, posts) => {
  const other = await serve('other', () => ({}));
  const login = await serve('login', () => ({
    issuer: `https://localhost:${login}/${tenant}/v2.0`,
    authorization_endpoint: `https://localhost:${login}/${tenant}/authorize`,
    token_endpoint: `${place(login, other)}/${tenant}/token`,
    jwks_uri: `https://localhost:${login}/keys`,
    error: 'invalid_client',
  }));
  const { certificate } = await makeCertificate(new Date(Date.now() - day), new Date(Date.now() + day));
  const source = createHybridModernAuth(
    {
      serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
      resource: null,
      tenant,
      clientId: '3a11f00a-0000-4b07-8b07-3a1120030002',
      certificate: { kind: 'own', certificate },
    },
    {
      loginUrl: `https://localhost:${login}`,
      networks: ['127.0.0.0/8'],
      tlsContext: createTlsContext(caPem),
    },
  );
  expect((await source.get()).token).toBeNull();
  expect(asked.filter((line) => line.includes('POST'))).toEqual(posts);
  expect(asked.filter((line) => line.startsWith('other'))).toEqual([]);
});
