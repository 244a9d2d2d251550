import { randomUUID } from 'node:crypto';
import { hasRight, type Actor, type RoleAssignment } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import type { EmailSettings, Environment } from '../model/environment.ts';
import { MailroomError } from '../model/error.ts';
import { approvalStatus } from '../model/mailbox.ts';
import type { SettingsProposal } from '../model/settings-proposal.ts';
import { weakenedControls, type Control } from '../model/weakened-controls.ts';
import { requireAlone } from '../access/alone.ts';
import { rolesOf } from '../access/roles.ts';
import { approvalChannels } from '../conversations/approval-audience.ts';
import { alertChannels } from '../conversations/subscriptions.ts';
import { intentChange } from '../conversations/intents.ts';
import { personalConversation } from '../conversations/record-conversation.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type Store, type Stored } from '../storage/store.ts';
import { commitSettings } from './commit-settings.ts';
import type { AlsoCommitted } from '../testing/start-run.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** The settings as they are now, and the question about them. */
export interface ProposedSettings {
  readonly environment: Environment;
  readonly proposal: SettingsProposal;
}

/**
 * Asks a second person (an admin or approver other than the actor) for a change that weakens a control. Where there is
 * nobody to ask, the change is made, and a notice goes to every channel and person that Mailroom can reach.
 * @throws MailroomError `access.alone-too-soon` {hours}
 */
export async function proposeSettings(
  context: Context,
  stored: Stored<Environment>,
  actor: Actor,
  settings: EmailSettings,
  also: (state: 'saved' | 'proposed') => AlsoCommitted,
): Promise<ProposedSettings> {
  const { store, clock } = context;
  const { environmentId, settings: before } = stored.value;
  const now = clock.now();
  const others = await peopleToAsk(store, environmentId, actor);
  if (others.length === 0) await requireAlone(context, environmentId, actor);
  const weakened = weakenedControls(before, settings);
  const proposal: SettingsProposal = {
    environmentId,
    id: randomUUID(),
    proposedBy: actor.aadObjectId,
    proposedByName: actor.name,
    proposedAt: now,
    before,
    settings,
    baseRevision: stored.value.revision,
    affected: await waitingMailboxes(store, environmentId, weakened),
    state: others.length === 0 ? 'alone' : 'waiting',
    decidedByName: null,
    decidedAt: others.length === 0 ? now : null,
    revision: 1,
  };
  const changes: Change[] = [
    { kind: 'put', collection: 'settingsProposal', key: keyOf(environmentId, proposal.id), value: proposal },
    ...(await showEverywhere(store, proposal, others, now)),
  ];
  if (others.length === 0) {
    const { changes: more, expected } = also('saved');
    const environment = await commitSettings(context, stored, actor, settings, [...changes, ...more], expected);
    return { environment, proposal };
  }
  const waiting = also('proposed');
  changes.push({
    kind: 'append',
    log: 'audit',
    entry: auditEntry(environmentId, now, actor, 'settings.proposed', [proposal.id], { weakened: weakened.join(',') }),
  });
  await store.commit(
    [...changes, ...waiting.changes],
    [{ collection: 'environment', key: stored.key, version: stored.version }, ...waiting.expected],
  );
  return { environment: stored.value, proposal };
}

/** Mailboxes that would no longer wait for an approval. */
async function waitingMailboxes(store: Store, environmentId: string, weakened: readonly Control[]): Promise<number> {
  const type = [
    ...(weakened.includes('requireApprovalForUsers') ? (['user'] as const) : []),
    ...(weakened.includes('requireApprovalForQueues') ? (['queue'] as const) : []),
  ];
  const where = { approval: approvalStatus.pending, type };
  return type.length === 0 ? 0 : store.count('mailbox', { prefix: keyOf(environmentId, ''), where });
}

/**
 * The second person's answer. Somebody who has answered before, settings that changed meanwhile, or an asker who is no admin
 * any more change nothing: the proposal as it is now comes back.
 * @throws MailroomError `access.denied`, `proposal.unknown`, `proposal.own`
 */
