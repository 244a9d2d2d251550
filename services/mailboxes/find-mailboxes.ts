import { createHash } from 'node:crypto';
import { MailroomError } from '../model/error.ts';
import { matches, parseFilter, type Filter } from '../model/filter.ts';
import { normalizeAddress, type Mailbox } from '../model/mailbox.ts';
import { sortRank, type MailboxSort } from '../model/mailbox-view.ts';
import { findProfileByName } from '../profiles/profile-names.ts';
import { keyOf, type Query, type Store, type Stored } from '../storage/store.ts';
import { hitByIncident } from '../testing/incident-mailboxes.ts';
import { failedInRun } from '../testing/run-results.ts';
import { mailboxKey } from './mailbox-key.ts';

/**
 * A filter with the id of the profile that it names. A button names the id: two names may read alike.
 * @throws MailroomError `filter.*`, `profile.unknown`
 */
export async function readFilter(store: Store, environmentId: string, filterText: string): Promise<Filter> {
  const filter = parseFilter(filterText);
  if (filter.profile === undefined) return filter;
  const named = (await store.get('profile', keyOf(environmentId, filter.profile)))?.value;
  return { ...filter, profile: (named ?? (await findProfileByName(store, environmentId, filter.profile))).id };
}

/** What a filter says by words alone, in ids. `requests`: those that its reader may decide, where it asks for them. */
interface ResolvedFilter extends Filter {
  readonly requests?: readonly string[];
}

/**
 * The filter with what only its reader makes clear.
 * @throws MailroomError `filter.unknown-key` for `decider:` where nobody in particular reads
 */
async function resolveFilter(
  store: Store,
  environmentId: string,
  filterText: string,
  reader: FilterReader | undefined,
): Promise<ResolvedFilter> {
  const filter = await readFilter(store, environmentId, filterText);
  if (filter.decider === undefined) return filter;
  if (reader === undefined) throw new MailroomError('filter.unknown-key', { key: 'decider' });
  return { ...filter, requests: await reader.requestsToDecide() };
}

/** Whoever a filter is read for: ids of the requests that this person may decide. */
export interface FilterReader {
  requestsToDecide(): Promise<readonly string[]>;
}

function requestCondition({ request, requests }: ResolvedFilter): {
  readonly approvalRequestId?: string | readonly string[];
} {
  if (requests === undefined) return request === undefined ? {} : { approvalRequestId: request };
  return { approvalRequestId: request === undefined ? requests : requests.filter((id) => id === request) };
}

