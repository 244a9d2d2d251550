import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { mostCalls } from '../../services/exchange/exchange-port.ts';
import { WorkerClient } from '../../services/exchange/worker-client.ts';
import { Secret } from '../../services/secrets/secret.ts';
import { bareFault, errorMessage, findFolderAnswer, soapFault } from '../exchange/soap-samples.ts';
import type { EwsFuzzPlan, EwsFuzzResult } from './ews-thread.ts';
import { problemsOf } from './fault-problems.ts';
import { randomFrom } from './random.ts';
import { mutatedAnswer } from './raw-answers.ts';
import { startScriptedTlsServer } from './scripted-tls-server.ts';
import { addProblems, countEnd, newTally, type Tally } from './tally.ts';

/** Whole mailbox tests whose answers are mutated, over sockets without a network. */
export async function fuzzEws(seed: number, answers: number): Promise<EwsFuzzResult> {
  const plan: EwsFuzzPlan = { seed, answers, lanes: 25 };
  // Its streams are read by nobody: the library prints what it cannot read.
  const thread = new Worker(new URL('./ews-thread.ts', import.meta.url), {
    workerData: plan,
    stdout: true,
    stderr: true,
  });
  try {
    const [result] = (await once(thread, 'message')) as [EwsFuzzResult];
    return result;
  } finally {
    await thread.terminate();
  }
}

const deadlineMs = 1000;
const lanes = 10;
const password = 'Hush-77-Sync';

/** The product's own worker, TLS and all, against a server that answers anything. Nothing of it stays open. */
export async function fuzzEwsOverTls(seed: number, answers: number): Promise<Tally> {
  const tally = newTally('the same over TLS, through the worker');
  const server = await startScriptedTlsServer();
  const worker = new WorkerClient({
    allowList: ['127.0.0.0/8'],
    deadlineMs,
    maxAnswerBytes: 1024 * 1024,
    extraCa: server.ca,
    proxy: null,
    sentItemsDelayMs: 0,
    autodiscoverAddresses: new Map(),
  });
  const random = randomFrom(seed);
  const samples = [
    findFolderAnswer,
    findFolderAnswer,
    soapFault('ErrorServerBusy'),
    errorMessage('ErrorItemNotFound'),
    bareFault,
  ];
  server.answerWith(() => {
    tally.answers += 1;
    return mutatedAnswer(random, random.pick(samples));
  });

  const lane = async (): Promise<void> => {
    while (tally.answers < answers) {
      const startedAt = performance.now();
      const { phases } = await worker.testMailbox(
        {
          serverLocation: server.url,
          account: 'svc',
          authentication: { scheme: 'basic', userName: 'svc', password: new Secret(password) },
          access: 'impersonation',
          credentialId: 'c',
          maxConnections: lanes,
        },
        { address: 'user1@contoso.test', directions: ['incoming'], marker: 'm', lookForMarker: false, stamp: null },
        new AbortController().signal,
      );
      const tookMs = performance.now() - startedAt;
      for (const { fault } of phases) {
        countEnd(tally, fault, 'well');
        if (fault !== null) addProblems(tally, `over TLS, seed ${seed}`, problemsOf(fault, [password]));
      }
      if (tookMs > mostCalls * (deadlineMs + 1000)) addProblems(tally, 'over TLS', [`${Math.round(tookMs)} ms`]);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  await worker.close();
  const open = await openAfterAWhile(() => server.connections());
  if (open > 0) addProblems(tally, 'over TLS', [`${open} connections stayed open`]);
  await server.close();
  return tally;
}

/** The other side hears of a closed socket a moment later. */
async function openAfterAWhile(connections: () => Promise<number>): Promise<number> {
  let open = await connections();
  for (let turns = 0; open > 0 && turns < 200; turns += 1) {
    await new Promise((resolve) => void setImmediate(resolve));
    open = await connections();
  }
  return open;
}
