import type { Actor } from '../model/access.ts';
import type { EmailSettings } from '../model/environment.ts';
import { approvalStatus, directions, type Mailbox } from '../model/mailbox.ts';
import { newApprovalRequest } from '../approvals/request-approval.ts';
import { personalConversation } from '../conversations/record-conversation.ts';
import { keyOf, type Change, type ExpectedVersion, type Store, type Stored } from '../storage/store.ts';
import { needsApproval } from './approval-requirement.ts';

/**
 * What follows when approval becomes required: mailboxes of that type that nobody ever approved wait for it now, and are
 * not enabled meanwhile (DESIGN, law 2). One request for all of them.
 */
export async function requireApprovalChanges(
  store: Store,
  environmentId: string,
  actor: Actor,
  before: EmailSettings,
  after: EmailSettings,
  now: number,
): Promise<{ changes: Change[]; expected: ExpectedVersion[] }> {
  const types = (['user', 'queue'] as const).filter(
    (type) => needsApproval(after, type) && !needsApproval(before, type),
  );
  if (types.length === 0) return { changes: [], expected: [] };
  const open: Stored<Mailbox>[] = await store.query('mailbox', {
    prefix: keyOf(environmentId, ''),
    where: { type: types, approval: approvalStatus.empty },
    limit: 100_000,
  });
  if (open.length === 0) return { changes: [], expected: [] };
  const conversation = await personalConversation(store, environmentId, actor.aadObjectId);
  const request = await newApprovalRequest(
    store,
    environmentId,
    actor,
    conversation?.value.conversationId ?? '',
    open.length,
    true,
    now,
  );
  return {
    changes: [
      ...request.changes,
      ...open.map(({ key, value }): Change => ({
        kind: 'put',
        collection: 'mailbox',
        key,
        value: waiting(value, request.id),
      })),
    ],
    expected: open.map(({ key, version }): ExpectedVersion => ({ collection: 'mailbox', key, version })),
  };
}

/** A mailbox that waits for its approval: pending, and enabled in no direction meanwhile. */
export function waiting(mailbox: Mailbox, approvalRequestId: string): Mailbox {
  const disabled = Object.fromEntries(
    directions.map((direction) => [direction, { ...mailbox[direction], enabled: false }]),
  );
  return {
    ...mailbox,
    ...disabled,
    approval: approvalStatus.pending,
    approvalRequestId,
    revision: mailbox.revision + 1,
  };
}
