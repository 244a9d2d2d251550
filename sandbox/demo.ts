import { keepRunning } from './keep-running.ts';
import { startWorld } from './world.ts';

// The main job by hand: stand-ins and the real bot on loopback, and a page with the chats side by side.
// Exchange answers as slowly as a real one nearby, so that a run can be watched.
const world = await startWorld({
  page: true,
  port: Number(process.env['PORT'] ?? 0),
  exchange: { latencyMs: 60 },
  approvers: ['ben', 'dora'],
});
const bot = await keepRunning({
  start: () => world.startBot({ LOG_LEVEL: 'warn' }),
  say: (text) => process.stderr.write(`${text}\n`),
});
await world.teams.installs.installEverywhere('ada');
process.stdout.write(`Mailroom demo: ${world.teams.url}\n`);

let stopping = false;
async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await bot.stop();
  await world.close();
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));

await bot.givenUp;
await stop(1);
