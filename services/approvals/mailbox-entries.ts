import type { Actor } from '../model/access.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { auditEntry, type ActAboutMany, type AuditEntry } from '../model/audit.ts';
import type { Change } from '../storage/store.ts';

/** What somebody did about mailboxes of one request. */
export interface ApprovalAct {
  readonly environmentId: string;
  readonly now: number;
  readonly actor: Actor;
  readonly kind: ActAboutMany | 'approval.self-approved';
  /** Null: of mailboxes that no request asks about. */
  readonly request: Pick<ApprovalRequest, 'id' | 'requestedBy' | 'requestedByName'> | null;
}

/**
 * An audit entry for each mailbox, one after the other, so that what became of a mailbox is found by its address and linked
 * by itself. `history` shows what one act wrote as one line (`isSameAct`).
 */
export function mailboxEntries(
  { environmentId, now, actor, kind, request }: ApprovalAct,
  mailboxes: readonly { readonly address: string; readonly details?: AuditEntry['details'] }[],
): Change[] {
  const asked =
    request === null ? {} : { request: request.id, askedBy: request.requestedByName, askedById: request.requestedBy };
  return mailboxes.map(({ address, details }) => ({
    kind: 'append',
    log: 'audit',
    entry: auditEntry(environmentId, now, actor, kind, [address], { ...asked, ...details }),
  }));
}
