import type { Incident } from './alert.ts';
import { MailroomError } from './error.ts';
import { faultCatalogue, type FaultCode } from './fault-catalogue.ts';
import type { FaultNature, FaultScope } from './fault.ts';
import { filterWords, oneOf, quoted, wordToLookFor } from './filter-words.ts';

/** How alerts stand that a filter asks for. Whoever asks for none gets the open ones, and of `all` those that are over as well. */
export const alertStates = ['open', 'resolved', 'acked', 'assigned', 'snoozed', 'muted'] as const;
export type AlertState = (typeof alertStates)[number];

/** Errors first and the widest of them first; or what happened last first. */
export const alertSorts = ['widest', 'latest'] as const;
export type AlertSort = (typeof alertSorts)[number];

/**
 * FILTER of `alerts`: `level: nature: scope: state: profile: code: sort:` with a value, and words of an address, of the title,
 * the profile, the server or the id. Several must all match.
 */
export interface AlertFilter {
  readonly words: readonly string[];
  readonly level?: 'error' | 'warning';
  readonly nature?: FaultNature;
  readonly scope?: FaultScope;
  /** 'all': open and resolved. */
  readonly state: AlertState | 'all';
  /** Name or id as typed; the caller resolves it. */
  readonly profile?: string;
  readonly code?: FaultCode;
  readonly sort: AlertSort;
}

const sameWords = <T extends string>(values: readonly T[]): Readonly<Record<string, T>> =>
  Object.fromEntries(values.map((value) => [value, value]));

const levelValues = sameWords(['error', 'warning']);
const natureValues = sameWords<FaultNature>(['transient', 'permanent']);
/** The platform says "profile" for what hits everything behind a server profile. */
const scopeValues: Readonly<Record<string, FaultScope>> = {
  mailbox: 'mailbox',
  server: 'server',
  profile: 'server',
  email: 'email',
};
const stateValues: Readonly<Record<string, AlertFilter['state']>> = sameWords([...alertStates, 'all']);
const sortValues = sameWords(alertSorts);

/**
 * Reads the FILTER of `alerts`; '' is all that are open.
 * @throws MailroomError `alert-filter.unknown-key` {key}, `alert-filter.unknown-code` {code, near}, `filter.unknown-value`
 *   {key, value, allowed}
 */
export function parseAlertFilter(text: string): AlertFilter {
  const filter: { -readonly [K in keyof AlertFilter]: AlertFilter[K] } = { words: [], state: 'open', sort: 'widest' };
  const words: string[] = [];
  for (const { key, value } of filterWords(text)) {
    switch (key) {
      case null:
        if (value.toLowerCase() === 'all') filter.state = filter.state === 'open' ? 'all' : filter.state;
        else if (value !== '') words.push(value.toLowerCase());
        break;
      case 'level':
        filter.level = oneOf(key, value, levelValues);
        break;
      case 'nature':
        filter.nature = oneOf(key, value, natureValues);
        break;
      case 'scope':
        filter.scope = oneOf(key, value, scopeValues);
        break;
      case 'state':
        filter.state = oneOf(key, value, stateValues);
        break;
      case 'sort':
        filter.sort = oneOf(key, value, sortValues);
        break;
      case 'profile':
        filter.profile = value;
        break;
      case 'code':
        filter.code = codeOf(value);
        break;
      default:
        throw new MailroomError('alert-filter.unknown-key', { key: key.slice(0, 40) });
    }
  }
  return { ...filter, words: [...new Set(words)] };
}

function codeOf(value: string): FaultCode {
  const wanted = value.toLowerCase();
  const all = Object.keys(faultCatalogue) as FaultCode[];
  const code = all.find((one) => one.toLowerCase() === wanted);
  if (code !== undefined) return code;
  const near = wanted === '' ? [] : all.filter((one) => one.toLowerCase().includes(wanted)).slice(0, 5);
  throw new MailroomError('alert-filter.unknown-code', { code: value.slice(0, 60), near: near.join(', ') || 'none' });
}

