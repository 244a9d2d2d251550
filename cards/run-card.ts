import type { TextColor } from '@microsoft/teams.cards';
import type { Run } from '../services/model/run.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { localTime, speaker, timeBetween } from './card-text.ts';
import { formatDuration } from '../locales/format-time.ts';
import { personName } from './person-name.ts';
import { percent, progressBar } from './progress-bar.ts';
import { renderTemplate } from './render-template.ts';
import { causeLines, runTitle, runWord } from './run-words.ts';
import template from './templates/run.json' with { type: 'json' };

export interface RunPace {
  /** Mailboxes a minute, or null when it is too early to say. */
  readonly rate: number | null;
  readonly etaMs: number | null;
}

/** The live card of a Test & Enable run, and its end. */
export function runCard(run: Run, { rate, etaMs }: RunPace, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, total, done, succeeded, failed, retrying } = run;
  const isRunning = run.state === 'running';
  const title = runTitle(run, context);
  const word = runWord(say, run);
  const number = (count: number): string => say('number', { count });
  return renderTemplate(
    template,
    {
      header: cardHeader(title, word, say('run.subtitle', { id, who: personName(say, run.requestedByName) })),
      bar: progressBar(done, total),
      barColor: barColor(run),
      progress: say('run.progress', { done, total, percent: percent(done, total) }),
      facts: cardFacts([
        [say('run.succeeded'), number(succeeded)],
        [say('run.failed'), number(failed)],
        [say('run.retrying'), retrying > 0 ? number(retrying) : null],
        [say('fact.started'), localTime(run.startedAt)],
        [say('fact.elapsed'), timeBetween(context, run.startedAt, run.finishedAt ?? context.now)],
        [
          say('fact.rate'),
          isRunning && rate !== null ? say('run.rate', { count: Math.max(1, Math.round(rate)) }) : null,
        ],
        [
          say('fact.eta'),
          isRunning && etaMs !== null ? say('run.eta', { time: formatDuration(context.locale, etaMs) }) : null,
        ],
      ]),
      causes: causeLines(run, context),
      next: nextStep(context, say(`run.${nextFor(run)}`)),
      actions: cardButtons(context, [
        failed > 0 && !isRunning
          ? {
              verb: 'run.retest-failed',
              title: say('button.retest', { count: failed }),
              id,
              revision,
              style: 'positive',
            }
          : null,
        failed > 0 ? { verb: 'run.failures', title: say('button.failures'), id, revision } : null,
        isRunning ? { verb: 'run.cancel', title: say('button.cancel-run'), id, revision, style: 'destructive' } : null,
      ]),
    },
    say(isRunning ? 'run.running-summary' : 'run.ended-summary', {
      title,
      done,
      total,
      succeeded,
      failed,
      state: word.text,
    }),
    context,
  );
}

function barColor({ failed, succeeded, state }: Run): TextColor {
  if (state === 'cancelled') return 'Default';
  if (failed > 0) return succeeded === 0 ? 'Attention' : 'Warning';
  return state === 'running' ? 'Accent' : 'Good';
}

type NextFor = 'running-next' | 'failing-next' | 'cancelled-next' | 'good-next' | 'retrying-next' | 'failed-next';

function nextFor({ state, failed, retrying }: Run): NextFor {
  if (state === 'running') return failed > retrying ? 'failing-next' : 'running-next';
  if (state === 'cancelled') return 'cancelled-next';
  if (failed === 0) return 'good-next';
  return failed === retrying ? 'retrying-next' : 'failed-next';
}
