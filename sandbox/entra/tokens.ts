import { randomUUID } from 'node:crypto';
import { SignJWT, jwtVerify } from 'jose';
import type { SigningKey } from './signing-key.ts';

/** Issuer and audience of the Bot Framework service itself, on both directions of the wire. */
export const BOT_FRAMEWORK = 'https://api.botframework.com';

/** What a channel's token says. Every field can be made wrong on purpose; a correct bot then answers 401. */
export interface ConnectorTokenRequest {
  /** The bot's app id. */
  audience: string;
  /** Must equal the activity's `serviceUrl`. Leave it out to issue a token without the claim. */
  serviceUrl?: string;
  issuer?: string;
  /** Negative for an expired token; the SDK tolerates five minutes. */
  expiresInS?: number;
  /** Announces this key id in the header, whatever key really signed. */
  kid?: string;
  /** Another key than the published one: the signature is then wrong. */
  signWith?: SigningKey;
}

/** A token of the kind that the Bot Connector sends with each activity. */
export async function signConnectorToken(key: SigningKey, request: ConnectorTokenRequest): Promise<string> {
  const signer = request.signWith ?? key;
  const nowS = Math.floor(Date.now() / 1000);
  const expiresAtS = nowS + (request.expiresInS ?? 3600);
  return new SignJWT(request.serviceUrl === undefined ? {} : { serviceurl: request.serviceUrl })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: request.kid ?? key.kid, x5t: request.kid ?? key.x5t })
    .setIssuer(request.issuer ?? BOT_FRAMEWORK)
    .setAudience(request.audience)
    .setNotBefore(Math.min(nowS, expiresAtS) - 300)
    .setExpirationTime(expiresAtS)
    .sign(signer.privateKey);
}

export interface AccessTokenRequest {
  /** `https://sts.windows.net/{tenant}/`, version 1.0, as Entra issues for the Bot Framework and for Exchange. */
  issuer: string;
  audience: string;
  appId: string;
  tenantId: string;
  expiresInS: number;
  /** Application permissions; without it the token has no such claim. */
  roles?: readonly string[];
  /** Entra's clock when it differs from the machine's. */
  nowMs?: number;
}

/** An application's access token (client credentials), with the claims that resource servers look at. */
export async function signAccessToken(key: SigningKey, request: AccessTokenRequest): Promise<string> {
  const nowS = Math.floor((request.nowMs ?? Date.now()) / 1000);
  return new SignJWT({
    appid: request.appId,
    appidacr: '1',
    idtyp: 'app',
    oid: request.appId,
    tid: request.tenantId,
    ver: '1.0',
    uti: randomUUID(),
    ...(request.roles === undefined ? {} : { roles: [...request.roles] }),
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid, x5t: key.x5t })
    .setIssuer(request.issuer)
    .setSubject(request.appId)
    .setAudience(request.audience)
    .setIssuedAt(nowS)
    .setNotBefore(nowS)
    .setExpirationTime(nowS + request.expiresInS)
    .sign(key.privateKey);
}

export interface VerifiedToken {
  appId: string;
  tenantId: string;
  audience: string;
  /** Only when the token has the claim. */
  roles?: readonly string[];
}

/** Checks an access token that this Entra issued. Throws a `jose` error when signature, issuer, audience or time do not fit. */
export async function verifyAccessToken(
  key: SigningKey,
  token: string,
  expected: { issuer: string; audience: string },
): Promise<VerifiedToken> {
  const { payload } = await jwtVerify(token, key.publicKey, { ...expected, algorithms: ['RS256'] });
  const { appid, tid, roles } = payload;
  if (typeof appid !== 'string' || typeof tid !== 'string') throw new Error('the token names no application or tenant');
  const named = Array.isArray(roles) ? { roles: roles.filter((role) => typeof role === 'string') } : {};
  return { appId: appid, tenantId: tid, audience: expected.audience, ...named };
}
