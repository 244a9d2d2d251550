import type { UndoResult, UndoStep } from '../services/model/mailbox-change.ts';
import { cardButtons, commandButton } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, type Say } from './card-text.ts';
import { filterText } from './filter-text.ts';
import { renderTemplate } from './render-template.ts';
import { sampleLines } from './sample-lines.ts';
import template from './templates/mailbox-change.json' with { type: 'json' };

/** What taking back would do, counted now. */
export interface UndoQuestion {
  readonly restorable: number;
  readonly left: number;
  readonly sample: readonly string[];
}

/** The last bulk change, to be taken back, and what became of that. `question`: null when it is done. */
export function undoCard(step: UndoStep, question: UndoQuestion | null, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, kind, result } = step;
  const what = say(`undo.what.${kind}`);
  const counts = question ?? countsOf(result);
  const { restorable, left, sample } = counts;
  const deed = say('undo.button', { count: restorable });
  const isQuestion = question !== null;
  const text = isQuestion ? say('undo.text', { count: restorable }) : say('undo.done-text', { count: restorable });
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say(isQuestion ? 'undo.title' : 'undo.done-title', { what }),
        stateOf(say, isQuestion, counts),
        filterText(say, step.filter),
      ),
      text,
      facts: cardFacts([
        [say('undo.at'), localTime(step.doneAt)],
        [say(isQuestion ? 'undo.restorable' : 'undo.restored'), say('number', { count: restorable })],
        [say('undo.left'), left === 0 ? null : say('number', { count: left })],
        [
          say('undo.working'),
          result === null || result.working === 0 ? null : say('number', { count: result.working }),
        ],
      ]),
      notes: [
        ...remark(left === 0 ? null : say('undo.left-note', { count: left }), 'Warning'),
        ...remark(step.runId === null ? null : say('undo.not-back', { run: step.runId })),
      ],
      sample: sampleLines(say, sample, left),
      choices: [],
      next: nextStep(context, say(nextKey(isQuestion, counts, result), { deed })),
      actions: cardButtons(context, [
        isQuestion && restorable > 0 ? { verb: 'undo.confirm', title: deed, id, revision, style: 'positive' } : null,
        commandButton(say('button.mailboxes'), 'mailboxes'),
      ]),
    },
    say(isQuestion ? 'undo.summary' : 'undo.done-summary', { what, count: restorable }),
    context,
  );
}

const countsOf = (result: UndoResult | null): UndoQuestion => ({
  restorable: result?.restored ?? 0,
  left: result?.left ?? 0,
  sample: result?.sample ?? [],
});

function stateOf(say: Say, isQuestion: boolean, { left }: UndoQuestion): StateWord {
  if (isQuestion) return { text: say('state.waiting'), color: 'Warning' };
  return left > 0
    ? { text: say('mailbox-change.partly'), color: 'Warning' }
    : { text: say('state.done'), color: 'Good' };
}

function nextKey(isQuestion: boolean, { restorable }: UndoQuestion, result: UndoResult | null): string {
  if (!isQuestion)
    return result !== null && result.restored > 0 && result.working === result.restored
      ? 'undo.works-next'
      : 'undo.done-next';
  return restorable === 0 ? 'undo.nothing-next' : 'undo.next';
}
