import { randomInt } from 'node:crypto';
import { pino, type DestinationStream } from 'pino';
import type { Log } from '../services/service-context.ts';
import type { LogLevel } from './config.ts';
import { redact, redactText } from './redaction.ts';

/** The services' Log with the two levels that only the bot's edge uses. */
export interface BotLog extends Log {
  debug(details: Readonly<Record<string, unknown>>, message: string): void;
  fatal(details: Readonly<Record<string, unknown>>, message: string): void;
}

/**
 * JSON lines to standard output. Everything goes through `redact` first, at any depth: pino's own `redact` option knows
 * fixed paths only, and a password hides in whatever object an error happens to carry.
 */
export function createLog(
  options: { level: LogLevel },
  // Asynchronous, so that a slow pipe never holds up a turn; pino writes the rest when the process exits.
  destination: DestinationStream = pino.destination({ dest: 1, sync: false }),
): BotLog {
  const logger = pino(
    {
      level: options.level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    debug: (details, message) => logger.debug(redact(details), redactText(message)),
    info: (details, message) => logger.info(redact(details), redactText(message)),
    warn: (details, message) => logger.warn(redact(details), redactText(message)),
    error: (details, message) => logger.error(redact(details), redactText(message)),
    fatal: (details, message) => logger.fatal(redact(details), redactText(message)),
  };
}

// Without 0/O, 1/I/L and U: it is read from a card and typed into a search.
const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A short id that a user sees with an error and an operator finds in the log, such as `K7Q2-9XWD`. */
export function reference(): string {
  const letters = Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/**
 * Sends what libraries print to the console into the log instead. The Bot Framework SDK prints token errors with the
 * signing key (botframework-connector, jwtTokenExtractor) and whole errors with request headers (botbuilder, cloudAdapter);
 * only a redacted first line is kept. Returns the way back.
 */
export function routeConsole(log: BotLog): () => void {
  const saved = { log: console.log, info: console.info, warn: console.warn, error: console.error };
  const firstLine = (parts: readonly unknown[]): string => {
    const [first] = parts;
    const text =
      first instanceof Error ? `${first.name}: ${first.message}` : typeof first === 'string' ? first : typeof first;
    return (text.split('\n', 1)[0] ?? '').slice(0, 200);
  };
  console.log = (...parts: unknown[]) => log.debug({ source: 'console' }, firstLine(parts));
  console.info = console.log;
  console.warn = (...parts: unknown[]) => log.warn({ source: 'console' }, firstLine(parts));
  console.error = (...parts: unknown[]) => log.warn({ source: 'console' }, firstLine(parts));
  return () => Object.assign(console, saved);
}
