import type { RawHeaders } from '../http/raw-headers.ts';
import { bearerChallenge } from './bearer/challenge.ts';
import type { AuthenticationScheme, ClientConnection, Principal, SchemeName, Verdict } from './scheme.ts';

/** One attempt to sign in, for those who count them. */
export interface Attempt {
  readonly scheme: string;
  readonly verdict: Exclude<Verdict, { outcome: 'continue' }>;
}

/** One value of WWW-Authenticate. */
export interface Challenge {
  readonly scheme: SchemeName;
  readonly value: string;
}

export interface Admission {
  readonly principal: Principal | undefined;
  readonly attempt: Attempt | undefined;
  /** For the 401, if it comes to one. */
  readonly challenges: readonly Challenge[];
  /** For the answer, whatever it is. */
  readonly headers: RawHeaders;
}

/**
 * Where the challenge of a running handshake stands among the schemes: IIS puts it first (shared facts, exchange.md
 * §6.3); what is in front of Exchange may arrange headers otherwise.
 */
export type ChallengePlace = 'first' | 'between' | 'last';

export const CHALLENGE_PLACES: readonly ChallengePlace[] = ['first', 'between', 'last'];

/** Decides who may enter a virtual directory. */
export class FrontDoor {
  /** In the order of the 401. */
  readonly challenges: readonly Challenge[];
  readonly #schemes: readonly AuthenticationScheme[];
  readonly #place: ChallengePlace;

  constructor(
    offered: readonly SchemeName[],
    schemes: readonly AuthenticationScheme[],
    place: ChallengePlace = 'first',
  ) {
    this.#schemes = schemes.filter(({ name }) => offered.includes(name));
    this.#place = place;
    this.challenges = offered.map((scheme) => ({
      scheme,
      value: this.#schemes.find(({ name }) => name === scheme)?.challenge ?? namedOnly(scheme),
    }));
  }

  async admit(authorization: string | undefined, connection: ClientConnection): Promise<Admission> {
    const { challenges } = this;
    if (authorization === undefined) {
      const principal = this.#schemes.map((scheme) => scheme.remembered?.(connection)).find(Boolean);
      return { principal, attempt: undefined, challenges, headers: [] };
    }
    const [, name = '', credentials = ''] = /^\s*(\S+)\s*(.*?)\s*$/s.exec(authorization) ?? [];
    const scheme = this.#schemes.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    if (!scheme) {
      // Only the name of a scheme may be shown: what else stands in the header could be a secret.
      const shown = /^[A-Za-z]{1,20}$/.test(name) ? name : 'unreadable';
      const verdict = { outcome: 'not-offered', userName: undefined } as const;
      return { principal: undefined, attempt: { scheme: shown, verdict }, challenges, headers: [] };
    }
    const verdict = await scheme.check(credentials, connection);
    if (verdict.outcome === 'continue') {
      const own = { scheme: scheme.name, value: verdict.challenge };
      return { principal: undefined, attempt: undefined, challenges: this.#arrange(own), headers: [] };
    }
    const attempt = { scheme: scheme.name, verdict };
    const headers = verdict.headers ?? [];
    if (verdict.outcome === 'accepted') return { principal: verdict.principal, attempt, challenges, headers };
    const { challenge } = verdict;
    const replaced =
      challenge === undefined
        ? challenges
        : challenges.map((entry) => (entry.scheme === scheme.name ? { ...entry, value: challenge } : entry));
    return { principal: undefined, attempt, challenges: replaced, headers };
  }

  #arrange(own: Challenge): readonly Challenge[] {
    // Only a handshake on the connection is IIS's own business.
    if (own.scheme === 'Bearer') return this.challenges;
    const others = this.challenges.filter(({ scheme }) => scheme !== own.scheme);
    if (this.#place === 'first') return [own, ...others];
    if (this.#place === 'last') return [...others, own];
    const middle = Math.ceil(others.length / 2);
    return [...others.slice(0, middle), own, ...others.slice(middle)];
  }
}

/** A scheme that is listed but cannot sign anybody in. */
function namedOnly(scheme: SchemeName): string {
  return scheme === 'Bearer' ? bearerChallenge({}) : scheme;
}
