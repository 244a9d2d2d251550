import { enableCompileCache } from 'node:module';
import { ConfigError } from './config-error.ts';
import { readConfig, type Config } from './config.ts';
import { createLog, routeConsole } from './log.ts';
import { startProblem } from './start-problem.ts';

// A second start is several times faster; the cache is written on a clean exit.
enableCompileCache();

let config: Config;
try {
  config = readConfig(process.env);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`Mailroom cannot start: ${error.message}\n`);
  process.exit(2);
}

const log = createLog({ level: config.logLevel });
// The SDK prints to the console, whole requests at times; it goes through the redaction too.
routeConsole(log);
/** A stop that hangs must not keep the data folder locked. */
const stopWithinMs = 10_000;

process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was rejected and nobody listened'));

try {
  // Imported late: a wrong setting is told at once, without loading the SDK first.
  const { startMailroom } = await import('./compose.ts');
  const mailroom = await startMailroom(config, log, () => {
    log.fatal({}, 'the store cannot write any more; Mailroom ends so that it can be started again');
    process.exit(1);
  });
  log.info({ port: mailroom.port, metricsPort: mailroom.metricsPort }, 'Mailroom listens');
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      setTimeout(() => process.exit(1), stopWithinMs).unref();
      mailroom.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'the stop failed');
          process.exit(1);
        },
      );
    });
  }
} catch (error) {
  log.fatal({ err: error }, 'Mailroom cannot start');
  process.stderr.write(`Mailroom cannot start: ${startProblem(error)}\n`);
  process.exit(1);
}
