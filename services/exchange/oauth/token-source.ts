import { natureOf, type Fault } from '../../model/fault.ts';
import type { Secret } from '../../secrets/secret.ts';
import { validityProblem, type ClientCertificate } from './certificate.ts';
import type { CertificateSource } from './certificate-source.ts';
import { ewsRole, rolesOf } from './token-claims.ts';
import { tokenFault } from './token-refusal.ts';
import {
  partiesOf,
  requestToken,
  type AppCredential,
  type TokenRequester,
  type TokenResult,
  type TokenSubject,
} from './token-request.ts';

/** Gives the token for a resource: fresh enough for a call that starts now, or why there is none. Never rejects. */
export interface TokenSource {
  get(): Promise<TokenResult>;
  /**
   * The resource did not take this token: the next `get` asks for another one. A token that is no longer the cached one
   * is ignored, so 27 calls that were refused together cost one acquisition; and for a minute after one was discarded its
   * successor stays, since a resource that refuses the second token refuses the third (a wrong audience).
   */
  discard(token: Secret): void;
  /** Forgets refusals of either side, so that a test started by hand after a repair asks at once. */
  retryNow(): void;
}

/** A token is renewed this long before its end, so that none ends on its way. */
const renewBeforeMs = 5 * 60_000;
/**
 * For so long a refusal answers for the next callers. A run of 5,000 mailboxes would otherwise ask Entra 5,000 times
 * with a secret it has just called wrong, and Entra slows the whole tenant down for that (DESIGN law 6).
 */
const pauseMs = { transient: 5000, permanent: 60_000 } as const;
const discardPauseMs = 60_000;

export interface TokenSourceOptions extends TokenRequester {
  readonly subject: TokenSubject;
}

/** For a client secret; Key Vault's app has one. */
export function createSecretTokenSource(options: TokenSourceOptions & { readonly secret: Secret }): TokenSource {
  return keepToken(options, () => requestToken(options, options.subject, { kind: 'secret', secret: options.secret }));
}

export interface CertificateTokenSourceOptions extends TokenSourceOptions {
  readonly certificates: CertificateSource;
  /** Sends the chain with the assertion, for apps that trust an issuer and a name (`keytype` 2 of a profile's vault). */
  readonly sendChain?: boolean;
}

/** Hybrid Modern Authentication: a token for Exchange by certificate, which must hold the role of EWS. */
export function createCertificateTokenSource(options: CertificateTokenSourceOptions): TokenSource {
  const parties = partiesOf(options.login, options.subject);
  const now = (): number => options.clock.now();

  /** A certificate that is over is not sent: Entra would refuse it, and say less about it. */
  const judge = (certificate: ClientCertificate): Fault | null => {
    const problem = validityProblem(certificate, now());
    if (problem === null) return null;
    // Not valid yet: somebody's clock is wrong, and a certificate made a moment ago makes it ours.
    return tokenFault(problem === 'certificate.expired' ? 'OAuthCertificateExpired' : 'OAuthClockSkew', parties);
  };

  const ask = async (certificate: ClientCertificate): Promise<TokenResult> => {
    const problem = judge(certificate);
    if (problem !== null) return { token: null, fault: problem };
    const credential: AppCredential = { kind: 'certificate', certificate, sendChain: options.sendChain ?? false };
    return requestToken(options, options.subject, credential);
  };

  const source = keepToken(options, async () => {
    const held = await options.certificates.get();
    if (held.fault !== null) return { token: null, fault: held.fault };
    const first = await ask(held.certificate);
    if (first.fault === null || !isAboutCertificate(first.fault)) return withRole(first);
    const renewed = await options.certificates.renew(held.certificate);
    if (renewed === null) return first;
    return renewed.fault === null ? withRole(await ask(renewed.certificate)) : { token: null, fault: renewed.fault };
  });
  return {
    ...source,
    retryNow() {
      options.certificates.retryNow();
      source.retryNow();
    },
  };

  function withRole(result: TokenResult): TokenResult {
    if (result.fault !== null) return result;
    const roles = rolesOf(result.token.token.reveal());
    // A token that cannot be read is Exchange's to judge.
    if (roles === null || roles.includes(ewsRole)) return result;
    return { token: null, fault: tokenFault('OAuthRoleMissing', parties) };
  }
}

const isAboutCertificate = ({ code }: Fault): boolean =>
  code === 'OAuthInvalidClient' || code === 'OAuthCertificateExpired';

interface Held {
  readonly result: Extract<TokenResult, { readonly fault: null }>;
  readonly takenAt: number;
  readonly renewAt: number;
}

/** Not before its beginning either: a clock that was set back by a day would make a pause of a minute a day long. */
const isWithin = (from: number, until: number, now: number): boolean => from <= now && now < until;

/** One acquisition at a time; the old token serves on until its end while a new one cannot be had. */
function keepToken({ clock }: TokenRequester, acquire: () => Promise<TokenResult>): TokenSource {
  let held: Held | null = null;
  let refusal: { readonly result: TokenResult; readonly at: number; readonly until: number } | null = null;
  let underWay: Promise<TokenResult> | null = null;
  let keepUntil = 0;

  async function renew(): Promise<TokenResult> {
    const askedAt = clock.now();
    const result = await acquire();
    const now = clock.now();
    if (result.fault === null) {
      // A life of a few minutes would be over before it began.
      const renewAt = result.token.expiresAt - Math.min(renewBeforeMs, (result.token.expiresAt - askedAt) / 2);
      held = { result, takenAt: now, renewAt };
      refusal = null;
      return result;
    }
    refusal = { result, at: now, until: now + pauseMs[natureOf(result.fault)] };
    return stillGood(now) ?? result;
  }

  const stillGood = (now: number): TokenResult | null =>
    held !== null && isWithin(held.takenAt, held.result.token.expiresAt, now) ? held.result : null;

  return {
    get() {
      const now = clock.now();
      if (held !== null && isWithin(held.takenAt, held.renewAt, now)) return Promise.resolve(held.result);
      if (refusal !== null && isWithin(refusal.at, refusal.until, now))
        return Promise.resolve(stillGood(now) ?? refusal.result);
      underWay ??= renew().finally(() => {
        underWay = null;
      });
      return underWay;
    },
    discard(token) {
      const now = clock.now();
      if (held?.result.token.token !== token || isWithin(keepUntil - discardPauseMs, keepUntil, now)) return;
      held = null;
      keepUntil = now + discardPauseMs;
    },
    retryNow() {
      refusal = null;
      keepUntil = 0;
    },
  };
}
