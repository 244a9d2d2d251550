import type { BotProcess } from './bot-process.ts';

export interface KeepRunningOptions {
  readonly start: () => Promise<BotProcess>;
  /** One line or more for the operator. */
  readonly say: (text: string) => void;
  /** Epoch ms. */
  readonly now?: () => number;
}

/** The bot as its service manager keeps it. */
export interface KeptBot {
  /** SIGTERM to the bot, and no restart after it. */
  stop(): Promise<void>;
  /** Resolves when it is given up: it ended too often. Never after `stop`. */
  readonly givenUp: Promise<void>;
}

const mostRestarts = 3;
const withinMs = 60_000;
const shownOutput = 4000;

/**
 * Starts the bot, and starts it again whenever it ends, as a service manager does: at most three times a minute, since one
 * that ends at once would do so for ever. Rejects when the first start fails.
 */
export async function keepRunning({ start, say, now = Date.now }: KeepRunningOptions): Promise<KeptBot> {
  let stopping = false;
  let bot = await start();
  const restarts: number[] = [];

  /** Resolves with the bot that runs again, or null when it is of no use to go on. */
  async function again(ended: BotProcess, code: number | null): Promise<BotProcess | null> {
    let reason = `the bot ended (${code === null ? 'killed' : `exit code ${code}`})`;
    let output = ended.output();
    for (;;) {
      while (restarts[0] !== undefined && restarts[0] <= now() - withinMs) restarts.shift();
      if (restarts.length >= mostRestarts) {
        say(
          `${reason} and was started again ${mostRestarts} times within a minute: given up\n${output.slice(-shownOutput)}`,
        );
        return null;
      }
      restarts.push(now());
      say(`${reason}; it is started again`);
      try {
        return await start();
      } catch (error) {
        reason = 'the bot did not start';
        output = error instanceof Error ? error.message : String(error);
      }
      if (stopping) return null;
    }
  }

  const givenUp = new Promise<void>((resolve) => {
    const watch = async (): Promise<void> => {
      for (;;) {
        const code = await bot.exited;
        if (stopping) return;
        const next = await again(bot, code);
        if (next === null) {
          if (!stopping) resolve();
          return;
        }
        bot = next;
        // Stopped while it was starting.
        if (stopping) {
          await bot.stop();
          return;
        }
      }
    };
    void watch();
  });

  return {
    givenUp,
    async stop() {
      stopping = true;
      await bot.stop();
    },
  };
}
