import type { CardElement } from '@microsoft/teams.cards';
import {
  isLive,
  openQuestion,
  questionLimits,
  type ApprovalQuestion,
  type ApprovalRequest,
} from '../services/model/approval-request.ts';
import { closedCard } from './approval-closed-card.ts';
import { cardButtons } from './card-action-buttons.ts';
import { isForNobody, mayUse, type CardContext, type CardView } from './card-context.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { localTime, speaker, type Say } from './card-text.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/approval-question.json' with { type: 'json' };

/** Rounds that a card shows, the newest ones; the trail has them all. */
const mostShown = 3;

/** The question of an approver in the requester's chat, with a dialog for the answer; later, what became of it. */
export function approvalQuestionCard(request: ApprovalRequest, context: CardContext): CardView {
  if (isForNobody(context)) return closedCard(context);
  const say = speaker(context);
  const { id, revision, questions } = request;
  const who = personName(say, questions.at(-1)?.by ?? '');
  const isOpen = openQuestion(request) !== null && isLive(request);
  const isAnswered = questions.at(-1)?.answer != null;
  const word = isOpen ? 'open' : isAnswered ? 'answered' : 'over';
  const colors = { open: 'Warning', answered: 'Good', over: 'Default' } as const;
  const header: StateWord = { text: say(`question.${word}`), color: colors[word] };
  const mayAnswer = isOpen && (context.viewerId === request.requestedBy || mayUse(context, 'manage'));
  return renderTemplate(
    template,
    {
      header: cardHeader(say('question.title'), header, say('question.about', { count: request.total })),
      questions: questionRounds(questions, context),
      next: nextStep(context, say(`question.${isOpen && !mayAnswer ? 'others' : word}-next`, { who })),
      actions: mayAnswer
        ? cardButtons(context, [
            { opens: 'approval.answer-dialog', title: say('button.answer-open'), id, revision },
            { verb: 'approval.show', title: say('button.show-request'), id, revision },
          ])
        : [],
    },
    say(`question.${word}-summary`, { who }),
    context,
  );
}

/** Questions and answers as they stand on the cards of a request, the newest last. */
export function questionRounds(questions: readonly ApprovalQuestion[], context: CardContext): CardElement[] {
  const say = speaker(context);
  return questions.slice(-mostShown).map((question): CardElement => ({
    type: 'Container',
    items: [
      line(say('question.asked', { who: personName(say, question.by), date: localTime(question.at) }), true),
      line(questionText(question, say), false),
      ...answerLines(question, say),
    ],
  }));
}

function questionText({ address, text }: ApprovalQuestion, say: Say): string {
  const question = plainText(text, questionLimits.characters);
  return address === null ? question : say('question.of', { address: plainText(address), question });
}

function answerLines({ answer }: ApprovalQuestion, say: Say): CardElement[] {
  if (answer === null) return [line(say('question.no-answer'), true)];
  return [
    line(say('question.answered-by', { who: personName(say, answer.by), date: localTime(answer.at) }), true),
    line(plainText(answer.text, questionLimits.characters), false),
  ];
}

function line(text: string, isSubtle: boolean): CardElement {
  return { type: 'TextBlock', text, wrap: true, spacing: 'None', ...(isSubtle ? { isSubtle, size: 'Small' } : {}) };
}
