import type { CardElement } from '@microsoft/teams.cards';
import { faultTitle } from '../locales/fault-text.ts';
import { hostOfPlace } from '../services/model/outage.ts';
import { serverOfCause, type Incident } from '../services/model/alert.ts';
import {
  alertChoiceOf,
  alertChoices,
  composeAlertFilter,
  formatAlertFilter,
  parseAlertFilter,
  type AlertChoice,
  type AlertFilter,
} from '../services/model/alert-filter.ts';
import { alertsPageSize, type ListView } from '../services/model/list-view.ts';
import {
  cardButtons,
  commandButton,
  executeAction,
  type Button,
  type ButtonWithInputs,
} from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, timeBetween, type Say } from './card-text.ts';
import { listPage, type ListPage } from './list-page.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { levelWord } from './status-words.ts';
import template from './templates/alerts.json' with { type: 'json' };

/** One page of the alerts that match a filter. */
export interface AlertTable {
  /** Its filter names a profile by id. */
  readonly view: Pick<ListView, 'id' | 'revision' | 'filter' | 'page'>;
  /** At most `alertsPageSize`. `times`: how often the mailboxes of it met it; null: nobody counts that. */
  readonly rows: readonly { readonly incident: Incident; readonly times: number | null }[];
  /** Of all that match, and of them: */
  readonly total: number;
  readonly errors: number;
  readonly warnings: number;
  readonly resolved: number;
  /** Levels that are switched off in the email settings, with the open ones that are not shown therefore. */
  readonly hidden: readonly { readonly level: 'error' | 'warning'; readonly count: number }[];
  /** Mailboxes whose last test succeeded; null: alerts for information are switched off, or not asked for. */
  readonly succeeded: number | null;
  /** Name of the profile of the filter. */
  readonly profileName: string | null;
}

/** The wall: alerts by cause, errors first; a row opens its alert. */
export function alertsCard(table: AlertTable, context: CardContext): CardView {
  const say = speaker(context);
  const { view, total, errors, warnings, hidden, succeeded } = table;
  const { id, revision } = view;
  const rows = table.rows.slice(0, alertsPageSize);
  const filter = parseAlertFilter(view.filter);
  const isFiltered = view.filter !== '';
  const page = listPage(view.page, alertsPageSize, total, rows.length);
  const position = total <= alertsPageSize ? undefined : say('mailboxes.page', { ...page, count: total });
  const isEmpty = rows.length === 0;
  const next = isEmpty ? (isFiltered ? 'empty-filter-next' : 'empty-next') : 'next';
  return renderTemplate(
    template,
    {
      header: cardHeader(say('alerts.title'), stateWord(table, say), position),
      filterLabel: say('mailboxes.filter.label'),
      filterHint: say('alert-wall.hint'),
      filter: shownAlertFilter(view, table.profileName),
      rows: rows.map((row) => rowOf(row, context)),
      more: [
        ...paging(view, page, context),
        ...hidden.flatMap(({ level, count }) => remark(say('alerts-hidden', { level, count }), 'Warning')),
        ...remark(succeeded === null || succeeded === 0 ? null : say('information.all', { count: succeeded }), 'Good'),
        ...remark(isEmpty && isFiltered ? say('alert-wall.empty-filter') : null),
      ],
      next: nextStep(context, say(next === 'empty-filter-next' ? 'alert-wall.empty-filter-next' : `alerts.${next}`)),
      actions: cardButtons(context, [
        { verb: 'alerts.filter', title: say('button.search'), id, revision, style: 'positive' },
        filterForm(view, filter, say),
        filter.code === undefined
          ? null
          : { verb: 'runbook.show', title: say('button.runbook'), id: filter.code, revision: 0, inputs: 'none' },
        commandButton(say('button.status'), 'status'),
      ]),
    },
    say('alerts.summary', { errors, warnings }),
    context,
  );
}

function stateWord({ errors, warnings, resolved, view }: AlertTable, say: Say): StateWord {
  if (errors > 0) return { text: say('alerts.errors', { count: errors, warnings }), color: 'Attention' };
  if (warnings > 0) return { text: say('alerts.warnings', { count: warnings }), color: 'Warning' };
  if (resolved > 0) return { text: say('alert-wall.resolved', { count: resolved }), color: 'Good' };
  return view.filter === ''
    ? { text: say('alerts.none'), color: 'Good' }
    : { text: say('alert-wall.no-match'), color: 'Default' };
}

