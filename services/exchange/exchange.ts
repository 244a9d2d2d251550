import { systemClock, type Clock } from '../model/clock.ts';
import type { DiscoveryReport } from '../model/discovery.ts';
import type { Check } from '../model/draft.ts';
import type { FaultCode } from '../model/fault-catalogue.ts';
import type { Fault } from '../model/fault.ts';
import { searchHost } from '../model/secret-target.ts';
import { isNetwork, parseAllowList } from './address-guard.ts';
import type { DiscoveryResult } from './autodiscover/search-state.ts';
import { createCommands, unanswered, untested } from './commands.ts';
import type {
  ConnectionReport,
  DirectoryReport,
  Exchange,
  ExchangeCall,
  FindServerRequest,
  MailboxTestReport,
  ServerAccess,
} from './exchange-port.ts';
import { defaultAccountLimit, defaultCircuit, Gate, type Lesson, type ServerLoad, type Ticket } from './gate.ts';
import { tokenFaults } from './gate-faults.ts';
import { createTokenSources, type TokenSources } from './oauth/token-sources.ts';
import type { VaultStandIn } from './oauth/vault-location.ts';
import { proxySettingsOf, readProxy, type ProxySettings } from './proxy.ts';
import { createTlsContext } from './tls-context.ts';
import { defaultDeadlineMs, defaultMaxAnswerBytes } from './transport.ts';
import { WorkerClient } from './worker-client.ts';

export interface ExchangeOptions {
  /** Host globs and CIDRs of MAILROOM_EXCHANGE_HOSTS. */
  readonly allowList: readonly string[];
  readonly clock?: Clock;
  /** Parallel calls of one account, over all profiles. */
  readonly accountLimit?: number;
  /** Of one call to the server. */
  readonly deadlineMs?: number;
  /** Mailboxes in a row that cannot reach a server until its circuit opens (5), and the pause between two probes then (a minute). */
  readonly circuitThreshold?: number;
  readonly circuitProbeMs?: number;
  /** Corporate proxy; left out: HTTPS_PROXY and NO_PROXY. Null: none. */
  readonly proxy?: ProxySettings | null;
  /** How long Exchange may take to file the sent test message before it is looked for once more. */
  readonly sentItemsDelayMs?: number;
  /** PEM of a private CA, in addition to Node's roots and NODE_EXTRA_CA_CERTS. */
  readonly extraCa?: string;
  readonly maxAnswerBytes?: number;
  /** Addresses of Autodiscover that the operator names, by domain (ASCII, lower case): https, `…/autodiscover.xml`. */
  readonly autodiscoverAddresses?: ReadonlyMap<string, string>;
  /** Sign-in service of Entra, without a path. One that is not https refuses profiles with OAuth and nothing else. */
  readonly loginUrl?: string;
  /** A vault beside Microsoft's that the operator vouches for. */
  readonly vaultStandIn?: VaultStandIn | null;
  /** Hears of every call that has ended. */
  readonly onCall?: (call: ExchangeCall) => void;
}

export interface GatedExchange extends Exchange {
  /**
   * A credential that was recorded as refused is never tried again, also after a restart. The record is the caller's:
   * a report whose fault is CredentialRefused or AccountLocked says when to make it.
   */
  holdCredential(credentialId: string, fault: Fault): void;
  /** What goes on at each server now. */
  load(): readonly ServerLoad[];
}

/**
 * Exchange behind its gate and in its own thread. Calls reject only when their signal ends them (with its reason) or
 * after `close` (MailroomError `exchange.closed`): neither is an outcome of the server's, so neither is a report.
 * @throws MailroomError `config.exchange-host-invalid` for an entry of the allow-list that cannot be read, `config.proxy-invalid` for
 *   such a proxy
 */
