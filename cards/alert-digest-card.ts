import type { TextColor } from '@microsoft/teams.cards';
import { faultTitle } from '../locales/fault-text.ts';
import type { Incident } from '../services/model/alert.ts';
import type { AlertDigest } from '../services/model/alert-digest.ts';
import type { Run } from '../services/model/run.ts';
import { cardButtons, commandButton, executeAction } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, timeBetween, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { runTitle } from './run-words.ts';
import { levelWord } from './status-words.ts';
import template from './templates/alert-digest.json' with { type: 'json' };

const most = { open: 8, ended: 6, runs: 4 } as const;

export interface DigestDetails {
  /** Without a card of their own there, the widest first. */
  readonly open: readonly Incident[];
  /** Causes that came and went, with their last incident and how often it was. */
  readonly ended: readonly { readonly incident: Incident; readonly times: number }[];
  readonly runs: readonly Run[];
}

/** What a channel is told together: what is open without a card of its own, what came and went, and the runs that finished. */
export function alertDigestCard(digest: AlertDigest, details: DigestDetails, context: CardContext): CardView {
  const say = speaker(context);
  const { open, ended, runs } = details;
  const count = open.length;
  const numbers = {
    open: count,
    ended: ended.reduce((sum, { times }) => sum + times, 0) + digest.moreEnded,
    runs: runs.length + digest.moreRuns,
  };
  const title = (incident: Incident): string => faultTitle(context.locale, incident.code);
  const show = (incident: Incident): Row['open'] =>
    executeAction({
      verb: 'digest.show-incident',
      title: say('alerts.open', { title: title(incident) }),
      id: incident.id,
      revision: incident.revision,
    });
  const sections = [
    section(
      say('digest.open', { count }),
      open.slice(0, most.open).map((incident): Row => {
        const word = levelWord(say, incident.level);
        const where = { profile: plainText(incident.profileName, 60), date: localTime(incident.firstAt) };
        return {
          name: say('digest.open-line', { level: word.text, title: title(incident) }),
          color: word.color,
          what: say('digest.open-where', { ...where, count: incident.open }),
          open: show(incident),
        };
      }),
      moreOf(say, count - most.open),
    ),
    section(
      say('digest.ended', { count: numbers.ended }),
      ended.slice(0, most.ended).map(({ incident, times }): Row => ({
        name: say('digest.ended-line', { title: title(incident), times }),
        color: 'Default',
        what: say('digest.ended-where', {
          profile: plainText(incident.profileName, 60),
          date: localTime(incident.resolvedAt ?? incident.lastAt),
          duration: timeBetween(context, incident.firstAt, incident.resolvedAt ?? incident.lastAt),
          times,
        }),
        open: show(incident),
      })),
      // Causes that are not listed, by how often they came.
      moreOf(say, numbers.ended - ended.slice(0, most.ended).reduce((sum, { times }) => sum + times, 0)),
    ),
    section(
      say('digest.runs', { count: numbers.runs }),
      runs.slice(0, most.runs).map((run): Row => ({
        name: runTitle(run, context),
        color: 'Default',
        what: say('digest.run-line', {
          succeeded: run.succeeded,
          failed: run.failed,
          total: run.total,
          stay: run.stillEnabled ?? 0,
          id: run.id,
        }),
        open: executeAction(commandButton(say('digest.run-open', { id: run.id }), `run ${run.id}`)),
      })),
      moreOf(say, numbers.runs - most.runs),
    ),
  ].filter(({ rows }) => rows.length > 0);
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('digest.title'),
        stateWord(say, count),
        say('digest.subtitle', { since: localTime(digest.since), until: localTime(digest.sentAt ?? context.now) }),
      ),
      sections,
      next: nextStep(context, say(count > 0 ? 'digest.next' : 'digest.nothing-next')),
      actions: cardButtons(context, [
        commandButton(say('button.alerts'), 'alerts'),
        numbers.runs > 0 ? commandButton(say('button.runs'), 'runs') : null,
        {
          verb: 'subscription.open',
          title: say('button.what-comes-here'),
          id: digest.conversationId,
          revision: 0,
        },
      ]),
    },
    say('digest.summary', numbers),
    context,
  );
}

interface Row {
  readonly name: string;
  readonly color: TextColor;
  readonly what: string;
  readonly open: ReturnType<typeof executeAction>;
}

function section(
  title: string,
  rows: readonly Row[],
  more: object[],
): { title: string; rows: readonly Row[]; more: object[] } {
  return { title, rows, more };
}

function moreOf(say: Say, count: number): object[] {
  return remark(count > 0 ? say('more', { count }) : null);
}

function stateWord(say: Say, open: number): StateWord {
  return open === 0
    ? { text: say('digest.none-open'), color: 'Good' }
    : { text: say('digest.some-open', { count: open }), color: 'Warning' };
}
