import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../model/clock.ts';
import { parseAllowList } from './address-guard.ts';
import { createAutodiscoverHttp } from './autodiscover/autodiscover-http.ts';
import { defaultRequestDeadlineMs, discover } from './autodiscover/discover.ts';
import { diagnose } from './diagnosis.ts';
import { askDirectory } from './ews/directory.ts';
import { loadLibrary } from './ews/library.ts';
import { testMailbox } from './ews/mailbox-test.ts';
import { EwsSession } from './ews/session.ts';
import type { EwsCall } from './exchange-port.ts';
import { createTlsContext } from './tls-context.ts';
import { readProxy } from './proxy.ts';
import { createTransport, largestMaxAnswerBytes } from './transport.ts';
import type { Command, FromWorker, OpenAccess, Reports, ToWorker, WorkerSettings } from './worker-messages.ts';

/**
 * The EWS thread: ews-javascript-api parses on the event loop (33–80 ms delay at p99 in a busy run, facts/exchange.md
 * §2), so it must not share one with the bot, which owes Teams an answer within seconds.
 */
const port = parentPort;
if (port === null) throw new Error('services/exchange/worker.ts is a worker_threads entry');

const settings = workerData as WorkerSettings;
const policy = parseAllowList(settings.allowList);
const tlsContext = createTlsContext(settings.extraCa ?? undefined);
const { deadlineMs, maxAnswerBytes, sentItemsDelayMs } = settings;
const proxy = settings.proxy === null ? null : readProxy(settings.proxy);
const transport = createTransport({ policy, tlsContext, deadlineMs, maxAnswerBytes, proxy });
// A list of ten thousand members is an answer of 3 MB, where those of a mailbox test are of a few kB.
const directoryTransport = createTransport({
  policy,
  tlsContext,
  deadlineMs,
  maxAnswerBytes: Math.max(maxAnswerBytes, largestMaxAnswerBytes),
  proxy,
});
const autodiscoverHttp = createAutodiscoverHttp({ transport, road: { policy, proxy } });
const running = new Map<number, AbortController>();

// The library and its XML parser print what they cannot read, hundreds of lines at times (facts/exchange.md §1.3, 3). A
// mailbox's answer belongs in nobody's log; what is worth telling is in the report. It is dropped here, at the source:
// printed text that the other side does not read keeps the process from ending.
process.stdout.write = () => true;
process.stderr.write = () => true;

// The library leaves rejections behind whose call has long ended with a fault of ours. By default one of them would end
// this thread and with it every call under way. Nothing is lost: each call has its own verdict and deadline.
process.on('unhandledRejection', () => undefined);

const post = (message: FromWorker): void => port.postMessage(message);

async function openSession(
  id: number,
  access: OpenAccess,
  address: string,
  signal: AbortSignal,
  via = transport,
): Promise<EwsSession> {
  const onCall = (call: EwsCall): void => post({ id, kind: 'call', call });
  const { timeoutMs = deadlineMs, ...target } = access;
  const shared = { library: await loadLibrary(), transport: via, signal, onCall };
  return new EwsSession({ ...target, ...shared, address, deadlineMs: Math.min(deadlineMs, timeoutMs) });
}

async function carryOut(id: number, command: Command, signal: AbortSignal): Promise<Reports[Command['kind']]> {
  if (command.kind === 'find') {
    return discover({
      ...command.search,
      http: autodiscoverHttp,
      policy,
      clock: systemClock,
      namedAddresses: settings.autodiscoverAddresses,
      requestDeadlineMs: Math.min(deadlineMs, defaultRequestDeadlineMs),
      signal,
    });
  }
  const { access } = command;
  if (command.kind === 'test') {
    const session = await openSession(id, access, command.request.address, signal);
    return testMailbox(session, command.request, { sentItemsDelayMs });
  }
  if (command.kind === 'directory') {
    const { asMailbox } = command.request;
    const asking = { ...access, access: asMailbox === null ? ('delegate' as const) : ('impersonation' as const) };
    const session = await openSession(id, asking, asMailbox ?? access.account, signal, directoryTransport);
    return askDirectory(session, command.request);
  }
  return diagnose({
    serverLocation: access.serverLocation,
    scheme: access.authentication.scheme,
    token: command.token,
    policy,
    proxy,
    transport,
    tlsContext,
    deadlineMs,
    signal,
    openSession: () => openSession(id, access, command.probeAddress, signal),
    onCheck: (checks) => post({ id, kind: 'progress', checks }),
  });
}

async function answer(id: number, command: Command): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    post({ id, kind: 'done', report: await carryOut(id, command, controller.signal) });
  } catch (error) {
    if (controller.signal.aborted) post({ id, kind: 'aborted' });
    else post({ id, kind: 'failed', reason: error instanceof Error ? error.message : 'unknown' });
  } finally {
    running.delete(id);
  }
}

port.on('message', ({ id, command }: ToWorker) => {
  if (command.kind === 'abort') running.get(id)?.abort();
  else void answer(id, command);
});
