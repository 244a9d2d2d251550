/**
 * `npm run bench -- due-requests [requests]`: 5,000 requests of one mailbox each fall due at once, for the reminder, the
 * escalation and the expiry. Measured: how long it takes to follow them up on the disk, how long the event loop was ever held,
 * and the most wishes for messages in a conversation, edits apart. Beside it, in the same run: as many bare commits of one
 * record. Prints one JSON line.
 */
import { followRequests } from '../../services/jobs/approval-watch.ts';
import { escalationAfterMs, expiryAfterMs, reminderAfterMs } from '../../services/model/approval-request.ts';
import { keyOf } from '../../services/storage/store.ts';
import { openTempStore } from '../storage/open-temp-store.ts';
import { requestFor } from '../support/approval-stage.ts';
import { addresses, env, MailroomStage } from '../support/mailroom-stage.ts';
import { watchLoop } from './event-loop.ts';
import { machine } from './figures.ts';

const requests = Number(process.argv[3] ?? 5000);
const mostMessages = 5;

const before = machine();
const bareCommitsMs = await bareCommits();
const temp = await openTempStore();
const stage = await MailroomStage.on(temp);
await stage.profile();
await stage.subscribe('approvers', { approvals: true });
const request = await requestFor(stage, addresses(1));
await stage.store.commit(
  Array.from({ length: requests - 1 }, (_unused, index) => {
    const id = `due${index}`;
    return { kind: 'put', collection: 'approvalRequest', key: keyOf(env, id), value: { ...request, id } };
  }),
);
await stage.sendAll();
const reminded = await phase(reminderAfterMs);
const escalated = await phase(escalationAfterMs - reminderAfterMs);
const expired = await phase(expiryAfterMs - escalationAfterMs);
const line = {
  bench: 'due-requests',
  ...before,
  requests,
  reminded,
  escalated,
  expired,
  bareCommitsMs,
  aims: {
    [`<=${mostMessages} messages to any conversation`]: [reminded, escalated].every(
      ({ messages }) => messages <= mostMessages,
    ),
  },
};
process.stdout.write(`${JSON.stringify(line)}\n`);
await temp.dispose();

async function phase(laterMs: number) {
  stage.clock.advance(laterMs);
  const stopWatching = watchLoop();
  const startedAt = performance.now();
  await followRequests(stage, env);
  const tookMs = Math.round(performance.now() - startedAt);
  const { longestMs } = stopWatching();
  const counts = new Map<string, number>();
  let edits = 0;
  // The card of a request stands already; it is new only where it is posted again.
  for (const { kind, placement, conversationId } of await stage.all('intent'))
    if (kind === 'approval' && placement === 'refresh') edits += 1;
    else counts.set(conversationId, (counts.get(conversationId) ?? 0) + 1);
  await stage.sendAll();
  return { tookMs, longestMs, messages: Math.max(0, ...counts.values()), edits };
}

async function bareCommits(): Promise<number> {
  const bare = await openTempStore();
  const startedAt = performance.now();
  for (let index = 0; index < requests; index += 1) {
    const key = `bench/${index}`;
    await bare.store.commit([{ kind: 'put', collection: 'turnState', key, value: { json: key, at: index } }]);
  }
  const tookMs = Math.round(performance.now() - startedAt);
  await bare.dispose();
  return tookMs;
}
