import type { CardElement } from '@microsoft/teams.cards';
import { faultTitle } from '../locales/fault-text.ts';
import { faultCatalogue, type FaultCode } from '../services/model/fault-catalogue.ts';
import { isOver, type LeftOut, type Run, type StillFailing } from '../services/model/run.ts';
import type { Button } from './card-action-buttons.ts';
import type { CardContext } from './card-context.ts';
import type { StateWord } from './card-header.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';

const mostCauses = 8;

/** What a run is about, in words. */
export function runTitle({ title }: Pick<Run, 'title'>, context: CardContext): string {
  const say = speaker(context);
  switch (title.kind) {
    case 'profile':
      return say('run.of-profile', { name: plainText(title.name, 80) });
    case 'approved':
      return say('run.of-approved');
    case 'incident':
      return say('run.of-incident', { title: faultTitle(context.locale, title.code) });
    default:
      return say('run.of-selection', { text: plainText(title.text, 80) });
  }
}

/** Running, paused, or how it ended: a completed run with failures is not a green one. */
export function runWord(say: Say, run: Run): StateWord {
  if (run.state === 'running') return { text: say('run.running'), color: 'Accent' };
  if (run.state === 'paused') return { text: say('run.paused'), color: 'Default' };
  if (run.state === 'cancelled') return { text: say('state.cancelled'), color: 'Default' };
  // All of them were switched off before their turn.
  if (run.total === 0) return { text: say('run.none-tested'), color: 'Warning' };
  if (run.failed === 0) return { text: say('run.all-good'), color: 'Good' };
  return run.succeeded === 0
    ? { text: say('run.all-failed', { total: run.total }), color: 'Attention' }
    : { text: say('run.mixed'), color: 'Warning' };
}

/** Tests those again that failed and still do; nobody where a test could only fail. */
export function retestButton(run: Run, still: StillFailing | null, say: Say, isLikely = true): Button | null {
  const { id, revision, failed } = run;
  if (failed === 0 || run.results === 'gone' || !isOver(run) || still?.testable === 0) return null;
  const title =
    still === null || still.testable === failed
      ? say('button.retest', { count: failed })
      : say('button.retest-still', { count: still.testable });
  return { verb: 'run.retest-failed', title, id, revision, ...(isLikely ? { style: 'positive' } : {}) };
}

/** The causes with their numbers, the most frequent first. */
export function causesOf(run: Run): [FaultCode, number][] {
  return (Object.entries(run.causes) as [FaultCode, number][])
    .filter(([code, count]) => count > 0 && Object.hasOwn(faultCatalogue, code))
    .sort(([, a], [, b]) => b - a);
}

/** What the request named and the run does not have, by reason. */
export function leftOutOf(run: Run): [keyof LeftOut, number][] {
  return (Object.entries(run.leftOut) as [keyof LeftOut, number][]).filter(([, count]) => count > 0);
}

/** The same as lines of a card. */
export function leftOutLines(run: Run, context: CardContext): CardElement[] {
  const say = speaker(context);
  const lines = leftOutOf(run).map(([reason, count]) => say(`run.left-out.${reason}`, { count }));
  return lines.length === 0 ? [] : titledLines(say('run.left-out'), lines);
}

/** The causes by name with their numbers. */
export function causeLines(run: Run, context: CardContext): CardElement[] {
  const say = speaker(context);
  const causes = causesOf(run);
  if (causes.length === 0) return [];
  const lines = causes
    .slice(0, mostCauses)
    .map(([code, count]) => say('run.cause', { count, title: faultTitle(context.locale, code) }));
  if (causes.length > mostCauses) lines.push(say('run.more-causes', { count: causes.length - mostCauses }));
  return titledLines(say('run.causes'), lines);
}

function titledLines(title: string, lines: readonly string[]): CardElement[] {
  return [
    { type: 'TextBlock', text: title, weight: 'Bolder', wrap: true },
    ...lines.map((text): CardElement => ({ type: 'TextBlock', text, spacing: 'None', wrap: true })),
  ];
}
