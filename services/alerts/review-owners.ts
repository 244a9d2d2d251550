import { intentChange } from '../conversations/intents.ts';
import type { AlertLevel } from '../model/alert.ts';
import type { EmailSettings } from '../model/environment.ts';
import { noNotice, noticeAfter, type OwnerAlert, type OwnerNotice, type OwnerReview } from '../model/owner-alert.ts';
import type { Mailbox } from '../model/mailbox.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Change, type ExpectedVersion, type Store, type Stored } from '../storage/store.ts';
import { countReach } from './owner-reach.ts';
import { chatsOfPeople, mailboxesOf, ownersOf } from './owner-people.ts';
import { reachReview } from './owner-reviews.ts';
import { ownerStates, type OwnerState } from './owner-trouble.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** Mailboxes of one commit, and people of one step. */
const batchSize = 500;

/**
 * Does the next piece of what is to be looked at anew for owners of mailboxes: their cards, and then, when nothing else waits,
 * the counts of whom incidents reach. True: there may be more. One commit a piece, so a kill repeats at most what changes nothing.
 */
export async function reviewOwners(context: Context, environmentId: string): Promise<boolean> {
  const { store } = context;
  const next = async (kind: OwnerReview['kind'], limit: number): Promise<Stored<OwnerReview>[]> =>
    store.query('ownerReview', { prefix: keyOf(environmentId, ''), where: { kind }, limit });
  const [changed] = await next('mailboxes', 1);
  if (changed?.value.kind === 'mailboxes') {
    const { mailboxIds, succeeded } = changed.value;
    await review(context, environmentId, { mailboxIds, people: [], succeeded }, [], done([changed]));
    return true;
  }
  const people = await next('person', batchSize);
  if (people.length > 0) {
    const ids = people.flatMap(({ value }) => (value.kind === 'person' ? [value.aadObjectId] : []));
    await reviewPeople(context, environmentId, ids, done(people));
    return true;
  }
  const [everybody] = await next('everybody', 1);
  if (everybody?.value.kind === 'everybody') {
    await reviewEverybody(context, environmentId, everybody, everybody.value.after);
    return true;
  }
  const [reach] = await next('reach', 1);
  if (reach?.value.kind !== 'reach') return false;
  await countReach(context, environmentId, reach.value.causeId, done([reach]));
  return true;
}

/** What ends reviews, for the commit that has carried them out. */
export interface Done {
  readonly changes: readonly Change[];
  readonly expected: readonly ExpectedVersion[];
}

/** Against the version that was read: what was asked for again meanwhile is done again. */
const done = (reviews: readonly Stored<OwnerReview>[]): Done => ({
  changes: reviews.map(({ key }): Change => ({ kind: 'delete', collection: 'ownerReview', key })),
  expected: reviews.map(({ key, version }) => ({ collection: 'ownerReview', key, version })),
});

/** The next people by their key, all that they own with them. */
async function reviewEverybody(
  context: Context,
  environmentId: string,
  everybody: Stored<OwnerReview>,
  after: string | null,
): Promise<void> {
  const prefix = keyOf(environmentId, '');
  const page = await context.store.query('person', {
    prefix,
    ...(after === null ? {} : { after }),
    limit: batchSize,
  });
  const last = page.length < batchSize ? undefined : page.at(-1)?.key;
  const { key, version } = everybody;
  await reviewPeople(
    context,
    environmentId,
    page.map(({ value }) => value.aadObjectId),
    last === undefined
      ? done([everybody])
      : {
          changes: [
            { kind: 'put', collection: 'ownerReview', key, value: { environmentId, kind: 'everybody', after: last } },
          ],
          expected: [{ collection: 'ownerReview', key, version }],
        },
  );
}

/** All mailboxes of these people, those included that they were told of before. */
async function reviewPeople(
  context: Context,
  environmentId: string,
  people: readonly string[],
  end: Done,
): Promise<void> {
  const { store } = context;
  const ids = new Set<string>();
  for (const person of people) {
    const known = (await store.get('person', keyOf(environmentId, person)))?.value;
    if (known !== undefined) for (const { id } of await mailboxesOf(store, known)) ids.add(id);
  }
  const told = await store.query('ownerAlert', {
    prefix: keyOf(environmentId, ''),
    where: { aadObjectId: people },
    limit: 100_000,
  });
  for (const { value } of told) ids.add(value.mailboxId);
  const mailboxIds = [...ids];
  for (let at = 0; at + batchSize < mailboxIds.length; at += batchSize)
    await review(context, environmentId, pageOf(mailboxIds, at, people), [], nothing);
  const at = Math.max(0, Math.ceil(mailboxIds.length / batchSize) - 1) * batchSize;
  // Whom incidents reach has changed with who can be reached.
  const causes = await causesOf(store, environmentId, mailboxIds);
  await review(
    context,
    environmentId,
    pageOf(mailboxIds, at, people),
    causes.map((causeId) => reachReview(environmentId, causeId)),
    end,
  );
}

