import { once } from 'node:events';
import type { BotProcess } from '../../../sandbox/bot-process.ts';
import { firstLine, start } from '../ews/processes.ts';

/** What the bot holds after its garbage was collected; bytes and counts. */
export interface MemorySample {
  readonly at: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly sockets: number;
  readonly files: number;
}

/** Settings that load the probe into a bot; little else is printed, since a long run's output would be cut. */
export const probed = {
  NODE_OPTIONS: `--import ${new URL('memory-probe.ts', import.meta.url).href}`,
  LOG_LEVEL: 'warn',
} as const;

export const samplesOf = (bot: BotProcess): MemorySample[] => printed<MemorySample>(bot, 'probe');

/** What a module that was loaded into a bot has printed so far: lines of `{"WORD":…}`. */
export function printed<T>(bot: BotProcess, word: string): T[] {
  return [...bot.output().matchAll(new RegExp(String.raw`^\{"${word}":(.*)\}$`, 'gm'))].map(
    ([, json = '']) => JSON.parse(json) as T,
  );
}

/** Resolves with so many samples that were taken from now on. */
export async function nextSamples(bot: BotProcess, count: number): Promise<MemorySample[]> {
  const from = Date.now();
  for (;;) {
    const samples = samplesOf(bot).filter(({ at }) => at > from);
    if (samples.length >= count) return samples.slice(0, count);
    await new Promise((resolve) => {
      setTimeout(resolve, 200);
    });
  }
}

/** What the store of this folder takes in memory, bytes; nobody else may have it open. */
export async function storeBytes(folder: string): Promise<number> {
  const child = start(new URL('store-bytes.ts', import.meta.url), [folder]);
  const exited = once(child, 'exit');
  const bytes = Number(await firstLine(child));
  await exited;
  return bytes;
}
