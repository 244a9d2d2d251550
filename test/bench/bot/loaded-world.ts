import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BotProcess } from '../../../sandbox/bot-process.ts';
import type { DemoMailbox } from '../../../sandbox/exchange/index.ts';
import { Journey } from '../../../sandbox/journey.ts';
import { startWorld, type World } from '../../../sandbox/world.ts';
import { startStandIn } from '../ews/processes.ts';

export interface LoadedWorld {
  readonly world: World;
  readonly journey: Journey;
  readonly startBot: (more?: Readonly<Record<string, string>>) => Promise<BotProcess>;
  readonly close: () => Promise<void>;
}

/**
 * The real bot among its stand-ins, with so many mailboxes. Exchange is in a process of its own: whoever measures here must
 * not share an event loop with thousands of its answers.
 */
export async function startLoadedWorld(count: number, latencyMs: number): Promise<LoadedWorld> {
  const base = await startWorld({ mailboxes: [] });
  const standIn = await startStandIn(['--mailboxes', String(count), '--latency-ms', String(latencyMs)], 'Basic');
  const world: World = { ...base, ewsUrl: standIn.ews, mailboxes: Array.from({ length: count }, numbered) };
  const authorities = join(base.folder, 'more-authorities.pem');
  // Without that of the world's own Exchange: both have one name, and a client that looks by name would take the wrong one.
  await writeFile(authorities, `${base.entra.caPem}\n${await readFile(standIn.ca, 'utf8')}`);
  return {
    world,
    journey: new Journey(world),
    startBot: (more = {}) => base.startBot({ NODE_EXTRA_CA_CERTS: authorities, ...more }),
    async close() {
      standIn.stop();
      await base.close();
    },
  };
}

/** A mailbox as the stand-in numbers them. */
function numbered(_unused: unknown, index: number): DemoMailbox {
  const address = `user${index + 1}@contoso.test`;
  return { address, displayName: `User ${index + 1}`, type: 'user', owner: address, trouble: undefined };
}

/** One figure of the bot's metrics: the sum of all series of this name whose labels contain `label`. */
export async function metric(port: number, name: string, label = ''): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(name) && /^[{ ]/.test(line.slice(name.length)));
  return lines
    .filter((line) => line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** The port of the metrics, as the bot says at its start. */
export function metricsPortOf(bot: BotProcess): number {
  return Number(/"metricsPort":(\d+)/.exec(bot.output())?.[1] ?? 0);
}
