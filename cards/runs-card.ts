import type { Run } from '../services/model/run.ts';
import { cardButtons, commandButton, executeAction, type Button } from './card-action-buttons.ts';
import { mayUse, type CardContext, type CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, type Say } from './card-text.ts';
import { personName } from './person-name.ts';
import { renderTemplate } from './render-template.ts';
import { runTitle, runWord } from './run-words.ts';
import template from './templates/runs.json' with { type: 'json' };

const most = 10;

/** What a first run still lacks; `none` where everything is there. */
export type MissingForRun = 'profile' | 'mailboxes' | 'none';

/** The latest runs, newest first as given; a row opens its run. Without any, what leads to the first. */
export function runsCard(runs: readonly Run[], missing: MissingForRun, context: CardContext): CardView {
  const say = speaker(context);
  const running = runs.filter(({ state }) => state === 'running').length;
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('runs.title'),
        running > 0
          ? { text: say('runs.running', { count: running }), color: 'Accent' }
          : { text: say('runs.idle'), color: 'Default' },
      ),
      rows: runs.slice(0, most).map((run) => {
        const word = runWord(say, run);
        const title = runTitle(run, context);
        return {
          title,
          started: say('runs.started', {
            id: run.id,
            date: localTime(run.startedAt),
            who: personName(say, run.requestedByName),
          }),
          state: word.text,
          color: word.color,
          counts: say('runs.counts', { done: run.done, total: run.total, failed: run.failed }),
          open: executeAction({
            verb: 'run.show',
            title: say('runs.open', { id: run.id }),
            id: run.id,
            revision: run.revision,
          }),
        };
      }),
      more: remark(runs.length > most ? say('more', { count: runs.length - most }) : null),
      next: nextStep(context, say(runs.length === 0 ? 'runs.empty-next' : 'runs.next', { missing })),
      actions: runs.length === 0 && mayUse(context, 'manage') ? cardButtons(context, [firstStep(missing, say)]) : [],
    },
    say('runs.summary', { count: runs.length, running }),
    context,
  );
}

function firstStep(missing: MissingForRun, say: Say): Button | null {
  if (missing === 'profile') return commandButton(say('button.create-profile'), 'create profile', 'positive');
  return missing === 'mailboxes' ? commandButton(say('button.import-mailboxes'), 'import mailboxes', 'positive') : null;
}
