import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Check, CheckName } from '../model/draft.ts';
import type { Fault } from '../model/fault.ts';
import { identifyServer, type ServerIdentity } from '../model/profile.ts';
import { normalizeHost, type AddressPolicy } from './address-guard.ts';
import type { ConnectionReport } from './exchange-port.ts';
import { throughProxy } from './connector.ts';
import { notOffered, statusFault, type AnswerContext } from './ews/answer-fault.ts';
import { headerOf, isOffered, schemesOf, type SignInScheme } from './ews/http-headers.ts';
import { findInbox } from './ews/operations.ts';
import { userAgent, type EwsSession } from './ews/session.ts';
import { guardedLookup, resolvePermitted, type Resolve } from './guarded-lookup.ts';
import { hmaSupportFault } from './oauth/hma-support.ts';
import { probeTcp, probeTls, type ProbeTarget } from './socket-probe.ts';
import { judgeProxied, type Proxy } from './proxy.ts';
import type { Transport } from './transport.ts';
import type { WireAnswer } from './wire-answer.ts';

export interface DiagnosisOptions {
  readonly serverLocation: string;
  readonly scheme: SignInScheme;
  /** The finished step `token`; null where none is used. It is told in its place, once the server has been reached. */
  readonly token: Check | null;
  readonly policy: AddressPolicy;
  readonly proxy: Proxy | null;
  readonly transport: Transport;
  readonly tlsContext: SecureContext;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Opens the session for the probe mailbox; asked for only once the server offers the profile's scheme. */
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
 * the server has shown a verified certificate and offered the scheme: a wrong password is one failed sign-in, not six
 * (DESIGN law 6). That call is the mailbox's FindFolder, so authentication, version and impersonation share it.
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
  const port = url.port === '' ? 443 : Number(url.port);
  const deadlineMs = Math.min(options.deadlineMs, 10_000);
  const proxy = options.proxy?.skips(host, port) === false ? options.proxy : null;
  const target: ProbeTarget = {
    host,
    port,
    lookup: guardedLookup(options.policy, options.resolve),
    tunnel: proxy === null ? null : () => throughProxy({ policy: options.policy, proxy }, host, port, deadlineMs),
    deadlineMs,
    signal: options.signal,
  };

  if (!(await step('address', () => checkAddress(options, host, proxy)))) return report();
  if (!(await step('connect', () => checkTcp(target)))) return report();
  if (!(await step('tls', () => checkTls(target, options.tlsContext, now())))) return report();
  if (options.token !== null) {
    checks.push(options.token);
    options.onCheck([...checks]);
    if (options.token.fault !== null) return report();
  }

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
    if (!server.supported) return { fault: { code: 'ServerTooOld', params: { host, build } }, seen };
    return { fault: options.scheme === 'bearer' ? hmaSupportFault(build, host) : null, seen };
  });
  if (isNewEnough) await step('impersonation', () => ({ fault: inbox, seen: { folder: 'inbox' } }));
  return report();
}

/** EWS speaks only to who has signed in: its own codes belong to the step after. */
function isAfterSignIn(fault: Fault): boolean {
  return fault.code.startsWith('Error') || fault.code === 'EwsOther';
}

async function checkAddress(options: DiagnosisOptions, host: string, proxy: Proxy | null): Promise<StepResult> {
  // The proxy looks the name up: whether it may be asked for it is all that can be told here.
  if (proxy !== null) return { fault: judgeProxied(options.policy, host), seen: { host, proxy: proxy.host } };
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
  if (fault === null) return { fault, seen: named };
  const over = expiresAt <= nowMs ? { validTo: new Date(expiresAt).toISOString() } : {};
  return { fault: { ...fault, params: { ...fault.params, ...named, ...over } }, seen: named };
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
      // Exchange tells of OAuth only when asked by an empty token (CSS-Exchange, Test-HMAEAS.ps1).
      ...(options.scheme === 'bearer' ? { Authorization: 'Bearer' } : {}),
      ...(method === 'POST' ? { 'Content-Type': 'text/xml; charset=utf-8' } : {}),
    };
    const request = { url: options.serverLocation, method, headers };
    return options.transport.send(method === 'POST' ? { ...request, body: '' } : request, options.signal);
  };
  let { answer, fault } = await ask('GET');
  if (answer !== null && methodComplaints.has(answer.status)) ({ answer, fault } = await ask('POST'));
  if (answer === null) return { fault, seen: {}, build: null };
  return judgeOffer(answer, { host, address: '', scheme: options.scheme, nowMs });
}

function judgeOffer(answer: WireAnswer, context: AnswerContext): Offer {
  const schemes = schemesOf(answer.headers);
  const offered = schemes.join(', ');
  const version = headerOf(answer.headers, 'x-owa-version');
  const build = version !== null && /^\d+(\.\d+){3}$/.test(version) ? version : null;
  const isDoubled = isOffered(schemes, 'ntlm') && isOffered(schemes, 'basic');
  const seen = {
    ...(offered === '' ? { status: answer.status } : { schemes: offered }),
    // The platform's own advice: where NTLM is on, Basic should be off (facts/dynamics.md §6.3).
    ...(isDoubled ? { warning: 'NtlmAndBasic' } : {}),
  };
  if (answer.status === 401) {
    if (isOffered(schemes, context.scheme)) return { fault: null, seen, build };
    // A build that knows no tokens cannot be set up to take them.
    const tooOld = context.scheme === 'bearer' && build !== null ? hmaSupportFault(build, context.host) : null;
    return { fault: tooOld ?? notOffered(context, schemes), seen, build };
  }
  // An Exchange front end asks for authentication here; a page that welcomes strangers is something else.
  if (answer.status < 300) return { fault: { code: 'AnswerNotSoap', params: { host: context.host } }, seen, build };
  return { fault: statusFault(answer, context), seen, build };
}