export function createExchange(options: ExchangeOptions): GatedExchange {
  // Read here too, so that a wrong entry ends the start and not the first call.
  parseAllowList(options.allowList);
  const proxy = options.proxy === undefined ? proxySettingsOf(process.env) : options.proxy;
  if (proxy !== null) readProxy(proxy);
  const clock = options.clock ?? systemClock;
  const gate = new Gate({
    clock,
    accountLimit: options.accountLimit ?? defaultAccountLimit,
    circuit: {
      threshold: options.circuitThreshold ?? defaultCircuit.threshold,
      probeMs: options.circuitProbeMs ?? defaultCircuit.probeMs,
    },
  });
  const { onCall = () => {} } = options;
  const worker = new WorkerClient(
    {
      allowList: [...options.allowList],
      deadlineMs: options.deadlineMs ?? defaultDeadlineMs,
      maxAnswerBytes: options.maxAnswerBytes ?? defaultMaxAnswerBytes,
      extraCa: options.extraCa ?? null,
      proxy,
      sentItemsDelayMs: options.sentItemsDelayMs ?? defaultSentItemsDelayMs,
      autodiscoverAddresses: options.autodiscoverAddresses ?? new Map(),
    },
    { onCall },
  );
  const commands = createCommands(worker, tokenSourcesOf(options, clock, proxy), clock);

  return {
    async testMailbox(access, request, signal) {
      const admission = await gate.admit(
        { ...ticketOf(access, request.address), isUrgent: request.isUrgent ?? false },
        (own) => commands.test(access, request, own),
        lessonOfTest,
        signal,
      );
      if (admission.fault === null) return admission.value;
      return { ...untested(request, admission.fault), circuitOpen: admission.circuitOpen };
    },
    async checkConnection(access, probeAddress, onCheck, signal) {
      const tell = (checks: readonly Check[]): void => {
        if (!signal?.aborted) onCheck(checks);
      };
      const admission = await gate.admit(
        { ...ticketOf(access, probeAddress), passesCircuit: true },
        (own) => commands.check(access, probeAddress, tell, own),
        lessonOfCheck,
        signal,
      );
      if (admission.fault === null) return admission.value;
      const { fault } = admission;
      const name = tokenFaults.has(fault.code) ? 'token' : 'authentication';
      const checks = [{ name, fault, seen: {}, durationMs: 0 }] as const;
      onCheck(checks);
      return { checks, server: null, fault };
    },
    async findServer(request, signal) {
      const admission = await gate.admit(
        ticketOfSearch(request),
        async (own) => {
          const startedAt = performance.now();
          const result = await commands.find(request, own);
          onCall(callOfSearch(request, result, performance.now() - startedAt));
          return result;
        },
        lessonOfSearch,
        signal,
      );
      if (admission.fault !== null) return { kind: 'fault', fault: admission.fault, trace: [] };
      return reportOf(admission.value, clock.now());
    },
    async askDirectory(access, request, signal) {
      const admission = await gate.admit(
        { ...ticketOf(access, request.asMailbox ?? access.account), passesCircuit: true },
        (own) => commands.askDirectory(access, request, own),
        lessonOfDirectory,
        signal,
      );
      return admission.fault === null ? admission.value : unanswered(admission.fault);
    },
    holdCredential: (credentialId, fault) => gate.hold(credentialId, fault),
    load: () => gate.load(),
    async close() {
      gate.close();
      await worker.close();
    },
  };
}

/** Built with the first profile that needs them: most installations have none. */
function tokenSourcesOf(options: ExchangeOptions, clock: Clock, proxy: ProxySettings | null): TokenSources {
  const { onCall } = options;
  const { allowList, extraCa, vaultStandIn, loginUrl } = options;
  let sources: TokenSources | null = null;
  return (access) => {
    sources ??= createTokenSources({
      clock,
      tlsContext: createTlsContext(extraCa),
      proxy: proxy === null ? null : readProxy(proxy),
      // Stand-ins may lie in the networks of Exchange; its names are no names of Entra's or Key Vault's.
      networks: allowList.filter(isNetwork),
      ...(vaultStandIn ? { vaultStandIn } : {}),
      ...(loginUrl === undefined ? {} : { loginUrl }),
      onToken: (token) => onCall?.({ ...token, operation: 'Token', requestId: null, mailbox: null, marker: null }),
    });
    return sources(access);
  };
}

const ticketOf = (
  { serverLocation, account, credentialId, maxConnections }: ServerAccess,
  subject: string,
): Ticket => ({ server: new URL(serverLocation).host, account, credentialId, maxConnections, subject });

/** The credential of a search may go to several hosts, and is tried at the first of them: one door for the whole domain. */
const ticketOfSearch = ({ address, authentication, credentialId }: FindServerRequest): Ticket => ({
  server: searchHost(address),
  account: authentication.userName,
  credentialId,
  maxConnections: 1,
  subject: address,
  // A person asks.
  passesCircuit: true,
});

const defaultSentItemsDelayMs = 1500;

const afterSignIn: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'FolderRightsMissing',
  'OrganizationStampForeign',
  'TestMessageNotFound',
]);

/** Codes that only somebody who has signed in gets to see. */
function isAfterSignIn(fault: Fault): boolean {
  return fault.code.startsWith('Error') || fault.code === 'EwsOther' || afterSignIn.has(fault.code);
}

function lessonOfTest({ phases }: MailboxTestReport): Lesson {
  const faults = phases.map(({ fault }) => fault).filter((fault) => fault !== null);
  return { faults, signedIn: phases.length > faults.length || faults.some(isAfterSignIn) };
}

function lessonOfCheck({ checks, fault }: ConnectionReport): Lesson {
  const signedIn = checks.some((check) => check.name === 'authentication' && check.fault === null);
  return { faults: fault === null ? [] : [fault], signedIn };
}

const lessonOfDirectory = ({ fault }: DirectoryReport): Lesson => ({
  faults: fault === null ? [] : [fault],
  signedIn: fault === null || isAfterSignIn(fault),
});

const lessonOfSearch = (result: DiscoveryResult): Lesson => ({
  faults: 'fault' in result ? [result.fault] : [],
  signedIn: result.kind === 'found',
});

const callOfSearch = ({ address }: FindServerRequest, result: DiscoveryResult, durationMs: number): ExchangeCall => ({
  server: searchHost(address),
  operation: 'Autodiscover',
  code: 'fault' in result ? result.fault.code : 'NoError',
  durationMs,
  requestId: null,
  mailbox: null,
  marker: null,
});

function reportOf(result: DiscoveryResult, foundAt: number): DiscoveryReport {
  const { trace } = result;
  if (result.kind === 'confirm-host') return { kind: 'confirm-host', host: result.host, trace };
  if (result.kind !== 'found') return { kind: 'fault', fault: result.fault, trace };
  const { ewsUrl, source, host } = result;
  return { kind: 'found', found: { serverLocation: ewsUrl, source, host, foundAt }, trace };
}
