import type { Mailbox } from '../model/mailbox.ts';
import type { TestHistoryEntry } from '../model/test-history.ts';
import type { Store } from '../storage/store.ts';

/** Entries of all mailboxes that are looked at for one of them: what a click has time for (DESIGN, law 7). */
const mostLookedAt = 20_000;

/**
 * What the last tests and checks of a mailbox found, newest first. Read from the end of the files and never further than
 * `lookedAt` entries: of a mailbox whose last test lies behind those of very many others less is found, or nothing.
 */
export async function readTestHistory(
  store: Store,
  mailbox: Pick<Mailbox, 'environmentId' | 'id'>,
  most: number,
  lookedAt: number = mostLookedAt,
): Promise<TestHistoryEntry[]> {
  const found: TestHistoryEntry[] = [];
  let left = lookedAt;
  for await (const { entry } of store.readChain('outcome', 'newest-first')) {
    if (entry.mailboxId === mailbox.id && entry.environmentId === mailbox.environmentId) found.push(entry);
    left -= 1;
    if (found.length >= most || left <= 0) break;
  }
  return found;
}
