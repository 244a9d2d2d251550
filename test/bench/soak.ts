/**
 * `npm run bench -- soak [--minutes 10] [--mailboxes 50000]`. First the real bot works without a pause, run after run with
 * checks of enabled mailboxes in between, and what it holds after each garbage collection is noted: memory, sockets, files.
 * What grows by intent is the result of each mailbox of each run, kept for a week; its size is measured by opening the
 * bot's own store in a process of its own. Then the same job with 1,000 mailboxes and with many, to compare. Prints one JSON line.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../../sandbox/bot-process.ts';
import { approveAll, hasVerb, prepare } from '../chaos/kill-run.ts';
import { metric, startLoadedWorld, type LoadedWorld } from './bot/loaded-world.ts';
import { nextSamples, probed, samplesOf, storeBytes, type MemorySample } from './bot/memory.ts';
import { machine, median, rounded } from './figures.ts';

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: { minutes: { type: 'string', default: '10' }, mailboxes: { type: 'string', default: '50000' } },
});
const minutes = Number(values.minutes);
const many = Number(values.mailboxes);
const few = 1000;
const megabyte = 1024 * 1024;
const toMegabytes = (bytes: number): number => rounded(bytes / megabyte, 1);
const runTimeoutMs = 1_800_000;

const steady = await soak();
const small = await oneRun(few);
const large = many > few ? await oneRun(many) : small;
/** The store's share of a mailbox that was tested and is checked. */
const bytesAMailbox = large === small ? 0 : (large.store - small.store) / (many - few);
const beyondStore = large.rss - small.rss - (large.store - small.store);
const line = {
  bench: 'soak',
  ...machine(),
  steady,
  oneRun: {
    sizes: [small, large].map(({ mailboxes, rss, heap, store }) => ({
      mailboxes,
      rssMB: toMegabytes(rss),
      heapMB: toMegabytes(heap),
      storeMB: toMegabytes(store),
    })),
    storeKBAMailbox: rounded(bytesAMailbox / 1024, 2),
    beyondStoreMB: toMegabytes(beyondStore),
  },
  aims: {
    'memory flat': steady.growthMB - steady.keptMB <= 5,
    'sockets flat': steady.socketGrowth <= 2,
    'files flat': steady.fileGrowth <= 2,
    'many within 64 MB and the store': beyondStore <= 64 * megabyte,
  },
};
process.stdout.write(`${JSON.stringify(line)}\n`);

/** Runs and checks without a pause for so many minutes. */
async function soak() {
  const mailboxes = 300;
  const loaded = await startLoadedWorld(mailboxes, 5);
  const { world, journey } = loaded;
  const metricsPort = await freePort();
  const bot = await loaded.startBot({ ...probed, METRICS_PORT: String(metricsPort), MAILROOM_POLL_MINUTES: '0.1' });
  try {
    await prepare(world, journey);
    await approveAll(journey);
    await ended(loaded, 1);
    const startedAt = Date.now();
    const records: { at: number; outcomes: number }[] = [];
    let runs = 1;
    for (; Date.now() < startedAt + minutes * 60_000; runs += 1) {
      await nextSamples(bot, 2);
      records.push({ at: Date.now(), outcomes: await metric(metricsPort, 'mailroom_records', '"outcome"') });
      await journey.say('ada', 'personal', 'test all');
      await journey.click('ada', 'personal', { verb: 'bulk.confirm' });
      await ended(loaded, runs + 1);
    }
    const samples = samplesOf(bot).filter(({ at }) => at > startedAt);
    const polls = await metric(metricsPort, 'mailroom_exchange_calls_total', '"FindFolder"');
    await bot.stop();
    const outcomes = mailboxes * runs;
    const bytesAnOutcome = (await storeBytes(dataOf(loaded))) / outcomes;
    const middle = inThird(samples, 1);
    const last = inThird(samples, 2);
    const growth = (of: (sample: MemorySample) => number): number => median(last.map(of)) - median(middle.map(of));
    const keptOf = (third: readonly MemorySample[]): number =>
      median(third.map(({ at }) => records.findLast((record) => record.at <= at)?.outcomes ?? 0));
    const heaps = [middle, last].map((third) => toMegabytes(median(third.map(held))));
    return {
      minutes,
      runs,
      incomingCalls: polls,
      samples: samples.length,
      heapMB: heaps,
      rssMB: [middle, last].map((third) => toMegabytes(median(third.map(({ rss }) => rss)))),
      growthMB: toMegabytes(growth(held)),
      keptMB: toMegabytes((keptOf(last) - keptOf(middle)) * bytesAnOutcome),
      sockets: [middle, last].map((third) => median(third.map(({ sockets }) => sockets))),
      socketGrowth: growth(({ sockets }) => sockets),
      files: [middle, last].map((third) => median(third.map(({ files }) => files))),
      fileGrowth: growth(({ files }) => files),
    };
  } finally {
    await bot.crash();
    await loaded.close();
  }
}

/** From nothing to the end of one run; what the bot holds then, and what of it is the store's. */
async function oneRun(mailboxes: number): Promise<{ mailboxes: number; rss: number; heap: number; store: number }> {
  const loaded = await startLoadedWorld(mailboxes, 0);
  const bot = await loaded.startBot(probed);
  try {
    await prepare(loaded.world, loaded.journey);
    await approveAll(loaded.journey);
    await ended(loaded, 1);
    // The first collections after the run give back what it needed on its way.
    const samples = await nextSamples(bot, 6);
    await bot.stop();
    const store = await storeBytes(dataOf(loaded));
    const calm = samples.slice(3);
    return { mailboxes, rss: median(calm.map(({ rss }) => rss)), heap: median(calm.map(held)), store };
  } finally {
    await bot.crash();
    await loaded.close();
  }
}

function held({ heapUsed, external }: MemorySample): number {
  return heapUsed + external;
}

function inThird(samples: readonly MemorySample[], number: 0 | 1 | 2): readonly MemorySample[] {
  const size = Math.floor(samples.length / 3);
  return samples.slice(number * size, (number + 1) * size);
}

function dataOf({ world }: LoadedWorld): string {
  return world.environment['MAILROOM_DATA_DIR'] ?? join(world.folder, 'data');
}

/** Resolves when Ada's chat shows that many runs that are over. */
async function ended({ world, journey }: LoadedWorld, count: number): Promise<void> {
  await world.teams.waitFor(
    () =>
      journey.cards('ada', 'personal').filter(({ card }) => hasVerb(card, 'run.report') && !hasVerb(card, 'run.cancel'))
        .length >= count,
    { timeoutMs: runTimeoutMs, what: `${count} runs are over` },
  );
}
