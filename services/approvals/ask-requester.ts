import type { Actor } from '../model/access.ts';
import {
  isLive,
  openQuestion,
  questionLimits,
  type ApprovalQuestion,
  type ApprovalRequest,
} from '../model/approval-request.ts';
import { auditEntry } from '../model/audit.ts';
import { MailroomError } from '../model/error.ts';
import { approvalStatus, type Mailbox } from '../model/mailbox.ts';
import { hasVisibleText } from '../model/visible-text.ts';
import { hasRight } from '../model/access.ts';
import { requireRight, rolesOf } from '../access/roles.ts';
import { chatsWith } from '../conversations/approval-audience.ts';
import { intentChange } from '../conversations/intents.ts';
import { personalConversation } from '../conversations/record-conversation.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type Store, type Stored } from '../storage/store.ts';
import { mailboxKey } from '../mailboxes/mailbox-key.ts';
import { getRequest } from './decide-mailboxes.ts';
import { mayDecideOf, refusalOf } from './may-decide.ts';
import { redrawRequest } from './redraw-request.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** `stale`: the card that was clicked was older than the request, and nothing was asked or answered. */
export interface Asked {
  readonly request: ApprovalRequest;
  readonly stale: boolean;
}

/**
 * An approver asks whoever asked for the approval. The question goes to the requester's own chat, and stands on the request.
 * @throws MailroomError `access.denied`, `approval.unknown`, `approval.question-missing`, `approval.question-too-long`
 * {limit}, `approval.question-open`, `approval.question-limit` {limit}, `approval.question-own`,
 * `approval.other-set`
 */
export async function askAboutRequest(
  context: Context,
  environmentId: string,
  actor: Actor,
  requestId: string,
  revision: number,
  text: string,
): Promise<Asked> {
  await requireRight(context, environmentId, actor, 'decide');
  const question = readText(text, 'question');
  return retryConflict(async () => {
    const stored = await getRequest(context.store, environmentId, requestId);
    if (stored.value.revision !== revision || !isLive(stored.value)) return { request: stored.value, stale: true };
    return { request: await ask(context, actor, stored, null, question), stale: false };
  });
}

/**
 * The same about one mailbox, by its address, as the chat command does.
 * @throws MailroomError as askAboutRequest, `mailbox.unknown` {address}, `approval.not-waiting` {address}
 */
export async function askAboutMailbox(
  context: Context,
  environmentId: string,
  actor: Actor,
  address: string,
  text: string,
): Promise<ApprovalRequest> {
  await requireRight(context, environmentId, actor, 'decide');
  const question = readText(text, 'question');
  return retryConflict(async () => {
    const mailbox = (await context.store.get('mailbox', mailboxKey(environmentId, address)))?.value;
    if (mailbox === undefined) throw new MailroomError('mailbox.unknown', { address: address.slice(0, 100) });
    const stored = await liveRequestOf(context.store, mailbox);
    if (stored === null) throw new MailroomError('approval.not-waiting', { address: mailbox.address });
    return ask(context, actor, stored, mailbox.address, question);
  });
}

/**
 * The requester, or an admin in their place, answers the open question. Somebody who has answered before, or a request that is
 * over, change nothing: the request as it is now comes back.
 * @throws MailroomError `access.denied`, `approval.unknown`, `approval.answer-missing`, `approval.answer-too-long` {limit}
 */
export async function answerQuestion(
  context: Context,
  environmentId: string,
  actor: Actor,
  requestId: string,
  revision: number,
  text: string,
): Promise<Asked> {
  const { store, clock } = context;
  return retryConflict(async () => {
    const stored = await getRequest(store, environmentId, requestId);
    const { key, version, value } = stored;
    const roles = await rolesOf(context, environmentId, actor.aadObjectId);
    const isRequester = value.requestedBy === actor.aadObjectId && hasRight(roles, 'read');
    if (!isRequester && !hasRight(roles, 'manage')) throw new MailroomError('access.denied', { roles: 'admin' });
    const answer = readText(text, 'answer');
    const open = openQuestion(value);
    if (value.revision !== revision || open === null || !isLive(value)) return { request: value, stale: true };
    const now = clock.now();
    const answered: ApprovalQuestion = { ...open, answer: { by: actor.name, at: now, text: answer } };
    const request = withQuestions(value, [...value.questions.slice(0, -1), answered]);
    await store.commit(
      [
        { kind: 'put', collection: 'approvalRequest', key, value: request },
        {
          kind: 'append',
          log: 'audit',
          entry: auditEntry(environmentId, now, actor, 'approval.answered', [value.id], { text: answer }),
        },
        ...(await redrawRequest(store, environmentId, value.id, now)),
      ],
      [{ collection: 'approvalRequest', key, version }],
    );
    return { request, stale: false };
  });
}

