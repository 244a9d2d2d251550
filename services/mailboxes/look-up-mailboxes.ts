import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { isLookupOver, longestQuery, type DirectoryLookup } from '../model/directory-lookup.ts';
import { MailroomError } from '../model/error.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import type { Task } from '../model/run.ts';
import { requireRight } from '../access/roles.ts';
import { intentChange } from '../conversations/intents.ts';
import { getEnvironment } from '../platform/environments.ts';
import { listProfiles } from '../profiles/profile-names.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change } from '../storage/store.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** What a person can answer to the card of a look-up. */
export type LookupAnswer =
  | { readonly kind: 'use-profile'; readonly profileId: string }
  | { readonly kind: 'choose'; readonly place: number }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'cancel' };

/**
 * Begins to look a name or a list up in the address book; the rows become a dry run. Through the named profile, else the
 * default one, else the only active one; where there are several, its card asks. `id`: of what was asked for, so that asking
 * twice looks up once while that is under way.
 * @throws MailroomError `access.denied`, `lookup.empty`, `lookup.too-long`, `lookup.no-profile`, `profile.unknown`
 */
export async function startLookup(
  context: Context,
  environmentId: string,
  actor: Actor,
  conversationId: string,
  text: string,
  profileId: string | null = null,
  id: string = randomUUID(),
): Promise<DirectoryLookup> {
  await requireRight(context, environmentId, actor, 'manage');
  // As Teams makes a link of an address, and Outlook puts it.
  const query = text.replace(/^\[[^\]]*\]\(mailto:([^)]*)\)$/i, '$1').trim();
  if (query === '') throw new MailroomError('lookup.empty');
  if (query.length > longestQuery) throw new MailroomError('lookup.too-long', { limit: longestQuery });
  return retryConflict(async () => {
    const known = (await context.store.get('directoryLookup', keyOf(environmentId, id)))?.value;
    if (known !== undefined && !isLookupOver(known) && known.state !== 'failed') return known;
    const owner = { environmentId, actorId: actor.aadObjectId, conversationId };
    return commitLookup(context, { ...owner, id: known === undefined ? id : randomUUID(), query }, profileId);
  });
}

async function commitLookup(
  context: Context,
  asked: Pick<DirectoryLookup, 'environmentId' | 'id' | 'actorId' | 'conversationId' | 'query'>,
  profileId: string | null,
): Promise<DirectoryLookup> {
  const { environmentId, conversationId } = asked;
  const profile = await profileFor(context, environmentId, profileId);
  const now = context.clock.now();
  const lookup: DirectoryLookup = {
    ...asked,
    state: profile === null ? 'asking-profile' : 'working',
    profileId: profile?.id ?? null,
    choices: [],
    hasMore: false,
    target: null,
    progress: { groups: 0, members: 0 },
    fault: null,
    problem: null,
    batchId: null,
    createdAt: now,
    revision: 1,
  };
  const key = keyOf(environmentId, lookup.id);
  await context.store.commit(
    [
      { kind: 'put', collection: 'directoryLookup', key, value: lookup },
      intentChange(environmentId, 'directory-lookup', lookup.id, conversationId, now, 'repost'),
      ...(lookup.state === 'working' ? [workFor(lookup, now)] : []),
    ],
    [{ collection: 'directoryLookup', key, version: 0 }],
  );
  return lookup;
}

/** Null: there are several, and none is the default. */
async function profileFor(
  { store }: Context,
  environmentId: string,
  profileId: string | null,
): Promise<EmailServerProfile | null> {
  const active = await activeProfiles(store, environmentId);
  if (profileId !== null) {
    const named = active.find(({ id }) => id === profileId);
    if (named === undefined) throw new MailroomError('lookup.profile-gone');
    return named;
  }
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const [first, ...others] = active;
  if (first === undefined) throw new MailroomError('lookup.no-profile');
  return active.find(({ id }) => id === settings.defaultProfileId) ?? (others.length === 0 ? first : null);
}

/** Profiles that a look-up can go through, by name. */
export async function activeProfiles(
  store: ServiceContext['store'],
  environmentId: string,
): Promise<EmailServerProfile[]> {
  return (await listProfiles(store, environmentId)).filter(({ state }) => state === 'active');
}

/**
 * Takes an answer to the card. A click on a card of before changes nothing, and gets the look-up as it is.
 * @throws MailroomError `access.denied`, `lookup.unknown`, `lookup.not-yours`, `lookup.not-chosen`, `lookup.profile-gone`
 */
export async function answerLookup(
  context: Context,
  environmentId: string,
  actor: Actor,
  lookupId: string,
  revision: number,
  answer: LookupAnswer,
): Promise<DirectoryLookup> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  return retryConflict(async () => {
    const stored = await store.get('directoryLookup', keyOf(environmentId, lookupId));
    if (stored === undefined) throw new MailroomError('lookup.unknown');
    const { value } = stored;
    if (value.actorId !== actor.aadObjectId) throw new MailroomError('lookup.not-yours');
    if (value.revision !== revision || isLookupOver(value)) return value;
    const next = await after(context, value, answer);
    if (next === null) return value;
    const now = clock.now();
    const task = await store.get('task', taskKey(value));
    const work: Change[] =
      next.state === 'working'
        ? [workFor(next, now)]
        : task === undefined
          ? []
          : [{ kind: 'delete', collection: 'task', key: task.key }];
    await store.commit(
      [
        { kind: 'put', collection: 'directoryLookup', key: stored.key, value: next },
        intentChange(environmentId, 'directory-lookup', value.id, value.conversationId, now),
        ...work,
      ],
      [
        { collection: 'directoryLookup', key: stored.key, version: stored.version },
        ...(task === undefined ? [] : [{ collection: 'task', key: task.key, version: task.version } as const]),
      ],
    );
    return next;
  });
}

/** Null: the card does not ask for that now. */
async function after(
  { store }: Context,
  lookup: DirectoryLookup,
  answer: LookupAnswer,
): Promise<DirectoryLookup | null> {
  const { state, environmentId, choices } = lookup;
  const working = {
    ...lookup,
    state: 'working',
    fault: null,
    problem: null,
    progress: { groups: 0, members: 0 },
    revision: lookup.revision + 1,
  } as const;
  switch (answer.kind) {
    case 'use-profile': {
      if (state !== 'asking-profile') return null;
      const known = await activeProfiles(store, environmentId);
      if (!known.some(({ id }) => id === answer.profileId)) throw new MailroomError('lookup.profile-gone');
      return { ...working, profileId: answer.profileId };
    }
    case 'choose': {
      if (state !== 'choosing') return null;
      const target = choices[answer.place];
      if (target === undefined) throw new MailroomError('lookup.not-chosen');
      return { ...working, target };
    }
    case 'repeat':
      return state === 'failed' ? working : null;
    case 'cancel':
      return { ...lookup, state: 'cancelled', choices: [], revision: lookup.revision + 1 };
  }
}

const taskKey = ({ environmentId, id }: Pick<DirectoryLookup, 'environmentId' | 'id'>): string =>
  keyOf(environmentId, 'expand-list', id);

/** The work in the background. Somebody waits for it, so it comes before tests of thousands. */
function workFor(lookup: DirectoryLookup, now: number): Change {
  const { environmentId, id, profileId } = lookup;
  const value: Task = {
    environmentId,
    id: randomUUID(),
    kind: 'expand-list',
    subjectId: id,
    profileId,
    runId: null,
    state: 'ready',
    dueAt: now,
    priority: 0,
    claims: 0,
    createdAt: now,
  };
  return { kind: 'put', collection: 'task', key: taskKey(lookup), value };
}
