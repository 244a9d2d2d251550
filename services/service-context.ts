import type { Clock } from './model/clock.ts';
import type { RetryRule } from './model/test-outcome.ts';
import type { Exchange } from './exchange/exchange-port.ts';
import type { SharedFiles } from './files/shared-file.ts';
import type { KeyRing } from './secrets/key-ring.ts';
import type { StoreMeter } from './status/store-load.ts';
import type { Store } from './storage/store.ts';

/** Where the services write what operators need. `bot/log.ts` gives it a pino logger with redaction. */
export interface Log {
  info(details: Readonly<Record<string, unknown>>, message: string): void;
  warn(details: Readonly<Record<string, unknown>>, message: string): void;
  error(details: Readonly<Record<string, unknown>>, message: string): void;
}

/** What every use case gets: the store, the world outside, time. Built once in `bot/compose.ts`. */
export interface ServiceContext {
  readonly store: Store;
  readonly exchange: Exchange;
  /** Files that people attach in their own chats. */
  readonly files: SharedFiles;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly log: Log;
  readonly retry: RetryRule;
  /** Time between two checks of an enabled mailbox, for all profiles; null: as each profile says. */
  readonly pollIntervalMs: number | null;
  /** Base of the one-time form's address, without a slash at its end. */
  readonly publicUrl: string;
  /** Checks an EWS address as it is typed: an error code for `error.*`, or null. */
  readonly checkServerLocation: (url: string) => string | null;
  /** The same for the address of a Key Vault. */
  readonly checkVaultUrl: (url: string) => string | null;
  /** How near the store is to its limits; absent: nobody measures. */
  readonly meter?: StoreMeter;
}
