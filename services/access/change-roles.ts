import { randomUUID } from 'node:crypto';
import { hasRight, type Actor, type Person, type Role, type RoleAssignment } from '../model/access.ts';
import { auditEntry, type AuditEventKind } from '../model/audit.ts';
import { MailroomError } from '../model/error.ts';
import { roleChangeLifetimeMs, rolesAfter, weakensControl, type RoleChange } from '../model/role-change.ts';
import { redrawApprovalSetup } from '../approvals/approval-setup.ts';
import { decidersChanged } from '../approvals/deciders-changed.ts';
import { approvalChannels, approverIds } from '../conversations/approval-audience.ts';
import { alertChannels } from '../conversations/subscriptions.ts';
import { intentChange } from '../conversations/intents.ts';
import { personalConversation } from '../conversations/record-conversation.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Store, type Stored } from '../storage/store.ts';
import { requireAlone } from './alone.ts';
import { requireRight, rolesOf } from './roles.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/**
 * Prepares the change of a role, so that its effect can be shown before it is done. Nothing is changed yet.
 * @throws MailroomError `access.denied`, `role.held` {name, role}, `role.not-held` {name, role}, `role.last-admin`
 */
export async function planRoleChange(
  context: Context,
  environmentId: string,
  actor: Actor,
  { deed, role, person }: { deed: RoleChange['deed']; role: Role; person: Person },
): Promise<RoleChange> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  const personId = person.aadObjectId.toLowerCase();
  const before = await rolesOf(context, environmentId, personId);
  const people = await assignments(store, environmentId);
  const params = { name: person.name, role };
  if (deed === 'grant' && before.includes(role)) throw new MailroomError('role.held', params);
  if (deed === 'revoke' && !before.includes(role)) throw new MailroomError('role.not-held', params);
  const others = people.filter(({ value }) => value.aadObjectId !== personId && value.roles.includes(role));
  if (deed === 'revoke' && role === 'admin' && others.length === 0) throw new MailroomError('role.last-admin');
  const asked = { deed, role, personId, askedBy: actor.aadObjectId };
  const change: RoleChange = {
    environmentId,
    id: randomUUID(),
    ...asked,
    personName: person.name,
    personAccount: person.account,
    askedByName: actor.name,
    askedAt: clock.now(),
    before,
    second: secondOf(asked, people),
    leavesNobody: deed === 'revoke' && others.length === 0,
    state: 'asked',
    decidedByName: null,
    decidedAt: null,
    revision: 1,
  };
  await store.commit([{ kind: 'put', collection: 'roleChange', key: keyOf(environmentId, change.id), value: change }]);
  return change;
}

/**
 * Does what was shown, or asks a second person. Who clicks twice gets the change as it is; one that does not fit the roles
 * of now any more is void.
 * @throws MailroomError `access.denied`, `access.alone-too-soon` {hours}, `role.change-unknown`, `role.not-yours`, `role.last-admin`
 */
export async function confirmRoleChange(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
): Promise<RoleChange> {
  // Of two who take the last two admins away from each other at once, the second one reads again, and is told.
  return retryConflict(async () => {
    await requireRight(context, environmentId, actor, 'manage');
    const stored = await getRoleChange(context.store, environmentId, id);
    const { value } = stored;
    if (value.askedBy !== actor.aadObjectId) throw new MailroomError('role.not-yours');
    if (value.state !== 'asked') return value;
    const people = await assignments(context.store, environmentId);
    if (isVoid(context, value, people)) return settle(context, stored, actor, people, 'void');
    const second = secondOf(value, people);
    if (second === 'needed') return settle(context, stored, actor, people, 'waiting');
    // Whoever said yes to being asked about has not said yes to doing it alone.
    if (second === 'nobody-there' && value.second !== second) return askAnew(context.store, stored, second);
    if (second === 'nobody-there') await requireAlone(context, environmentId, actor);
    return settle(context, stored, actor, people, second === 'nobody-there' ? 'alone' : 'done');
  });
}

async function askAnew(
  store: Store,
  { key, version, value }: Stored<RoleChange>,
  second: RoleChange['second'],
): Promise<RoleChange> {
  const change: RoleChange = { ...value, second, revision: value.revision + 1 };
  await store.commit(
    [{ kind: 'put', collection: 'roleChange', key, value: change }],
    [{ collection: 'roleChange', key, version }],
  );
  return change;
}

/** Drops a change that was not confirmed. @throws MailroomError `role.change-unknown`, `role.not-yours` */
export async function cancelRoleChange(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
): Promise<RoleChange> {
  return retryConflict(async () => {
    const stored = await getRoleChange(context.store, environmentId, id);
    if (stored.value.askedBy !== actor.aadObjectId) throw new MailroomError('role.not-yours');
    if (stored.value.state !== 'asked') return stored.value;
    return settle(context, stored, actor, [], 'cancelled');
  });
}

