import { get } from 'node:https';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { TokenRejection } from './rejection.ts';

/** Checks the signature of a token, and throws for one that is wrong. */
export type VerifySignature = (token: string) => Promise<unknown>;

export interface IssuerKeys {
  readonly verify: VerifySignature;
  /** Issuers that sign with these keys. */
  isIssuer(issuer: string): boolean;
}

/** Exchange goes by the time on its own clock, give or take five minutes; jose is not to look at time at all here. */
const ANY_TIME = { clockTolerance: Number.MAX_SAFE_INTEGER } as const;
const MAX_DOCUMENT_BYTES = 1024 * 1024;

/**
 * The keys of an OpenID issuer, found by its discovery document and fetched again for a key id that is new. A tenant of
 * Entra issues version 1.0 tokens as `https://sts.windows.net/TENANT/`, whatever its address is.
 *
 * @param ca PEM to trust beside the roots of Node and NODE_EXTRA_CA_CERTS
 */
export function issuerKeys(issuer: string, ca?: string): IssuerKeys {
  const tenant = tenantOf(issuer);
  const accepted = new Set([
    withoutSlash(issuer),
    ...(tenant === undefined ? [] : [`https://sts.windows.net/${tenant}`]),
  ]);
  let keys: Promise<JSONWebKeySet> | undefined;

  const load = async (): Promise<JSONWebKeySet> => {
    const discovery = await fetchJson(`${withoutSlash(issuer)}/.well-known/openid-configuration`, ca);
    const named = member(discovery, 'issuer');
    if (typeof named === 'string') accepted.add(withoutSlash(named));
    const uri = member(discovery, 'jwks_uri');
    if (typeof uri !== 'string') throw new Error('The discovery document names no keys.');
    const set = member(await fetchJson(uri, ca), 'keys');
    if (!Array.isArray(set)) throw new Error('The key document holds no keys.');
    return { keys: set };
  };
  const current = async (anew: boolean): Promise<JSONWebKeySet> => {
    if (anew) keys = undefined;
    keys ??= load();
    try {
      return await keys;
    } catch (error) {
      keys = undefined;
      const reason = error instanceof Error ? error.message : String(error);
      throw new TokenRejection('internal_error', `The signing keys cannot be read: ${reason}`);
    }
  };

  return {
    isIssuer: (claimed) => accepted.has(withoutSlash(claimed)),
    async verify(token) {
      for (const anew of [false, true]) {
        const set = createLocalJWKSet(await current(anew));
        try {
          await jwtVerify(token, set, { algorithms: ['RS256'], ...ANY_TIME });
          return;
        } catch (error) {
          const isUnknownKey = error instanceof Error && 'code' in error && error.code === 'ERR_JWKS_NO_MATCHING_KEY';
          if (anew || !isUnknownKey) throw error;
        }
      }
    },
  };
}

/** The tenant in an issuer's address, `https://login.example/TENANT/v2.0`. */
export function tenantOf(issuer: string): string | undefined {
  return /^https:\/\/[^/]+\/([^/]+)/.exec(issuer)?.[1];
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function fetchJson(url: string, ca: string | undefined): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = get(url, { agent: false, timeout: 10_000, ...(ca === undefined ? {} : { ca }) }, (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_DOCUMENT_BYTES) incoming.destroy(new Error('The document is too large.'));
        else chunks.push(chunk);
      });
      incoming.on('error', reject);
      incoming.on('end', () => {
        try {
          if (incoming.statusCode !== 200) throw new Error(`${url} answered ${String(incoming.statusCode)}`);
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('The issuer does not answer.')));
    outgoing.on('error', reject);
  });
}
