import { faultTitle } from '../locales/fault-text.ts';
import type { Incident } from '../services/model/alert.ts';
import { phaseOf, type MaintenanceWindow } from '../services/model/maintenance.ts';
import type { Run } from '../services/model/run.ts';
import { plus, totalOf, type MailboxCounts, type Status } from '../services/model/status.ts';
import type { StoreLimit } from '../services/model/store-limits.ts';
import { cardButtons, commandButton, executeAction, type Button } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, timeBetween, type Say } from './card-text.ts';
import { phaseWord } from './maintenance-card.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { runTitle, runWord } from './run-words.ts';
import { statusChart, type ChartLine } from './status-chart.ts';
import { levelWord } from './status-words.ts';
import template from './templates/status.json' with { type: 'json' };

/** Profiles with a bar of their own; the others share one. */
const mostProfiles = 8;
const mostWindows = 3;

/** How an environment stands: its mailboxes, what is wrong, what waits, what was done. `weekly`: this conversation gets it every week. */
export function statusCard(status: Status, { weekly }: { readonly weekly: boolean }, context: CardContext): CardView {
  const say = speaker(context);
  const { counts, incidents, pending, retries, maintenance } = status;
  const word = stateWord(status, context.now, say);
  const total = totalOf(counts);
  return renderTemplate(
    template,
    {
      header: cardHeader(say('status.title', { name: plainText(status.environmentName, 60) }), word),
      chart: statusChart(linesOf(status, say), context),
      facts: cardFacts([
        [say('fact.mailboxes'), total === 0 ? say('status.none') : say('status.mailboxes', { total, ...counts })],
        [say('status.fact.incidents'), incidentsText(incidents, say)],
        [
          say('status.fact.pending'),
          say('status.pending', {
            count: pending.mailboxes,
            age: pending.oldestAt === null ? '' : timeBetween(context, pending.oldestAt, context.now),
          }),
        ],
        [
          say('status.fact.retries'),
          say('status.retries', {
            count: retries.mailboxes,
            isDue: retries.nextAt !== null && retries.nextAt <= context.now,
            in: retries.nextAt === null ? '' : timeBetween(context, context.now, retries.nextAt),
          }),
        ],
        [
          say('status.fact.maintenance'),
          maintenance.length > mostWindows ? say('status.windows', { count: maintenance.length }) : null,
        ],
      ]),
      rows: [
        ...maintenance.slice(0, mostWindows).map((window) => windowRow(window, context)),
        ...incidents.worst.map((incident) => incidentRow(incident, context)),
        ...status.runs.map((run) => runRow(run, context)),
      ],
      limits: status.limits.flatMap((limit) => remark(limitText(limit, say), 'Warning')),
      next: nextStep(context, say(`status.next.${nextFor(status)}`, { count: incidents.errors + incidents.warnings })),
      actions: cardButtons(context, buttons(status, weekly, say)),
    },
    say('status.summary', {
      state: word.text,
      total,
      failing: counts.failure,
      incidents: incidents.errors + incidents.warnings,
      pending: pending.mailboxes,
    }),
    context,
  );
}

/** With what people did about them, where there are any. */
function incidentsText({ errors, warnings, acknowledged, assigned }: Status['incidents'], say: Say): string {
  const text = say('status.incidents', { errors, warnings });
  return errors + warnings === 0 ? text : say('status.handled', { text, acked: acknowledged, assigned });
}

function stateWord({ counts, incidents, maintenance, limits }: Status, now: number, say: Say): StateWord {
  if (incidents.errors > 0) return { text: say('status.word.errors', { count: incidents.errors }), color: 'Attention' };
  if (incidents.warnings > 0)
    return { text: say('status.word.warnings', { count: incidents.warnings }), color: 'Warning' };
  if (counts.failure > 0) return { text: say('status.word.failing', { count: counts.failure }), color: 'Warning' };
  if (limits.length > 0) return { text: say('status.word.limits'), color: 'Warning' };
  if (maintenance.some((window) => phaseOf(window, now) === 'running'))
    return { text: say('maintenance.phase.running'), color: 'Warning' };
  return totalOf(counts) === 0
    ? { text: say('status.word.empty'), color: 'Default' }
    : { text: say('status.word.well'), color: 'Good' };
}

