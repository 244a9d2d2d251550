import type { CardElement, TextColor } from '@microsoft/teams.cards';
import { isOver, type Run, type RunPace, type StillFailing } from '../services/model/run.ts';
import { cardButtons, type Button, type LinkButton } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { shareChart } from './chart.ts';
import { localTime, speaker, timeBetween, type Say } from './card-text.ts';
import { formatDuration } from '../locales/format-time.ts';
import { personName } from './person-name.ts';
import { percent, progressBar } from './progress-bar.ts';
import { renderTemplate } from './render-template.ts';
import { causeLines, leftOutLines, retestButton, runTitle, runWord } from './run-words.ts';
import template from './templates/run.json' with { type: 'json' };

export interface RunDetails {
  readonly pace: RunPace;
  /** The one-time download of the reader, in the reader's own chat; null: it has to be asked for. */
  readonly reportUrl: string | null;
  /** How long what each mailbox gave is kept after the end. */
  readonly resultDays: number;
  /** Of those that failed, once it is over; null or absent: not known. */
  readonly still?: StillFailing | null;
  /** Tests that wait for the end of a maintenance. */
  readonly waiting?: { readonly count: number; readonly until: number } | null;
}

/** The live card of a Test & Enable run, and its end. */
export function runCard(run: Run, details: RunDetails, context: CardContext): CardView {
  const { pace, reportUrl, resultDays, still = null, waiting = null } = details;
  const say = speaker(context);
  const { id, revision, total, done, succeeded, failed, retrying } = run;
  const { rate, etaMs } = pace;
  const isRunning = run.state === 'running';
  const isEnded = isOver(run);
  // How far it got is a line; how it came out is a picture, where there is more than one colour in it.
  const showsResult = isEnded && failed > 0;
  // What single mailboxes gave is put away some time after the end; the numbers stay.
  const hasResults = run.results === 'kept';
  const title = runTitle(run, context);
  const word = runWord(say, run);
  const number = (count: number): string => say('number', { count });
  return renderTemplate(
    template,
    {
      header: cardHeader(title, word, say('run.subtitle', { id, who: personName(say, run.requestedByName) })),
      picture: showsResult ? resultChart(run, context) : [progressLine(run)],
      progress: say('run.progress', { done, total, percent: percent(done, total) }),
      facts: cardFacts([
        [say('run.succeeded'), showsResult ? null : number(succeeded)],
        [say('run.failed'), showsResult ? null : number(failed)],
        [say('run.retrying'), retrying > 0 ? number(retrying) : null],
        [say('run.failing-now'), still !== null && still.failing < failed ? number(still.failing) : null],
        [say('run.stamps'), run.takeOver === true ? say('run.takes-over') : null],
        [say('fact.started'), localTime(run.startedAt)],
        [say('fact.elapsed'), timeBetween(context, run.startedAt, run.finishedAt ?? context.now)],
        [say('fact.rate'), rate !== null ? say('run.rate', { count: Math.max(1, Math.round(rate)) }) : null],
        [say('fact.eta'), etaMs !== null ? say('run.eta', { time: formatDuration(context.locale, etaMs) }) : null],
      ]),
      causes: causeLines(run, context),
      leftOut: leftOutLines(run, context),
      results: [
        ...remark(
          waiting === null ? null : say('run.maintenance', { count: waiting.count, date: localTime(waiting.until) }),
          'Warning',
        ),
        ...remark(
          hasResults ? (reportUrl === null ? null : say('run.report-ready')) : say('run.results-gone', { resultDays }),
        ),
      ],
      next: nextStep(context, say(`run.${nextAfter(run, still) ?? nextFor(run)}`)),
      actions: cardButtons(context, [
        // One button at a time is the likely one: a report that was asked for is to be fetched.
        retestButton(run, still, say, reportUrl === null),
        run.state === 'paused'
          ? { verb: 'run.resume', title: say('button.resume-run'), id, revision, style: 'positive' }
          : null,
        isRunning ? { verb: 'run.pause', title: say('button.pause-run'), id, revision } : null,
        failed > 0 && hasResults ? { verb: 'run.failures', title: say('button.failures'), id, revision } : null,
        hasResults ? reportButton(run, reportUrl, say) : null,
        isEnded ? null : { verb: 'run.cancel', title: say('button.cancel-run'), id, revision, style: 'destructive' },
      ]),
    },
    say(isEnded ? 'run.ended-summary' : `run.${run.state}-summary`, {
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

function reportButton({ id, revision }: Run, url: string | null, say: Say): Button | LinkButton {
  if (url !== null) return { title: say('button.download-report'), url };
  return { verb: 'run.report', title: say('button.report'), id, revision };
}

/** How far it is. */
function progressLine(run: Run): CardElement {
  const text = progressBar(run.done, run.total);
  return { type: 'TextBlock', text, fontType: 'Monospace', color: barColor(run), spacing: 'Small', wrap: true };
}

/** What became of the mailboxes, and of those that were not tested any more. */
function resultChart({ succeeded, failed, done, total }: Run, context: CardContext): CardElement[] {
  const say = speaker(context);
  return shareChart(context, {
    shape: 'bar',
    title: say('chart.result'),
    parts: [
      { name: say('run.succeeded'), value: succeeded, color: 'Good' },
      { name: say('run.failed'), value: failed, color: 'Attention' },
      { name: say('chart.untested'), value: total - done, color: 'Default' },
    ],
  });
}

function barColor({ failed, succeeded, state, total }: Run): TextColor {
  if (state === 'cancelled' || state === 'paused' || total === 0) return 'Default';
  if (failed > 0) return succeeded === 0 ? 'Attention' : 'Warning';
  return state === 'running' ? 'Accent' : 'Good';
}

/** What the failures of a run that is over call for by now; null: what they called for at its end. */
function nextAfter({ state }: Run, still: StillFailing | null): 'recovered-next' | 'refused-next' | null {
  if (state !== 'completed') return null;
  if (still?.failing === 0) return 'recovered-next';
  return still?.testable === 0 ? 'refused-next' : null;
}

type NextFor =
  | 'gone-next'
  | 'paused-next'
  | 'running-next'
  | 'failing-next'
  | 'cancelled-next'
  | 'good-next'
  | 'retrying-next'
  | 'failed-next';

function nextFor({ state, failed, retrying, results }: Run): NextFor {
  if (state === 'running') return failed > retrying ? 'failing-next' : 'running-next';
  if (state === 'paused') return 'paused-next';
  if (state === 'cancelled') return 'cancelled-next';
  if (failed === 0) return 'good-next';
  if (results === 'gone') return 'gone-next';
  return failed === retrying ? 'retrying-next' : 'failed-next';
}
