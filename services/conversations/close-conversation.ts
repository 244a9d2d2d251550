import { personReview } from '../alerts/owner-reviews.ts';
import type { Clock } from '../model/clock.ts';
import type { ConversationReference } from '../model/conversation.ts';
import type { Intent } from '../model/intent.ts';
import type { Log } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Store, type Stored } from '../storage/store.ts';
import { deathNoticeIntents, noticeForDeath } from './death-notices.ts';
import { fallbackIntents, movingKinds, type StrandedMessage } from './fallback-routes.ts';

interface Context {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

const pageSize = 200;

/**
 * Teams refuses a conversation. One commit marks it, sends what matters of it elsewhere, what waited and what stood there, and
 * tells the admins; from then on the outbox moves whatever else waits for it (`moveIntent`), so a kill in between loses
 * nothing. What comes there by subscription stays as it is, for when the conversation lives again. `found`: as it was when
 * the refused call was made; where it changed meanwhile, the next delivery finds out. The log gets one line.
 */
export async function closeConversation(
  context: Context,
  { key, value: { environmentId, conversationId, revision } }: Stored<ConversationReference>,
  reason: string,
): Promise<void> {
  const { store, clock, log } = context;
  const closed = await retryConflict(async () => {
    const stored = await store.get('conversation', key);
    if (stored === undefined || stored.value.deadReason !== null || stored.value.revision !== revision) return null;
    const now = clock.now();
    const page = await waitingIn(store, stored.value);
    const standing = await standingIn(store, stored.value);
    const moved = await fallbackIntents(store, environmentId, conversationId, [...page.map(waits), ...standing], now);
    const notice = await noticeForDeath(store, stored.value, moved.length > 0, now);
    const value: ConversationReference = {
      ...stored.value,
      deadReason: reason,
      deadSince: now,
      deathNotice: notice.id,
      revision: revision + 1,
    };
    await store.commit(
      [
        { kind: 'put', collection: 'conversation', key, value },
        ...removalOf(page),
        ...moved,
        ...(await deathNoticeIntents(store, value, notice, now)),
        ...(value.aadObjectId === null ? [] : [personReview(environmentId, value.aadObjectId)]),
      ],
      [{ collection: 'conversation', key, version: stored.version }, ...unchanged(page)],
    );
    return { value, taken: page.length, moved: moved.length };
  });
  if (closed === null) return;
  let { taken, moved } = closed;
  for (let more = taken; more >= pageSize; taken += more) {
    const next = await movePage(context, closed.value);
    more = next.taken;
    moved += next.moved;
  }
  log.warn(
    { conversationId, reason, waited: taken, movedElsewhere: moved },
    'Teams refuses a conversation; what matters of it goes elsewhere',
  );
}

/**
 * A wish for a conversation that Teams refuses, or that is not known, becomes one for where such messages go now.
 * @returns in how many places
 * @throws MailroomError `store.conflict`: the wish changed meanwhile
 */
export async function moveIntent(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  intent: Stored<Intent>,
): Promise<number> {
  const { environmentId, conversationId } = intent.value;
  const moved = await fallbackIntents(store, environmentId, conversationId, [waits(intent)], clock.now());
  await store.commit([...removalOf([intent]), ...moved], unchanged([intent]));
  return moved.length;
}

async function movePage(
  { store, clock }: Context,
  place: ConversationReference,
): Promise<{ readonly taken: number; readonly moved: number }> {
  return retryConflict(async () => {
    const page = await waitingIn(store, place);
    const { environmentId, conversationId } = place;
    const moved = await fallbackIntents(store, environmentId, conversationId, page.map(waits), clock.now());
    if (page.length > 0) await store.commit([...removalOf(page), ...moved], unchanged(page));
    return { taken: page.length, moved: moved.length };
  });
}

/** By its field and not by its key alone: of two conversation ids one may begin like the other. */
function waitingIn(
  store: Store,
  { environmentId, conversationId }: Pick<ConversationReference, 'environmentId' | 'conversationId'>,
): Promise<Stored<Intent>[]> {
  return store.query('intent', { prefix: keyOf(environmentId, ''), where: { conversationId }, limit: pageSize });
}

/** What stood there and may still matter: it may be gone for its readers, as with a channel that was deleted. */
async function standingIn(
  store: Store,
  { environmentId, conversationId }: Pick<ConversationReference, 'environmentId' | 'conversationId'>,
): Promise<StrandedMessage[]> {
  const where = { conversationId, kind: movingKinds };
  const standing: StrandedMessage[] = [];
  for (let after: string | undefined; ;) {
    const page = await store.query('message', {
      prefix: keyOf(environmentId, ''),
      where,
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    standing.push(...page.map(({ value: { kind, subjectId } }) => ({ kind, subjectId, waits: false })));
    after = page.at(-1)?.key;
    if (page.length < pageSize) return standing;
  }
}

const waits = ({ value: { kind, subjectId } }: Stored<Intent>): StrandedMessage => ({ kind, subjectId, waits: true });

const removalOf = (intents: readonly Stored<Intent>[]): Change[] =>
  intents.map(({ key }) => ({ kind: 'delete', collection: 'intent', key }));

const unchanged = (intents: readonly Stored<Intent>[]): ExpectedVersion[] =>
  intents.map(({ key, version }) => ({ collection: 'intent', key, version }));
