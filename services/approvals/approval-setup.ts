import { approverIds } from '../conversations/approval-audience.ts';
import { redrawCards } from '../conversations/card-places.ts';
import { intentChange } from '../conversations/intents.ts';
import type { EmailSettings } from '../model/environment.ts';
import { whoDecides } from '../model/who-decides.ts';
import type { Change, Store } from '../storage/store.ts';

type ApprovalSettings = Pick<
  EmailSettings,
  'fourEyes' | 'approverSets' | 'requireApprovalForUsers' | 'requireApprovalForQueues'
>;

export const isApprovalRequired = (settings: ApprovalSettings): boolean =>
  settings.requireApprovalForUsers || settings.requireApprovalForQueues;

/**
 * The wish to ask somebody who begins to import how mailboxes are to be approved, where nobody could decide about what they ask
 * for: no approver is there, or they are the only one. The question is asked before anything waits.
 */
export async function askWhoDecides(
  store: Store,
  environmentId: string,
  settings: ApprovalSettings,
  personId: string,
  conversationId: string,
  now: number,
): Promise<Change[]> {
  if (!isApprovalRequired(settings)) return [];
  const request = { requestedBy: personId, approverSetId: null, stage: 'open' } as const;
  const { deciding } = whoDecides(settings, request, await approverIds(store, environmentId));
  if (deciding.length > 0) return [];
  return [intentChange(environmentId, 'approval-setup', personId, conversationId, now, 'repost')];
}

/** The wish to draw such questions anew, wherever they stand: one of the ways out was taken, or somebody else took one. */
export function redrawApprovalSetup(store: Store, environmentId: string, now: number): Promise<Change[]> {
  return redrawCards(store, environmentId, { kind: 'approval-setup' }, now);
}
