import { TokenRejection } from './rejection.ts';

/** What the stand-in looks at in a token. */
export interface TokenClaims {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly appId: string | undefined;
  readonly tenantId: string | undefined;
  readonly roles: readonly string[];
  readonly expiresAtS: number | undefined;
  readonly notBeforeS: number | undefined;
}

/** Reads the claims of a token that has the shape of one; whether they are true is not looked at. */
export function readClaims(token: string): TokenClaims {
  const [, payload = '', signature] = token.split('.');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null || signature === undefined) {
    throw new TokenRejection('invalid_token', 'OAuth token submitted with the request can not be parsed.');
  }
  const claims: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(value));
  const text = (name: string): string | undefined => {
    const claim = claims[name];
    return typeof claim === 'string' ? claim : undefined;
  };
  const time = (name: string): number | undefined => {
    const claim = claims[name];
    return typeof claim === 'number' ? claim : undefined;
  };
  return {
    issuer: text('iss') ?? '',
    audiences: texts(claims['aud']),
    appId: text('appid') ?? text('azp'),
    tenantId: text('tid'),
    roles: texts(claims['roles']),
    expiresAtS: time('exp'),
    notBeforeS: time('nbf'),
  };
}

function texts(claim: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return list.filter((entry) => typeof entry === 'string');
}
