import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Check, CheckName } from '../model/draft.ts';
import type { Fault } from '../model/fault.ts';
import { identifyServer, type ServerIdentity } from '../model/profile.ts';
import { normalizeHost, type AddressPolicy } from './address-guard.ts';
import type { ConnectionReport } from './exchange-port.ts';
import { statusFault } from './ews/answer-fault.ts';
import { headerOf, isBasicOffered, schemesOf } from './ews/http-headers.ts';
import { findInbox } from './ews/operations.ts';
import { userAgent, type EwsSession } from './ews/session.ts';
import { guardedLookup, resolvePermitted, type Resolve } from './guarded-lookup.ts';
import { probeTcp, probeTls, type ProbeTarget } from './socket-probe.ts';
import type { Transport, WireAnswer } from './transport.ts';

export interface DiagnosisOptions {
  readonly serverLocation: string;
  readonly policy: AddressPolicy;
  readonly transport: Transport;
  readonly tlsContext: SecureContext;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Opens the session that impersonates the probe mailbox; asked for only once the server offers Basic. */
  readonly openSession: () => Promise<EwsSession>;
  readonly onCheck: (checks: readonly Check[]) => void;
  readonly resolve?: Resolve;
  readonly now?: () => number;
}

interface StepResult {
  readonly fault: Fault | null;
  readonly seen: Check['seen'];
}

const day = 24 * 60 * 60 * 1000;

/**
 * Checks a connection step by step, ending at the first fault. Credentials are sent in one single call, and only after
 * the server has shown a verified certificate and offered Basic: a wrong password is one failed sign-in, not six
 * (DESIGN law 6). That call is the impersonated FindFolder, so authentication, version and impersonation share it.
 */
export async function diagnose(options: DiagnosisOptions): Promise<ConnectionReport> {
  const checks: Check[] = [];
  const now = options.now ?? Date.now;
  let server: ServerIdentity | null = null;

  const step = async (name: CheckName, run: () => Promise<StepResult> | StepResult): Promise<boolean> => {
    options.signal.throwIfAborted();
    const startedAt = performance.now();
    const { fault, seen } = await run();
    checks.push({ name, fault, seen, durationMs: Math.round(performance.now() - startedAt) });
    options.onCheck([...checks]);
    return fault === null;
  };
  const report = (): ConnectionReport => ({ checks, server, fault: checks.at(-1)?.fault ?? null });

  const url = new URL(options.serverLocation);
  const host = normalizeHost(url.hostname);
  const target: ProbeTarget = {
    host,
    port: url.port === '' ? 443 : Number(url.port),
    lookup: guardedLookup(options.policy, options.resolve),
    deadlineMs: Math.min(options.deadlineMs, 10_000),
    signal: options.signal,
  };

  if (!(await step('address', () => checkAddress(options, host)))) return report();
  if (!(await step('connect', () => checkTcp(target)))) return report();
  if (!(await step('tls', () => checkTls(target, options.tlsContext, now())))) return report();

  let inbox: Fault | null = null;
  let build: string | null = null;
  const signedIn = await step('authentication', async () => {
    const offer = await readOffer(options, host, now());
    if (offer.fault !== null) return { fault: offer.fault, seen: offer.seen };
    const session = await options.openSession();
    inbox = await findInbox(session);
    build = session.build ?? offer.build;
    return { fault: inbox !== null && !isAfterSignIn(inbox) ? inbox : null, seen: offer.seen };
  });
  if (!signedIn) return report();

  const isNewEnough = await step('version', () => {
    if (build === null) return { fault: null, seen: {} };
    server = identifyServer(build);
    const seen = { product: server.product, build };
    return { fault: server.supported ? null : { code: 'ServerTooOld', params: { host, build } }, seen };
  });
  if (isNewEnough) await step('impersonation', () => ({ fault: inbox, seen: { folder: 'inbox' } }));
  return report();
}

/** EWS speaks only to who has signed in: its own codes belong to the step after. */
function isAfterSignIn(fault: Fault): boolean {
  return fault.code.startsWith('Error') || fault.code === 'EwsOther';
}

