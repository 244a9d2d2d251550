import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCertificateAuthority, issueLoopbackCertificate } from './certificate-authority.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import { botEnvironment } from './bot-environment.ts';
import type { BotEnvironment } from './bot-environment.ts';
import { createSigningKey } from './signing-key.ts';
import type { SigningKey } from './signing-key.ts';
import { decideToken, entraError } from './token-endpoint.ts';
import type { Application } from './token-endpoint.ts';
import { BOT_FRAMEWORK, signAccessToken, signConnectorToken, verifyAccessToken } from './tokens.ts';
import type { ConnectorTokenRequest, VerifiedToken } from './tokens.ts';

export interface EntraOptions {
  tenantId: string;
  /** The bot's registration is one of these; Exchange's HMA clients can be others. */
  applications: readonly Application[];
  /** 0 (the default) takes any free port. */
  port?: number;
  /** Share one authority between stand-ins, so that `NODE_EXTRA_CA_CERTS` needs one file. */
  authority?: CertificateAuthority;
  /** Channels that the connector's key is endorsed for. */
  endorsements?: readonly string[];
  tokenLifetimeS?: number;
  /** Resources that exist in the tenant; any other is refused. Without it every resource exists. */
  resources?: readonly string[];
}

/** A request to the token endpoint, without its credential. */
export interface TokenRequestEntry {
  at: number;
  tenant: string;
  clientId: string;
  scope: string;
  status: number;
  error?: string;
}

export interface Entra {
  /** `https://localhost:PORT`, without a slash at the end. */
  url: string;
  caPem: string;
  authority: CertificateAuthority;
  tenantId: string;
  /** Issuer of the access tokens, for resource servers such as the Exchange stand-in. */
  accessTokenIssuer: string;
  /** Every request to the token endpoint so far. */
  tokenRequests: readonly TokenRequestEntry[];
  /** Puts Entra's clock ahead of this machine's (negative: behind). Assertions, tokens and the Date header follow it. */
  setClockOffset: (offsetMs: number) => void;
  /** A token as the Bot Connector attaches to an activity; wrong on purpose where the request says so. */
  issueConnectorToken: (request: ConnectorTokenRequest) => Promise<string>;
  /** Checks the bearer that a bot presents to the connector. Throws when it is not good. */
  verifyBotToken: (token: string) => Promise<VerifiedToken>;
  /** Checks a token issued for any other resource. Throws when it is not good. */
  verifyToken: (token: string, audience: string) => Promise<VerifiedToken>;
  /** What a bot's environment needs in order to live with this Entra instead of the real one. */
  botEnvironment: (clientId: string) => BotEnvironment;
  close: () => Promise<void>;
}

const MAX_FORM_BYTES = 64 * 1024;

