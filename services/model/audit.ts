import type { Actor } from './access.ts';

/** Everything that is written down about who did what. A closed set. */
export type AuditEventKind =
  | 'profile.created'
  | 'profile.changed'
  | 'credential.set'
  | 'credential.refused'
  | 'mailboxes.imported'
  | 'mailboxes.defaults-applied'
  | 'settings.changed'
  | 'settings.proposed'
  | 'settings.refused'
  | 'approval.requested'
  | 'approval.approved'
  | 'approval.rejected'
  | 'subscription.changed'
  | 'role.seeded'
  | 'run.started'
  | 'run.cancelled'
  | 'mailbox.enabled'
  | 'mailbox.disabled'
  | 'access.refused';

/** One line of the trail; part of the commit that it describes. */
export interface AuditEntry {
  readonly environmentId: string;
  readonly at: number;
  readonly kind: AuditEventKind;
  /** Entra object id, or `system` for what the engine did by its rules. */
  readonly actorId: string;
  readonly actorName: string;
  readonly subjects: readonly string[];
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

export const systemActor: Actor = { tenantId: '', aadObjectId: 'system', name: 'Mailroom' };

/** Builds an entry; `subjects` are ids or addresses of what it is about. */
export function auditEntry(
  environmentId: string,
  at: number,
  actor: Actor,
  kind: AuditEventKind,
  subjects: readonly string[],
  details: AuditEntry['details'] = {},
): AuditEntry {
  return { environmentId, at, kind, actorId: actor.aadObjectId, actorName: actor.name, subjects, details };
}
