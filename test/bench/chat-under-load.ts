/**
 * `npm run bench -- chat-under-load`: people write to the real bot five times a second, first while nothing else goes on and
 * then while a run of 5,000 mailboxes does. A turn counts from the moment Teams hands the message over until the bot has
 * answered and Teams has its 200; the slowest ones are named. An empty server in a process of its own is asked at the same
 * moments: its times are the machine's part. Prints one JSON line.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { approveAll, hasVerb, prepare } from '../chaos/kill-run.ts';
import { metric, metricsPortOf, startLoadedWorld } from './bot/loaded-world.ts';
import { firstLine, start } from './ews/processes.ts';
import { machine, percentile, rounded } from './figures.ts';

const mailboxes = 5000;
const turnsPerSecond = 5;
const idleTurns = 100;
const aimMs = 300;
const said: readonly (readonly [who: string, words: string])[] = [
  ['ada', 'mailboxes'],
  ['ben', 'mailboxes status:failure'],
  ['ada', 'mailbox user17@contoso.test'],
  ['ben', 'pending'],
  ['ada', 'runs'],
  ['ben', 'alerts'],
  ['ada', 'history'],
  ['ben', 'help'],
  ['ada', 'profiles'],
  ['ben', 'mailboxes profile:contoso user'],
];

const bare = start(new URL('bot/bare-server.ts', import.meta.url), []);
const { port: barePort } = JSON.parse(await firstLine(bare)) as { port: number };
const { world, journey, startBot, close } = await startLoadedWorld(mailboxes, 20);
const bot = await startBot();
try {
  await prepare(world, journey);
  const idle = await talk((turns) => turns < idleTurns);
  await approveAll(journey);
  let isOver = false;
  const startedAt = performance.now();
  const over = journey
    .see(
      'ada',
      'personal',
      ({ card }) => hasVerb(card, 'run.report') && !hasVerb(card, 'run.cancel'),
      'the end',
      600_000,
    )
    .then(() => (isOver = true));
  const loaded = await talk(() => !isOver);
  await over;
  const runMs = performance.now() - startedAt;
  const port = metricsPortOf(bot);
  const p99 = percentile(
    loaded.map(({ tookMs }) => tookMs),
    0.99,
  );
  const line = {
    bench: 'chat-under-load',
    ...machine(),
    mailboxes,
    mailboxesPerSecond: rounded(mailboxes / (runMs / 1000), 1),
    idle: summary(idle),
    loaded: summary(loaded),
    loopLagP99Ms: rounded((await metric(port, 'nodejs_eventloop_lag_p99_seconds')) * 1000, 1),
    aims: { [`p99 <=${aimMs} ms`]: p99 <= aimMs },
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
} finally {
  bare.kill('SIGTERM');
  await bot.crash();
  await close();
}

interface Turn {
  readonly words: string;
  /** When it was said, from the first turn on, and how long its answer took. */
  readonly atMs: number;
  readonly tookMs: number;
  /** What an empty server in a process of its own took at the same moment. */
  readonly bareMs: number;
}

/** Says one thing after the other at the pace, without waiting for answers. */
async function talk(goesOn: (turns: number) => boolean): Promise<Turn[]> {
  const turns: Promise<Turn>[] = [];
  const startedAt = performance.now();
  while (goesOn(turns.length)) {
    const [who, words] = said[turns.length % said.length] ?? ['ada', 'help'];
    turns.push(turn(who, words, performance.now() - startedAt));
    await wait(Math.max(0, startedAt + (turns.length * 1000) / turnsPerSecond - performance.now()));
  }
  return Promise.all(turns);
}

async function turn(who: string, words: string, atMs: number): Promise<Turn> {
  const [{ status, tookMs }, bareMs] = await Promise.all([world.teams.acts.send(who, 'personal', words), askBare()]);
  if (status !== 200) throw new Error(`"${words}" was answered with ${status}`);
  return { words, atMs: Math.round(atMs), tookMs, bareMs: Math.round(bareMs) };
}

async function askBare(): Promise<number> {
  const at = performance.now();
  const answer = await fetch(`http://127.0.0.1:${barePort}/`, { method: 'POST', body: '{}' });
  await answer.text();
  return performance.now() - at;
}

function summary(turns: readonly Turn[]) {
  const times = turns.map(({ tookMs }) => tookMs);
  return {
    turns: times.length,
    p50Ms: rounded(percentile(times, 0.5), 1),
    p99Ms: rounded(percentile(times, 0.99), 1),
    bareP99Ms: percentile(
      turns.map(({ bareMs }) => bareMs),
      0.99,
    ),
    slowest: turns.toSorted((one, other) => other.tookMs - one.tookMs).slice(0, 5),
  };
}