/** Writes a filter so that `parseAlertFilter` reads the same from it; of all that are open: ''. */
export function formatAlertFilter({ words, profile, code, ...chosen }: AlertFilter): string {
  const { level, nature, scope, state, sort } = chosen;
  return [
    ...words.map(wordToLookFor),
    ...(level === undefined ? [] : [`level:${level}`]),
    ...(nature === undefined ? [] : [`nature:${nature}`]),
    ...(scope === undefined ? [] : [`scope:${scope}`]),
    ...(state === 'open' ? [] : [`state:${state}`]),
    ...(profile === undefined ? [] : [`profile:${quoted(profile)}`]),
    ...(code === undefined ? [] : [`code:${code}`]),
    ...(sort === 'widest' ? [] : [`sort:${sort}`]),
  ].join(' ');
}

/** What can be chosen on the card of the list, beside what is typed. */
export const alertChoices = {
  state: ['open', 'resolved', 'all', 'acked', 'assigned', 'snoozed', 'muted'],
  level: ['error', 'warning'],
  sort: alertSorts,
} as const;
export type AlertChoice = keyof typeof alertChoices;

/** The word that stands for a choice; '' where the filter does not ask. */
export const alertChoiceOf = (filter: AlertFilter, key: AlertChoice): string => filter[key] ?? '';

/**
 * One filter of what is typed and what is chosen beside it. Both show the filter of before: a choice that is still the one of
 * before says nothing, and one that was changed wins over the text.
 * @throws as parseAlertFilter
 */
export function composeAlertFilter(
  before: AlertFilter,
  typed: AlertFilter,
  chosen: Readonly<Partial<Record<AlertChoice, string>>>,
): AlertFilter {
  let filter = typed;
  for (const key of Object.keys(alertChoices) as AlertChoice[]) {
    const choice = chosen[key];
    if (choice === undefined || choice === alertChoiceOf(before, key)) continue;
    const rest = formatAlertFilter(withoutChoice(filter, key));
    filter = parseAlertFilter(choice === '' ? rest : `${rest} ${key}:${quoted(choice)}`);
  }
  return filter;
}

function withoutChoice(filter: AlertFilter, key: AlertChoice): AlertFilter {
  const rest: { -readonly [K in keyof AlertFilter]: AlertFilter[K] } = { ...filter };
  if (key === 'level') delete rest.level;
  if (key === 'state') rest.state = 'open';
  if (key === 'sort') rest.sort = 'widest';
  return rest;
}

/** True when an incident passes; words and the profile are looked at by whoever knows names and addresses. */
export function passesAlertFilter(filter: AlertFilter, incident: Incident): boolean {
  return (
    (filter.level === undefined || incident.level === filter.level) &&
    (filter.nature === undefined || incident.nature === filter.nature) &&
    (filter.scope === undefined || incident.scope === filter.scope) &&
    (filter.code === undefined || incident.code === filter.code) &&
    isInState(incident, filter.state)
  );
}

function isInState({ state, handling }: Incident, wanted: AlertFilter['state']): boolean {
  const { acknowledged, assigned, quiet } = handling;
  switch (wanted) {
    case 'all':
      return true;
    case 'open':
    case 'resolved':
      return state === wanted;
    case 'acked':
      return state === 'open' && acknowledged !== null;
    case 'assigned':
      return state === 'open' && assigned !== null;
    case 'snoozed':
      return state === 'open' && quiet !== null && quiet.until !== null;
    case 'muted':
      return state === 'open' && quiet !== null && quiet.until === null;
  }
}

/** The order of a list; what ranks alike is in the order of the ids, so that pages do not move. */
export function compareAlerts(sort: AlertSort): (a: Incident, b: Incident) => number {
  const byId = (a: Incident, b: Incident): number => (a.id < b.id ? -1 : 1);
  if (sort === 'latest') return (a, b) => latestOf(b) - latestOf(a) || byId(a, b);
  return (a, b) =>
    Number(a.state === 'resolved') - Number(b.state === 'resolved') ||
    Number(b.level === 'error') - Number(a.level === 'error') ||
    widthOf(b) - widthOf(a) ||
    byId(a, b);
}

const latestOf = ({ lastAt, resolvedAt }: Incident): number => resolvedAt ?? lastAt;
const widthOf = ({ state, open, peak }: Incident): number => (state === 'open' ? open : peak);
