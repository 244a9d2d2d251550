import { isMailroomError } from '../model/error.ts';
import { causePauseMs } from '../model/alert-route.ts';
import type { Incident } from '../model/alert.ts';
import { openSteps, type ProfileDraft } from '../model/draft.ts';
import type { IntentKind } from '../model/intent.ts';
import { undoMs } from '../model/mailbox-change.ts';
import { selectionLifetimeMs } from '../model/mailbox-view.ts';
import type { SecretRequest } from '../model/secret-request.ts';
import { chatsOfPeople } from '../alerts/owner-people.ts';
import { personReview } from '../alerts/owner-reviews.ts';
import { draftIntents } from '../conversations/draft-intents.ts';
import type { ServiceContext } from '../service-context.ts';
import { resultDays } from '../testing/run-results.ts';
import { streamPages } from '../storage/stream-pages.ts';
import {
  keyOf,
  type Change,
  type Collection,
  type ExpectedVersion,
  type Records,
  type Stored,
} from '../storage/store.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

const dayMs = 24 * 60 * 60 * 1000;
/** What is finished stays this long, so that an old card still gets a sensible answer. */
const keepFinishedMs = 7 * dayMs;
/**
 * Alerts that are over, and messages about what passes: long enough to tell how it ended the last times. Of a cause that comes and
 * goes all day at most so many, or it would fill the memory.
 */
const keepNewsMs = 180 * dayMs;
const mostOfCause = 100;
/** A message of these is looked at while it is news, and nobody edits it later. */
const passing: readonly IntentKind[] = [
  'alert-digest',
  'directory-lookup',
  'draft',
  'import',
  'pending-list',
  'run',
  'status',
];
/** Records that one commit sweeps. */
const batchSize = 500;

/**
 * Puts away what nobody will come back to: passwords that were posted and never confirmed, drafts and dry runs that were
 * left unfinished, and the records behind old cards. Returns how many records it changed.
 */
export async function sweep(context: Context, environmentId: string): Promise<number> {
  const now = context.clock.now();
  let swept = await sweepParkedSecrets(context, environmentId, now);
  swept += await sweepDrafts(context, environmentId, now);
  const finishedBefore = now - keepFinishedMs;
  swept += await remove(
    context,
    environmentId,
    'draft',
    ({ step, createdAt }) => isOver(step) && createdAt < finishedBefore,
  );
  swept += await remove(
    context,
    environmentId,
    'secretRequest',
    ({ state, createdAt }) => state === 'void' && createdAt < finishedBefore,
  );
  swept += await remove(
    context,
    environmentId,
    'importBatch',
    ({ state, createdAt }) => createdAt < (state === 'waiting' ? now - dayMs : finishedBefore),
  );
  swept += await remove(context, environmentId, 'settingsDraft', ({ createdAt }) => createdAt < finishedBefore);
  swept += await remove(context, environmentId, 'directoryLookup', ({ createdAt }) => createdAt < finishedBefore);
  swept += await remove(context, environmentId, 'bulkAction', ({ createdAt }) => createdAt < finishedBefore);
  swept += await remove(context, environmentId, 'mailboxChange', ({ createdAt }) => createdAt < finishedBefore);
  swept += await remove(
    context,
    environmentId,
    'undoStep',
    // Whoever was quick may click a second time; how mailboxes were is gone with the yes.
    ({ state, doneAt }) => doneAt < now - (state === 'open' ? undoMs : dayMs),
  );
  swept += await remove(
    context,
    environmentId,
    'maintenance',
    ({ state, plannedAt, endsAt }) => (state === 'asked' ? plannedAt + dayMs : endsAt + 30 * dayMs) < now,
  );
  swept += await remove(context, environmentId, 'roleChange', ({ askedAt }) => askedAt < now - 30 * dayMs);
  swept += await remove(context, environmentId, 'fileLink', ({ expiresAt }) => expiresAt < now - dayMs);
  swept += await sweepResults(context, environmentId, now);
  swept += await remove(context, environmentId, 'listView', ({ createdAt }) => createdAt < finishedBefore);
  swept += await remove(context, environmentId, 'mailboxView', ({ createdAt }) => createdAt < finishedBefore);
  // A list that is gone is not drawn anew, so nobody asks where it stands.
  swept += await remove(
    context,
    environmentId,
    'message',
    ({ kind, sentAt }) => kind === 'mailbox-list' && sentAt < finishedBefore,
  );
  // Apart from its list: it may hold every mailbox, and a week of them would fill the memory.
  swept += await remove(
    context,
    environmentId,
    'mailboxSelection',
    ({ changedAt }) => changedAt < now - selectionLifetimeMs,
  );
  swept += await sweepIncidents(context, environmentId, now);
  swept += await remove(
    context,
    environmentId,
    'message',
    ({ kind, sentAt }) => passing.includes(kind) && sentAt < now - keepNewsMs,
  );
  swept += await sweepPeople(context, environmentId, now);
  // A digest that was sent is a card, and its buttons lead to what is still there.
  swept += await remove(
    context,
    environmentId,
    'alertDigest',
    ({ state, sentAt }) => state === 'sent' && (sentAt ?? 0) < finishedBefore,
  );
  swept += await remove(context, environmentId, 'shownCause', ({ at }) => at < now - causePauseMs || at > now);
  swept += await remove(context, environmentId, 'recentSends', ({ at }) => at < finishedBefore);
  swept += await remove(context, environmentId, 'turnState', ({ at }) => at < finishedBefore);
  return swept;
}

