import type { AuthenticationScheme, Principal, Verdict } from '../scheme.ts';
import { bearerChallenge, type BearerTerms } from './challenge.ts';
import { readClaims, type TokenClaims } from './claims.ts';
import { issuerKeys, tenantOf, type IssuerKeys, type VerifySignature } from './issuer-keys.ts';
import { diagnostics, TokenRejection } from './rejection.ts';

/** Whose tokens are taken, and for whom they must be. */
export interface BearerSetup {
  /** Address of the issuer; its discovery document leads to its keys. */
  readonly issuer?: string;
  /** In place of the issuer's keys: throws for a token that was not signed as it should be. */
  readonly verifyBearer?: VerifySignature;
  /** The resource, `https://mail.contoso.test`; a slash at the end does not matter. */
  readonly audience?: string;
  /** PEM of the authority of the issuer's server. */
  readonly issuerCa?: string;
  /** What the challenge names as the place to sign in; an empty text leaves it out, as without Hybrid Modern Authentication. */
  readonly authorizationUri?: string;
  readonly now?: () => Date;
}

/** The application permission without which Exchange lets no application in. */
const ROLE = 'full_access_as_app';
const CLOCK_SKEW_S = 300;

/** OAuth for applications, as Hybrid Modern Authentication has it; undefined where no issuer is trusted. */
export function bearerScheme(setup: BearerSetup): AuthenticationScheme | undefined {
  const keys = keysOf(setup);
  if (!keys) return undefined;
  const terms = termsOf(setup);
  return {
    name: 'Bearer',
    challenge: bearerChallenge(terms),
    async check(credentials) {
      // A probe without a token reads the challenge.
      if (credentials === '') return { outcome: 'continue', challenge: bearerChallenge(terms) };
      try {
        const principal = await principalOf(credentials, keys, setup);
        return { outcome: 'accepted', userName: principal.userName, principal };
      } catch (error) {
        if (!(error instanceof TokenRejection)) throw error;
        return refusal(error, terms);
      }
    },
  };
}

function refusal(rejection: TokenRejection, terms: BearerTerms): Verdict {
  return {
    outcome: 'invalid-token',
    userName: undefined,
    challenge: bearerChallenge(terms, 'invalid_token'),
    headers: ['x-ms-diagnostics', diagnostics(rejection)],
  };
}

async function principalOf(token: string, keys: IssuerKeys, setup: BearerSetup): Promise<Principal> {
  const claims = readClaims(token);
  // Time and audience are told apart even where the verifier handed in would refuse the token for them.
  checkTime(claims, setup.now?.() ?? new Date());
  checkAudience(claims, setup.audience);
  try {
    await keys.verify(token);
  } catch (error) {
    if (error instanceof TokenRejection) throw error;
    throw new TokenRejection('invalid_signature', 'The token has an invalid signature.');
  }
  if (!keys.isIssuer(claims.issuer)) {
    throw new TokenRejection('invalid_tenant', `The issuer of the token is unknown. Issuer was: '${claims.issuer}'.`);
  }
  const { appId, tenantId, roles } = claims;
  if (appId === undefined || tenantId === undefined) {
    throw new TokenRejection('invalid_client', 'The token names no application.');
  }
  if (!roles.includes(ROLE)) {
    throw new TokenRejection('invalid_grant', 'The token contains not enough scope to make this call.');
  }
  return { userName: `${appId}@${tenantId}`, principalName: undefined };
}

function checkTime({ expiresAtS = 0, notBeforeS = 0 }: TokenClaims, now: Date): void {
  const nowS = now.getTime() / 1000;
  if (expiresAtS + CLOCK_SKEW_S <= nowS) throw new TokenRejection('token_expired', 'The token has expired.');
  if (notBeforeS - CLOCK_SKEW_S > nowS) throw new TokenRejection('invalid_token', 'The token is not yet valid.');
}

function checkAudience({ audiences }: TokenClaims, wanted: string | undefined): void {
  const plain = (url: string): string => url.replace(/\/+$/, '').toLowerCase();
  if (wanted === undefined || audiences.some((audience) => plain(audience) === plain(wanted))) return;
  throw new TokenRejection(
    'invalid_resource',
    `The hostname component of the audience claim value is invalid. Expected '${wanted}'. Actual '${audiences.join(', ')}'.`,
  );
}

function keysOf({ issuer, verifyBearer, issuerCa }: BearerSetup): IssuerKeys | undefined {
  if (verifyBearer) return { verify: verifyBearer, isIssuer: () => true };
  return issuer === undefined ? undefined : issuerKeys(issuer, issuerCa);
}

function termsOf({ issuer, authorizationUri }: BearerSetup): BearerTerms {
  const tenant = issuer === undefined ? undefined : tenantOf(issuer);
  const own = issuer === undefined ? undefined : `${new URL(issuer).origin}/common/oauth2/authorize`;
  const uri = authorizationUri ?? own;
  return {
    ...(tenant === undefined ? {} : { tenants: [tenant] }),
    ...(uri === undefined ? {} : { authorizationUri: uri }),
  };
}