const nothing: Done = { changes: [], expected: [] };

const pageOf = (mailboxIds: readonly string[], at: number, people: readonly string[]): Looked => ({
  mailboxIds: mailboxIds.slice(at, at + batchSize),
  people,
  succeeded: [],
});

async function causesOf(store: Store, environmentId: string, mailboxIds: readonly string[]): Promise<string[]> {
  const alerts = await store.query('alert', {
    prefix: keyOf(environmentId, ''),
    where: { mailboxId: mailboxIds },
    limit: 100_000,
  });
  return [...new Set(alerts.map(({ value }) => value.causeId))];
}

interface Looked {
  readonly mailboxIds: readonly string[];
  /** Looked at even where they own none of these. */
  readonly people: readonly string[];
  readonly succeeded: readonly string[];
}

/** What one look changes for one person. */
interface Finding {
  /** How many more of their mailboxes fail than before; below zero: fewer. */
  more: number;
  since: number;
  isNewTrouble: boolean;
  isFirstSuccess: boolean;
  isChanged: boolean;
}

/** Looks at mailboxes for their owners, and tells those that something changed for. */
async function review(
  context: Context,
  environmentId: string,
  { mailboxIds, people, succeeded }: Looked,
  more: readonly Change[],
  end: Done,
): Promise<void> {
  const { store, clock } = context;
  const now = clock.now();
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const mailboxes: Mailbox[] = [];
  for (const id of mailboxIds) {
    const mailbox = (await store.get('mailbox', keyOf(environmentId, id)))?.value;
    if (mailbox !== undefined) mailboxes.push(mailbox);
  }
  const owners = await ownersOf(store, environmentId, mailboxes);
  const rows = await store.query('ownerAlert', {
    prefix: keyOf(environmentId, ''),
    where: { mailboxId: mailboxIds },
    limit: 100_000,
  });
  const concerned = new Set([
    ...people,
    ...[...owners.values()].map(({ aadObjectId }) => aadObjectId),
    ...rows.map(({ value }) => value.aadObjectId),
  ]);
  const chats = await chatsOfPeople(store, environmentId, [...concerned]);
  const owned = mailboxes.filter(({ id }) => chats.has(owners.get(id)?.aadObjectId ?? ''));
  const states = await ownerStates(context, environmentId, settings, owned);
  const findings = new Map<string, Finding>();
  const changes = [...rowChanges(environmentId, { owned, owners, states, rows, succeeded, now }, findings)];
  const expected: ExpectedVersion[] = [];
  for (const person of concerned) {
    const told = await noticeChanges(
      store,
      environmentId,
      person,
      chats.get(person),
      findings.get(person),
      settings,
      now,
    );
    changes.push(...told.changes);
    expected.push(...told.expected);
  }
  if (changes.length + more.length + end.changes.length === 0) return;
  await store.commit([...changes, ...more, ...end.changes], [...expected, ...end.expected]);
}

interface RowInput {
  readonly owned: readonly Mailbox[];
  readonly owners: Awaited<ReturnType<typeof ownersOf>>;
  readonly states: ReadonlyMap<string, OwnerState>;
  readonly rows: readonly Stored<OwnerAlert>[];
  readonly succeeded: readonly string[];
  readonly now: number;
}

/** The rows of these mailboxes become what their owners are told now; `findings`: what that means for each person. */
function rowChanges(
  environmentId: string,
  { owned, owners, states, rows, succeeded, now }: RowInput,
  findings: Map<string, Finding>,
): Change[] {
  const changes: Change[] = [];
  const kept = new Set<string>();
  const known = new Map(rows.map((row) => [row.key, row.value]));
  for (const { id } of owned) {
    const person = owners.get(id)?.aadObjectId ?? '';
    const key = keyOf(environmentId, person, id);
    const before = known.get(key);
    const value = rowOf({ environmentId, aadObjectId: person, mailboxId: id }, states.get(id), now);
    if (value === null) continue;
    kept.add(key);
    if (before?.state === value.state && before.level === value.level) continue;
    const finding = findingOf(findings, person);
    finding.isChanged = true;
    if (value.state === 'failing') {
      finding.more += before?.state === 'failing' ? 0 : 1;
      finding.since = Math.min(finding.since, value.since);
      finding.isNewTrouble ||= before?.state !== 'failing' || isWorse(before.level, value.level);
    } else {
      finding.more -= before?.state === 'failing' ? 1 : 0;
      finding.isFirstSuccess ||= before === undefined && succeeded.includes(id);
    }
    changes.push({ kind: 'put', collection: 'ownerAlert', key, value });
  }
  for (const { key, value } of rows) {
    if (kept.has(key)) continue;
    const finding = findingOf(findings, value.aadObjectId);
    finding.isChanged = true;
    finding.more -= value.state === 'failing' ? 1 : 0;
    changes.push({ kind: 'delete', collection: 'ownerAlert', key });
  }
  return changes;
}