/** The widest profiles, the rest of them together, and those without a profile: the bars add up to all mailboxes. */
function linesOf({ profiles, withoutProfile }: Status, say: Say): ChartLine[] {
  const lines = profiles.slice(0, mostProfiles).map(({ name, counts }) => ({ name: plainText(name, 40), counts }));
  const others = profiles.slice(mostProfiles);
  const rest = {
    name: say('status.other-profiles', { count: others.length }),
    counts: others.reduce((sum, { counts }) => plus(sum, counts), nobody),
  };
  return [
    ...lines,
    ...(others.length === 0 ? [] : [rest]),
    { name: say('status.without-profile'), counts: withoutProfile },
  ];
}

const nobody: MailboxCounts = { success: 0, failure: 0, notRun: 0 };

function windowRow(window: MaintenanceWindow, context: CardContext): object {
  const say = speaker(context);
  const word = phaseWord(say, phaseOf(window, context.now));
  const title = say('maintenance.title', { host: plainText(window.host, 60) });
  return {
    title,
    where: say('status.window', { from: localTime(window.startsAt), until: localTime(window.endsAt) }),
    state: word.text,
    color: word.color,
    open: executeAction({ verb: 'maintenance.show', title, id: window.id, revision: window.revision }),
  };
}

function incidentRow(incident: Incident, context: CardContext): object {
  const say = speaker(context);
  const word = levelWord(say, incident.level);
  const title = faultTitle(context.locale, incident.code);
  return {
    title,
    where: say('alerts.where', {
      profile: plainText(incident.profileName, 60),
      date: localTime(incident.firstAt),
    }),
    state: say('status.hits', { level: word.text, count: incident.open }),
    color: word.color,
    open: executeAction({ verb: 'incident.show', title, id: incident.id, revision: incident.revision }),
  };
}

function runRow(run: Run, context: CardContext): object {
  const say = speaker(context);
  const word = runWord(say, run);
  return {
    title: runTitle(run, context),
    where: say('runs.started', {
      id: run.id,
      date: localTime(run.startedAt),
      who: personName(say, run.requestedByName),
    }),
    state: say('status.run', { state: word.text, done: run.done, total: run.total, failed: run.failed }),
    color: word.color,
    open: executeAction({
      verb: 'run.show',
      title: say('runs.open', { id: run.id }),
      id: run.id,
      revision: run.revision,
    }),
  };
}

function limitText({ kind, value, limit, percent }: StoreLimit, say: Say): string {
  const mebibyte = 1024 * 1024;
  const unit = kind === 'memory' ? mebibyte : 1;
  return say(`status.limit.${kind}`, { value: Math.round(value / unit), limit: Math.round(limit / unit), percent });
}

type NextFor = 'empty' | 'alerts' | 'limits' | 'pending' | 'failing' | 'well';

function nextFor({ counts, incidents, pending, limits }: Status): NextFor {
  if (totalOf(counts) === 0) return 'empty';
  if (incidents.errors + incidents.warnings > 0) return 'alerts';
  if (pending.mailboxes > 0) return 'pending';
  if (limits.length > 0) return 'limits';
  return counts.failure > 0 ? 'failing' : 'well';
}

function buttons(status: Status, weekly: boolean, say: Say): (Button | null)[] {
  const { incidents, pending } = status;
  const isTroubled = incidents.errors + incidents.warnings > 0;
  return [
    isTroubled ? commandButton(say('button.alerts'), 'alerts', 'positive') : null,
    pending.mailboxes > 0 ? commandButton(say('button.pending'), 'pending', isTroubled ? undefined : 'positive') : null,
    commandButton(say('button.mailboxes'), 'mailboxes'),
    {
      verb: weekly ? 'status.weekly-off' : 'status.weekly',
      title: say(weekly ? 'button.weekly-off' : 'button.weekly'),
      id: 'status',
      revision: 0,
    },
  ];
}