function rowOf({ incident, times }: AlertTable['rows'][number], context: CardContext): object {
  const say = speaker(context);
  const { id, revision, state, level, open, peak, firstAt, lastAt, resolvedAt, nature, scope, code } = incident;
  const title = faultTitle(context.locale, code);
  const isOver = state === 'resolved';
  const word: StateWord = isOver ? { text: say('incident.resolved'), color: 'Good' } : levelWord(say, level);
  const end = resolvedAt ?? lastAt;
  const when = isOver
    ? say('alert-wall.lasted', {
        from: localTime(firstAt),
        until: localTime(end),
        duration: timeBetween(context, firstAt, end),
      })
    : say('alert-wall.since', { from: localTime(firstAt), last: lastAt > firstAt ? localTime(lastAt) : 'none' });
  return {
    title,
    where: regarding(incident, say),
    when,
    model: say('alert-wall.model', { code: plainText(code, 60), nature, scope, id: plainText(id, 40) }),
    handled: handledLine(incident, say).map((text) => ({
      type: 'TextBlock',
      text,
      wrap: true,
      size: 'Small',
      color: 'Accent',
      spacing: 'None',
    })),
    level: word.text,
    color: word.color,
    hits: say('alert-wall.hits', { count: isOver ? peak : open, times: times ?? 0, over: String(isOver) }),
    open: executeAction({
      verb: 'incident.show',
      title: say('alerts.open', { title }),
      id,
      revision,
      inputs: 'none',
    }),
  };
}

/** The mailbox, where there is but one; else the profile, or the server that several lead to. */
function regarding({ open, state, sample, causeId, profileName }: Incident, say: Say): string {
  const [only] = sample;
  const profile = plainText(profileName, 60);
  if (state === 'open' && open === 1 && only !== undefined)
    return say('alert-wall.mailbox', { address: plainText(only, 80), profile });
  const server = serverOfCause(causeId);
  return server === null
    ? say('alert-wall.profile', { profile })
    : say('alert-wall.server', { host: plainText(hostOfPlace(server), 80), profile });
}

/** What people did about it, in words; nothing of one that is over. */
function handledLine({ state, handling }: Incident, say: Say): string[] {
  const { acknowledged, assigned, quiet, muteAsked } = handling;
  if (state === 'resolved') return [];
  const parts = [
    acknowledged === null ? null : say('alert-wall.acked', { name: personName(say, acknowledged.byName) }),
    assigned === null ? null : say('alert-wall.assigned', { name: personName(say, assigned.personName) }),
    quiet === null
      ? null
      : quiet.until === null
        ? say('alert-wall.muted')
        : say('alert-wall.snoozed', { until: localTime(quiet.until) }),
    muteAsked === null ? null : say('alert-wall.mute-asked', { name: personName(say, muteAsked.byName) }),
  ].filter((part) => part !== null);
  return parts.length === 0 ? [] : [parts.join(' · ')];
}

function paging({ id, revision }: AlertTable['view'], page: ListPage, context: CardContext): CardElement[] {
  const say = speaker(context);
  const actions = cardButtons(context, [
    page.hasPrevious ? { verb: 'alerts.previous', title: say('button.previous'), id, revision, inputs: 'none' } : null,
    page.hasNext ? { verb: 'alerts.next', title: say('button.next'), id, revision, inputs: 'none' } : null,
  ]);
  return actions.length === 0 ? [] : [{ type: 'ActionSet', actions }];
}

const filterLength = 160;
/** A choice that asks for nothing; a client sends no empty one. */
const any = 'any';

/** The filter as its input shows it: one line, with the name of the profile. */
function shownAlertFilter({ filter: text }: Pick<ListView, 'filter'>, profileName: string | null): string {
  const filter = parseAlertFilter(text);
  const named = filter.profile === undefined || profileName === null ? filter : { ...filter, profile: profileName };
  return plainText(formatAlertFilter(named), filterLength);
}

/**
 * The filter that somebody asks for with the inputs of the card. Text that was left as the card showed it means the filter as
 * it is, since the card shortens and shields what it shows.
 * @throws as parseAlertFilter
 */
export function readAlertSearch(
  view: Pick<ListView, 'filter'>,
  profileName: string | null,
  inputs: Readonly<Record<string, string>>,
): string {
  const before = parseAlertFilter(view.filter);
  const { filter: text } = inputs;
  const isSame = text === undefined || text === shownAlertFilter(view, profileName);
  const chosen: Partial<Record<AlertChoice, string>> = {};
  for (const key of Object.keys(alertChoices) as AlertChoice[]) {
    const choice = inputs[key];
    if (choice !== undefined && choice !== '') chosen[key] = choice === any ? '' : choice;
  }
  return formatAlertFilter(composeAlertFilter(before, isSame ? before : parseAlertFilter(text), chosen));
}

function filterForm({ id, revision }: AlertTable['view'], filter: AlertFilter, say: Say): ButtonWithInputs {
  const choiceSet = (key: AlertChoice, first: readonly { title: string; value: string }[] = []): object => ({
    type: 'Input.ChoiceSet',
    id: key,
    label: say(`alert-wall.filter.${key}`),
    value: alertChoiceOf(filter, key) || any,
    choices: [...first, ...alertChoices[key].map((value) => ({ title: say(`alert-wall.${key}.${value}`), value }))],
  });
  const submit: Button = { verb: 'alerts.filter', title: say('mailbox-list.apply'), id, revision, style: 'positive' };
  return {
    title: say('mailbox-list.filter'),
    body: [choiceSet('state'), choiceSet('level', [{ title: say('mailbox-list.any'), value: any }]), choiceSet('sort')],
    submit,
  };
}
