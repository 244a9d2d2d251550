import type { AlertLevel } from '../model/alert.ts';
import { isMailroomError } from '../model/error.ts';
import { noNotice, type OwnerNotice } from '../model/owner-alert.ts';
import { mostTroubles, type OwnerTrouble, type OwnerView } from '../model/owner-view.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type Store, type Stored } from '../storage/store.ts';
import { chatsOfPeople, mailboxesOf } from './owner-people.ts';
import { ownerStates } from './owner-trouble.ts';
import { ownerIntent } from './review-owners.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** What a person may know of their own mailboxes, as of now. */
export async function readOwnerView(context: Context, environmentId: string, aadObjectId: string): Promise<OwnerView> {
  const { store } = context;
  const key = keyOf(environmentId, aadObjectId);
  const person = (await store.get('person', key))?.value;
  const notice = (await store.get('ownerNotice', key))?.value ?? noNotice(environmentId, aadObjectId);
  const mailboxes = person === undefined ? [] : await mailboxesOf(store, person);
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const states = await ownerStates(context, environmentId, settings, mailboxes);
  const troubles = mailboxes.flatMap(({ id, address }) => {
    const state = states.get(id);
    return state?.kind === 'failing' ? [{ address, ...state }] : [];
  });
  const well = mailboxes.filter(({ id }) => states.get(id)?.kind !== 'failing');
  const working = well.filter(({ id }) => states.get(id)?.kind === 'works');
  return {
    account: person?.account ?? null,
    troubles: troubles.toSorted(mostUrgentFirst).slice(0, mostTroubles),
    failing: troubles.length,
    working: working.length,
    others: well.length - working.length,
    sample: (working.length > 0 ? working : well).slice(0, mostTroubles).map(({ address }) => address),
    news: notice.news,
    isMuted: notice.mutedAt !== null,
  };
}

const weight: Readonly<Record<AlertLevel, number>> = { error: 0, warning: 1, information: 2 };

const mostUrgentFirst = (a: OwnerTrouble, b: OwnerTrouble): number =>
  weight[a.level] - weight[b.level] || b.since - a.since;

/** A person wants to hear of their mailboxes and profiles, or not. It concerns nobody else, so the trail does not tell of it. */
export async function muteOwner(
  { store, clock }: Context,
  environmentId: string,
  aadObjectId: string,
  muted: boolean,
): Promise<void> {
  const key = keyOf(environmentId, aadObjectId);
  await retryConflict(async () => {
    const stored = await store.get('ownerNotice', key);
    const before = stored?.value ?? noNotice(environmentId, aadObjectId);
    if ((before.mutedAt !== null) === muted) return;
    const now = clock.now();
    const mutedAt = muted ? now : null;
    const notice: OwnerNotice = { ...before, mutedAt, ringAt: null, revision: before.revision + 1 };
    const chat = (await chatsOfPeople(store, environmentId, [aadObjectId])).get(aadObjectId);
    await store.commit(
      [
        { kind: 'put', collection: 'ownerNotice', key, value: notice },
        ...(chat === undefined ? [] : await ownerIntent(store, notice, chat, false, now)),
      ],
      [{ collection: 'ownerNotice', key, version: stored?.version ?? 0 }],
    );
  });
}

/** True: the person asked for silence, so that nothing new begins in their own chat. */
export async function isMuted(store: Store, environmentId: string, aadObjectId: string): Promise<boolean> {
  return ((await store.get('ownerNotice', keyOf(environmentId, aadObjectId)))?.value.mutedAt ?? null) !== null;
}

/** The wish to show a person their card as the newest message of their own chat; null: Mailroom has no chat with them. */
export async function showOwnerCard(
  { store, clock }: Context,
  environmentId: string,
  aadObjectId: string,
): Promise<boolean> {
  const chat = (await chatsOfPeople(store, environmentId, [aadObjectId])).get(aadObjectId);
  if (chat === undefined) return false;
  const notice = noNotice(environmentId, aadObjectId);
  await store.commit(await ownerIntent(store, notice, chat, true, clock.now()));
  return true;
}

/** Cards that came too soon after the last one become the newest message now, where something still fails. */
export async function ringOwed({ store, clock }: Context, environmentId: string): Promise<number> {
  const now = clock.now();
  const due = await store.query('ownerNotice', {
    prefix: keyOf(environmentId, ''),
    atMost: { ringAt: now },
    limit: 1000,
  });
  let rung = 0;
  for (const stored of due) if (await ring(store, environmentId, stored, now)) rung += 1;
  return rung;
}

async function ring(
  store: Store,
  environmentId: string,
  { key, version, value }: Stored<OwnerNotice>,
  now: number,
): Promise<boolean> {
  const chat = (await chatsOfPeople(store, environmentId, [value.aadObjectId])).get(value.aadObjectId);
  const rings = chat !== undefined && value.failingSince !== null && value.mutedAt === null;
  const notice: OwnerNotice = {
    ...value,
    ringAt: null,
    rungAt: rings ? now : value.rungAt,
    revision: value.revision + 1,
  };
  const changes: Change[] = [
    { kind: 'put', collection: 'ownerNotice', key, value: notice },
    ...(rings ? await ownerIntent(store, notice, chat, true, now) : []),
  ];
  try {
    await store.commit(changes, [{ collection: 'ownerNotice', key, version }]);
  } catch (error) {
    // Something changes for this person in this moment: looked at again the next time.
    if (isMailroomError(error, 'store.conflict')) return false;
    throw error;
  }
  return rings;
}
