import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { defaultRetention, type Retention } from '../services/jobs/retention.ts';
import { Secret } from '../services/secrets/secret.ts';
import { ConfigError } from './config-error.ts';
import { keyList, number, readVariables } from './config-values.ts';

/** Where the store is and what opens its secrets: all that the commands of the store's life need. */
export interface StoreConfig {
  /** Absolute path. */
  readonly dataDir: string;
  /** Base64 of 32 bytes each, newest first; for `createKeyRing`. */
  readonly keys: readonly Secret[];
  readonly retention: Retention;
}

const days = { least: 1, most: 36_500, whole: true };

export const storeVariables = {
  DATABASE_URL: z
    .undefined('must be unset: PostgreSQL is not supported yet, data is kept in MAILROOM_DATA_DIR')
    .optional(),
  MAILROOM_DATA_DIR: z.string().default('./data'),
  MAILROOM_KEY: keyList.optional(),
  MAILROOM_KEY_FILE: z.string().optional(),
  MAILROOM_KEEP_OUTCOMES_DAYS: number('must be a whole number of days from 1 to 36500', days).default(
    defaultRetention.outcomeDays,
  ),
  MAILROOM_KEEP_HISTORY_DAYS: number(
    'must be a whole number of days from 1 to 36500, or unset to keep it for ever',
    days,
  ).optional(),
};

const variables = z.object(storeVariables);
type StoreVariables = z.infer<typeof variables>;

/** @throws ConfigError */
export function readStore(values: StoreVariables): StoreConfig {
  return {
    dataDir: readDataDir(values),
    keys: readKeys(values).map((key) => new Secret(key)),
    retention: {
      outcomeDays: values.MAILROOM_KEEP_OUTCOMES_DAYS,
      historyDays: values.MAILROOM_KEEP_HISTORY_DAYS ?? defaultRetention.historyDays,
    },
  };
}

const readDataDir = (values: StoreVariables): string => resolve(values.MAILROOM_DATA_DIR);

/**
 * For a command that needs the folder only.
 * @throws ConfigError
 */
export const readDataDirOf = (env: NodeJS.ProcessEnv): string => readDataDir(readVariables(variables, env));

/**
 * For a command that opens secrets as well.
 * @throws ConfigError
 */
export const readStoreConfig = (env: NodeJS.ProcessEnv): StoreConfig => readStore(readVariables(variables, env));

function readKeys(values: StoreVariables): readonly string[] {
  if (values.MAILROOM_KEY !== undefined && values.MAILROOM_KEY_FILE !== undefined) {
    throw new ConfigError('MAILROOM_KEY_FILE', 'must be unset when MAILROOM_KEY is set');
  }
  if (values.MAILROOM_KEY !== undefined) return values.MAILROOM_KEY;
  if (values.MAILROOM_KEY_FILE === undefined) {
    throw new ConfigError(
      'MAILROOM_KEY',
      'is missing: set it (or MAILROOM_KEY_FILE) to 32 random bytes in base64, for example from `openssl rand -base64 32`',
    );
  }
  let text: string;
  try {
    text = readFileSync(values.MAILROOM_KEY_FILE, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new ConfigError('MAILROOM_KEY_FILE', `must name a file that Mailroom can read (${code})`);
  }
  const keys = keyList.safeParse(text);
  if (!keys.success) throw new ConfigError('MAILROOM_KEY_FILE', 'must hold keys of 32 bytes in base64, newest first');
  return keys.data;
}
