import { auditEntry, systemActor } from '../model/audit.ts';
import type { ServiceContext } from '../service-context.ts';

/** How long what is only appended is kept. */
export interface Retention {
  /** What tests of mailboxes found, days. */
  readonly outcomeDays: number;
  /** The history of who did what, days; null: for ever. */
  readonly historyDays: number | null;
}

export const defaultRetention: Retention = { outcomeDays: 90, historyDays: null };

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Removes entries that are older than their time, by whole days. That old history went is history itself: the entry names the
 * last number that went and its hash, so that an earlier export can be compared with it.
 */
export async function trimLogs(
  { store, clock, log }: Pick<ServiceContext, 'store' | 'clock' | 'log'>,
  environmentId: string,
  { outcomeDays, historyDays }: Retention,
): Promise<void> {
  const now = clock.now();
  const outcomes = await store.trimLog('outcome', now - outcomeDays * dayMs);
  const history =
    historyDays === null
      ? null
      : await store.trimLog('audit', now - historyDays * dayMs, ({ position, hash }) => [
          {
            kind: 'append',
            log: 'audit',
            entry: auditEntry(environmentId, now, systemActor, 'history.removed', [], {
              count: position,
              days: historyDays,
              hash,
            }),
          },
        ]);
  for (const [name, anchor] of Object.entries({ outcomes, history }))
    if (anchor !== null)
      log.info({ log: name, upTo: anchor.position }, 'removed entries that were older than their time');
}
