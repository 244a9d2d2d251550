/**
 * Thread of ews-answers.ts: mailbox tests against mutated answers, in a thread of their own as in the product, because the
 * library leaves rejections behind whose call has long ended with a fault of ours (services/exchange/worker.ts). Those are
 * counted; any other would be a defect.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { startExchange } from '../../sandbox/exchange/index.ts';
import { parseAllowList } from '../../services/exchange/address-guard.ts';
import { loadLibrary, type Library } from '../../services/exchange/ews/library.ts';
import { testMailbox } from '../../services/exchange/ews/mailbox-test.ts';
import { EwsSession } from '../../services/exchange/ews/session.ts';
import { mostCalls } from '../../services/exchange/exchange-port.ts';
import { createTlsContext } from '../../services/exchange/tls-context.ts';
import { createTransport, type Transport } from '../../services/exchange/transport.ts';
import { bareFault, errorMessage, soapFault } from '../exchange/soap-samples.ts';
import { problemsOf } from './fault-problems.ts';
import { memoryTransport } from './memory-wire.ts';
import { randomOfCase, type Random } from './random.ts';
import { goodAnswer, mutatedAnswer, type RawAnswer } from './raw-answers.ts';
import { addProblems, countEnd, newTally, type Tally } from './tally.ts';

export interface EwsFuzzPlan {
  readonly seed: number;
  readonly answers: number;
  readonly lanes: number;
}

export interface EwsFuzzResult {
  readonly tally: Tally;
  /** Rejections of the library that nobody waits for any more. */
  readonly leftBehind: number;
}

const user = 'user1@contoso.test';
const host = 'mail.contoso.test';
const userName = String.raw`CONTOSO\svc-mailroom`;
const password = 'Hush-77-Sync';
const basicToken = Buffer.from(`${userName}:${password}`).toString('base64');
const deadlineMs = 500;
const stamp = { organizationId: '00000000-0000-4000-8000-000000000001', takeOver: true, at: 0 };

/** Good answers by operation, as the stand-in gives them to a whole test. */
async function recordAnswers(library: Library): Promise<ReadonlyMap<string, readonly string[]>> {
  const standIn = await startExchange();
  const transport = createTransport({
    policy: parseAllowList(['127.0.0.0/8']),
    tlsContext: createTlsContext(standIn.caCertificate),
  });
  const recorded = new Map<string, string[]>();
  const recording: Transport = {
    ...transport,
    send: async (request, signal) => {
      const result = await transport.send(request, signal);
      const operation = operationOf(request.body ?? '');
      recorded.set(operation, [...(recorded.get(operation) ?? []), result.answer?.body ?? '']);
      return result;
    },
  };
  const { userName: account, password: right } = standIn.serviceAccount;
  const authentication = { scheme: 'basic', userName: account, password: right, credentialId: 'c' } as const;
  for (const lookForMarker of [true, false]) {
    const session = sessionOver(library, recording, standIn.ews, authentication);
    await run(session, lookForMarker);
  }
  await transport.close();
  await standIn.close();
  return recorded;
}

const sessionOver = (
  library: Library,
  transport: Transport,
  serverLocation: string,
  authentication: ConstructorParameters<typeof EwsSession>[0]['authentication'],
): EwsSession =>
  new EwsSession({
    library,
    transport,
    serverLocation,
    authentication,
    access: 'impersonation',
    address: user,
    deadlineMs,
    signal: new AbortController().signal,
  });

const run = (session: EwsSession, lookForMarker: boolean) =>
  testMailbox(
    session,
    { address: user, directions: ['incoming', 'outgoing', 'act'], marker: 'm-1', lookForMarker, stamp },
    { sentItemsDelayMs: 0 },
  );

const operationOf = (body: string): string => /<m:(\w+)[ >]/.exec(body)?.[1] ?? '';

const errors = [
  soapFault('ErrorServerBusy', { BackOffMilliseconds: '297749' }),
  soapFault('ErrorImpersonateUserDenied'),
  soapFault('ErrorInternalServerError', { InnerErrorMessageText: 'x', InnerErrorResponseCode: 'ErrorServerBusy' }),
  errorMessage('ErrorNonExistentMailbox'),
  errorMessage('ErrorServerBusy', { BackOffMilliseconds: '1000' }),
  errorMessage('ErrorItemNotFound'),
  bareFault,
];

/** A broken proxy may send back what it was sent. */
const echo = (text: string): string => text.replace(/(?<=>)[^<>]+(?=<)/, `Basic ${basicToken}`);

async function main(): Promise<EwsFuzzResult> {
  const { seed, answers, lanes } = workerData as EwsFuzzPlan;
  const library = await loadLibrary();
  const good = await recordAnswers(library);
  const tally = newTally('SOAP of Exchange Web Services');
  let next = 0;

  const answerTo = (random: Random, body: string): RawAnswer => {
    const samples = good.get(operationOf(body)) ?? [];
    const sample = random.pick(samples);
    // Some calls go well, or no test would ever come to its last ones.
    if (random.below(5) < 2) return goodAnswer({ status: 200, headers: [['Content-Type', 'text/xml']], body: sample });
    tally.answers += 1;
    const chosen = random.once(4) ? random.pick(errors) : sample;
    return mutatedAnswer(random, random.once(30) ? echo(chosen) : chosen);
  };

  const lane = async (): Promise<void> => {
    while (tally.answers < answers) {
      const index = (next += 1);
      const random = randomOfCase(seed, index);
      const transport = memoryTransport(host, deadlineMs, ({ body }) => answerTo(random, body));
      const authentication = { scheme: 'basic', userName, password, credentialId: 'c' } as const;
      const startedAt = performance.now();
      const session = sessionOver(library, transport, `https://${host}/EWS/Exchange.asmx`, authentication);
      const problems: string[] = [];
      try {
        const { phases, calls } = await run(session, random.once(2));
        for (const { fault } of phases) {
          countEnd(tally, fault, 'well');
          if (fault !== null) problems.push(...problemsOf(fault, [password, basicToken]));
        }
        if (calls > mostCalls) problems.push(`${calls} calls`);
      } catch (error) {
        problems.push(`threw ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
      }
      const tookMs = performance.now() - startedAt;
      if (tookMs > mostCalls * (deadlineMs + 1000)) problems.push(`${Math.round(tookMs)} ms`);
      addProblems(tally, `case ${index}`, problems);
      await transport.close();
    }
  };

  let leftBehind = 0;
  process.on('unhandledRejection', (reason) => {
    leftBehind += 1;
    const stack = reason instanceof Error ? (reason.stack ?? '') : '';
    if (stack !== '' && !stack.includes('ews-javascript-api')) addProblems(tally, 'unhandled', [stack]);
  });
  // What the library and its parser print about answers they cannot read; the product drops it, too.
  process.stdout.write = () => true;
  process.stderr.write = () => true;
  await Promise.all(Array.from({ length: lanes }, lane));
  return { tally, leftBehind };
}

if (parentPort === null) throw new Error('test/wire/ews-thread.ts is a worker_threads entry');
parentPort.postMessage(await main(), []);
