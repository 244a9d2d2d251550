/**
 * `npm run bench -- storm [mailboxes]`: 20,000 mailboxes on three servers fail for six causes within a minute, and are well
 * again. Exchange is scripted; tests, outcomes, incidents, the outbox at the pace that Teams allows and the calls to a Teams
 * on loopback are as in production. Measured: how long it takes until every outcome is counted and until every card in the
 * channel is as it should be, new messages to the channel, and how long the event loop was ever held. Beside it, in the same
 * run: how long the same number of bare commits of one record takes. Prints one JSON line.
 */
import { Storm } from '../support/storm.ts';
import { openTempStore } from '../storage/open-temp-store.ts';
import { SEND_LIMITS } from '../../sandbox/teams/call-log.ts';
import { watchLoop } from './event-loop.ts';
import { machine, rounded } from './figures.ts';

const mailboxes = Number(process.argv[3] ?? 20_000);
const mostMessages = 25;
const withinSeconds = 60;
const megabyte = 1024 * 1024;

const before = machine();
const commitsPerSecond = await bareCommits();
const storm = await Storm.open(mailboxes);
try {
  storm.weather('bad');
  const failing = await phase();
  const wrong = await storm.wrongInStorm();
  const heapMB = heap();
  storm.weather('good');
  const recovering = await phase();
  wrong.push(...(await storm.wrongAfterwards()));
  const sends = storm.teams.log;
  const peaks = SEND_LIMITS.map(({ windowMs, sends: allowed }) => ({
    spanMs: windowMs,
    most: sends.peak(storm.channel, windowMs),
    allowed,
  }));
  const posted = storm.posted().length;
  const line = {
    bench: 'storm',
    ...before,
    mailboxes,
    failing,
    recovering,
    bareCommitsPerSecond: Math.round(commitsPerSecond),
    messages: posted,
    peaks,
    heapMB: [heapMB, heap()],
    wrong,
    aims: {
      'every count, card and list is exact': wrong.length === 0,
      [`<=${mostMessages} new messages`]: posted <= mostMessages,
      [`failed and counted within ${withinSeconds} s`]: failing.countedSeconds <= withinSeconds,
      'never more sends than Teams allows': peaks.every(({ most, allowed }) => most <= allowed),
    },
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
} finally {
  await storm.close();
}

async function phase() {
  const stopWatching = watchLoop();
  const startedAt = performance.now();
  await storm.testAll();
  const countedSeconds = rounded((performance.now() - startedAt) / 1000, 1);
  await storm.delivered(300_000);
  const shownSeconds = rounded((performance.now() - startedAt) / 1000, 1);
  return { countedSeconds, outcomesPerSecond: Math.round(mailboxes / countedSeconds), shownSeconds, ...stopWatching() };
}

/** What the disk and this process give: 64 at a time, as tests of mailboxes end. */
async function bareCommits(): Promise<number> {
  const temp = await openTempStore();
  const count = 5000;
  const startedAt = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      for (; next < count;) {
        const key = `bench/${(next += 1)}`;
        await temp.store.commit([{ kind: 'put', collection: 'turnState', key, value: { json: key, at: next } }]);
      }
    }),
  );
  const perSecond = count / ((performance.now() - startedAt) / 1000);
  await temp.dispose();
  return perSecond;
}

function heap(): number {
  return rounded(process.memoryUsage().heapUsed / megabyte, 1);
}
