import { rolesWithRight, type Actor } from '../model/access.ts';
import { MailroomError } from '../model/error.ts';
import { approvalStatus, normalizeAddress, type Mailbox } from '../model/mailbox.ts';
import type { EmailSettings } from '../model/environment.ts';
import { mailboxKey } from '../mailboxes/mailbox-key.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Store, type Stored } from '../storage/store.ts';
import { commitDecision, getRequest, type DecisionResult } from './decide-mailboxes.ts';
import { refusalOf } from './may-decide.ts';
import { ownMailboxCards } from './own-mailbox-cards.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** Decisions about other mailboxes of the same request count on the same record. */
const mostTries = 100;

/**
 * Somebody approves their own mailbox, with or without a role, where the switch is on: a user mailbox, never a queue, whose
 * address is the name they sign in with (`account`, which the roster vouches for), and which waits. It is the platform's rule
 * (learn.microsoft.com/power-platform/admin/connect-exchange-online). Four-eyes holds back whoever asked for it.
 * Of any other mailbox the refusal says nothing, not even whether it exists.
 * @throws MailroomError `access.denied` where the switch is off, `approval.own-mailbox-only`, `approval.own`
 */
export async function approveOwnMailbox(
  context: Context,
  environmentId: string,
  actor: Actor,
  account: string | null,
  address: string,
): Promise<DecisionResult> {
  const { store } = context;
  return retryConflict(async () => {
    const environment = await getEnvironment(store, environmentId);
    const { settings } = environment.value;
    if (!settings.selfApproval)
      throw new MailroomError('access.denied', { roles: rolesWithRight('decide').join(', ') });
    const mailbox = await ownMailbox(store, environmentId, account, address);
    if (mailbox === null) throw new MailroomError('approval.own-mailbox-only');
    const request = await getRequest(store, environmentId, mailbox.value.approvalRequestId ?? '');
    if (settings.fourEyes && request.value.requestedBy === actor.aadObjectId)
      throw await refusalOf(context, environmentId, 'own', request.value);
    return commitDecision(
      context,
      environmentId,
      actor,
      [mailbox],
      { verdict: 'approved', reason: null, isOfOwnMailbox: true },
      // The switch may be turned off in this moment, or the mailbox become a queue.
      {
        changes: [],
        expected: [{ collection: 'environment', key: environment.key, version: environment.version }],
      },
    );
  }, mostTries);
}

/** The mailbox that somebody could approve themselves by this address, as far as mailbox and switch go; null: none. */
export async function ownMailboxToApprove(
  { store }: Pick<Context, 'store'>,
  environmentId: string,
  account: string | null,
  address: string,
): Promise<Mailbox | null> {
  if (!(await allowsSelfApproval(store, environmentId))) return null;
  return (await ownMailbox(store, environmentId, account, address))?.value ?? null;
}

/** Shows somebody who comes to be known the card of their own mailbox that waits. */
export async function offerOwnMailbox(
  { store, clock }: Context,
  environmentId: string,
  account: string,
): Promise<void> {
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const mailbox = (await ownMailbox(store, environmentId, account, account))?.value;
  const request = await store.get('approvalRequest', keyOf(environmentId, mailbox?.approvalRequestId ?? ''));
  if (mailbox === undefined || request === undefined) return;
  const asker = { aadObjectId: request.value.requestedBy };
  await store.commit(await ownMailboxCards(store, environmentId, settings, asker, [mailbox], clock.now()));
}

async function allowsSelfApproval(store: Store, environmentId: string): Promise<EmailSettings['selfApproval']> {
  return (await getEnvironment(store, environmentId)).value.settings.selfApproval;
}

async function ownMailbox(
  store: Store,
  environmentId: string,
  account: string | null,
  address: string,
): Promise<Stored<Mailbox> | null> {
  if (account === null || normalizeAddress(address) !== normalizeAddress(account)) return null;
  const stored = await store.get('mailbox', mailboxKey(environmentId, address));
  const { type, approval } = stored?.value ?? {};
  return stored !== undefined && type === 'user' && approval === approvalStatus.pending ? stored : null;
}
