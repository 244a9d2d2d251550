import type { CardElement } from '@microsoft/teams.cards';
import { openQuestion, questionLimits, reasonLimit, type ApprovalRequest } from '../services/model/approval-request.ts';
import type { BulkAction } from '../services/model/bulk-action.ts';
import type { PendingCount } from '../services/model/pending-group.ts';
import { lastDecision, withdrawalFact } from './approval-facts.ts';
import { groupLines } from './approval-groups.ts';
import { questionRounds } from './approval-question-card.ts';
import { dialogSubmit, type Button } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/dialog.json' with { type: 'json' };

/** A dialog: its card, and the line above it. */
export interface DialogView extends CardView {
  readonly title: string;
}

/** What was typed the last time, and what is wrong with it. */
export interface Typed {
  readonly text: string;
  readonly problem: string | null;
}

export const nothingTyped: Typed = { text: '', problem: null };

/** The reason of a rejection of all that waits of a request. */
export function rejectRequestDialog(
  request: ApprovalRequest,
  {
    pending,
    profileNames,
  }: { readonly pending: PendingCount; readonly profileNames: Readonly<Record<string, string>> },
  typed: Typed,
  context: CardContext,
): DialogView {
  const say = speaker(context);
  const { id, revision, pending: count } = request;
  return rejectDialog(
    { verb: 'approval.reject', id, revision, count },
    groupLines(pending, profileNames, { total: count, withAddresses: true }, say),
    typed,
    context,
  );
}

/** The same for what was selected in a list; `action` holds exactly those mailboxes. */
export function rejectSelectedDialog(
  action: BulkAction,
  profileNames: Readonly<Record<string, string>>,
  typed: Typed,
  context: CardContext,
): DialogView {
  const say = speaker(context);
  const { id, revision, mailboxIds, groups = [], own = 0, notPending = 0 } = action;
  const sample = mailboxIds.slice(0, 5).map((address) => ({ address }));
  return rejectDialog(
    { verb: 'bulk.reject', id, revision, count: mailboxIds.length },
    [
      ...groupLines({ groups, sample }, profileNames, { total: mailboxIds.length, withAddresses: true }, say),
      ...remark(own === 0 ? null : say('dialog.own', { count: own })),
      ...remark(notPending === 0 ? null : say('dialog.not-pending', { count: notPending })),
    ],
    typed,
    context,
  );
}

function rejectDialog(
  { verb, id, revision, count }: Pick<Button, 'verb' | 'id' | 'revision'> & { readonly count: number },
  about: readonly CardElement[],
  typed: Typed,
  context: CardContext,
): DialogView {
  const say = speaker(context);
  const title = say('dialog.reject-title', { count });
  return dialog(
    title,
    {
      state: { text: say('dialog.needs-reason'), color: 'Warning' },
      about,
      input: textInput('reason', say('approve.reason.label'), say('approve.reason.missing'), reasonLimit, typed, {
        placeholder: say('approve.reason.hint'),
      }),
      next: say('dialog.reject-next', { count }),
      submit: { verb, title: say('dialog.reject', { count }), id, revision, style: 'destructive' },
    },
    typed,
    context,
  );
}

/** A question to whoever asked for the approval. */
export function askDialog(request: ApprovalRequest, typed: Typed, context: CardContext): DialogView {
  const say = speaker(context);
  const { id, revision, pending } = request;
  const who = personName(say, request.requestedByName);
  return dialog(
    say('dialog.ask-title', { who }),
    {
      state: { text: say('dialog.waits', { count: pending }), color: 'Warning' },
      about: questionRounds(request.questions, context),
      input: textInput(
        'question',
        say('question.field', { who }),
        say('question.missing'),
        questionLimits.characters,
        typed,
      ),
      next: say('dialog.ask-next', { who }),
      submit: { verb: 'approval.ask', title: say('button.ask'), id, revision, style: 'positive' },
    },
    typed,
    context,
  );
}

/** The answer to the question that is open. */
export function answerDialog(request: ApprovalRequest, typed: Typed, context: CardContext): DialogView {
  const say = speaker(context);
  const { id, revision } = request;
  const who = personName(say, openQuestion(request)?.by ?? '');
  return dialog(
    say('dialog.answer-title', { who }),
    {
      state: { text: say('question.open'), color: 'Warning' },
      about: questionRounds(request.questions.slice(-1), context),
      input: textInput(
        'answer',
        say('question.answer'),
        say('question.answer-missing'),
        questionLimits.characters,
        typed,
      ),
      next: say('dialog.answer-next', { who }),
      submit: { verb: 'approval.answer', title: say('button.answer'), id, revision, style: 'positive' },
    },
    typed,
    context,
  );
}

/**
 * Instead of a dialog that comes too late: how the request stands now, and what was typed, so that nobody has to type it again.
 * There is nothing to submit.
 */
export function staleDialog(request: ApprovalRequest, typed: string, context: CardContext): DialogView {
  const say = speaker(context);
  const { pending } = request;
  return dialog(
    say('dialog.stale-title'),
    {
      state: { text: say('dialog.nothing-done'), color: 'Default' },
      about: [
        ...cardFacts([
          ...lastDecision(request, say),
          ...withdrawalFact(request, say),
          [say('dialog.typed'), typed.trim() === '' ? null : plainText(typed, reasonLimit)],
        ]),
        ...questionRounds(request.questions.slice(-1), context),
      ],
      input: null,
      next: say(pending === 0 ? 'dialog.over-next' : 'dialog.stale-next', { count: pending }),
      submit: null,
    },
    nothingTyped,
    context,
  );
}

interface DialogParts {
  readonly state: StateWord;
  readonly about: readonly CardElement[];
  readonly input: CardElement | null;
  readonly next: string;
  readonly submit: Button | null;
}

function dialog(title: string, parts: DialogParts, { problem }: Typed, context: CardContext): DialogView {
  const { state, about, input, next, submit } = parts;
  const view = renderTemplate(
    template,
    {
      header: cardHeader(title, state),
      about,
      input: input === null ? [] : [input],
      problem: remark(problem === null ? null : `✗ ${plainText(problem, 300)}`, 'Attention'),
      next: nextStep(context, next),
      actions: submit === null ? [] : [dialogSubmit(submit)],
    },
    title,
    context,
  );
  // The line above the card is beside the name of the app; what it is about is the card's own heading.
  return { ...view, title: speaker(context)('dialog.bar') };
}

function textInput(
  id: string,
  label: string,
  errorMessage: string,
  maxLength: number,
  { text }: Typed,
  more: { readonly placeholder?: string } = {},
): CardElement {
  return {
    type: 'Input.Text',
    id,
    label,
    isMultiline: true,
    maxLength,
    isRequired: true,
    errorMessage,
    ...(text === '' ? {} : { value: text }),
    ...more,
  };
}
