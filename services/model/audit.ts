import type { Actor } from './access.ts';

/** Everything that is written down about who did what. A closed set: each has a sentence `audit.KIND` in every locale. */
export const auditEventKinds = [
  'profile.created',
  'profile.changed',
  'profile.made-default',
  'profile.taken-over',
  'profile.activated',
  'profile.deactivated',
  'profile.deleted',
  'credential.set',
  'credential.shared',
  'credential.refused',
  'discovery.host-confirmed',
  'discovery.host-declined',
  'discovery.server-accepted',
  'mailboxes.imported',
  'mailboxes.defaults-applied',
  'mailboxes.exported',
  'mailbox.changed',
  'mailbox.address-changed',
  'mailboxes.changed',
  'mailboxes.activated',
  'mailboxes.deactivated',
  'mailboxes.restored',
  'settings.changed',
  'settings.proposed',
  'settings.refused',
  'approval.requested',
  'approval.approved',
  'approval.self-approved',
  'approval.rejected',
  'approval.question',
  'approval.answered',
  'approval.withdrawn',
  'approval.reminded',
  'approval.escalated',
  'approval.expired',
  'subscription.changed',
  'conversation.language-set',
  'role.seeded',
  'role.proposed',
  'role.granted',
  'role.revoked',
  'role.refused',
  'run.started',
  'run.paused',
  'run.resumed',
  'run.cancelled',
  'run.report-downloaded',
  'maintenance.announced',
  'maintenance.extended',
  'maintenance.closed',
  'maintenance.began',
  'maintenance.over',
  'subscription.weekly-changed',
  'subscription.profile-changed',
  'mailbox.enabled',
  'mailbox.disabled',
  'history.exported',
  'history.removed',
  'access.refused',
  'incident.acknowledged',
  'incident.assigned',
  'incident.snoozed',
  'incident.mute-asked',
  'incident.muted',
  'incident.woken',
  'runbook.note-changed',
] as const;

export type AuditEventKind = (typeof auditEventKinds)[number];

/** One line of the trail; part of the commit that it describes. */
export interface AuditEntry {
  readonly environmentId: string;
  readonly at: number;
  readonly kind: AuditEventKind;
  /** Entra object id, or `system` for what the engine did by its rules. */
  readonly actorId: string;
  readonly actorName: string;
  /** The conversation in which it was said or clicked; absent for what came by the web or from the engine. */
  readonly from?: string;
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
  const { aadObjectId: actorId, name: actorName, from } = actor;
  return { environmentId, at, kind, actorId, actorName, ...(from === undefined ? {} : { from }), subjects, details };
}

/** True for the entry that old history was removed up to this number and hash, which is part of the commit that removed it. */
export function tellsOfRemoval(
  { kind, details }: Pick<AuditEntry, 'kind' | 'details'>,
  last: { readonly position: number; readonly hash: string },
): boolean {
  return kind === 'history.removed' && details['count'] === last.position && details['hash'] === last.hash;
}

/** What can be done about thousands of mailboxes at once, and is written down for each of them. */
export const actsAboutMany = [
  'approval.approved',
  'approval.rejected',
  'approval.withdrawn',
] as const satisfies readonly AuditEventKind[];

export type ActAboutMany = (typeof actsAboutMany)[number];

/** True for entries that one click or one command about one request wrote, each about a mailbox of its own. */
export function isSameAct(one: AuditEntry, other: AuditEntry): boolean {
  const request = requestOfAct(one);
  return (
    request !== null &&
    request === requestOfAct(other) &&
    one.kind === other.kind &&
    one.at === other.at &&
    one.actorId === other.actorId &&
    one.environmentId === other.environmentId
  );
}

/** The request that an entry about one of its mailboxes belongs to; null for any other entry. */
export function requestOfAct({ kind, details }: Pick<AuditEntry, 'kind' | 'details'>): string | null {
  const { request } = details;
  return typeof request === 'string' && (actsAboutMany as readonly string[]).includes(kind) ? request : null;
}