async function ask(
  context: Context,
  actor: Actor,
  { key, version, value }: Stored<ApprovalRequest>,
  address: string | null,
  text: string,
): Promise<ApprovalRequest> {
  const { store, clock } = context;
  const { environmentId, id } = value;
  if (value.requestedBy === actor.aadObjectId) throw new MailroomError('approval.question-own');
  // One question is open at a time: whoever does not decide must not take the place of those who do.
  const answer = (await mayDecideOf(context, environmentId, actor)).about(value);
  if (answer !== 'decides') throw await refusalOf(context, environmentId, answer, value);
  if (openQuestion(value) !== null) throw new MailroomError('approval.question-open');
  if (value.questions.length >= questionLimits.rounds)
    throw new MailroomError('approval.question-limit', { limit: questionLimits.rounds });
  const now = clock.now();
  const request = withQuestions(value, [...value.questions, { address, by: actor.name, at: now, text, answer: null }]);
  await store.commit(
    [
      { kind: 'put', collection: 'approvalRequest', key, value: request },
      {
        kind: 'append',
        log: 'audit',
        entry: auditEntry(environmentId, now, actor, 'approval.question', [address ?? id], { text }),
      },
      ...(await redrawRequest(store, environmentId, id, now)),
      ...(await questionIntents(context, request, now)),
    ],
    [{ collection: 'approvalRequest', key, version }],
  );
  return request;
}

/** False: whoever asked for the approval has lost every role since, and the admins are asked in their place. */
export async function isRequesterAsked(
  context: Context,
  { environmentId, requestedBy }: Pick<ApprovalRequest, 'environmentId' | 'requestedBy'>,
): Promise<boolean> {
  return hasRight(await rolesOf(context, environmentId, requestedBy), 'read');
}

/**
 * As the newest message: a card that is edited in place would not be noticed. Whoever has lost every role since reads nothing and
 * answers nothing, so that the admins are asked, who may answer in their place.
 */
async function questionIntents(
  context: Context,
  { environmentId, id, requestedBy, conversationId }: ApprovalRequest,
  now: number,
): Promise<Change[]> {
  const { store } = context;
  if (!(await isRequesterAsked(context, { environmentId, requestedBy }))) {
    const chats = await chatsWith(store, environmentId, (roles) => hasRight(roles, 'manage'));
    return chats.map((chat) => intentChange(environmentId, 'approval-question', id, chat, now, 'repost'));
  }
  const chat = (await personalConversation(store, environmentId, requestedBy))?.value.conversationId ?? conversationId;
  // Nobody knows where the requester can be reached: the question stands on the request's card alone.
  if (chat === '') return [];
  return [intentChange(environmentId, 'approval-question', id, chat, now, 'repost')];
}

function withQuestions(request: ApprovalRequest, questions: readonly ApprovalQuestion[]): ApprovalRequest {
  return { ...request, questions, revision: request.revision + 1 };
}

/** The request that asks about a mailbox, while its cards decide; null: nobody is asked. */
export async function liveRequestOf(store: Store, mailbox: Mailbox): Promise<Stored<ApprovalRequest> | null> {
  const { environmentId, approval, approvalRequestId: id } = mailbox;
  if (approval !== approvalStatus.pending || id === null) return null;
  const stored = await store.get('approvalRequest', keyOf(environmentId, id));
  return stored !== undefined && isLive(stored.value) ? stored : null;
}

function readText(typed: string, what: 'question' | 'answer'): string {
  const text = typed.trim();
  if (!hasVisibleText(text)) throw new MailroomError(`approval.${what}-missing`);
  if (text.length > questionLimits.characters)
    throw new MailroomError(`approval.${what}-too-long`, { limit: questionLimits.characters });
  return text;
}