/** What passes by itself became an error: now it needs somebody. */
const isWorse = (before: AlertLevel | null, after: AlertLevel | null): boolean =>
  before !== 'error' && after === 'error';

function rowOf(
  which: Pick<OwnerAlert, 'environmentId' | 'aadObjectId' | 'mailboxId'>,
  state: OwnerState | undefined,
  now: number,
): OwnerAlert | null {
  switch (state?.kind) {
    case 'failing':
      return { ...which, state: 'failing', level: state.level, since: state.since };
    case 'works':
      return { ...which, state: 'works', level: null, since: now };
    default:
      return null;
  }
}

function findingOf(findings: Map<string, Finding>, person: string): Finding {
  const known = findings.get(person);
  if (known !== undefined) return known;
  const fresh: Finding = {
    more: 0,
    since: Number.POSITIVE_INFINITY,
    isNewTrouble: false,
    isFirstSuccess: false,
    isChanged: false,
  };
  findings.set(person, fresh);
  return fresh;
}

/** The notice of a person and the wish to show it; nothing where nothing changed for them. */
async function noticeChanges(
  store: Store,
  environmentId: string,
  person: string,
  chat: string | undefined,
  finding: Finding | undefined,
  settings: EmailSettings,
  now: number,
): Promise<Done> {
  const key = keyOf(environmentId, person);
  const stored = await store.get('ownerNotice', key);
  // Nobody can be told: what they were told is forgotten, so that it is told when they can be reached again.
  if (chat === undefined) return unreached(stored);
  if (finding?.isChanged !== true) return nothing;
  const before = stored?.value ?? noNotice(environmentId, person);
  const failing =
    finding.more +
    (await store.count('ownerAlert', {
      prefix: keyOf(environmentId, ''),
      where: { aadObjectId: person, state: 'failing' },
    }));
  const { notice, rings } = noticeAfter(
    before,
    {
      failing,
      since: finding.since,
      isNewTrouble: finding.isNewTrouble,
      isFirstSuccess: finding.isFirstSuccess && settings.alertsForInformation,
    },
    now,
  );
  return {
    changes: [
      { kind: 'put', collection: 'ownerNotice', key, value: notice },
      ...(await ownerIntent(store, notice, chat, rings, now)),
    ],
    expected: [{ collection: 'ownerNotice', key, version: stored?.version ?? 0 }],
  };
}

function unreached(stored: Stored<OwnerNotice> | undefined): Done {
  if (stored === undefined) return nothing;
  const { key, version, value } = stored;
  const { environmentId, aadObjectId, mutedAt, revision } = value;
  const isEmpty = value.failingSince === null && value.news === null && value.rungAt === null;
  if (mutedAt !== null && isEmpty) return nothing;
  const silent: OwnerNotice = { ...noNotice(environmentId, aadObjectId), mutedAt, revision: revision + 1 };
  const change: Change =
    mutedAt === null
      ? { kind: 'delete', collection: 'ownerNotice', key }
      : { kind: 'put', collection: 'ownerNotice', key, value: silent };
  return { changes: [change], expected: [{ collection: 'ownerNotice', key, version }] };
}

/** `rings`: the newest message. Else only a card that stands is drawn anew, which calls nobody. */
export async function ownerIntent(
  store: Store,
  { environmentId, aadObjectId }: OwnerNotice,
  chat: string,
  rings: boolean,
  now: number,
): Promise<Change[]> {
  const key = keyOf(environmentId, chat, 'owner', aadObjectId);
  // A wish for the newest place that was not carried out yet is not forgotten over an edit.
  const waiting = (await store.get('intent', key))?.value.placement;
  if (!rings && waiting === undefined && (await store.get('message', key)) === undefined) return [];
  return [intentChange(environmentId, 'owner', aadObjectId, chat, now, rings ? 'repost' : (waiting ?? 'refresh'))];
}
