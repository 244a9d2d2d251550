import { approvalQuestionCard } from '../../cards/approval-question-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import { answerQuestion, askAboutMailbox, askAboutRequest } from '../../services/approvals/ask-requester.ts';
import { askAgain, withdrawMailboxes, withdrawRequest } from '../../services/approvals/withdraw-request.ts';
import { isNamedAddress } from '../../services/mailboxes/find-mailboxes.ts';
import { planBulkAction } from '../../services/mailboxes/bulk-actions.ts';
import { MailroomError } from '../../services/model/error.ts';
import { cardContext } from '../card-context.ts';
import { chatText } from '../chat-text.ts';
import type { CardAction, Reply, TurnInput } from '../turn-input.ts';
import { renderApproval } from './approval-commands.ts';
import { renderBulkAction } from './mailbox-commands.ts';

/** What the buttons of a request do beyond deciding. A stale click changes nothing and shows the request as it is now. */
export const approvalActions = {
  'approval.ask': async (input, { id, revision, inputs }) => {
    const { services, environmentId, actor } = input;
    const { request } = await askAboutRequest(services, environmentId, actor, id, revision, inputs['question'] ?? '');
    return renderApproval(input, request, 0);
  },
  'approval.answer': async (input, { id, revision, inputs }) => {
    const { services, environmentId, actor } = input;
    const { request } = await answerQuestion(services, environmentId, actor, id, revision, inputs['answer'] ?? '');
    return approvalQuestionCard(request, cardContext(input));
  },
  'approval.withdraw': async (input, { id, revision }) => {
    const { services, environmentId, actor } = input;
    const { request } = await withdrawRequest(services, environmentId, actor, id, revision);
    return renderApproval(input, request, 0);
  },
  'approval.ask-again': async (input, { id, revision }) => {
    const { services, environmentId, actor, conversation } = input;
    const where = conversation.conversationId;
    const { request } = await askAgain(services, environmentId, actor, id, revision, where);
    return renderApproval(input, request, 0);
  },
} satisfies Partial<Record<Verb, CardAction>>;

/** `ask ADDRESS QUESTION` */
export async function askCommand(input: TurnInput, text: string): Promise<Reply[]> {
  const { services, environmentId, actor, locale } = input;
  const [, address = '', question = ''] = /^(\S+)\s*([^]*)$/.exec(text) ?? [];
  if (address === '') throw new MailroomError('command.argument-missing', { usage: 'ask ADDRESS QUESTION' });
  const request = await askAboutMailbox(services, environmentId, actor, address, question);
  return [{ text: chatText(locale, 'chat.asked', { who: request.requestedByName || 'none' }) }];
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
