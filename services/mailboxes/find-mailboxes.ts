import { MailroomError } from '../model/error.ts';
import { matches, parseFilter, type Filter } from '../model/filter.ts';
import { normalizeAddress, type Mailbox } from '../model/mailbox.ts';
import { findProfileByName } from '../profiles/profile-names.ts';
import { keyOf, type Query, type Store, type Stored } from '../storage/store.ts';
import { failedInRun } from '../testing/run-results.ts';
import { mailboxKey } from './mailbox-key.ts';

/** A filter as the store understands it. */
async function queryOf(
  store: Store,
  environmentId: string,
  filter: Filter,
): Promise<Omit<Query<Mailbox>, 'limit' | 'after'>> {
  const profileId =
    filter.profile === undefined ? undefined : (await findProfileByName(store, environmentId, filter.profile)).id;
  return {
    prefix: keyOf(environmentId, ''),
    where: {
      ...(filter.status === undefined ? {} : { status: filter.status }),
      ...(filter.approval === undefined ? {} : { approval: filter.approval }),
      ...(filter.type === undefined ? {} : { type: filter.type }),
      ...(profileId === undefined ? {} : { profileId }),
    },
    ...(filter.words.length === 0 ? {} : { contains: { address: filter.words } }),
  };
}

/** Only these conditions are not fields of the record itself; they are checked while streaming. */
const needsStreaming = (filter: Filter): boolean =>
  filter.incoming !== undefined ||
  filter.outgoing !== undefined ||
  filter.act !== undefined ||
  filter.cause !== undefined ||
  filter.run !== undefined;

/**
 * Streams the mailboxes that match, in pages, so that memory does not grow with their number.
 * @throws MailroomError `filter.*`, `profile.unknown`
 */
export async function* streamMailboxes(
  store: Store,
  environmentId: string,
  filterText: string,
): AsyncGenerator<Stored<Mailbox>> {
  const filter = parseFilter(filterText);
  const query = await queryOf(store, environmentId, filter);
  const profileId = query.where?.profileId;
  const ofRun = filter.run === undefined ? null : await failedInRun(store, environmentId, filter.run);
  let after: string | undefined;
  for (;;) {
    const page = await store.query('mailbox', { ...query, ...(after === undefined ? {} : { after }), limit: pageSize });
    for (const stored of page) {
      if (ofRun !== null && !ofRun.has(stored.value.id)) continue;
      if (matches(filter, stored.value, typeof profileId === 'string' ? profileId : undefined)) yield stored;
    }
    after = page.at(-1)?.key;
    if (page.length < pageSize) return;
  }
}

const pageSize = 500;

/** How many mailboxes match. @throws as streamMailboxes */
export async function countMailboxes(store: Store, environmentId: string, filterText: string): Promise<number> {
  const filter = parseFilter(filterText);
  if (!needsStreaming(filter)) return store.count('mailbox', await queryOf(store, environmentId, filter));
  let count = 0;
  for await (const _ of streamMailboxes(store, environmentId, filterText)) count += 1;
  return count;
}

/** One page of the matching mailboxes, by address; `page` from 0. @throws as streamMailboxes */
export async function pageOfMailboxes(
  store: Store,
  environmentId: string,
  filterText: string,
  page: number,
  size: number,
): Promise<{ rows: Mailbox[]; total: number; page: number }> {
  const total = await countMailboxes(store, environmentId, filterText);
  const last = Math.max(0, Math.ceil(total / size) - 1);
  const wanted = Math.min(Math.max(0, page), last);
  const rows: Mailbox[] = [];
  let skip = wanted * size;
  for await (const stored of streamMailboxes(store, environmentId, filterText)) {
    if (skip > 0) {
      skip -= 1;
      continue;
    }
    rows.push(stored.value);
    if (rows.length === size) break;
  }
  return { rows, total, page: wanted };
}

/** @throws MailroomError `mailbox.unknown` {address} */
export async function getMailbox(store: Store, environmentId: string, address: string): Promise<Stored<Mailbox>> {
  const found = await store.get('mailbox', mailboxKey(environmentId, address));
  if (found === undefined) throw new MailroomError('mailbox.unknown', { address: address.slice(0, 100) });
  return found;
}

/**
 * True for a word that names one mailbox and is no filter: something, an @, and a domain with a dot. Two steps, since one
 * pattern for both tries every dot of a long word again and again.
 */
export function isNamedAddress(word: string): boolean {
  return /^[^:@\s]+@[^:@\s]+$/.test(word) && /@.+\../.test(word);
}

/**
 * The mailboxes that a bulk command means: addresses if every word is one, else a filter.
 * @throws MailroomError `mailbox.unknown`, `mailbox.none-named`, `filter.*`
 */
export async function selectMailboxes(store: Store, environmentId: string, text: string): Promise<Stored<Mailbox>[]> {
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  if (words.length === 0) throw new MailroomError('mailbox.none-named');
  if (words.every(isNamedAddress))
    // Two spellings of one address are one mailbox: counted twice, a run would wait for a test that never comes.
    return Promise.all([...new Set(words.map(normalizeAddress))].map((word) => getMailbox(store, environmentId, word)));
  const found: Stored<Mailbox>[] = [];
  for await (const stored of streamMailboxes(store, environmentId, text)) found.push(stored);
  return found;
}

/** All mailboxes of a profile. */
export async function mailboxesOfProfile(store: Store, environmentId: string, profileId: string): Promise<Mailbox[]> {
  const found = await store.query('mailbox', {
    prefix: keyOf(environmentId, ''),
    where: { profileId },
    limit: 100_000,
  });
  return found.map(({ value }) => value);
}
