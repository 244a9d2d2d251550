/**
 * `npm run bench -- approvals [mailboxes]`: 5,000 mailboxes wait in one request. Meanwhile three approvers decide about requests
 * of one mailbox each and their clients fetch views; then the clients of sixty approvers fetch theirs at the same instant, ten
 * times; then the three approve all of it at the same instant. The real bot and a Teams on loopback; a first round warms up.
 * Measured: the first answer to each click and view, until the request stands in the channel, until no card decides any more,
 * new messages a conversation, and the memory of the bot: after a forced collection before and after, and the most in between.
 * Beside it, in the same run: bare commits to a store of its own, one of as many records and many of one. Prints one JSON line.
 */
import { collectedMemory, watched, type CollectedMemory } from './bot/collected-memory.ts';
import { machine, percentile, rounded } from './figures.ts';
import { ApprovalPlay } from '../support/approval-play.ts';
import { openTempStore } from '../storage/open-temp-store.ts';

const mailboxes = Number(process.argv[3] ?? 5000);
const singles = 30;
const views = 100;
const crowds = 10;
const warmUp = 100;
const mostMessages = 5;
const answerLimitMs = 2000;
const megabyte = 1024 * 1024;

const before = machine();
const bare = await bareCommits();
const play = await ApprovalPlay.open(watched);
try {
  await play.round(warmUp);
  const calm = await collectedMemory(play.bot);
  const raised = await play.raise(mailboxes);
  const { approveMs, rejectMs } = await play.singles(singles);
  const viewMs = await play.refresh(raised, views);
  const crowdMs: number[] = [];
  for (let time = 0; time < crowds; time += 1) crowdMs.push(...(await play.refreshByAll(raised)));
  const { askMs, confirmMs, finalMs, messages } = await play.decide(raised);
  const memory = await collectedMemory(play.bot);
  const { right, wrong } = await play.check();
  const approvedSingles = approveMs.length;
  const newMessages = raised.messages + messages;
  const slowest = Math.max(...[approveMs, rejectMs, viewMs, crowdMs, askMs, confirmMs].flat());
  const line = {
    bench: 'approvals',
    ...before,
    mailboxes,
    answerMs: {
      approveOne: spread(approveMs),
      rejectOne: spread(rejectMs),
      view: spread(viewMs),
      viewBySixty: spread(crowdMs),
      approveAll: askMs.map(Math.round),
      confirmAll: confirmMs.map(Math.round),
    },
    raiseMs: Math.round(raised.raiseMs),
    finalMs: Math.round(finalMs),
    bareCommitMs: bare,
    messages: newMessages,
    auditEntriesRight: right,
    wrong,
    memoryMB: memoryOf(calm, memory),
    aims: {
      [`<=${mostMessages} messages to any conversation`]: newMessages <= mostMessages,
      [`first answer within ${answerLimitMs} ms`]: slowest <= answerLimitMs,
      'one right entry for each mailbox': right === mailboxes + warmUp + approvedSingles && wrong.length === 0,
    },
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
} finally {
  await play.close();
}

function spread(values: readonly number[]) {
  const [p50, p99, max] = [percentile(values, 0.5), percentile(values, 0.99), Math.max(...values)].map(Math.round);
  return { count: values.length, p50, p99, max };
}

function memoryOf(calm: CollectedMemory, after: CollectedMemory) {
  const inMB = (bytes: number): number => rounded(bytes / megabyte, 1);
  return {
    heapCollected: [inMB(calm.heapUsed), inMB(after.heapUsed)],
    rssCollected: [inMB(calm.rss), inMB(after.rss)],
    heapMost: inMB(after.peakHeap),
    rssMost: inMB(after.peakRss),
  };
}

/** The work that no approval can do without: as many records in one commit, and one record in each of many. */
async function bareCommits() {
  const temp = await openTempStore();
  const timed = async (keys: readonly string[]): Promise<number> => {
    const startedAt = performance.now();
    await temp.store.commit(
      keys.map((key) => ({ kind: 'put', collection: 'turnState', key, value: { json: key.repeat(10), at: 1 } })),
    );
    return performance.now() - startedAt;
  };
  const all = await timed(Array.from({ length: mailboxes }, (_unused, index) => `bench/user${index}@contoso.test`));
  const one: number[] = [];
  for (let index = 0; index < 300; index += 1) one.push(await timed([`bench/single${index}@contoso.test`]));
  await temp.dispose();
  return { all: Math.round(all), one: { p50: rounded(percentile(one, 0.5)), p99: rounded(percentile(one, 0.99)) } };
}
