import type { Actor } from '../model/access.ts';
import type { EmailSettings } from '../model/environment.ts';
import { auditEntry } from '../model/audit.ts';
import { approvalStatus, directions, type Mailbox } from '../model/mailbox.ts';
import { requestApprovals } from '../approvals/request-approval.ts';
import { personalConversation } from '../conversations/record-conversation.ts';
import { keyOf, type Change, type ExpectedVersion, type Store, type Stored } from '../storage/store.ts';
import { needsApproval } from './approval-requirement.ts';

/**
 * What follows when approval becomes required: mailboxes of that type that nobody was ever asked about wait for it now (one
 * request for each approver set), and none that is not approved stays enabled (DESIGN, law 2). Four-eyes holds back `asker`, and
 * not a second person who has agreed (`actor`).
 */
export async function requireApprovalChanges(
  store: Store,
  environmentId: string,
  actor: Actor,
  before: EmailSettings,
  after: EmailSettings,
  now: number,
  asker: Pick<Actor, 'aadObjectId' | 'name'> = actor,
): Promise<{ changes: Change[]; expected: ExpectedVersion[] }> {
  const types = (['user', 'queue'] as const).filter(
    (type) => needsApproval(after, type) && !needsApproval(before, type),
  );
  if (types.length === 0) return { changes: [], expected: [] };
  const unapproved: Stored<Mailbox>[] = await store.query('mailbox', {
    prefix: keyOf(environmentId, ''),
    where: { type: types, approval: [approvalStatus.empty, approvalStatus.pending, approvalStatus.rejected] },
    limit: 100_000,
  });
  // Whoever is switched off waits for nobody; whoever switches it on asks.
  const open = unapproved.filter(({ value }) => value.approval === approvalStatus.empty && value.state === 'active');
  // Tested while nothing was required: those who wait already, or were rejected, may have been enabled without an approval.
  const working = unapproved.filter(({ value }) => directions.some((direction) => value[direction].enabled));
  const stopped = working.filter((stored) => !open.includes(stored));
  const changes: Change[] = stopped.map(({ key, value }) => ({
    kind: 'put',
    collection: 'mailbox',
    key,
    value: { ...switchedOff(value), revision: value.revision + 1 },
  }));
  if (working.length > 0) {
    const addresses = working.map(({ value }) => value.address);
    const entry = auditEntry(environmentId, now, actor, 'mailbox.disabled', addresses, { code: 'UnapprovedMailbox' });
    changes.push({ kind: 'append', log: 'audit', entry });
  }
  const expected = [...open, ...stopped].map(({ key, version }): ExpectedVersion => ({
    collection: 'mailbox',
    key,
    version,
  }));
  if (open.length === 0) return { changes, expected };
  const conversation = await personalConversation(store, environmentId, asker.aadObjectId);
  const raised = await requestApprovals(
    store,
    {
      environmentId,
      actor: { tenantId: actor.tenantId, ...asker },
      conversationId: conversation?.value.conversationId ?? '',
      settings: after,
      testWhenApproved: true,
      now,
    },
    open.map(({ value }) => value),
  );
  return {
    changes: [
      ...changes,
      ...raised.changes,
      ...open.map(({ key, value }): Change => ({
        kind: 'put',
        collection: 'mailbox',
        key,
        value: waiting(value, raised.requestIds.get(value.id) ?? ''),
      })),
    ],
    expected,
  };
}

/** A mailbox that waits for its approval: pending, and enabled in no direction meanwhile. */
export function waiting(mailbox: Mailbox, approvalRequestId: string): Mailbox {
  return {
    ...switchedOff(mailbox),
    approval: approvalStatus.pending,
    approvalRequestId,
    // Of an earlier rejection: the audit trail has it, the mailbox itself is undecided again.
    decidedBy: null,
    decidedAt: null,
    decisionReason: null,
    revision: mailbox.revision + 1,
  };
}

function switchedOff(mailbox: Mailbox): Mailbox {
  const disabled = directions.map((direction) => [direction, { ...mailbox[direction], enabled: false }] as const);
  return { ...mailbox, ...Object.fromEntries(disabled) };
}
