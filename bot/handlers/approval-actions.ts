import { approvalQuestionCard } from '../../cards/approval-question-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import { translate } from '../../locales/translate.ts';
import { answerQuestion, askAboutMailbox, askAboutRequest } from '../../services/approvals/ask-requester.ts';
import { decideRequest } from '../../services/approvals/decide-mailboxes.ts';
import { askAgain, withdrawMailboxes, withdrawRequest } from '../../services/approvals/withdraw-request.ts';
import { isNamedAddress } from '../../services/mailboxes/find-mailboxes.ts';
import { planBulkAction } from '../../services/mailboxes/bulk-actions.ts';
import { MailroomError } from '../../services/model/error.ts';
import { formatFilter } from '../../services/model/filter.ts';
import { approvalStatus } from '../../services/model/mailbox.ts';
import { cardContext } from '../card-context.ts';
import { chatText } from '../chat-text.ts';
import type { CardAction, Reply, TurnInput } from '../turn-input.ts';
import { postRequest } from './approval-commands.ts';
import { askedName, renderApproval, requestOf } from './approval-view.ts';
import { profileNamesById, renderBulkAction } from './mailbox-commands.ts';
import { listOfWaiting, waitsForMe } from './mailbox-list.ts';

/** A click on what should open a dialog comes from a client that knows none. */
const hint =
  (what: 'reject' | 'ask' | 'answer'): CardAction =>
  async ({ locale }) => ({ notice: translate(locale, `chat.dialog.hint.${what}`) });

/**
 * What the buttons of a request do beyond showing and approving it. A stale click changes nothing and shows the request as it
 * is now.
 */
export const approvalActions = {
  'approval.ask': async (input, { id, revision, inputs }) => {
    const { services, environmentId, actor } = input;
    const { request } = await askAboutRequest(services, environmentId, actor, id, revision, inputs['question'] ?? '');
    return renderApproval(input, request);
  },
  'approval.answer': async (input, { id, revision, inputs }) => {
    const { services, environmentId, actor } = input;
    const { request } = await answerQuestion(services, environmentId, actor, id, revision, inputs['answer'] ?? '');
    return approvalQuestionCard(request, cardContext(input));
  },
  'approval.withdraw': async (input, { id, revision }) => {
    const { services, environmentId, actor } = input;
    const { request } = await withdrawRequest(services, environmentId, actor, id, revision);
    return renderApproval(input, request);
  },
  'approval.ask-again': async (input, { id, revision }) => {
    const { services, environmentId, actor, conversation } = input;
    const where = conversation.conversationId;
    const { request } = await askAgain(services, environmentId, actor, id, revision, where);
    return renderApproval(input, request);
  },
  'approval.reject': async (input, { id, revision, inputs }) => {
    const { services, environmentId, actor } = input;
    const decision = { verdict: 'rejected', reason: (inputs['reason'] ?? '').trim() } as const;
    const { request } = await decideRequest(services, environmentId, actor, id, revision, 'all', decision);
    return renderApproval(input, request);
  },
  'approval.show': async (input, { id }) => {
    return { notice: await postRequest(input, (await requestOf(input, id)).id) };
  },
  'approval.choose': async (input, { id }) => {
    const request = await requestOf(input, id);
    return listOfWaiting(input, formatFilter({ words: [], approval: approvalStatus.pending, request: request.id }));
  },
  'approval.choose-all': (input) => listOfWaiting(input, waitsForMe),
  /** Of all requests at once: the same question that the command asks. */
  'approval.approve-pending': async (input) => {
    const { services, environmentId, actor } = input;
    const action = await planBulkAction(services, environmentId, actor, 'approve', waitsForMe);
    const question = renderBulkAction(input, action, undefined, await profileNamesById(input));
    // Below the list, which stays; where many read, in its place for whoever asked alone.
    return input.conversation.kind === 'personal' ? { below: question } : { ...question, asks: true };
  },
  'approval.reject-dialog': hint('reject'),
  'approval.ask-dialog': hint('ask'),
  'approval.answer-dialog': hint('answer'),
  'mailboxes.reject-dialog': hint('reject'),
} satisfies Partial<Record<Verb, CardAction>>;

/** `ask ADDRESS QUESTION` */
export async function askCommand(input: TurnInput, text: string): Promise<Reply[]> {
  const { services, environmentId, actor, locale } = input;
  const [, address = '', question = ''] = /^(\S+)\s*([^]*)$/.exec(text) ?? [];
  if (address === '') throw new MailroomError('command.argument-missing', { usage: 'ask ADDRESS QUESTION' });
  const request = await askAboutMailbox(services, environmentId, actor, address, question);
  return [{ text: chatText(locale, 'chat.asked', { who: await askedName(input, request) }) }];
}

/** `withdraw ADDRESS…|FILTER`: named addresses at once, a filter after a question. */
export async function withdrawCommand(input: TurnInput, text: string): Promise<Reply[]> {
  const { services, environmentId, actor, locale } = input;
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  if (words.length === 0) throw new MailroomError('mailbox.none-named');
  if (!words.every(isNamedAddress))
    return [renderBulkAction(input, await planBulkAction(services, environmentId, actor, 'withdraw', text))];
  const { withdrawn, notPending } = await withdrawMailboxes(services, environmentId, actor, words);
  const parts = [
    withdrawn.length === 0
      ? []
      : [chatText(locale, 'chat.withdrawn', { count: withdrawn.length, first: withdrawn[0] ?? '' })],
    notPending.length === 0
      ? []
      : [chatText(locale, 'chat.decided.not-pending', { count: notPending.length, first: notPending[0] ?? '' })],
  ].flat();
  return [{ text: parts.join(' ') }];
}