/**
 * The second person's answer. The one who asks cannot give it, nor the one who would get the role.
 * @throws MailroomError `access.denied`, `role.change-unknown`, `role.own`, `role.for-you`
 */
export async function answerRoleChange(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
  agrees: boolean,
): Promise<RoleChange> {
  return retryConflict(async () => {
    const roles = await rolesOf(context, environmentId, actor.aadObjectId);
    if (!mayAgree(roles)) throw new MailroomError('access.denied', { roles: 'admin, approver' });
    const stored = await getRoleChange(context.store, environmentId, id);
    const { value } = stored;
    if (value.state !== 'waiting') return value;
    if (value.askedBy === actor.aadObjectId) throw new MailroomError('role.own');
    if (value.personId === actor.aadObjectId) throw new MailroomError('role.for-you');
    const people = await assignments(context.store, environmentId);
    const state = isVoid(context, value, people) ? 'void' : agrees ? 'agreed' : 'refused';
    return settle(context, stored, actor, people, state);
  });
}

/** Everybody who holds a role, with names where they were seen. */
export async function peopleWithRoles(store: Store, environmentId: string): Promise<Stored<RoleAssignment>[]> {
  return (await assignments(store, environmentId)).filter(({ value }) => value.roles.length > 0);
}

/** Also those whose roles were all taken away. */
function assignments(store: Store, environmentId: string): Promise<Stored<RoleAssignment>[]> {
  return store.query('role', { prefix: keyOf(environmentId, ''), limit: 1000 });
}

/** @throws MailroomError `role.change-unknown` */
export async function getRoleChange(store: Store, environmentId: string, id: string): Promise<Stored<RoleChange>> {
  const found = await store.get('roleChange', keyOf(environmentId, id));
  if (found?.value.id !== id) throw new MailroomError('role.change-unknown');
  return found;
}

const mayAgree = (roles: readonly Role[]): boolean => hasRight(roles, 'manage') || hasRight(roles, 'decide');

/** Who is asked: admins and approvers, but neither the one who asks nor the one who would profit. */
function peopleToAsk(
  { askedBy, personId }: Pick<RoleChange, 'askedBy' | 'personId'>,
  people: readonly Stored<RoleAssignment>[],
): RoleAssignment[] {
  return people
    .map(({ value }) => value)
    .filter(({ aadObjectId, roles }) => aadObjectId !== askedBy && aadObjectId !== personId && mayAgree(roles));
}

function secondOf(
  change: Pick<RoleChange, 'deed' | 'role' | 'askedBy' | 'personId'>,
  people: readonly Stored<RoleAssignment>[],
): RoleChange['second'] {
  if (!weakensControl(change)) return 'not-needed';
  return peopleToAsk(change, people).length > 0 ? 'needed' : 'nobody-there';
}

/** Asked too long ago, by somebody who is no admin any more, or about roles that changed meanwhile. */
function isVoid(
  { clock }: Pick<Context, 'clock'>,
  { state, askedAt, askedBy, personId, before }: RoleChange,
  people: readonly Stored<RoleAssignment>[],
): boolean {
  if (clock.now() - askedAt > roleChangeLifetimeMs[state === 'waiting' ? 'waiting' : 'asked']) return true;
  if (!hasRight(rolesAmong(people, askedBy), 'manage')) return true;
  const now = rolesAmong(people, personId);
  return now.length !== before.length || !before.every((role) => now.includes(role));
}

const assignmentOf = (
  people: readonly Stored<RoleAssignment>[],
  aadObjectId: string,
): Stored<RoleAssignment> | undefined => people.find(({ value }) => value.aadObjectId === aadObjectId);

const rolesAmong = (people: readonly Stored<RoleAssignment>[], aadObjectId: string): readonly Role[] =>
  assignmentOf(people, aadObjectId)?.value.roles ?? [];

const events: Readonly<Partial<Record<RoleChange['state'], AuditEventKind>>> = {
  waiting: 'role.proposed',
  refused: 'role.refused',
};