/** A filter as the store understands it; its profile is an id. */
function queryOf(environmentId: string, filter: ResolvedFilter): Omit<Query<Mailbox>, 'limit' | 'after'> {
  return {
    prefix: keyOf(environmentId, ''),
    where: {
      ...(filter.status === undefined ? {} : { status: filter.status }),
      ...(filter.approval === undefined ? {} : { approval: filter.approval }),
      ...(filter.type === undefined ? {} : { type: filter.type }),
      ...(filter.state === undefined ? {} : { state: filter.state }),
      ...(filter.profile === undefined ? {} : { profileId: filter.profile }),
      ...requestCondition(filter),
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
  filter.incident !== undefined ||
  filter.run !== undefined;

/**
 * The mailboxes that match, a page at a time, so that memory does not grow with their number. Whole pages, since a step of
 * a generator for each of fifty thousand costs more than looking at them.
 */
async function* pagesOfMatching(
  store: Store,
  environmentId: string,
  filter: ResolvedFilter,
): AsyncGenerator<readonly Stored<Mailbox>[]> {
  const query = queryOf(environmentId, filter);
  const ofRun = filter.run === undefined ? null : await failedInRun(store, environmentId, filter.run);
  const ofIncident = filter.incident === undefined ? null : await hitByIncident(store, environmentId, filter.incident);
  const passes = ({ value }: Stored<Mailbox>): boolean =>
    (ofRun === null || ofRun.has(value.id)) &&
    (ofIncident === null || ofIncident.has(value.id)) &&
    matches(filter, value, filter.profile);
  const isStreamed = needsStreaming(filter);
  let after: string | undefined;
  for (;;) {
    const page = await store.query('mailbox', { ...query, ...(after === undefined ? {} : { after }), limit: pageSize });
    yield isStreamed ? page.filter(passes) : page;
    after = page.at(-1)?.key;
    if (page.length < pageSize) return;
  }
}

const pageSize = 500;

/** Streams the mailboxes that match, by address. @throws MailroomError `filter.*`, `profile.unknown` */
export async function* streamMailboxes(
  store: Store,
  environmentId: string,
  filterText: string,
  reader?: FilterReader,
): AsyncGenerator<Stored<Mailbox>> {
  const filter = await resolveFilter(store, environmentId, filterText, reader);
  for await (const page of pagesOfMatching(store, environmentId, filter)) yield* page;
}

/** How many mailboxes match. @throws as streamMailboxes */
export async function countMailboxes(store: Store, environmentId: string, filterText: string): Promise<number> {
  const filter = await resolveFilter(store, environmentId, filterText, undefined);
  if (!needsStreaming(filter)) return store.count('mailbox', queryOf(environmentId, filter));
  let count = 0;
  for await (const page of pagesOfMatching(store, environmentId, filter)) count += page.length;
  return count;
}

export interface MailboxPage {
  readonly rows: readonly Mailbox[];
  readonly total: number;
  /** The page that is there: the last one where a later one was asked for. */
  readonly page: number;
}

/** All that match, by their ids alone, in the order of a list. */
export interface MatchingIds {
  readonly ids: readonly string[];
  /** A digest of the set: the same for two looks exactly when the same mailboxes matched. */
  readonly mark: string;
}

/** The ids of the mailboxes that match, in one pass that keeps no more of each than its id. @throws as streamMailboxes */
export async function listMatching(
  store: Store,
  environmentId: string,
  filterText: string,
  sort: MailboxSort = 'address',
  reader?: FilterReader,
): Promise<MatchingIds> {
  const found: { readonly id: string; readonly rank: number }[] = [];
  const filter = await resolveFilter(store, environmentId, filterText, reader);
  for await (const page of pagesOfMatching(store, environmentId, filter))
    found.push(...page.map(({ value }) => ({ id: value.id, rank: sortRank(sort, value) })));
  const ids = found.map(({ id }) => id);
  const mark = createHash('sha256').update(ids.join('\n')).digest('base64url');
  // The sort is stable: what ranks alike stays in the order of the addresses.
  return sort === 'address' ? { ids, mark } : { ids: found.sort((a, b) => a.rank - b.rank).map(({ id }) => id), mark };
}

/** One page of them, as they are now; `page` from 0. */
export async function pageOf(
  store: Store,
  environmentId: string,
  { ids }: Pick<MatchingIds, 'ids'>,
  page: number,
  size: number,
): Promise<MailboxPage> {
  const last = Math.max(0, Math.ceil(ids.length / size) - 1);
  const wanted = Math.min(Math.max(0, page), last);
  const rows = await Promise.all(
    ids.slice(wanted * size, (wanted + 1) * size).map((id) => store.get('mailbox', mailboxKey(environmentId, id))),
  );
  return { rows: rows.flatMap((stored) => stored?.value ?? []), total: ids.length, page: wanted };
}

/** One page of the matching mailboxes, by address; `page` from 0. @throws as streamMailboxes */
export async function pageOfMailboxes(
  store: Store,
  environmentId: string,
  filterText: string,
  page: number,
  size: number,
): Promise<MailboxPage> {
  return pageOf(store, environmentId, await listMatching(store, environmentId, filterText), page, size);
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
export async function selectMailboxes(
  store: Store,
  environmentId: string,
  text: string,
  reader?: FilterReader,
): Promise<Stored<Mailbox>[]> {
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  if (words.length === 0) throw new MailroomError('mailbox.none-named');
  if (words.every(isNamedAddress))
    // Two spellings of one address are one mailbox: counted twice, a run would wait for a test that never comes.
    return Promise.all([...new Set(words.map(normalizeAddress))].map((word) => getMailbox(store, environmentId, word)));
  const found: Stored<Mailbox>[] = [];
  for await (const stored of streamMailboxes(store, environmentId, text, reader)) found.push(stored);
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
