import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BotProcess } from '../../sandbox/bot-process.ts';
import { Journey } from '../../sandbox/journey.ts';
import { startWorld, type World } from '../../sandbox/world.ts';
import { approveAll, hasVerb, prepare, secondMessages, until, withStore } from './kill-run.ts';
import { population } from './population.ts';

const total = 60;
let world: World;
let journey: Journey;
let bot: BotProcess;

beforeEach(async () => {
  const mailboxes = population(1, total);
  world = await startWorld({ mailboxes, exchange: { latencyMs: 40 }, retryMinutes: 0.01, retryAttempts: 4 });
  journey = new Journey(world);
  bot = await world.startBot();
  await prepare(world, journey);
}, 60_000);
afterEach(async () => {
  await bot.crash();
  await world.close();
});

const seen = (): number => world.exchange.requests().length;
const run = () => withStore(world, async (store) => (await store.query('run', { limit: 10 }))[0]?.value);

/** SIGTERM, and how long it takes. */
async function stop(): Promise<{ code: number | null; ms: number }> {
  const at = performance.now();
  const code = await bot.stop();
  return { code, ms: performance.now() - at };
}

async function goOn(): Promise<void> {
  bot = await world.startBot();
  await journey.see('ada', 'personal', ({ card }) => hasVerb(card, 'run.retest-failed'), 'the end of the run');
  expect(await bot.stop()).toBe(0);
  expect(await run()).toMatchObject({ state: 'completed', done: total, total });
}

test('SIGTERM in the middle of a run ends within ten seconds, and the next start tests each mailbox once', async () => {
  const before = seen();
  await approveAll(journey);
  await until(() => seen() > before + total, 'the middle of the run');
  const { code, ms } = await stop();
  expect(code).toBe(0);
  expect(ms).toBeLessThan(10_000);
  const half = await run();
  expect(half, 'it stopped in the middle').toMatchObject({ state: 'running', total });
  await goOn();
  expect(secondMessages(world).secondMessages).toBe(0);
}, 90_000);

test('SIGTERM while Exchange answers nobody ends within ten seconds as well, and nothing is lost', async () => {
  const faults = world.mailboxes.flatMap(({ trouble }) => trouble?.rules ?? []);
  // The first of the list goes ahead, to prove the password; the others hang where they would send their message.
  const [, ...others] = world.mailboxes.map(({ address }) => address).toSorted();
  world.exchange.setFaults(others.map((mailbox) => ({ mailbox, operation: 'CreateItem', then: 'hang' as const })));
  const before = seen();
  await approveAll(journey);
  await until(() => seen() >= before + 10, 'ten tests that are about to send their message');
  const { code, ms } = await stop();
  expect(code).toBe(0);
  expect(ms).toBeLessThan(10_000);
  world.exchange.setFaults(faults);
  await goOn();
}, 90_000);