/** Entra ID and the Bot Framework's identity provider in one HTTPS server on loopback. */
export async function startEntra(options: EntraOptions): Promise<Entra> {
  const authority = options.authority ?? (await createCertificateAuthority());
  const { certPem, keyPem } = await issueLoopbackCertificate(authority);
  const entraKey = createSigningKey();
  const connectorKey = createSigningKey();
  const endorsements = options.endorsements ?? ['msteams', 'emulator', 'webchat'];
  const issuer = `https://sts.windows.net/${options.tenantId}/`;
  const lifetimeS = options.tokenLifetimeS ?? 3600;
  const tokenRequests: TokenRequestEntry[] = [];
  let clockOffsetMs = 0;
  const now = (): number => Date.now() + clockOffsetMs;

  const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    response.setHeader('date', new Date(now()).toUTCString());
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(error instanceof Error ? error.message : 'failed');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', url).pathname;
    if (request.method === 'POST') {
      const tenant = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(path)?.[1];
      if (tenant !== undefined) return answerToken(tenant, await readForm(request), response);
    } else {
      const document = documentAt(path);
      if (document !== undefined) return sendJson(response, 200, document);
    }
    sendJson(response, 404, { error: 'not_found', error_description: `No such document: ${path}` });
  }

  /** `botframework.com` is the tenant of multi-tenant bots; both names lead to the same applications. */
  function isKnownTenant(tenant: string): boolean {
    return tenant === options.tenantId || tenant === 'botframework.com';
  }

  async function answerToken(tenant: string, form: URLSearchParams, response: ServerResponse): Promise<void> {
    const endpoint = `${url}/${tenant}/oauth2/v2.0/token`;
    const decision = await decideToken(form, {
      tenant,
      tenantKnown: isKnownTenant(tenant),
      applications: options.applications,
      tokenEndpoints: [endpoint, `${url}/${tenant}/v2.0`],
      nowMs: now(),
      ...(options.resources === undefined ? {} : { resources: options.resources }),
    });
    const entry = { at: Date.now(), tenant, clientId: form.get('client_id') ?? '', scope: form.get('scope') ?? '' };
    if (decision.kind === 'refuse') {
      tokenRequests.push({ ...entry, status: decision.status, error: decision.body.error });
      return sendJson(response, decision.status, decision.body);
    }
    tokenRequests.push({ ...entry, status: 200 });
    const accessToken = await signAccessToken(entraKey, {
      issuer,
      audience: decision.audience,
      appId: decision.clientId,
      tenantId: options.tenantId,
      expiresInS: lifetimeS,
      nowMs: now(),
      ...(decision.roles === undefined ? {} : { roles: decision.roles }),
    });
    sendJson(response, 200, {
      token_type: 'Bearer',
      expires_in: lifetimeS,
      ext_expires_in: lifetimeS,
      access_token: accessToken,
    });
  }

  function documentAt(path: string): unknown {
    if (path === '/v1/.well-known/openidconfiguration') {
      return {
        issuer: BOT_FRAMEWORK,
        authorization_endpoint: 'https://invalid.botframework.com',
        jwks_uri: `${url}/v1/.well-known/keys`,
        id_token_signing_alg_values_supported: ['RS256'],
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
      };
    }
    if (path === '/v1/.well-known/keys') return { keys: [connectorKey.jwk(endorsements)] };
    if (path === '/common/discovery/instance') return instanceDiscovery(url, options.tenantId);
    const match = /^\/([^/]+)(\/v2\.0\/\.well-known\/openid-configuration|\/discovery\/v2\.0\/keys)$/.exec(path);
    const tenant = match?.[1];
    if (tenant === undefined || !(isKnownTenant(tenant) || tenant === 'common')) {
      return match === null
        ? undefined
        : entraError(400, 'invalid_tenant', 90002, `Tenant '${tenant ?? ''}' not found.`).body;
    }
    if (match?.[2] === '/discovery/v2.0/keys') return { keys: [entraKey.jwk()] };
    return openIdConfiguration(url, tenant);
  }

  return {
    url,
    caPem: authority.caPem,
    authority,
    tenantId: options.tenantId,
    accessTokenIssuer: issuer,
    tokenRequests,
    setClockOffset: (offsetMs) => {
      clockOffsetMs = offsetMs;
    },
    issueConnectorToken: (request) => signConnectorToken(connectorKey, request),
    verifyBotToken: (token) => verifyAccessToken(entraKey, token, { issuer, audience: BOT_FRAMEWORK }),
    verifyToken: (token, audience) => verifyAccessToken(entraKey, token, { issuer, audience }),
    botEnvironment: (clientId) => botEnvironment({ url, tenantId: options.tenantId, clientId }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function openIdConfiguration(url: string, tenant: string): unknown {
  return {
    token_endpoint: `${url}/${tenant}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${url}/${tenant}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${url}/${tenant}/v2.0`,
    authorization_endpoint: `${url}/${tenant}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${url}/${tenant}/oauth2/v2.0/logout`,
    tenant_region_scope: 'EU',
    cloud_instance_name: 'localhost',
  };
}

function instanceDiscovery(url: string, tenantId: string): unknown {
  const host = new URL(url).host;
  return {
    tenant_discovery_endpoint: `${url}/${tenantId}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_FORM_BYTES) throw new Error('the form is too large');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

export { createSigningKey };
export type { SigningKey };
