import { confirmImport } from '../../services/mailboxes/confirm-import.ts';
import { planImport } from '../../services/mailboxes/plan-import.ts';
import type { Actor } from '../../services/model/access.ts';
import type { ApprovalRequest } from '../../services/model/approval-request.ts';
import { keyOf } from '../../services/storage/store.ts';
import { ada, adaChat, env, MailroomStage } from './mailroom-stage.ts';

/** A stage with a profile and a channel that receives requests. */
export async function approvalStage(): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.subscribe('approvers', { approvals: true });
  return stage;
}

/** Imports mailboxes, and gives the request for their approval. */
export async function requestFor(
  stage: MailroomStage,
  addresses: readonly string[],
  actor: Actor = ada,
): Promise<ApprovalRequest> {
  const { id } = await planImport(stage, env, actor, adaChat, addresses.join('\n'));
  await confirmImport(stage, env, actor, id, false);
  const found = (await stage.all('approvalRequest')).find(({ importId }) => importId === id);
  if (found === undefined) throw new Error('no request');
  return found;
}

/** Gives roles past the second person who would be asked. */
export async function giveRoles(
  stage: MailroomStage,
  { aadObjectId, name }: Actor,
  roles: readonly ('admin' | 'approver')[],
): Promise<void> {
  const key = keyOf(env, aadObjectId);
  const value = { environmentId: env, aadObjectId, roles, name, grantedBy: 'configuration', grantedAt: 0 };
  await stage.store.commit([{ kind: 'put', collection: 'role', key, value }]);
}
