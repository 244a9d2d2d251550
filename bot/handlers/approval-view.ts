import { approvalCard, type ApprovalView } from '../../cards/approval-card.ts';
import { approvalConfirmCard } from '../../cards/approval-confirm-card.ts';
import type { CardContext } from '../../cards/card-context.ts';
import { plainText } from '../../cards/plain-text.ts';
import type { Verb } from '../../cards/verbs.ts';
import { requireRight } from '../../services/access/roles.ts';
import { isRequesterAsked } from '../../services/approvals/ask-requester.ts';
import { cardReaders } from '../../services/approvals/card-readers.ts';
import { countPending } from '../../services/approvals/count-pending.ts';
import { decidersOf } from '../../services/approvals/deciders.ts';
import { decideRequest, getRequest, type Decision } from '../../services/approvals/decide-mailboxes.ts';
import { mayDecideOf, refusalOf } from '../../services/approvals/may-decide.ts';
import { hasRight, rolesWithRight } from '../../services/model/access.ts';
import { isLive, type ApprovalRequest } from '../../services/model/approval-request.ts';
import type { ConversationReference } from '../../services/model/conversation.ts';
import { MailroomError } from '../../services/model/error.ts';
import { intentChange } from '../../services/conversations/intents.ts';
import { personalConversation } from '../../services/conversations/record-conversation.ts';
import { listProfiles } from '../../services/profiles/profile-names.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { keyOf } from '../../services/storage/store.ts';
import { ownView } from '../card-context.ts';
import type { CardData } from '../card-data.ts';
import { chatText } from '../chat-text.ts';
import type { ActionAnswer, CardAction, RenderedCard, TurnInput } from '../turn-input.ts';

/** What the card of a request says in a conversation, to a reader. */
export async function approvalViewOf(
  services: Pick<ServiceContext, 'store' | 'clock'>,
  request: ApprovalRequest,
  where: Pick<ConversationReference, 'kind'>,
  { viewerId }: CardContext,
): Promise<ApprovalView> {
  const { store } = services;
  const { environmentId } = request;
  const deciders = await decidersOf(services, environmentId, request);
  const profiles = await listProfiles(store, environmentId);
  return {
    pending: await countPending(store, request),
    profileNames: Object.fromEntries(profiles.map(({ id, name }) => [id, name])),
    deciders,
    decides: viewerId !== undefined && deciders.ids.includes(viewerId),
    readers: where.kind === 'personal' ? null : await cardReaders(store, request, deciders.ids),
  };
}

/** The request as whoever acts sees it: with their buttons, for them alone. */
export async function renderApproval(input: TurnInput, request: ApprovalRequest): Promise<RenderedCard> {
  const context = ownView(input);
  return approvalCard(request, await approvalViewOf(input.services, request, input.conversation, context), context);
}

/** What the buttons of a request show and decide. A stale click changes nothing and shows the request as it is now. */
export const approvalViewActions = {
  'approval.refresh': refreshApproval,
  'approval.view': async (input, { id }) => renderApproval(input, await requestOf(input, id)),
  /** One mailbox at once; many after a question that carries the revision by which they were counted. */
  'approval.approve-all': async (input, data) => {
    const request = await requestOf(input, data.id);
    const isCurrent = request.revision === data.revision && isLive(request);
    if (!isCurrent || request.pending === 1) return decideAll(input, data);
    await requireDecider(input, request);
    const context = ownView(input);
    const view = await approvalViewOf(input.services, request, input.conversation, context);
    return { ...approvalConfirmCard(request, view, context), asks: true };
  },
  'approval.confirm-all': decideAll,
} satisfies Partial<Record<Verb, CardAction>>;

/**
 * Clients ask by themselves, sixty at once after each edit: nothing changes by it. Whoever reads the card may ask, also without
 * a role, and then gets what it shows to all.
 * @throws MailroomError `access.denied`, `approval.unknown`
 */
export async function refreshApproval(input: TurnInput, { id }: Pick<CardData, 'id'>): Promise<RenderedCard> {
  if (!hasRight(input.roles, 'read') && !(await standsHere(input, id)))
    throw new MailroomError('access.denied', { roles: rolesWithRight('read').join(', ') });
  return renderApproval(input, await requestOf(input, id));
}

/** Before anything is asked: whoever will be refused learns it now. */
export async function requireDecider(
  { services, environmentId, actor }: TurnInput,
  request: ApprovalRequest,
): Promise<void> {
  const answer = (await mayDecideOf(services, environmentId, actor)).about(request);
  if (answer !== 'decides') throw await refusalOf(services, environmentId, answer, request);
}

const approved: Decision = { verdict: 'approved', reason: null };

async function decideAll(input: TurnInput, { id, revision }: CardData): Promise<ActionAnswer> {
  const { services, environmentId, actor } = input;
  const { request } = await decideRequest(services, environmentId, actor, id, revision, 'all', approved);
  return renderApproval(input, request);
}

/**
 * Where a client can put no card in the place of another, a view in a shared conversation would be everybody's.
 * @throws MailroomError `access.denied`, `approval.unknown`
 */
export const showInOwnChat: CardAction = async (input, { id }) => {
  const { services, environmentId, actor } = input;
  await requireRight(services, environmentId, actor, 'read');
  return { notice: await postInOwnChat(input, (await requestOf(input, id)).id) };
};

/** The card of a request as the newest message in the own chat of whoever acts. @returns where it is, or what to do first */
export async function postInOwnChat(
  { services, environmentId, actor, locale }: TurnInput,
  requestId: string,
): Promise<string> {
  const chat = (await personalConversation(services.store, environmentId, actor.aadObjectId))?.value;
  if (chat === undefined || chat.deadReason !== null) return chatText(locale, 'chat.view-needs-own-chat');
  const now = services.clock.now();
  const wish = intentChange(environmentId, 'approval', requestId, chat.conversationId, now, 'repost');
  await services.store.commit([wish]);
  return chatText(locale, 'chat.view-in-own-chat');
}

/** Who has a question about a request now, for a sentence. */
export async function askedName({ services }: TurnInput, request: ApprovalRequest): Promise<string> {
  if (!(await isRequesterAsked(services, request))) return 'admins';
  return plainText(request.requestedByName, 80) || 'none';
}

export async function requestOf({ services, environmentId }: TurnInput, id: string): Promise<ApprovalRequest> {
  return (await getRequest(services.store, environmentId, id)).value;
}

async function standsHere({ services, environmentId, conversation }: TurnInput, id: string): Promise<boolean> {
  const key = keyOf(environmentId, conversation.conversationId, 'approval', id);
  return (await services.store.get('message', key)) !== undefined;
}
