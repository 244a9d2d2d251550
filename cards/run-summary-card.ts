import type { Run, StillFailing } from '../services/model/run.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker, timeBetween } from './card-text.ts';
import { personName } from './person-name.ts';
import { renderTemplate } from './render-template.ts';
import { causeLines, retestButton, runTitle, runWord } from './run-words.ts';
import template from './templates/run-summary.json' with { type: 'json' };

/** A finished run for an alert channel, in numbers. */
export function runSummaryCard(run: Run, context: CardContext, still: StillFailing | null = null): CardView {
  const say = speaker(context);
  const { id, revision, total, done, succeeded, failed, retrying } = run;
  const title = runTitle(run, context);
  const number = (count: number): string => say('number', { count });
  const outcome = run.state === 'cancelled' ? 'cancelled' : failed === 0 ? 'good' : 'failed';
  const hasResults = run.results === 'kept';
  const stay = run.stillEnabled ?? 0;
  const stays = stay === 0 ? 'none' : stay === failed ? 'all' : 'some';
  const numbers = { title, total, done, succeeded, failed, stay, stays, enabled: succeeded + stay };
  return renderTemplate(
    template,
    {
      header: cardHeader(
        title,
        runWord(say, run),
        say('run.subtitle', { id, who: personName(say, run.requestedByName) }),
      ),
      intro: say(`run-summary.${outcome}`, numbers),
      facts: cardFacts([
        [say('run.succeeded'), number(succeeded)],
        [say('run.failed'), number(failed)],
        [say('run.retrying'), retrying > 0 ? number(retrying) : null],
        [say('fact.elapsed'), timeBetween(context, run.startedAt, run.finishedAt ?? context.now)],
      ]),
      causes: causeLines(run, context),
      next: nextStep(context, say(`run-summary.${outcome}-next`)),
      actions: cardButtons(context, [
        retestButton(run, still, say),
        failed > 0 && hasResults ? { verb: 'run.failures', title: say('button.failures'), id, revision } : null,
      ]),
    },
    say(`run-summary.${outcome}-summary`, numbers),
    context,
  );
}
