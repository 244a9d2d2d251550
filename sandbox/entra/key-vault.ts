import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { issueLoopbackCertificate, type CertificateAuthority } from './certificate-authority.ts';
import type { VerifiedToken } from './tokens.ts';

export interface VaultSecret {
  /** A PFX in base64, or PEM. */
  value: string;
  /** `application/x-pkcs12` or `application/x-pem-file` for certificates. */
  contentType?: string;
  disabled?: boolean;
}

/** What the vault can be told to do instead of its work. */
export type VaultMisbehaviour = 'firewall' | 'throttled' | 'unavailable' | 'redirect' | 'html' | 'empty' | 'silent';

export interface KeyVaultOptions {
  /** Who checks the tokens: an Entra of this sandbox. */
  entra: {
    verifyToken: (token: string, audience: string) => Promise<VerifiedToken>;
    authority: CertificateAuthority;
    url: string;
    tenantId: string;
  };
  /** By name; may change while the vault runs. */
  secrets: Map<string, VaultSecret>;
  /** Applications with Get on secrets. */
  readers: readonly string[];
  port?: number;
}

/** A request, without its token. */
export interface VaultRequestEntry {
  path: string;
  clientId: string | null;
  status: number;
}

export interface KeyVault {
  /** `https://localhost:PORT`, without a slash at the end. */
  url: string;
  host: string;
  /** Audience of its tokens. */
  resource: string;
  requests: readonly VaultRequestEntry[];
  misbehave: (how: VaultMisbehaviour | null) => void;
  close: () => Promise<void>;
}

const RESOURCE = 'https://vault.azure.net';

interface VaultReply {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/**
 * Azure Key Vault's `GET /secrets/NAME` on loopback: its own bearer check, the error bodies of
 * learn.microsoft.com/azure/key-vault/general/rest-error-codes.
 */
export async function startKeyVault(options: KeyVaultOptions): Promise<KeyVault> {
  const { certPem, keyPem } = await issueLoopbackCertificate(options.entra.authority);
  const requests: VaultRequestEntry[] = [];
  let misbehaviour: VaultMisbehaviour | null = null;

  const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  const url = `https://${host}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const clientId = await clientOf(request);
    const wrong = misbehaviour === null ? null : misbehave(misbehaviour, url);
    if (misbehaviour === 'silent') {
      requests.push({ path: pathname, clientId, status: 0 });
      return;
    }
    const reply = wrong ?? decide(request.method ?? '', pathname, searchParams, clientId);
    requests.push({ path: pathname, clientId, status: reply.status });
    const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
    const type = typeof reply.body === 'string' ? 'text/html' : 'application/json; charset=utf-8';
    response.writeHead(reply.status, { 'content-type': type, 'cache-control': 'no-cache', ...reply.headers });
    response.end(text);
  }

  async function clientOf(request: IncomingMessage): Promise<string | null> {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return null;
    return options.entra.verifyToken(token, RESOURCE).then(
      ({ appId }) => appId,
      () => null,
    );
  }

  function decide(method: string, path: string, query: URLSearchParams, clientId: string | null): VaultReply {
    if (clientId === null) {
      const authorization = `${options.entra.url}/${options.entra.tenantId}`;
      const challenge = `Bearer authorization="${authorization}", resource="${RESOURCE}"`;
      const text = 'AKV10000: Request is missing a Bearer or PoP token.';
      return { ...vaultError(401, 'Unauthorized', text), headers: { 'www-authenticate': challenge } };
    }
    if (!query.has('api-version')) {
      return vaultError(400, 'MissingApiVersionParameter', 'The api-version query parameter is required.');
    }
    const name = /^\/secrets\/([\dA-Za-z-]{1,127})(?:\/[\da-f]{32})?\/?$/.exec(path)?.[1];
    if (name === undefined || method !== 'GET') return vaultError(404, 'NotFound', 'No such operation.');
    if (!options.readers.includes(clientId)) {
      const text = `The user, group or application 'appid=${clientId}' does not have secrets get permission on key vault.`;
      return vaultError(403, 'Forbidden', text, 'ForbiddenByPolicy');
    }
    const secret = options.secrets.get(name);
    if (secret === undefined) {
      const text = `A secret with (name/id) ${name} was not found in this key vault.`;
      return vaultError(404, 'SecretNotFound', text);
    }
    if (secret.disabled === true) {
      return vaultError(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', 'SecretDisabled');
    }
    const { value, contentType } = secret;
    const id = `${url}/secrets/${name}/0123456789abcdef0123456789abcdef`;
    const type = contentType === undefined ? {} : { contentType };
    return { status: 200, body: { value, ...type, id, managed: true, attributes: { enabled: true } } };
  }

  return {
    url,
    host,
    resource: RESOURCE,
    requests,
    misbehave: (how) => {
      misbehaviour = how;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function vaultError(status: number, code: string, message: string, inner?: string): VaultReply {
  return {
    status,
    body: { error: { code, message, ...(inner === undefined ? {} : { innererror: { code: inner } }) } },
  };
}

function misbehave(how: VaultMisbehaviour, url: string): VaultReply {
  switch (how) {
    case 'firewall':
      return vaultError(403, 'Forbidden', 'Client address is not authorized.', 'ForbiddenByFirewall');
    case 'throttled':
      return vaultError(429, 'Throttled', 'Request was not processed because too many requests were received.');
    case 'unavailable':
      return vaultError(503, 'ServiceUnavailable', 'The service is unavailable.');
    case 'redirect':
      return { status: 302, body: '', headers: { location: `${url}/elsewhere` } };
    case 'html':
      return { status: 200, body: '<html>proxy</html>' };
    case 'empty':
    case 'silent':
      return { status: 200, body: {} };
  }
}
