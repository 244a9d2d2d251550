import { Account } from './authentication/account.ts';
import { basicScheme } from './authentication/basic.ts';
import { FrontDoor } from './authentication/front-door.ts';
import { ConcurrencyBudget } from './budget.ts';
import { listenControl } from './control/control-server.ts';
import { readFaultRules, type FaultRule } from './faults/rule.ts';
import { RuleBook } from './faults/rule-book.ts';
import { serveEws } from './http/ews-endpoint.ts';
import { replyPlain } from './http/reply.ts';
import { listenTls, type RequestHandler } from './http/tls-server.ts';
import type { MailboxSeed } from './mailbox/mailbox.ts';
import type { SentMail } from './mailbox/mail-log.ts';
import { Organization } from './mailbox/organization.ts';
import { DEFAULTS, numberedMailboxes, type ExchangeOptions } from './options.ts';
import { PRODUCTS } from './products.ts';
import { RequestLog, type RequestEntry, type SignInEntry } from './request-log.ts';
import { prepareTls } from './tls/tls-folder.ts';

/** A running stand-in. */
export interface ExchangeStandIn {
  /** `https://127.0.0.1:PORT/EWS/Exchange.asmx` */
  readonly ews: string;
  readonly autodiscover: string;
  /** Base of the control pages, without a slash at the end. */
  readonly control: string;
  /** File with the certificate to trust, and its text. */
  readonly ca: string;
  readonly caCertificate: string;
  readonly port: number;
  /** The name in the certificate. */
  readonly host: string;
  readonly serviceAccount: { readonly userName: string; readonly principalName: string; readonly password: string };
  /** EWS requests in the order their answers began. */
  requests(): readonly RequestEntry[];
  /** Attempts to sign in, failed ones too. */
  signIns(): readonly SignInEntry[];
  /** Messages sent, oldest first. */
  mail(): readonly SentMail[];
  isLocked(): boolean;
  addMailboxes(seeds: readonly MailboxSeed[]): void;
  /** Replaces all rules and starts their counts anew. */
  setFaults(rules: readonly FaultRule[]): void;
  setPassword(password: string): void;
  unlock(): void;
  /** Forgets requests, sign-ins and mail. */
  resetLog(): void;
  /** Ends every connection and removes a temporary certificate folder. */
  close(): Promise<void>;
}

/** Starts an Exchange stand-in on loopback. */
export async function startExchange(options: ExchangeOptions = {}): Promise<ExchangeStandIn> {
  const { domain } = DEFAULTS;
  const host = options.host ?? DEFAULTS.host;
  const password = options.password ?? DEFAULTS.password;
  const account = new Account(options.serviceAccount ?? DEFAULTS.serviceAccount, domain, password, options.lockout);
  const organization = new Organization(domain, options.now ?? (() => new Date()));
  organization.add({ address: account.principalName, displayName: 'Mailroom Service' });
  const asked = options.mailboxes ?? DEFAULTS.mailboxes;
  for (const seed of typeof asked === 'number' ? numberedMailboxes(asked) : asked) organization.add(seed);
  const rules = new RuleBook();
  rules.set(readFaultRules(options.faults ?? []));
  const log = new RequestLog();
  const closing = new AbortController();
  const identity = { product: PRODUCTS[options.product ?? DEFAULTS.product], host, domain };
  const parts = {
    door: new FrontDoor(options.schemes ?? DEFAULTS.schemes, [basicScheme([account])]),
    organization,
    rules,
    budget: new ConcurrencyBudget(options.concurrency ?? DEFAULTS.concurrency),
    budgetPer: options.concurrencyPer ?? 'account',
    scope: options.impersonationScope ?? DEFAULTS.impersonationScope,
    latencyMs: options.latencyMs ?? DEFAULTS.latencyMs,
    log,
    closing: closing.signal,
  } as const;

  const tls = await prepareTls(options.tlsDir, options.certificate ?? DEFAULTS.certificate, host);
  const handle: RequestHandler = async (request, response, connection, reset) => {
    const exchange = { request, response, identity };
    const path = (request.url ?? '').replace(/[?#].*$/s, '').toLowerCase();
    if (path === '/ews/exchange.asmx') await serveEws(exchange, connection, { ...parts, reset });
    else replyPlain(exchange, 404);
  };
  const server = await listenTls(options.port ?? DEFAULTS.port, tls.server, handle).catch(async (error: unknown) => {
    await tls.dispose();
    throw error;
  });
  const control = await listenControl({ log, organization, rules, account });

  const base = `https://127.0.0.1:${server.port}`;
  return {
    ews: `${base}/EWS/Exchange.asmx`,
    autodiscover: `${base}/Autodiscover/Autodiscover.xml`,
    control: control.url,
    ca: tls.caFile,
    caCertificate: tls.caCertificate,
    port: server.port,
    host,
    serviceAccount: { userName: account.userName, principalName: account.principalName, password },
    requests: () => log.requests(),
    signIns: () => log.signIns(),
    mail: () => organization.mail.entries(),
    isLocked: () => account.isLocked,
    addMailboxes: (seeds) => {
      for (const seed of seeds) organization.add(seed);
    },
    setFaults: (next) => {
      rules.set(readFaultRules(next));
    },
    setPassword: (next) => {
      account.setPassword(next);
    },
    unlock: () => {
      account.unlock();
    },
    resetLog: () => {
      log.reset();
      organization.mail.reset();
    },
    close: async () => {
      closing.abort();
      await Promise.all([server.close(), control.close()]);
      await tls.dispose();
    },
  };
}
