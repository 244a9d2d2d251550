import { Account } from './authentication/account.ts';
import { bearerScheme } from './authentication/bearer/bearer-scheme.ts';
import { channelBinding } from './authentication/ntlm/ntlmv2.ts';
import type { SchemeName } from './authentication/scheme.ts';
import { createFrontDoors, type DirectorySchemes } from './authentication/virtual-directories.ts';
import { ConcurrencyBudget } from './budget.ts';
import { serveAutodiscover } from './autodiscover/endpoint.ts';
import { AutodiscoverLog, type AutodiscoverEntry } from './autodiscover/log.ts';
import { listenPlainHttp } from './autodiscover/plain-http.ts';
import { publishedUrls, tlsOrigin } from './autodiscover/published-urls.ts';
import { AutodiscoverRuleBook } from './autodiscover/rule-book.ts';
import { readAutodiscoverRules, type AutodiscoverRule } from './autodiscover/rule.ts';
import { listenControl } from './control/control-server.ts';
import { readFaultRules, type FaultRule } from './faults/rule.ts';
import { RuleBook } from './faults/rule-book.ts';
import { serveEws } from './http/ews-endpoint.ts';
import { replyPlain } from './http/reply.ts';
import { listenTls, type RequestHandler } from './http/tls-server.ts';
import { Delegates } from './mailbox/delegates.ts';
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
  /** `https://127.0.0.1:PORT/Autodiscover/Autodiscover.xml`; the SOAP service is beside it, `.svc`. */
  readonly autodiscover: string;
  /** `http://127.0.0.1:PORT` of plain HTTP, if there is any. */
  readonly http: string | undefined;
  /** Base of the control pages, without a slash at the end. */
  readonly control: string;
  /** File with the certificate to trust, and its text. */
  readonly ca: string;
  readonly caCertificate: string;
  /** The certificate served, PEM. */
  readonly serverCertificate: string;
  readonly port: number;
  /** The name in the certificate. */
  readonly host: string;
  readonly serviceAccount: { readonly userName: string; readonly principalName: string; readonly password: string };
  /** EWS requests in the order their answers began. */
  requests(): readonly RequestEntry[];
  /** Attempts to sign in, failed ones too. */
  signIns(): readonly SignInEntry[];
  /** Requests for settings, those over plain HTTP too. */
  autodiscoverRequests(): readonly AutodiscoverEntry[];
  /** Messages sent, oldest first. */
  mail(): readonly SentMail[];
  isLocked(): boolean;
  addMailboxes(seeds: readonly MailboxSeed[]): void;
  /** Replaces all rules and starts their counts anew. */
  setFaults(rules: readonly FaultRule[]): void;
  setAutodiscoverRules(rules: readonly AutodiscoverRule[]): void;
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
  for (const list of options.distributionLists ?? []) organization.addList(list);
  for (const entry of options.directoryEntries ?? []) organization.addEntry(entry);
  const rules = new RuleBook();
  rules.set(readFaultRules(options.faults ?? []));
  const log = new RequestLog();
  const autodiscover = { log: new AutodiscoverLog(), rules: new AutodiscoverRuleBook() };
  autodiscover.rules.set(readAutodiscoverRules(options.autodiscoverRules ?? []));
  const closing = new AbortController();
  const product = PRODUCTS[options.product ?? DEFAULTS.product];
  const identity = { product, host, domain };
  const bearer = bearerScheme(options);
  if (bearer && !product.hasModernAuthentication) {
    throw new Error(
      `Exchange ${product.name} has no Hybrid Modern Authentication; it came with 2013 CU19 and 2016 CU8.`,
    );
  }
  const tls = await prepareTls(options.tlsDir, options.certificate ?? DEFAULTS.certificate, host);
  const doors = createFrontDoors({
    schemes: directorySchemes(options.schemes, bearer !== undefined),
    accounts: [account],
    realm: host,
    ntlm: {
      names: {
        netBiosDomain: account.userName.replace(/\\.*$/, '').toUpperCase(),
        netBiosComputer: product.computer,
        dnsDomain: domain,
        dnsComputer: `${product.computer.toLowerCase()}.${domain}`,
      },
      windows: product.windows,
      extendedProtection: options.extendedProtection ?? DEFAULTS.extendedProtection,
      channelBinding: channelBinding(tls.server.certificate),
    },
    challengePlace: options.challengePlace ?? DEFAULTS.challengePlace,
    bearer,
  });
  const parts = {
    door: doors.ews,
    organization,
    rules,
    budget: new ConcurrencyBudget(options.concurrency ?? DEFAULTS.concurrency),
    budgetPer: options.concurrencyPer ?? 'account',
    delegates: new Delegates(options.delegates ?? [], account.principalName),
    scope: options.impersonationScope ?? DEFAULTS.impersonationScope,
    latencyMs: options.latencyMs ?? DEFAULTS.latencyMs,
    streamingMs: options.streamingMs ?? DEFAULTS.streamingMs,
    log,
    closing: closing.signal,
  } as const;

  const handle: RequestHandler = async (request, response, connection, reset) => {
    const exchange = { request, response, identity };
    const path = (request.url ?? '').replace(/[?#].*$/s, '').toLowerCase();
    if (path === '/ews/exchange.asmx') await serveEws(exchange, connection, { ...parts, reset });
    else if (path === '/autodiscover/autodiscover.xml' || path === '/autodiscover/autodiscover.svc') {
      await serveAutodiscover(exchange, connection, path.endsWith('.svc') ? 'soap' : 'pox', {
        ...autodiscover,
        door: doors.autodiscover,
        organization,
        onAttempt: ({ scheme, verdict: { outcome, userName = null } }, { id }) => {
          const time = new Date().toISOString();
          log.addSignIn({ time, connection: id, directory: 'autodiscover', scheme, userName, outcome });
        },
        urls: (by) => publishedUrls(by, host, server.port, options),
        reset,
      });
    } else replyPlain(exchange, 404);
  };
  const versions = { min: options.tlsMin, max: options.tlsMax };
  const server = await listenTls(options.port ?? DEFAULTS.port, tls.server, versions, handle).catch(
    async (error: unknown) => {
      await tls.dispose();
      throw error;
    },
  );
  const base = `https://127.0.0.1:${server.port}`;
  const plain =
    options.httpPort === undefined
      ? undefined
      : await listenPlainHttp(options.httpPort, {
          ...autodiscover,
          identity,
          autodiscover: (by) => `${tlsOrigin(by, host, server.port)}/Autodiscover/Autodiscover.xml`,
        });
  const control = await listenControl({ log, organization, rules, account, autodiscover });

  return {
    ews: `${base}/EWS/Exchange.asmx`,
    autodiscover: `${base}/Autodiscover/Autodiscover.xml`,
    http: plain && `http://127.0.0.1:${plain.port}`,
    control: control.url,
    ca: tls.caFile,
    caCertificate: tls.caCertificate,
    serverCertificate: tls.server.certificate,
    port: server.port,
    host,
    serviceAccount: { userName: account.userName, principalName: account.principalName, password },
    requests: () => log.requests(),
    signIns: () => log.signIns(),
    autodiscoverRequests: () => autodiscover.log.entries(),
    mail: () => organization.mail.entries(),
    isLocked: () => account.isLocked,
    addMailboxes: (seeds) => {
      for (const seed of seeds) organization.add(seed);
    },
    setFaults: (next) => {
      rules.set(readFaultRules(next));
    },
    setAutodiscoverRules: (next) => {
      autodiscover.rules.set(readAutodiscoverRules(next));
    },
    setPassword: (next) => {
      account.setPassword(next);
    },
    unlock: () => {
      account.unlock();
    },
    resetLog: () => {
      log.reset();
      autodiscover.log.reset();
      organization.mail.reset();
    },
    close: async () => {
      closing.abort();
      await Promise.all([server.close(), control.close(), plain?.close()]);
      await tls.dispose();
    },
  };
}

/** A list is the EWS directory's. */
function directorySchemes(schemes: ExchangeOptions['schemes'], withBearer: boolean): DirectorySchemes {
  const asked = schemes && (isList(schemes) ? { ews: schemes } : schemes);
  const { ews, autodiscover }: DirectorySchemes = { ...DEFAULTS.schemes, ...asked };
  const complete = (list: readonly SchemeName[]): readonly SchemeName[] =>
    withBearer && !list.includes('Bearer') ? [...list, 'Bearer'] : list;
  return { ews: complete(ews), autodiscover: complete(autodiscover) };
}

function isList(schemes: NonNullable<ExchangeOptions['schemes']>): schemes is readonly SchemeName[] {
  return Array.isArray(schemes);
}
