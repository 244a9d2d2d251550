import { alertsCard, type AlertTable } from '../../cards/alerts-card.ts';
import type { CardContext, CardView } from '../../cards/card-context.ts';
import { runbookCard, type RunbookPage } from '../../cards/runbook-card.ts';
import type { Incident } from '../../services/model/alert.ts';
import type { IncidentHandling } from '../../services/model/incident-handling.ts';

/** What people typed, and the alerts that it stands in. */
export interface AlertParts {
  readonly person: string;
  readonly profile: string;
  readonly reason: string;
  readonly now: number;
  readonly error: Incident;
  readonly warning: Incident;
  readonly outage: Incident;
  readonly alarm: Incident;
  readonly handled: Readonly<Record<'snoozed' | 'muted' | 'asked', IncidentHandling>>;
}

/** The page of a list that has only these alerts. */
export function wallOf(incidents: readonly Incident[], changes: Partial<AlertTable> = {}): AlertTable {
  const count = (matches: (incident: Incident) => boolean): number => incidents.filter(matches).length;
  return {
    view: { id: 'w1', revision: 3, filter: '', page: 0 },
    rows: incidents.map((incident) => ({ incident, times: incident.state === 'open' ? 3 * incident.open : null })),
    total: incidents.length,
    errors: count(({ state, level }) => state === 'open' && level === 'error'),
    warnings: count(({ state, level }) => state === 'open' && level === 'warning'),
    resolved: count(({ state }) => state === 'resolved'),
    hidden: [],
    succeeded: null,
    profileName: null,
    ...changes,
  };
}

const resolved = (incident: Incident, now: number): Incident => ({
  ...incident,
  state: 'resolved',
  open: 0,
  resolvedAt: now,
  ending: { by: 'run', runId: 'K7Q2M4P9' },
});

/** The lists of alerts and the runbook, by name. */
export function alertCards(parts: AlertParts, context: CardContext): [string, CardView][] {
  const { error, warning, outage, alarm, handled, now, person, profile, reason } = parts;
  const of = (index: number): Incident => [error, warning, outage, alarm][index % 4] ?? error;
  const states = [undefined, handled.snoozed, handled.muted, handled.asked];
  const many = Array.from({ length: 10 }, (_, index): Incident => {
    const handling = states[index % states.length];
    const one = { ...of(index), id: `K7Q2M4P${index}`, ...(handling === undefined ? {} : { handling }) };
    return index === 9 ? resolved(one, now) : one;
  });
  const view = { id: 'w1', revision: 3, page: 1 };
  const note = { environmentId: 'contoso', code: error.code, by: 'ada', byName: person, at: now, revision: 2 };
  const page: RunbookPage = { code: error.code, note: null, occurred: 0, open: 0, ended: [] };
  return [
    [
      'alerts',
      alertsCard(
        wallOf(many, {
          view: { ...view, filter: `"${reason.replaceAll('"', '')}" state:all profile:"p1" code:${error.code}` },
          total: 2_000,
          errors: 1_200,
          warnings: 700,
          resolved: 100,
          hidden: [{ level: 'warning', count: 3 }],
          profileName: profile,
        }),
        context,
      ),
    ],
    ['alerts, warnings only', alertsCard(wallOf([warning]), context)],
    [
      'alerts, resolved only',
      alertsCard(wallOf([resolved(error, now)], { view: { ...view, filter: 'state:resolved' } }), context),
    ],
    ['alerts, none', alertsCard(wallOf([], { succeeded: 12 }), context)],
    ['alerts, none that match', alertsCard(wallOf([], { view: { ...view, filter: 'nobody level:error' } }), context)],
    [
      'runbook',
      runbookCard(
        {
          ...page,
          note: {
            ...note,
            text: `${reason}\n\n${reason}`.slice(0, 1000),
            link: 'https://wiki.contoso.com/exchange?x=[1](2)',
          },
          occurred: 12,
          open: 2,
          ended: [resolved(error, now), resolved(outage, now), { ...resolved(alarm, now), ending: null }],
        },
        context,
      ),
    ],
    ['runbook, nothing known', runbookCard({ ...page, code: 'WorkerFailed' }, context)],
    [
      'runbook, note refused',
      runbookCard(
        { ...page, typed: { text: reason.slice(0, 1000), link: 'http://wiki.contoso.com', problem: 'link-not-https' } },
        context,
      ),
    ],
  ];
}
