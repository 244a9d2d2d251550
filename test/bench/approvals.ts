/**
 * `npm run bench -- approvals [mailboxes]`: 5,000 mailboxes wait, three approvers have the channel open and click at the same
 * instant; the real bot and a Teams on loopback. A first round warms up. Measured: until the request stands in the channel,
 * the first answer to each click, until no card decides any more, new messages a conversation, and the memory of the bot.
 * Beside it, in the same run: one bare commit of as many records to a store of its own. Prints one JSON line.
 */
import { metric, metricsPortOf } from './bot/loaded-world.ts';
import { machine, rounded } from './figures.ts';
import { ApprovalPlay } from '../support/approval-play.ts';
import { openTempStore } from '../storage/open-temp-store.ts';

const mailboxes = Number(process.argv[3] ?? 5000);
const mostMessages = 5;
const answerLimitMs = 2000;
const megabyte = 1024 * 1024;

const before = machine();
const play = await ApprovalPlay.open({ METRICS_PORT: '0' });
try {
  await play.round(100);
  const port = metricsPortOf(play.bot);
  const heap = async (): Promise<number> => rounded((await metric(port, 'nodejs_heap_size_used_bytes')) / megabyte, 1);
  const heapBeforeMB = await heap();
  const { raiseMs, askMs, confirmMs, finalMs, messages } = await play.round(mailboxes);
  const heapAfterMB = await heap();
  const { right, wrong } = await play.check();
  const slowest = Math.max(...askMs, ...confirmMs);
  const line = {
    bench: 'approvals',
    ...before,
    mailboxes,
    raiseMs: Math.round(raiseMs),
    askMs: askMs.map(Math.round),
    confirmMs: confirmMs.map(Math.round),
    finalMs: Math.round(finalMs),
    bareCommitMs: Math.round(await bareCommit()),
    messages,
    auditEntriesRight: right,
    wrong,
    heapMB: [heapBeforeMB, heapAfterMB],
    aims: {
      [`<=${mostMessages} messages to any conversation`]: messages <= mostMessages,
      [`first answer within ${answerLimitMs} ms`]: slowest <= answerLimitMs,
      'one right entry for each mailbox': right === mailboxes + 100 && wrong.length === 0,
    },
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
} finally {
  await play.close();
}

/** The work that no approval can do without: as many records and entries in one commit. */
async function bareCommit(): Promise<number> {
  const temp = await openTempStore();
  const at = 1;
  const keys = Array.from({ length: mailboxes }, (_, index) => `bench/user${index}@contoso.test`);
  const startedAt = performance.now();
  await temp.store.commit(
    keys.map((key) => ({ kind: 'put', collection: 'turnState', key, value: { json: key.repeat(10), at } })),
  );
  const tookMs = performance.now() - startedAt;
  await temp.dispose();
  return tookMs;
}
