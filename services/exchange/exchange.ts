import { systemClock, type Clock } from '../model/clock.ts';
import type { Check } from '../model/draft.ts';
import type { FaultCode } from '../model/fault-catalogue.ts';
import type { Fault } from '../model/fault.ts';
import { parseAllowList } from './address-guard.ts';
import type { ConnectionReport, Exchange, MailboxTestReport, ServerAccess } from './exchange-port.ts';
import { defaultAccountLimit, defaultCircuit, Gate, type Lesson, type Ticket } from './gate.ts';
import { proxySettingsOf, readProxy, type ProxySettings } from './proxy.ts';
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
}

export interface GatedExchange extends Exchange {
  /**
   * A credential that was recorded as refused is never tried again, also after a restart. The record is the caller's:
   * a report whose fault is CredentialRefused or AccountLocked says when to make it.
   */
  holdCredential(credentialId: string, fault: Fault): void;
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
  const gate = new Gate({
    clock: options.clock ?? systemClock,
    accountLimit: options.accountLimit ?? defaultAccountLimit,
    circuit: {
      threshold: options.circuitThreshold ?? defaultCircuit.threshold,
      probeMs: options.circuitProbeMs ?? defaultCircuit.probeMs,
    },
  });
  const worker = new WorkerClient({
    allowList: [...options.allowList],
    deadlineMs: options.deadlineMs ?? defaultDeadlineMs,
    maxAnswerBytes: options.maxAnswerBytes ?? defaultMaxAnswerBytes,
    extraCa: options.extraCa ?? null,
    proxy,
    sentItemsDelayMs: options.sentItemsDelayMs ?? defaultSentItemsDelayMs,
  });

  return {
    async testMailbox(access, request, signal) {
      const admission = await gate.admit(
        ticketOf(access, request.address),
        (own) => worker.testMailbox(access, request, own),
        lessonOfTest,
        signal,
      );
      if (admission.fault === null) return admission.value;
      const { fault, circuitOpen } = admission;
      const phases = request.directions.map((direction) => ({ direction, fault, durationMs: 0 }));
      return { phases, markerFound: false, calls: 0, circuitOpen };
    },
    async checkConnection(access, probeAddress, onCheck, signal) {
      const tell = (checks: readonly Check[]): void => {
        if (!signal?.aborted) onCheck(checks);
      };
      const admission = await gate.admit(
        { ...ticketOf(access, probeAddress), passesCircuit: true },
        (own) => worker.checkConnection(access, probeAddress, tell, own),
        lessonOfCheck,
        signal,
      );
      if (admission.fault === null) return admission.value;
      const { fault } = admission;
      const checks = [{ name: 'authentication', fault, seen: {}, durationMs: 0 }] as const;
      onCheck(checks);
      return { checks, server: null, fault };
    },
    holdCredential: (credentialId, fault) => gate.hold(credentialId, fault),
    async close() {
      gate.close();
      await worker.close();
    },
  };
}

const ticketOf = (
  { serverLocation, account, credentialId, maxConnections }: ServerAccess,
  subject: string,
): Ticket => ({ server: new URL(serverLocation).host, account, credentialId, maxConnections, subject });

const defaultSentItemsDelayMs = 1500;

const afterSignIn: ReadonlySet<FaultCode> = new Set<FaultCode>(['FolderRightsMissing', 'TestMessageNotFound']);

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
