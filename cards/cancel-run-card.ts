import { isOver, type Run } from '../services/model/run.ts';
import { cardButtons, commandButton } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { renderTemplate } from './render-template.ts';
import { runTitle, runWord } from './run-words.ts';
import template from './templates/confirm.json' with { type: 'json' };

/**
 * Asks before a run is cancelled, in numbers; `answered`: what became of it. A message of its own, since the card of the
 * run changes by itself every few seconds and would take the question away.
 */
export function cancelRunCard(run: Run, { answered }: { readonly answered: boolean }, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, done, total } = run;
  const asks = !answered && !isOver(run);
  const kind = asks ? 'question' : run.state === 'cancelled' ? 'cancelled' : isOver(run) ? 'over' : 'kept';
  const paused = run.state === 'paused';
  const text = say(`cancel-run.${kind}`, { id, done, total, left: total - done, paused });
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('cancel-run.title', { id }),
        asks ? { text: say('state.waiting'), color: 'Warning' } : runWord(say, run),
        runTitle(run, context),
      ),
      text,
      sample: [],
      choices: [],
      next: nextStep(context, say(`cancel-run.${kind}-next`, { id, paused })),
      actions: asks
        ? cardButtons(context, [
            { verb: 'run.confirm-cancel', title: say('button.cancel-run'), id, revision, style: 'destructive' },
            { verb: 'run.keep', title: say('button.keep-run'), id, revision },
          ])
        : cardButtons(context, [
            kind === 'cancelled' ? null : commandButton(say('button.open-run'), `run ${id}`, 'positive'),
          ]),
    },
    text,
    context,
  );
}
