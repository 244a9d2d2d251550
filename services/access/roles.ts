import { auditEntry, systemActor } from '../model/audit.ts';
import { hasRight, rolesWithRight, type Actor, type Right, type Role, type RoleAssignment } from '../model/access.ts';
import { MailroomError } from '../model/error.ts';
import { personalConversation } from '../conversations/record-conversation.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change } from '../storage/store.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** Roles of a person in an environment; none for a stranger. */
export async function rolesOf(context: Context, environmentId: string, aadObjectId: string): Promise<readonly Role[]> {
  const found = await context.store.get('role', keyOf(environmentId, aadObjectId));
  return found?.value.roles ?? [];
}

/**
 * The check that every use case makes before it does anything.
 * @throws MailroomError `access.denied` {roles}: which roles could do it
 */
export async function requireRight(context: Context, environmentId: string, actor: Actor, right: Right): Promise<void> {
  if (hasRight(await rolesOf(context, environmentId, actor.aadObjectId), right)) return;
  throw new MailroomError('access.denied', { roles: rolesWithRight(right).join(', ') });
}

/** Everybody who may decide about mailboxes. */
export async function approvers(context: Context, environmentId: string): Promise<RoleAssignment[]> {
  const all = await context.store.query('role', { prefix: keyOf(environmentId, ''), limit: 1000 });
  return all.map((stored) => stored.value).filter((assignment) => hasRight(assignment.roles, 'decide'));
}

/** The name of one, '' where it was never seen: whoever never said anything may still have a chat. */
export async function nameOfApprover(
  context: Context,
  environmentId: string,
  { name, aadObjectId }: RoleAssignment,
): Promise<string> {
  if (name !== '') return name;
  return (await personalConversation(context.store, environmentId, aadObjectId))?.value.name ?? '';
}

/** People by role as the configuration names them: Entra object ids. */
export type RoleSeed = Readonly<Partial<Record<Role, readonly string[]>>>;

/** Gives the roles of the configuration to an empty store, and only to an empty one (DESIGN, law 10). */
export async function seedRoles(context: Context, environmentId: string, seed: RoleSeed): Promise<void> {
  if ((await context.store.count('role', { prefix: keyOf(environmentId, '') })) > 0) return;
  const now = context.clock.now();
  const rolesByPerson = new Map<string, Role[]>();
  for (const [role, people] of Object.entries(seed) as [Role, readonly string[]][]) {
    for (const person of people)
      rolesByPerson.set(person.toLowerCase(), [...(rolesByPerson.get(person.toLowerCase()) ?? []), role]);
  }
  if (rolesByPerson.size === 0) return;
  const changes = [...rolesByPerson].flatMap(([aadObjectId, roles]): Change[] => [
    {
      kind: 'put',
      collection: 'role',
      key: keyOf(environmentId, aadObjectId),
      value: { environmentId, aadObjectId, roles, name: '', grantedBy: 'configuration', grantedAt: now },
    },
    {
      kind: 'append',
      log: 'audit',
      entry: auditEntry(environmentId, now, systemActor, 'role.seeded', [aadObjectId], { roles: roles.join(',') }),
    },
  ]);
  await context.store.commit(changes);
}

/** Keeps the name under which a person with a role was last seen, for lists and cards. */
export async function rememberName(context: Context, environmentId: string, actor: Actor): Promise<void> {
  // Against the version that was read: a role taken away in between must not come back with the name.
  await retryConflict(async () => {
    const stored = await context.store.get('role', keyOf(environmentId, actor.aadObjectId));
    if (stored === undefined || stored.value.name === actor.name || actor.name === '') return;
    await context.store.commit(
      [{ kind: 'put', collection: 'role', key: stored.key, value: { ...stored.value, name: actor.name } }],
      [{ collection: 'role', key: stored.key, version: stored.version }],
    );
  });
}