const isOver = (step: ProfileDraft['step']): boolean => step === 'saved' || step === 'cancelled';

/** The numbers of a run stay; what each of its mailboxes gave goes, since a few runs of thousands would fill the memory. */
async function sweepResults(context: Context, environmentId: string, now: number): Promise<number> {
  const { store } = context;
  const old = await store.query('run', {
    prefix: keyOf(environmentId, ''),
    where: { state: ['completed', 'cancelled'], results: 'kept' },
    atMost: { finishedAt: now - resultDays * dayMs },
    limit: batchSize,
  });
  let swept = 0;
  for (const { key, version, value } of old) {
    const outcomes = keyOf(environmentId, value.id, '');
    for (;;) {
      // Without an expectation: nobody changes an outcome that is folded, and one that is not is none of a run so old.
      const page = await store.query('outcome', { prefix: outcomes, where: { folded: true }, limit: batchSize });
      if (page.length === 0) break;
      await store.commit(page.map((stored): Change => ({ kind: 'delete', collection: 'outcome', key: stored.key })));
      swept += page.length;
    }
    swept += await commit(
      context,
      [{ kind: 'put', collection: 'run', key, value: { ...value, results: 'gone', revision: value.revision + 1 } }],
      [{ collection: 'run', key, version }],
    );
  }
  return swept;
}

/** With what is known of their messages: a card that tells of an end is not edited any more. */
async function sweepIncidents(context: Context, environmentId: string, now: number): Promise<number> {
  const { store } = context;
  const prefix = keyOf(environmentId, '');
  const resolved: Stored<Incident>[] = [];
  for await (const page of streamPages(store, 'incident', { prefix, where: { state: 'resolved' } }))
    resolved.push(...page);
  const endOf = ({ value }: Stored<Incident>): number => value.resolvedAt ?? now;
  const old = [...Map.groupBy(resolved, ({ value }) => value.causeId).values()].flatMap((ofCause) =>
    ofCause
      .toSorted((left, right) => endOf(right) - endOf(left))
      .filter((incident, index) => index >= mostOfCause || endOf(incident) < now - keepNewsMs),
  );
  let swept = 0;
  for (let from = 0; from < old.length; from += batchSize) {
    const batch = old.slice(from, from + batchSize);
    const subjectId = batch.map(({ value }) => value.id);
    const messages = await store.query('message', {
      prefix,
      where: { kind: 'incident', subjectId },
      limit: 100_000,
    });
    swept += await commit(
      context,
      [
        ...batch.map(({ key }): Change => ({ kind: 'delete', collection: 'incident', key })),
        ...messages.map(({ key }): Change => ({ kind: 'delete', collection: 'message', key })),
      ],
      batch.map(({ key, version }): ExpectedVersion => ({ collection: 'incident', key, version })),
    );
  }
  return swept;
}

/**
 * Who was not seen for long is forgotten, but for those who have Mailroom: an owner of mailboxes may read their card for years
 * without a click. What they were told goes with them.
 */
async function sweepPeople(context: Context, environmentId: string, now: number): Promise<number> {
  const { store } = context;
  let swept = 0;
  for (let after: string | undefined; ;) {
    const page = await store.query('person', {
      prefix: keyOf(environmentId, ''),
      ...(after === undefined ? {} : { after }),
      limit: batchSize,
    });
    const old = page.filter(({ value }) => value.seenAt < now - 400 * dayMs);
    const chats = await chatsOfPeople(
      store,
      environmentId,
      old.map(({ value }) => value.aadObjectId),
    );
    const gone = old.filter(({ value }) => !chats.has(value.aadObjectId));
    swept += await commit(
      context,
      gone.flatMap(({ key, value }): Change[] => [
        { kind: 'delete', collection: 'person', key },
        personReview(environmentId, value.aadObjectId),
      ]),
      gone.map(({ key, version }) => ({ collection: 'person', key, version })),
    );
    after = page.at(-1)?.key;
    if (page.length < batchSize) return swept;
  }
}

