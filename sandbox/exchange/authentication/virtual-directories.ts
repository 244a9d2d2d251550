import type { Account } from './account.ts';
import { basicScheme } from './basic.ts';
import { FrontDoor, type ChallengePlace } from './front-door.ts';
import { windowsSchemes, type NtlmSetup } from './ntlm/ntlm-scheme.ts';
import type { AuthenticationScheme, SchemeName } from './scheme.ts';

/** The schemes of each virtual directory, in the order of its 401. */
export interface DirectorySchemes {
  readonly ews: readonly SchemeName[];
  readonly autodiscover: readonly SchemeName[];
}

/** As Exchange is installed: Windows authentication on both, Basic on Autodiscover only (shared facts, exchange.md §6.3). */
export const EXCHANGE_SCHEMES: DirectorySchemes = {
  ews: ['Negotiate', 'NTLM'],
  autodiscover: ['Negotiate', 'NTLM', 'Basic'],
};

export interface DoorSetup {
  readonly schemes: DirectorySchemes;
  readonly accounts: readonly Account[];
  readonly realm: string;
  readonly ntlm: Omit<NtlmSetup, 'accounts'>;
  readonly challengePlace: ChallengePlace;
  readonly bearer: AuthenticationScheme | undefined;
}

export interface FrontDoors {
  readonly ews: FrontDoor;
  readonly autodiscover: FrontDoor;
}

/** Each directory is an application of its own: who signed in to one on a connection is a stranger to the other. */
export function createFrontDoors(setup: DoorSetup): FrontDoors {
  const { accounts, bearer, ntlm } = setup;
  const door = (offered: readonly SchemeName[], extendedProtection: NtlmSetup['extendedProtection']): FrontDoor => {
    const schemes = [...windowsSchemes({ ...ntlm, accounts, extendedProtection }), basicScheme(accounts, setup.realm)];
    return new FrontDoor(offered, bearer ? [...schemes, bearer] : schemes, setup.challengePlace);
  };
  return {
    ews: door(setup.schemes.ews, ntlm.extendedProtection),
    // Exchange leaves extended protection off here (shared facts, exchange.md §6.3).
    autodiscover: door(setup.schemes.autodiscover, 'none'),
  };
}