async function checkAddress(options: DiagnosisOptions, host: string): Promise<StepResult> {
  const { addresses, fault } = await withinDeadline(options, host, () =>
    resolvePermitted(options.policy, host, options.resolve),
  );
  const first = addresses[0];
  if (first === undefined) return { fault, seen: isIP(host) === 0 ? { host } : { address: host } };
  return { fault, seen: { host, address: first.address, count: addresses.length } };
}

/** A resolver takes no deadline of its own; one that hangs is left behind. */
async function withinDeadline<Result extends { readonly fault: Fault | null }>(
  { deadlineMs, signal }: DiagnosisOptions,
  host: string,
  run: () => Promise<Result>,
): Promise<Result | { readonly addresses: readonly never[]; readonly fault: Fault }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ addresses: readonly never[]; fault: Fault }>();
  const timer = setTimeout(() => {
    resolve({ addresses: [], fault: { code: 'DnsFailure', params: { host } } });
  }, deadlineMs);
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([run(), promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

async function checkTcp(target: ProbeTarget): Promise<StepResult> {
  const startedAt = performance.now();
  const { seen, fault } = await probeTcp(target);
  if (seen === null) return { fault, seen: { port: target.port } };
  return { fault, seen: { address: seen.address, port: seen.port, ms: Math.round(performance.now() - startedAt) } };
}

async function checkTls(target: ProbeTarget, context: SecureContext, nowMs: number): Promise<StepResult> {
  const { seen, fault } = await probeTls(target, context);
  if (seen === null) return { fault, seen: {} };
  const { protocol, subject, issuer, expiresAt } = seen;
  const days = Number.isNaN(expiresAt) ? {} : { expiresInDays: Math.floor((expiresAt - nowMs) / day) };
  const named = { protocol, subject, issuer, ...days };
  return { fault: fault === null ? null : { ...fault, params: { ...fault.params, ...named } }, seen: named };
}

interface Offer extends StepResult {
  /** What the front end calls itself; SOAP faults carry no version. */
  readonly build: string | null;
}

/** What a server answers that looks at the method before it looks at who is asking. */
const methodComplaints: ReadonlySet<number> = new Set([200, 400, 405, 411, 415, 501]);

/**
 * Asks without credentials what the server would accept. Exchange challenges a GET as well as a POST; another server may
 * look at the method first, so an empty POST asks once more.
 */
async function readOffer(options: DiagnosisOptions, host: string, nowMs: number): Promise<Offer> {
  const ask = (method: 'GET' | 'POST') => {
    const headers = {
      'User-Agent': userAgent,
      ...(method === 'POST' ? { 'Content-Type': 'text/xml; charset=utf-8' } : {}),
    };
    const request = { url: options.serverLocation, method, headers };
    return options.transport.send(method === 'POST' ? { ...request, body: '' } : request, options.signal);
  };
  let { answer, fault } = await ask('GET');
  if (answer !== null && methodComplaints.has(answer.status)) ({ answer, fault } = await ask('POST'));
  if (answer === null) return { fault, seen: {}, build: null };
  return judgeOffer(answer, host, nowMs);
}

function judgeOffer(answer: WireAnswer, host: string, nowMs: number): Offer {
  const schemes = schemesOf(answer.headers);
  const offered = schemes.join(', ');
  const version = headerOf(answer.headers, 'x-owa-version');
  const build = version !== null && /^\d+(\.\d+){3}$/.test(version) ? version : null;
  const seen = offered === '' ? { status: answer.status } : { schemes: offered };
  if (answer.status === 401) {
    if (isBasicOffered(schemes)) return { fault: null, seen, build };
    return { fault: { code: 'BasicNotOffered', params: { host, schemes: offered } }, seen, build };
  }
  // An Exchange front end asks for authentication here; a page that welcomes strangers is something else.
  if (answer.status < 300) return { fault: { code: 'AnswerNotSoap', params: { host } }, seen, build };
  return { fault: statusFault(answer, { host, address: '', nowMs }), seen, build };
}
