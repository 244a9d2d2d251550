import type { SchemeName } from './authentication/scheme.ts';
import type { FaultRule } from './faults/rule.ts';
import type { ImpersonationScope } from './impersonation.ts';
import type { MailboxSeed } from './mailbox/mailbox.ts';
import type { ProductName } from './products.ts';
import type { CertificateKind } from './tls/certificates.ts';

/** How the stand-in is set up; everything has a default. */
export interface ExchangeOptions {
  /** TLS port on 127.0.0.1; 0 takes any. */
  readonly port?: number;
  /** The name in the certificate, beside localhost and 127.0.0.1. */
  readonly host?: string;
  readonly product?: ProductName;
  /** Schemes the EWS directory lists in its 401, in that order. Only Basic can sign anybody in. */
  readonly schemes?: readonly SchemeName[];
  /** So many of user1@contoso.test …, or named ones. The service account always has one besides. */
  readonly mailboxes?: number | readonly MailboxSeed[];
  /** `CONTOSO\svc-mailroom` or `svc-mailroom@contoso.test`; both forms sign in. */
  readonly serviceAccount?: string;
  readonly password?: string;
  readonly impersonationScope?: ImpersonationScope;
  readonly latencyMs?: number;
  /** Requests in flight; one more gets ErrorExceededConnectionCount. */
  readonly concurrency?: number;
  readonly concurrencyPer?: 'account' | 'mailbox';
  /** Wrong passwords until the account locks; never without it. */
  readonly lockout?: number;
  readonly faults?: readonly FaultRule[];
  /** Where to put the certificates; a folder for this run only without it. */
  readonly tlsDir?: string;
  readonly certificate?: CertificateKind;
  /** The clock of mail and items. */
  readonly now?: () => Date;
}

export const DEFAULTS = {
  port: 0,
  host: 'mail.contoso.test',
  domain: 'contoso.test',
  product: '2019',
  schemes: ['Basic'],
  mailboxes: 10,
  serviceAccount: 'CONTOSO\\svc-mailroom',
  password: 'Sync!Pass1',
  impersonationScope: 'all',
  latencyMs: 0,
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
