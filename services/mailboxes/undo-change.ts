import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import type { EmailSettings } from '../model/environment.ts';
import { MailroomError } from '../model/error.ts';
import { changeSampleSize, undoMs, type UndoResult, type UndoStep } from '../model/mailbox-change.ts';
import { applyEdit, hasConfiguration, voidedDirections } from '../model/mailbox-edit.ts';
import {
  directions,
  methodOf,
  rollUp,
  serverSide,
  serverSideDirections,
  testStatus,
  type Direction,
  type Mailbox,
} from '../model/mailbox.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { requireRight } from '../access/roles.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type Store, type Stored } from '../storage/store.ts';
import { pollChanges } from '../testing/poll-changes.ts';
import { mayBeTested } from './approval-requirement.ts';
import { prepareChanges } from './mailbox-changes.ts';
import type { ChangedMailbox } from './settle-approvals.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'pollIntervalMs'>;

/** What an undo would do now. */
export interface UndoEffect {
  readonly restorable: number;
  readonly left: number;
  readonly sample: readonly string[];
}

/**
 * The last bulk change of this person, and what taking it back would do. Each takes back only their own: "undo" without a
 * name means what one has just done and seen, and another admin would take back what they have not. They can change the
 * mailboxes again by name.
 * @throws MailroomError `access.denied`, `undo.nothing`, `undo.too-late` {minutes}, `undo.replaced`
 */
export async function planUndo(
  context: Context,
  environmentId: string,
  actor: Actor,
  changeId?: string,
): Promise<{ step: UndoStep; effect: UndoEffect }> {
  await requireRight(context, environmentId, actor, 'manage');
  const { value: step } = await loadStep(context, environmentId, actor, changeId);
  const { changed, left } = await sortOut(context.store, step);
  return { step, effect: { restorable: changed.length, left: left.length, sample: left.slice(0, changeSampleSize) } };
}

/**
 * Puts the mailboxes back as they were, in one commit, where nothing has changed since. A direction that worked before works
 * again: it had been tested with just these settings. A second click finds it done.
 * @throws MailroomError as planUndo
 */
export async function confirmUndo(
  context: Context,
  environmentId: string,
  actor: Actor,
  changeId: string,
  conversationId: string,
): Promise<UndoStep> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  return retryConflict(async () => {
    const stored = await loadStep(context, environmentId, actor, changeId);
    const { value: step } = stored;
    if (step.state === 'done') return step;
    const environment = await getEnvironment(store, environmentId);
    const { settings } = environment.value;
    const now = clock.now();
    const { changed, left, enabled } = await sortOut(store, step);
    const prepared = await prepareChanges(context, environment, actor, `${step.id}-undo`, changed, conversationId, now);
    const profiles = await activeProfiles(store, environmentId);
    const changes: Change[] = [];
    let working = 0;
    for (const [index, after] of prepared.after.entries()) {
      const before = changed[index]?.before.value;
      const worked = enabled[index] ?? [];
      const profile = after.profileId === null ? undefined : profiles.get(after.profileId);
      const value =
        before === undefined || profile === undefined ? after : withWorking(settings, before, after, worked);
      if (worked.length > 0 && worked.every((direction) => value[direction].enabled)) working += 1;
      if (value === after) continue;
      changes.push({ kind: 'put', collection: 'mailbox', key: keyOf(environmentId, value.id), value });
      changes.push(...(await pollChanges(context, value, profile, now)));
    }
    const result: UndoResult = {
      restored: changed.length,
      left: left.length,
      sample: left.slice(0, changeSampleSize),
      working,
    };
    const value: UndoStep = {
      ...step,
      was: [],
      became: [],
      items: [],
      state: 'done',
      result,
      revision: step.revision + 1,
    };
    const addresses = prepared.after.map(({ address }) => address);
    const entry = auditEntry(environmentId, now, actor, 'mailboxes.restored', addresses, {
      count: addresses.length,
      what: step.kind,
    });
    await store.commit(
      [
        ...prepared.changes,
        ...changes,
        { kind: 'put', collection: 'undoStep', key: stored.key, value },
        { kind: 'append', log: 'audit', entry },
      ],
      [...prepared.expected, { collection: 'undoStep', key: stored.key, version: stored.version }],
    );
    return value;
  }, 20);
}

async function loadStep(
  { store, clock }: Context,
  environmentId: string,
  actor: Actor,
  changeId: string | undefined,
): Promise<Stored<UndoStep>> {
  const stored = await store.get('undoStep', keyOf(environmentId, actor.aadObjectId));
  if (stored === undefined) throw new MailroomError('undo.nothing');
  const { id, state, doneAt } = stored.value;
  if (changeId !== undefined && changeId !== id) throw new MailroomError('undo.replaced');
  if (state === 'done' && changeId === undefined) throw new MailroomError('undo.nothing');
  if (state === 'open' && clock.now() - doneAt > undoMs)
    throw new MailroomError('undo.too-late', { minutes: undoMs / 60_000 });
  return stored;
}

async function sortOut(store: Store, { environmentId, items, was, became }: UndoStep) {
  const changed: ChangedMailbox[] = [];
  const enabled: (readonly Direction[])[] = [];
  const left: string[] = [];
  const gone = await goneProfiles(store, environmentId, was);
  const found = await Promise.all(items.map(([id]) => store.get('mailbox', keyOf(environmentId, id))));
  for (const [index, [id, wasPlace, becamePlace]] of items.entries()) {
    const before = found[index];
    const [image, made] = [was[wasPlace], became[becamePlace]];
    const isThere = image !== undefined && !gone.has(image.configuration.profileId);
    if (before === undefined || !isThere || made === undefined || !hasConfiguration(before.value, made)) left.push(id);
    else {
      const after = applyEdit(before.value, image.configuration);
      // Also a queue that had ACT from before: it gets back what it had.
      changed.push({ before, after: { ...after, actMethod: image.configuration.actMethod } });
      enabled.push(image.enabled);
    }
  }
  return { changed, enabled, left };
}

/** A profile that was deleted since cannot be given back. */
async function goneProfiles(
  store: Store,
  environmentId: string,
  was: UndoStep['was'],
): Promise<ReadonlySet<string | null>> {
  const gone = new Set<string | null>();
  for (const { configuration } of was) {
    const { profileId } = configuration;
    if (profileId !== null && (await store.get('profile', keyOf(environmentId, profileId))) === undefined)
      gone.add(profileId);
  }
  return gone;
}

/** Enabled again are only directions that this step changed back; of the others what is known now is the later word. */
function withWorking(settings: EmailSettings, before: Mailbox, after: Mailbox, worked: readonly Direction[]): Mailbox {
  if (after.state === 'inactive' || !mayBeTested(settings, after)) return after;
  const turned = before.state === after.state ? voidedDirections(before, after) : directions;
  const again = worked.filter(
    (direction) => turned.includes(direction) && methodOf(after, direction) === serverSide[direction],
  );
  if (again.length === 0) return after;
  const works = { status: testStatus.success, enabled: true, fault: null };
  const states = Object.fromEntries(again.map((direction) => [direction, works]));
  const value: Mailbox = { ...after, ...states };
  return { ...value, status: rollUp(serverSideDirections(value).map((direction) => value[direction])) };
}

async function activeProfiles(store: Store, environmentId: string): Promise<ReadonlyMap<string, EmailServerProfile>> {
  const found = await store.query('profile', {
    prefix: keyOf(environmentId, ''),
    where: { state: 'active' },
    limit: 1000,
  });
  return new Map(found.map(({ value }) => [value.id, value]));
}
