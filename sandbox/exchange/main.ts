import { FlagError, readFlags } from './flags.ts';
import type { ExchangeOptions } from './options.ts';
import { startExchange } from './start-exchange.ts';

/** `npm run exchange -- [flags]`: prints one JSON line when it listens, and runs until it is told to stop. */
try {
  await run(readFlags(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof Error)) throw error;
  process.stderr.write(`exchange: ${error.message}\n`);
  process.exitCode = error instanceof FlagError ? 2 : 1;
}

async function run(options: ExchangeOptions): Promise<void> {
  const exchange = await startExchange(options);
  const { ews, autodiscover, ca, control, http } = exchange;
  const stop = (): void => {
    void exchange.close();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  // Last, since whoever reads the line may stop the program at once.
  process.stdout.write(`${JSON.stringify({ ews, autodiscover, ca, control, http })}\n`);
}
