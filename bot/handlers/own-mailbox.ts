import type { CardContext } from '../../cards/card-context.ts';
import { ownMailboxCard } from '../../cards/own-mailbox-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import { approveOwnMailbox, ownMailboxToApprove } from '../../services/approvals/approve-own-mailbox.ts';
import { liveRequestOf } from '../../services/approvals/ask-requester.ts';
import { hasRight } from '../../services/model/access.ts';
import { normalizeAddress } from '../../services/model/mailbox.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { keyOf } from '../../services/storage/store.ts';
import { cardContext } from '../card-context.ts';
import { chatText } from '../chat-text.ts';
import type { CardAction, RenderedCard, Reply, TurnInput } from '../turn-input.ts';
import { runBegun } from './run-commands.ts';

export const ownMailboxActions = {
  'own-mailbox.approve': async (input, { id, revision }) => {
    const { services, environmentId, actor, account } = input;
    const isOwn = account !== null && normalizeAddress(id) === normalizeAddress(account);
    const open = await ownMailboxToApprove(services, environmentId, account, id);
    // By a card of before, or of a request that has expired, nothing is decided: its reader sees how their own mailbox stands.
    const isLive = open?.revision === revision && (await liveRequestOf(services.store, open)) !== null;
    if (!isOwn || isLive) await approveOwnMailbox(services, environmentId, actor, account, id);
    return renderOwnMailbox(services, environmentId, id, actor.aadObjectId, cardContext(input));
  },
} satisfies Partial<Record<Verb, CardAction>>;

/**
 * `approve ADDRESS` by whoever signs in with it, with or without a role. Null: it is an approver's decision like any other.
 * @throws MailroomError as approveOwnMailbox, for whoever has no right to decide
 */
export async function approveOwn(input: TurnInput, text: string): Promise<Reply[] | null> {
  const { services, environmentId, actor, account, roles, locale } = input;
  const address = text.trim();
  const decides = hasRight(roles, 'decide');
  if (decides && (await ownMailboxToApprove(services, environmentId, account, address)) === null) return null;
  const { decided, run } = await approveOwnMailbox(services, environmentId, actor, account, address);
  return [
    {
      text: [
        chatText(locale, 'chat.own-mailbox.approved', { address: decided[0] ?? '' }),
        ...(run === null ? [] : [await runBegun(input, run)]),
      ].join(' '),
    },
  ];
}

/** What a person reads about their own mailbox, as it is now. Nothing of one that is not (any more) theirs. */
export async function renderOwnMailbox(
  { store }: Pick<ServiceContext, 'store'>,
  environmentId: string,
  mailboxId: string,
  personId: string | null,
  context: CardContext,
): Promise<RenderedCard> {
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const account = personId === null ? null : (await store.get('person', keyOf(environmentId, personId)))?.value.account;
  const found = (await store.get('mailbox', keyOf(environmentId, mailboxId)))?.value;
  const mailbox = found !== undefined && found.type === 'user' && found.address === account ? found : null;
  const id = mailbox?.approvalRequestId ?? null;
  const request = id === null ? null : ((await store.get('approvalRequest', keyOf(environmentId, id)))?.value ?? null);
  const isHeldBack = settings.fourEyes && request?.requestedBy === personId;
  return ownMailboxCard(
    { mailbox, request, mayApprove: settings.selfApproval && request !== null && !isHeldBack },
    context,
  );
}

/** What somebody without a role is told of their own mailbox; null: people do not approve their own. */
export async function ownMailboxHint({
  services,
  environmentId,
  account,
}: Pick<TurnInput, 'services' | 'environmentId' | 'account'>): Promise<{ account: string; waits: boolean } | null> {
  const { settings } = (await getEnvironment(services.store, environmentId)).value;
  if (!settings.selfApproval || account === null) return null;
  return { account, waits: (await ownMailboxToApprove(services, environmentId, account, account)) !== null };
}
