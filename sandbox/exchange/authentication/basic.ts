import type { Account } from './account.ts';
import type { AuthenticationScheme } from './scheme.ts';

/** RFC 7617: user name and password in every request. */
export function basicScheme(accounts: readonly Account[], realm: string): AuthenticationScheme {
  return {
    name: 'Basic',
    challenge: `Basic realm="${realm}"`,
    check(credentials) {
      const pair = Buffer.from(credentials, 'base64').toString('utf8');
      const colon = pair.indexOf(':');
      if (colon === -1) return { outcome: 'malformed', userName: undefined };
      const userName = pair.slice(0, colon);
      const account = accounts.find((candidate) => candidate.isNamed(userName));
      if (!account) return { outcome: 'unknown-user', userName };
      const outcome = account.check(pair.slice(colon + 1));
      return outcome === 'accepted' ? { outcome, userName, principal: account } : { outcome, userName };
    },
  };
}
