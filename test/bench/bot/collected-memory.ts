import type { BotProcess } from '../../../sandbox/bot-process.ts';
import { printed } from './memory.ts';

/** What the bot's main thread holds after its garbage was collected, and the most since the last time; bytes. */
export interface CollectedMemory {
  readonly heapUsed: number;
  readonly rss: number;
  readonly peakHeap: number;
  readonly peakRss: number;
}

/** Settings that load `memory-on-demand.ts` into a bot. */
export const watched = {
  NODE_OPTIONS: `--import ${new URL('memory-on-demand.ts', import.meta.url).href}`,
  LOG_LEVEL: 'warn',
} as const;

export async function collectedMemory(bot: BotProcess): Promise<CollectedMemory> {
  const [pid = 0] = printed<number>(bot, 'memoryOf');
  if (pid === 0) throw new Error('the bot has not said which process it is');
  const before = readingsOf(bot).length;
  process.kill(pid, 'SIGUSR2');
  for (;;) {
    const reading = readingsOf(bot)[before];
    if (reading !== undefined) return reading;
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

function readingsOf(bot: BotProcess): CollectedMemory[] {
  return printed<CollectedMemory>(bot, 'memory');
}
