import { createHash, randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { MailroomError } from '../model/error.ts';
import { formatFilter } from '../model/filter.ts';
import { listPageSize } from '../model/list-view.ts';
import type { Mailbox } from '../model/mailbox.ts';
import { mostSelections, withAll, withTicks, type MailboxView } from '../model/mailbox-view.ts';
import { requireRight } from '../access/roles.ts';
import { filterReader } from '../approvals/requests-to-decide.ts';
import { listProfiles } from '../profiles/profile-names.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Stored } from '../storage/store.ts';
import { listMatching, pageOf, readFilter, type FilterReader, type MatchingIds } from './find-mailboxes.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** Names of profiles by id, in the order of the names. */
export type ProfileNames = Readonly<Record<string, string>>;

/** A list with all that its card shows. */
export interface MailboxList {
  readonly view: MailboxView;
  readonly rows: readonly Mailbox[];
  /** Ids of all that are selected, on whichever page and of whichever filter. */
  readonly selected: readonly string[];
  readonly profileNames: ProfileNames;
  /** The click did nothing: the list is another person's, or it is not as its card showed it. */
  readonly untouched: 'copied' | 'stale' | 'changed' | null;
}

/** A click on a card: which list, as of when, and what is ticked and typed. */
export interface ListClick {
  readonly id: string;
  readonly revision: number;
  readonly inputs: Readonly<Record<string, string>>;
}

export type ListChange =
  | { readonly kind: 'turn'; readonly step: 1 | -1 }
  | { readonly kind: 'select-all' }
  | { readonly kind: 'clear' }
  /** What is looked for, worked out from the list as its card showed it. */
  | {
      readonly kind: 'search';
      readonly search: (view: MailboxView, names: ProfileNames) => Partial<Pick<MailboxView, 'filter' | 'sort'>>;
    };

const viewKey = (environmentId: string, id: string): string => keyOf(environmentId, id);

/**
 * A new list, of which nothing is selected.
 * @throws MailroomError `access.denied`, `filter.*`, `profile.unknown`
 */
export async function openMailboxList(
  context: Context,
  environmentId: string,
  actor: Actor,
  filterText: string,
): Promise<MailboxList> {
  await requireRight(context, environmentId, actor, 'read');
  const view: MailboxView = {
    environmentId,
    id: randomUUID(),
    actorId: actor.aadObjectId,
    actorName: actor.name,
    copiedFrom: null,
    filter: await canonical(context, environmentId, filterText),
    sort: 'address',
    page: 0,
    shown: [],
    total: 0,
    mark: '',
    createdAt: context.clock.now(),
    revision: 0,
  };
  return show(context, { key: viewKey(environmentId, view.id), version: 0, value: view }, view, null);
}

/**
 * A click on a list: another page, other words, another selection; what is ticked on the page is kept with each of them.
 * A stale click, or the second one of two, changes nothing and gets the list as it is. Whoever clicks on another person's
 * list gets a copy, with a selection of its own.
 * @throws MailroomError `access.denied`, `view.unknown`, `filter.*`, `profile.unknown`
 */
export async function changeMailboxList(
  context: Context,
  environmentId: string,
  actor: Actor,
  click: ListClick,
  change: ListChange,
): Promise<MailboxList> {
  await requireRight(context, environmentId, actor, 'read');
  return retryConflict(async () => {
    const { stored, acts } = await ownList(context, environmentId, actor, click);
    const { value } = stored;
    if (acts !== true) return show(context, stored, value, acts);
    await keepTicks(context, value, click);
    switch (change.kind) {
      case 'turn':
        return show(context, stored, { ...value, page: value.page + change.step }, null);
      case 'search': {
        const names = await namesOf(context, environmentId);
        const { filter = value.filter, sort = value.sort } = change.search(value, names);
        const next = { ...value, filter: await canonical(context, environmentId, filter), sort, page: 0 };
        return show(context, stored, next, null);
      }
      case 'clear':
        return select(context, stored, () => []);
      case 'select-all': {
        const reader = readerOf(context, value);
        const matching = await listMatching(context.store, environmentId, value.filter, value.sort, reader);
        // Others match than those that were counted: their number is shown before anything is done with them.
        if (matching.mark !== value.mark) return show(context, stored, value, 'changed', matching);
        return select(context, stored, (ids) => withAll(ids, matching.ids));
      }
    }
  });
}

/**
 * What a click on an action means: the selection with what is ticked on the page, or null where the click is stale or on
 * another person's list; then there is only the list to show.
 * @throws MailroomError `access.denied`, `view.unknown`
 */
export async function selectionOf(
  context: Context,
  environmentId: string,
  actor: Actor,
  click: ListClick,
): Promise<{ readonly list: MailboxList; readonly mailboxIds: readonly string[] | null }> {
  await requireRight(context, environmentId, actor, 'read');
  return retryConflict(async () => {
    const { stored, acts } = await ownList(context, environmentId, actor, click);
    if (acts !== true) return { list: await show(context, stored, stored.value, acts), mailboxIds: null };
    const mailboxIds = await keepTicks(context, stored.value, click);
    return { list: await asShown(context, stored.value, mailboxIds), mailboxIds };
  });
}

/**
 * A list as it is now, for its owner.
 * @throws MailroomError `access.denied`, `view.unknown`
 */
export async function currentMailboxList(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
): Promise<MailboxList> {
  await requireRight(context, environmentId, actor, 'read');
  return retryConflict(async () => {
    const stored = await context.store.get('mailboxView', viewKey(environmentId, id));
    if (stored === undefined || stored.value.actorId !== actor.aadObjectId) throw new MailroomError('view.unknown');
    return show(context, stored, stored.value, null);
  });
}

/** The list behind a card, or the actor's own copy of it; `acts`: whether the click may do anything, or why not. */
async function ownList(
  { store, clock }: Context,
  environmentId: string,
  actor: Actor,
  { id, revision }: ListClick,
): Promise<{ stored: Stored<MailboxView>; acts: true | 'copied' | 'stale' }> {
  const stored = await store.get('mailboxView', viewKey(environmentId, id));
  if (stored === undefined) throw new MailroomError('view.unknown');
  if (stored.value.actorId === actor.aadObjectId)
    return { stored, acts: stored.value.revision === revision ? true : 'stale' };
  // The same for each click on that list: the second one finds the copy that the first one made.
  const ownId = createHash('sha256').update(`${id} ${actor.aadObjectId}`).digest('base64url');
  const key = viewKey(environmentId, ownId);
  const copy = await store.get('mailboxView', key);
  if (copy !== undefined) return { stored: copy, acts: 'copied' };
  const value: MailboxView = {
    ...stored.value,
    id: ownId,
    actorId: actor.aadObjectId,
    actorName: actor.name,
    copiedFrom: stored.value.actorName,
    createdAt: clock.now(),
    revision: 0,
  };
  return { stored: { key, version: 0, value }, acts: 'copied' };
}

/** Keeps what is ticked on the page. It has no revision: the card that says so may say it again. */
async function keepTicks(context: Context, view: MailboxView, { inputs }: ListClick): Promise<readonly string[]> {
  const { key, version, ids } = await selectedIn(context, view);
  const ticked = withTicks(ids, view.shown, inputs);
  if (ticked !== ids) await context.store.commit(...(await selectionChange(context, view, { key, version }, ticked)));
  return ticked;
}

/** Another selection, which the card shows anew. */
async function select(
  context: Context,
  stored: Stored<MailboxView>,
  change: (ids: readonly string[]) => readonly string[],
): Promise<MailboxList> {
  const { key, version, ids } = await selectedIn(context, stored.value);
  const [changes, expected] = await selectionChange(context, stored.value, { key, version }, change(ids));
  return show(context, stored, stored.value, null, undefined, { changes, expected });
}

/** By whose it is, so that a person's selections can be counted. */
const selectionKey = ({ environmentId, actorId, id }: MailboxView): string => keyOf(environmentId, actorId, id);

async function selectedIn({ store }: Context, view: MailboxView) {
  const key = selectionKey(view);
  const stored = await store.get('mailboxSelection', key);
  return { key, version: stored?.version ?? 0, ids: stored?.value.mailboxIds ?? [] };
}

async function selectionChange(
  { store, clock }: Context,
  { environmentId, actorId, id }: MailboxView,
  { key, version }: { readonly key: string; readonly version: number },
  mailboxIds: readonly string[],
): Promise<[Change[], ExpectedVersion[]]> {
  const value = { environmentId, id, mailboxIds, changedAt: clock.now() };
  const own = await store.query('mailboxSelection', { prefix: keyOf(environmentId, actorId, ''), limit: 1000 });
  const oldest = own
    .filter((other) => other.key !== key)
    .sort((a, b) => b.value.changedAt - a.value.changedAt)
    .slice(mostSelections - 1);
  return [
    [
      { kind: 'put', collection: 'mailboxSelection', key, value },
      ...oldest.map((other): Change => ({ kind: 'delete', collection: 'mailboxSelection', key: other.key })),
    ],
    [{ collection: 'mailboxSelection', key, version }],
  ];
}

interface AlsoCommitted {
  readonly changes: readonly Change[];
  readonly expected: readonly ExpectedVersion[];
}

/** Looks at the mailboxes and stores what the card will show, with a revision of its own if that differs from before. */
async function show(
  context: Context,
  { key, version, value: before }: Stored<MailboxView>,
  wanted: MailboxView,
  untouched: MailboxList['untouched'],
  matching?: MatchingIds,
  also: AlsoCommitted = { changes: [], expected: [] },
): Promise<MailboxList> {
  const { store } = context;
  const { environmentId, filter, sort } = wanted;
  const found = matching ?? (await listMatching(store, environmentId, filter, sort, readerOf(context, wanted)));
  const { rows, total, page } = await pageOf(store, environmentId, found, wanted.page, listPageSize);
  const looked: MailboxView = { ...wanted, page, shown: rows.map(({ id }) => id), total, mark: found.mark };
  const isSame = also.changes.length === 0 && version !== 0 && JSON.stringify(looked) === JSON.stringify(before);
  const view = isSame ? before : { ...looked, revision: before.revision + 1 };
  if (!isSame)
    await store.commit(
      [{ kind: 'put', collection: 'mailboxView', key, value: view }, ...also.changes],
      [{ collection: 'mailboxView', key, version }, ...also.expected],
    );
  const { ids } = await selectedIn(context, view);
  return { view, rows, selected: ids, profileNames: await namesOf(context, environmentId), untouched };
}

/** The list with the very page that its card shows, for whoever gets a card of it beside what the click does. */
async function asShown(context: Context, view: MailboxView, selected: readonly string[]): Promise<MailboxList> {
  const { rows } = await pageOf(context.store, view.environmentId, { ids: view.shown }, 0, listPageSize);
  return { view, rows, selected, profileNames: await namesOf(context, view.environmentId), untouched: null };
}

/** A list of what waits for somebody is a list of what waits for its owner. */
function readerOf(context: Context, { environmentId, actorId, actorName }: MailboxView): FilterReader {
  const owner = { tenantId: '', aadObjectId: actorId, name: actorName };
  return filterReader(context, environmentId, owner);
}

async function namesOf({ store }: Context, environmentId: string): Promise<ProfileNames> {
  return Object.fromEntries((await listProfiles(store, environmentId)).map(({ id, name }) => [id, name]));
}

/** One spelling for a filter, with the id of its profile: a name that changes, or reads like another, is no other filter. */
async function canonical({ store }: Context, environmentId: string, filterText: string): Promise<string> {
  return formatFilter(await readFilter(store, environmentId, filterText.slice(0, 500)));
}
