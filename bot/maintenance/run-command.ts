import { ConfigError } from '../config-error.ts';
import { startProblem } from '../start-problem.ts';

/**
 * Runs a command of the store's life: what it did goes to standard output, what kept it from that to standard error, one
 * plain line each. Exit codes as of `npm start`: 2 for a wrong setting or argument, 1 for anything else.
 */
export async function runCommand(name: string, work: () => Promise<string>): Promise<void> {
  try {
    process.stdout.write(`${await work()}\n`);
  } catch (error) {
    const isSetting = error instanceof ConfigError;
    process.stderr.write(`${name} failed: ${isSetting ? error.message : startProblem(error)}\n`);
    process.exitCode = isSetting ? 2 : 1;
  }
}

/** The one argument of a command. */
export function fileArgument(command: string): string {
  const [file, ...rest] = process.argv.slice(2);
  if (file === undefined || file === '' || rest.length > 0)
    throw new ConfigError('FILE', `is missing or not alone: npm run ${command} -- FILE`);
  return file;
}
