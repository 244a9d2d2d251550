import { parentPort, threadId } from 'node:worker_threads';
import type { FromWorker, ToWorker } from '../../services/exchange/worker-messages.ts';

/** A worker that does to itself what the address of its request says; else it answers with its thread's number. */
parentPort?.on('message', ({ id, command }: ToWorker) => {
  if (command.kind !== 'test') return;
  const [what] = command.request.address.split('@');
  if (what === 'exit') process.exit(3);
  if (what === 'throw') throw new Error('broken on purpose');
  if (what === 'silent') return;
  if (what === 'password') console.log(command.access.authentication);
  const answer: FromWorker = {
    id,
    kind: 'done',
    report: { phases: [], markerFound: false, calls: threadId, circuitOpen: false },
  };
  parentPort?.postMessage(answer, []);
});