export async function answerProposal(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
  agrees: boolean,
): Promise<SettingsProposal> {
  const roles = await rolesOf(context, environmentId, actor.aadObjectId);
  if (!hasRight(roles, 'manage') && !hasRight(roles, 'decide'))
    throw new MailroomError('access.denied', { roles: 'admin, approver' });
  // Two who answer at once: the second one finds it answered.
  return retryConflict(() => answer(context, environmentId, actor, id, agrees));
}

async function answer(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
  agrees: boolean,
): Promise<SettingsProposal> {
  const { store, clock } = context;
  const stored = await store.get('settingsProposal', keyOf(environmentId, id));
  if (stored === undefined) throw new MailroomError('proposal.unknown');
  if (stored.value.state !== 'waiting') return stored.value;
  if (stored.value.proposedBy === actor.aadObjectId) throw new MailroomError('proposal.own');
  const now = clock.now();
  const environment = await getEnvironment(store, environmentId);
  // Who was an admin then and is none now asks for nothing: one approver alone would be left.
  const isAsked = hasRight(await rolesOf(context, environmentId, stored.value.proposedBy), 'manage');
  const isVoid = !isAsked || environment.value.revision !== stored.value.baseRevision;
  const state = isVoid ? 'void' : agrees ? 'agreed' : 'refused';
  const proposal: SettingsProposal = {
    ...stored.value,
    state,
    decidedByName: actor.name,
    decidedAt: now,
    revision: stored.value.revision + 1,
  };
  const changes: Change[] = [
    { kind: 'put', collection: 'settingsProposal', key: stored.key, value: proposal },
    ...(await showEverywhere(
      store,
      proposal,
      await peopleToAsk(store, environmentId, { aadObjectId: proposal.proposedBy }),
      now,
    )),
  ];
  const expected = [{ collection: 'settingsProposal', key: stored.key, version: stored.version }] as const;
  if (state === 'agreed') {
    const { proposedBy, proposedByName } = proposal;
    const asker = { aadObjectId: proposedBy, name: proposedByName };
    await commitSettings(context, environment, actor, proposal.settings, changes, expected, asker);
    return proposal;
  }
  changes.push({
    kind: 'append',
    log: 'audit',
    entry: auditEntry(environmentId, now, actor, 'settings.refused', [id], { state }),
  });
  await store.commit(changes, expected);
  return proposal;
}

/** Everybody who may agree: admins and approvers, but not the one who asks. */
export async function peopleToAsk(
  store: Store,
  environmentId: string,
  actor: Pick<Actor, 'aadObjectId'>,
): Promise<RoleAssignment[]> {
  const all = await store.query('role', { prefix: keyOf(environmentId, ''), limit: 1000 });
  return all
    .map(({ value }) => value)
    .filter(
      (person) =>
        person.aadObjectId !== actor.aadObjectId &&
        (hasRight(person.roles, 'manage') || hasRight(person.roles, 'decide')),
    );
}

/** In the approval and alert channels, and in the chats of those who are asked and of the one who asks. */
async function showEverywhere(
  store: Store,
  proposal: SettingsProposal,
  people: readonly RoleAssignment[],
  now: number,
): Promise<Change[]> {
  const { environmentId, id } = proposal;
  const chats = await Promise.all(
    [...people.map((person) => person.aadObjectId), proposal.proposedBy].map((person) =>
      personalConversation(store, environmentId, person),
    ),
  );
  const conversations = new Set([
    ...(await approvalChannels(store, environmentId)),
    ...(await alertChannels(store, environmentId)).map((subscription) => subscription.conversationId),
    ...chats.flatMap((chat) => chat?.value.conversationId ?? []),
  ]);
  return [...conversations].map((conversationId) =>
    intentChange(environmentId, 'settings-proposal', id, conversationId, now),
  );
}