/** One commit: the change in its new state, the roles, the entry of the trail, and the messages to those whom it concerns. */
async function settle(
  context: Context,
  { key, version, value }: Stored<RoleChange>,
  actor: Actor,
  people: readonly Stored<RoleAssignment>[],
  state: RoleChange['state'],
): Promise<RoleChange> {
  const { store, clock } = context;
  const { environmentId, deed, role, personId, before } = value;
  const now = clock.now();
  const isDecided = state !== 'waiting';
  const change: RoleChange = {
    ...value,
    state,
    second: state === 'waiting' ? 'needed' : value.second,
    decidedByName: isDecided ? actor.name : null,
    decidedAt: isDecided ? now : null,
    revision: value.revision + 1,
  };
  const changes: Change[] = [{ kind: 'put', collection: 'roleChange', key, value: change }];
  const expected: ExpectedVersion[] = [{ collection: 'roleChange', key, version }];
  const isDone = state === 'done' || state === 'agreed' || state === 'alone';
  const after = isDone ? rolesAfter(value) : before;
  if (isDone) {
    const done = assign(value, people, after, actor, now);
    changes.push(...done.changes);
    expected.push(...done.expected);
  }
  const event = isDone ? (deed === 'grant' ? 'role.granted' : 'role.revoked') : events[state];
  if (event !== undefined) {
    const details = {
      person: value.personName,
      role,
      before: before.join(', '),
      after: after.join(', '),
      ...(value.askedBy === actor.aadObjectId ? {} : { askedBy: value.askedByName }),
      ...(state === 'alone' ? { alone: true } : {}),
    };
    const entry = auditEntry(environmentId, now, actor, event, [personId], details);
    changes.push({ kind: 'append', log: 'audit', entry });
  }
  // A role that carries weight is neither given nor taken away in silence.
  const isAnnounced =
    value.state === 'waiting' || state === 'waiting' || (isDone && (role === 'admin' || role === 'approver'));
  if (isAnnounced) changes.push(...(await showEverywhere(store, change, people, now)));
  // Cards of requests say who decides, and whoever may from now on gets those that wait.
  if (isDone && role === 'approver') changes.push(...(await decidersAfter(store, value, now)));
  await store.commit(changes, expected);
  return change;
}

/** What follows for open requests when this person becomes an approver, or is none any more. */
async function decidersAfter(
  store: Store,
  { environmentId, deed, personId }: RoleChange,
  now: number,
): Promise<Change[]> {
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const approvers = await approverIds(store, environmentId);
  const others = approvers.filter((id) => id !== personId);
  const after = deed === 'grant' ? [...others, personId] : others;
  return [
    ...(await redrawApprovalSetup(store, environmentId, now)),
    ...(await decidersChanged(store, environmentId, { settings, approvers }, { settings, approvers: after }, now)),
  ];
}

/** The roles of the person as they will be. Expects that all on which the decision rests is still so. */
function assign(
  { environmentId, deed, role, personId, personName }: RoleChange,
  people: readonly Stored<RoleAssignment>[],
  after: readonly Role[],
  actor: Actor,
  now: number,
): { changes: Change[]; expected: ExpectedVersion[] } {
  const key = keyOf(environmentId, personId);
  const stored = assignmentOf(people, personId);
  const expected: ExpectedVersion[] = [{ collection: 'role', key, version: stored?.version ?? 0 }];
  const own = assignmentOf(people, actor.aadObjectId);
  if (own !== undefined && own.key !== key) expected.push({ collection: 'role', key: own.key, version: own.version });
  if (deed === 'revoke' && role === 'admin') {
    // One admin has to stay, and has to be one still when this is written.
    const other = people.find(({ key: held, value }) => held !== key && value.roles.includes('admin'));
    if (other === undefined) throw new MailroomError('role.last-admin');
    if (other.key !== own?.key) expected.push({ collection: 'role', key: other.key, version: other.version });
  }
  const { [role]: _old, ...grants } = stored?.value.grants ?? {};
  const given = { by: actor.aadObjectId, byName: actor.name, at: now };
  const assignment: RoleAssignment = {
    environmentId,
    aadObjectId: personId,
    roles: after,
    name: stored?.value.name || personName,
    grantedBy: stored?.value.grantedBy ?? actor.aadObjectId,
    grantedAt: stored?.value.grantedAt ?? now,
    grants: deed === 'grant' ? { ...grants, [role]: given } : grants,
  };
  return { changes: [{ kind: 'put', collection: 'role', key, value: assignment }], expected };
}

/** In the approval and alert channels, and in the chats of those who are asked, of the one who asks and of the person. */
async function showEverywhere(
  store: Store,
  change: RoleChange,
  people: readonly Stored<RoleAssignment>[],
  now: number,
): Promise<Change[]> {
  const { environmentId, id, askedBy, personId } = change;
  const told = [...peopleToAsk(change, people).map(({ aadObjectId }) => aadObjectId), askedBy, personId];
  const chats = await Promise.all(
    [...new Set(told)].map((person) => personalConversation(store, environmentId, person)),
  );
  const conversations = new Set([
    ...(await approvalChannels(store, environmentId)),
    ...(await alertChannels(store, environmentId)).map(({ conversationId }) => conversationId),
    ...chats.flatMap((chat) => chat?.value.conversationId ?? []),
  ]);
  return [...conversations].map((conversationId) =>
    intentChange(environmentId, 'role-change', id, conversationId, now),
  );
}