/** A password whose code nobody typed in time is destroyed; its draft asks for a new link. */
async function sweepParkedSecrets(context: Context, environmentId: string, now: number): Promise<number> {
  const { store } = context;
  const parked = await store.query('secretRequest', {
    prefix: keyOf(environmentId, ''),
    where: { state: 'parked' },
    limit: batchSize,
  });
  let swept = 0;
  for (const request of parked.filter(({ value }) => value.expiresAt <= now)) {
    const draft = await store.get('draft', keyOf(environmentId, request.value.draftId));
    const { changes, expected } = destroySecret(request);
    if (draft?.value.secretRequestId === request.value.id && draft.value.credential === 'parked') {
      const value: ProfileDraft = { ...draft.value, credential: 'none', revision: draft.value.revision + 1 };
      changes.push(
        { kind: 'put', collection: 'draft', key: draft.key, value },
        ...(await draftIntents(store, value, now)),
      );
      expected.push({ collection: 'draft', key: draft.key, version: draft.version });
    }
    swept += await commit(context, changes, expected);
  }
  return swept;
}

/** A draft that waited longer than its life is cancelled, and its password with it. */
async function sweepDrafts(context: Context, environmentId: string, now: number): Promise<number> {
  const { store } = context;
  const open = await store.query('draft', {
    prefix: keyOf(environmentId, ''),
    where: { step: [...openSteps] },
    limit: batchSize,
  });
  let swept = 0;
  for (const draft of open.filter(({ value }) => value.expiresAt <= now)) {
    const { secretRequestId, credentialId } = draft.value;
    const request =
      secretRequestId === null ? undefined : await store.get('secretRequest', keyOf(environmentId, secretRequestId));
    const { changes, expected } = request === undefined ? { changes: [], expected: [] } : destroySecret(request);
    if (credentialId !== null)
      changes.push({ kind: 'delete', collection: 'credential', key: keyOf(environmentId, credentialId) });
    const value: ProfileDraft = {
      ...draft.value,
      step: 'cancelled',
      credential: 'none',
      credentialId: null,
      revision: draft.value.revision + 1,
    };
    changes.push(
      { kind: 'put', collection: 'draft', key: draft.key, value },
      ...(await draftIntents(store, value, now)),
    );
    expected.push({ collection: 'draft', key: draft.key, version: draft.version });
    swept += await commit(context, changes, expected);
  }
  return swept;
}

function destroySecret({ key, version, value }: Stored<SecretRequest>): {
  changes: Change[];
  expected: ExpectedVersion[];
} {
  const changes: Change[] = [
    {
      kind: 'put',
      collection: 'secretRequest',
      key,
      value: { ...value, state: 'void', code: null, revision: value.revision + 1 },
    },
  ];
  if (value.credentialId !== null && value.state === 'parked') {
    changes.push({ kind: 'delete', collection: 'credential', key: keyOf(value.environmentId, value.credentialId) });
  }
  return { changes, expected: [{ collection: 'secretRequest', key, version }] };
}

async function remove<C extends Collection>(
  context: Context,
  environmentId: string,
  collection: C,
  isOld: (record: Records[C]) => boolean,
): Promise<number> {
  let swept = 0;
  for (let after: string | undefined; ;) {
    const page = await context.store.query(collection, {
      prefix: keyOf(environmentId, ''),
      ...(after === undefined ? {} : { after }),
      limit: batchSize,
    });
    const old = page.filter(({ value }) => isOld(value));
    swept += await commit(
      context,
      old.map(({ key }): Change => ({ kind: 'delete', collection, key })),
      old.map(({ key, version }): ExpectedVersion => ({ collection, key, version })),
    );
    after = page.at(-1)?.key;
    if (page.length < batchSize) return swept;
  }
}

/** Somebody who uses a record in the same moment is right: it is left to the next sweep. */
async function commit(
  context: Context,
  changes: readonly Change[],
  expected: readonly ExpectedVersion[],
): Promise<number> {
  if (changes.length === 0) return 0;
  try {
    await context.store.commit(changes, expected);
    return changes.length;
  } catch (error) {
    if (isMailroomError(error, 'store.conflict')) return 0;
    throw error;
  }
}
