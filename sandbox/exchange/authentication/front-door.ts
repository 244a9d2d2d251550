import type { Account } from './account.ts';
import type { AuthenticationScheme, ClientConnection, SchemeName, Verdict } from './scheme.ts';

/** One attempt to sign in, for those who count them. */
export interface Attempt {
  readonly scheme: string;
  readonly verdict: Verdict;
}

export interface Admission {
  readonly account: Account | undefined;
  readonly attempt: Attempt | undefined;
}

/** Decides who may enter a virtual directory. */
export class FrontDoor {
  /** In the order of the 401. */
  readonly offered: readonly SchemeName[];
  readonly #schemes: readonly AuthenticationScheme[];

  constructor(offered: readonly SchemeName[], schemes: readonly AuthenticationScheme[]) {
    this.offered = offered;
    this.#schemes = schemes.filter(({ name }) => offered.includes(name));
  }

  admit(authorization: string | undefined, connection: ClientConnection): Admission {
    if (authorization === undefined) return { account: undefined, attempt: undefined };
    const [, name = '', credentials = ''] = /^\s*(\S+)\s*(.*?)\s*$/s.exec(authorization) ?? [];
    const scheme = this.#schemes.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    const verdict: Verdict = scheme
      ? scheme.check(credentials, connection)
      : { outcome: 'not-offered', userName: undefined };
    const account = verdict.outcome === 'accepted' ? verdict.account : undefined;
    // Only the name of a scheme may be shown: what else stands in the header could be a secret.
    const shown = /^[A-Za-z]{1,20}$/.test(name) ? name : 'unreadable';
    return { account, attempt: { scheme: scheme?.name ?? shown, verdict } };
  }
}
