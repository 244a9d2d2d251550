import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { approverSetLimits, changedSets, withoutSet, withSet, type ApproverSet } from '../model/approver-set.ts';
import { readApproverSet, type ApproverSetProblems } from '../model/approver-set-input.ts';
import type { Environment } from '../model/environment.ts';
import { MailroomError } from '../model/error.ts';
import type { SettingsDraft } from '../model/settings-draft.ts';
import type { SettingsEffect } from '../model/settings-effect.ts';
import { requireRight } from '../access/roles.ts';
import { approverIds } from '../conversations/approval-audience.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { proposeDraft } from './change-email-settings.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** What became of the form of a set, or of the wish to delete one: nothing of it is saved yet. */
export type ApproverSetReview =
  | { readonly kind: 'stale' | 'unchanged'; readonly environment: Environment }
  | { readonly kind: 'refused'; readonly environment: Environment; readonly problems: ApproverSetProblems }
  /** All is right: what it would do, for a yes (`confirmSettings`). */
  | {
      readonly kind: 'asked';
      readonly environment: Environment;
      readonly draft: SettingsDraft;
      readonly effects: readonly SettingsEffect[];
    };

/**
 * Reads the form of an approver set; `id`: the one that is edited, '' for a new one. Inputs come from a card: what is wrong is
 * refused beside its field.
 * @throws MailroomError `access.denied`, `approver-set.unknown`, `approver-set.too-many` {limit}
 */
export async function reviewApproverSet(
  context: Context,
  environmentId: string,
  actor: Actor,
  revision: number,
  id: string,
  inputs: Readonly<Record<string, unknown>>,
): Promise<ApproverSetReview> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store } = context;
  const environment = (await getEnvironment(store, environmentId)).value;
  if (environment.revision !== revision) return { kind: 'stale', environment };
  const { approverSets: sets } = environment.settings;
  if (id !== '') findSet(sets, id);
  else requireRoom(sets);
  const known = {
    profileIds: await profileIds(store, environmentId),
    approvers: new Set(await approverIds(store, environmentId)),
  };
  const { set, problems } = readApproverSet(sets, id === '' ? randomUUID() : id, inputs, known);
  if (Object.keys(problems).length > 0) return { kind: 'refused', environment, problems };
  const after = withSet(sets, set);
  if (changedSets(sets, after).length === 0) return { kind: 'unchanged', environment };
  return propose(context, environment, actor, after, set.id);
}

/**
 * The wish to delete a set: what it would do, for a yes.
 * @throws MailroomError `access.denied`, `approver-set.unknown`
 */
export async function reviewSetDeletion(
  context: Context,
  environmentId: string,
  actor: Actor,
  revision: number,
  id: string,
): Promise<ApproverSetReview> {
  await requireRight(context, environmentId, actor, 'manage');
  const environment = (await getEnvironment(context.store, environmentId)).value;
  if (environment.revision !== revision) return { kind: 'stale', environment };
  const { approverSets: sets } = environment.settings;
  findSet(sets, id);
  return propose(context, environment, actor, withoutSet(sets, id), undefined);
}

/** @throws MailroomError `approver-set.unknown` */
export function findSet(sets: readonly ApproverSet[], id: string): ApproverSet {
  const set = sets.find((one) => one.id === id);
  if (set === undefined) throw new MailroomError('approver-set.unknown');
  return set;
}

/** @throws MailroomError `approver-set.too-many` {limit} */
export function requireRoom(sets: readonly ApproverSet[]): void {
  const { sets: limit } = approverSetLimits;
  if (sets.length >= limit) throw new MailroomError('approver-set.too-many', { limit });
}

async function propose(
  context: Context,
  environment: Environment,
  actor: Actor,
  approverSets: readonly ApproverSet[],
  approverSetId: string | undefined,
): Promise<ApproverSetReview> {
  const settings = { ...environment.settings, approverSets };
  const asked = await proposeDraft(context, environment, actor, settings, {
    section: 'approvers',
    ...(approverSetId === undefined ? {} : { approverSetId }),
  });
  return { kind: 'asked', environment, ...asked };
}

async function profileIds(store: Store, environmentId: string): Promise<Set<string>> {
  const profiles = await store.query('profile', { prefix: keyOf(environmentId, ''), limit: 1000 });
  return new Set(profiles.map(({ value }) => value.id));
}
