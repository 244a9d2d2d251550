import type { BearerSetup } from './authentication/bearer/bearer-scheme.ts';
import type { AutodiscoverRule } from './autodiscover/rule.ts';
import type { ChallengePlace } from './authentication/front-door.ts';
import type { ExtendedProtection } from './authentication/ntlm/ntlm-scheme.ts';
import type { SchemeName } from './authentication/scheme.ts';
import type { DirectorySchemes } from './authentication/virtual-directories.ts';
import type { FaultRule } from './faults/rule.ts';
import type { TlsVersion } from './http/tls-server.ts';
import type { ImpersonationScope } from './impersonation.ts';
import type { DelegateGrant } from './mailbox/delegates.ts';
import type { MailboxSeed } from './mailbox/mailbox.ts';
import type { DirectoryEntry, DistributionList } from './mailbox/organization.ts';
import type { ProductName } from './products.ts';
import type { CertificateKind } from './tls/certificates.ts';

/** How the stand-in is set up; everything has a default. With an issuer or `verifyBearer` both directories offer Bearer. */
export interface ExchangeOptions extends Omit<BearerSetup, 'now'> {
  /** TLS port on 127.0.0.1; 0 takes any. */
  readonly port?: number;
  /** The name in the certificate, beside localhost and 127.0.0.1. */
  readonly host?: string;
  readonly product?: ProductName;
  /**
   * What each virtual directory offers, in the order of its 401; a list is the EWS directory's. Without it EWS offers
   * Basic, so that a test need not speak NTLM; the program offers what Exchange does (EXCHANGE_SCHEMES).
   */
  readonly schemes?: readonly SchemeName[] | Partial<DirectorySchemes>;
  /** Where the NTLM challenge stands among the other schemes. */
  readonly challengePlace?: ChallengePlace;
  /** Whether NTLM on EWS must be bound to the TLS channel. */
  readonly extendedProtection?: ExtendedProtection;
  /** So many of user1@contoso.test …, or named ones. The service account always has one besides. */
  readonly mailboxes?: number | readonly MailboxSeed[];
  readonly distributionLists?: readonly DistributionList[];
  /** Contacts and others that have no mailbox here. */
  readonly directoryEntries?: readonly DirectoryEntry[];
  /** `CONTOSO\svc-mailroom` or `svc-mailroom@contoso.test`; both forms sign in. */
  readonly serviceAccount?: string;
  readonly password?: string;
  readonly impersonationScope?: ImpersonationScope;
  /** Mailboxes opened to the account, or to others, without impersonation. */
  readonly delegates?: readonly DelegateGrant[];
  readonly latencyMs?: number;
  /** How long GetStreamingEvents waits for an event before it closes the connection. */
  readonly streamingMs?: number;
  /** Requests in flight; one more gets ErrorExceededConnectionCount. */
  readonly concurrency?: number;
  readonly concurrencyPer?: 'account' | 'mailbox';
  /** Wrong passwords until the account locks; never without it. */
  readonly lockout?: number;
  readonly faults?: readonly FaultRule[];
  /** What Autodiscover answers instead of the settings. */
  readonly autodiscoverRules?: readonly AutodiscoverRule[];
  /** The EWS addresses that Autodiscover publishes; without them the one the client can reach it by. */
  readonly externalUrl?: string;
  readonly internalUrl?: string;
  /** Port of plain HTTP, where Autodiscover redirects to TLS; 0 takes any, and without it there is none. */
  readonly httpPort?: number;
  /** Where to put the certificates; a folder for this run only without it. */
  readonly tlsDir?: string;
  readonly certificate?: CertificateKind;
  /** Lowest and highest version of TLS. */
  readonly tlsMin?: TlsVersion;
  readonly tlsMax?: TlsVersion;
  /** The clock of mail and items. */
  readonly now?: () => Date;
}

export const DEFAULTS = {
  port: 0,
  host: 'mail.contoso.test',
  domain: 'contoso.test',
  product: '2019',
  schemes: { ews: ['Basic'], autodiscover: ['Negotiate', 'NTLM', 'Basic'] },
  challengePlace: 'first',
  extendedProtection: 'allow',
  mailboxes: 10,
  serviceAccount: 'CONTOSO\\svc-mailroom',
  password: 'Sync!Pass1',
  impersonationScope: 'all',
  latencyMs: 0,
  streamingMs: 20_000,
  concurrency: 27,
  certificate: 'good',
} as const satisfies ExchangeOptions & { domain: string };

/** user1@contoso.test, user2@contoso.test … */
export function numberedMailboxes(count: number): MailboxSeed[] {
  return Array.from({ length: count }, (_unused, index) => ({
    address: `user${index + 1}@${DEFAULTS.domain}`,
    displayName: `User ${index + 1}`,
  }));
}
