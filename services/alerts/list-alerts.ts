import { alarmCauseIdOf, isOfWholeServer, profileOfAlarm, serverOfCause, type Incident } from '../model/alert.ts';
import { compareAlerts, parseAlertFilter, passesAlertFilter, type AlertFilter } from '../model/alert-filter.ts';
import { alertsOf } from '../model/alert-levels.ts';
import type { FaultCode } from '../model/fault-catalogue.ts';
import { getEnvironment } from '../platform/environments.ts';
import { findProfileByName } from '../profiles/profile-names.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { streamPages } from '../storage/stream-pages.ts';

/** One alert of a list; `times`: how often it was met by the mailboxes that it hits; null: it is over, or nothing was met yet. */
export interface AlertRow {
  readonly incident: Incident;
  readonly times: number | null;
}

/** One page of the alerts that match. */
export interface AlertPage {
  readonly rows: readonly AlertRow[];
  readonly total: number;
  readonly page: number;
  /** Of all that match. */
  readonly errors: number;
  readonly warnings: number;
  readonly resolved: number;
  /** Levels that are switched off in the email settings, with the open ones that would match. */
  readonly hidden: readonly { readonly level: 'error' | 'warning'; readonly count: number }[];
}

/**
 * A filter with the id of the profile that it names.
 * @throws as parseAlertFilter, `profile.unknown` {name}
 */
export async function readAlertFilter(store: Store, environmentId: string, text: string): Promise<AlertFilter> {
  const filter = parseAlertFilter(text);
  if (filter.profile === undefined) return filter;
  const named = (await store.get('profile', keyOf(environmentId, filter.profile)))?.value;
  return { ...filter, profile: (named ?? (await findProfileByName(store, environmentId, filter.profile))).id };
}

/**
 * One page of the alerts that match, `page` from 0. `titleOf`: what a reader sees of a code, in lower case, since that is what
 * people look for.
 */
export async function listAlerts(
  store: Store,
  environmentId: string,
  filter: AlertFilter,
  titleOf: (code: FaultCode) => string,
  page: number,
  size: number,
): Promise<AlertPage> {
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const isOpenOnly = filter.state !== 'all' && filter.state !== 'resolved';
  const query = { prefix: keyOf(environmentId, ''), where: isOpenOnly ? { state: 'open' as const } : {} };
  const passing: Incident[] = [];
  for await (const incidents of streamPages(store, 'incident', query))
    for (const { value } of incidents)
      if (
        passesAlertFilter(filter, value) &&
        (filter.profile === undefined || value.profileIds.includes(filter.profile))
      )
        passing.push(value);
  const hits = await hitsOf(store, environmentId, filter, passing);
  const found: Incident[] = [];
  const hidden = { error: 0, warning: 0 };
  for (const incident of passing) {
    if (!filter.words.every((word) => isSaid(incident, word, titleOf) || isHit(incident, hits.get(word)))) continue;
    const { level } = incident;
    if (incident.state === 'open' && level !== 'information' && !alertsOf(settings, level)) hidden[level] += 1;
    else found.push(incident);
  }
  found.sort(compareAlerts(filter.sort));
  const open = found.filter(({ state }) => state === 'open');
  const errors = open.filter(({ level }) => level === 'error').length;
  const last = Math.max(0, Math.ceil(found.length / size) - 1);
  const shown = Math.min(Math.max(0, page), last);
  const rows = found.slice(shown * size, (shown + 1) * size);
  return {
    rows: await Promise.all(rows.map(async (incident) => ({ incident, times: await timesOf(store, incident) }))),
    total: found.length,
    page: shown,
    errors,
    warnings: open.length - errors,
    resolved: found.length - open.length,
    hidden: (['error', 'warning'] as const)
      .filter((level) => !alertsOf(settings, level))
      .map((level) => ({ level, count: hidden[level] })),
  };
}

/** A word of what the list shows of an alert. */
function isSaid(incident: Incident, word: string, titleOf: (code: FaultCode) => string): boolean {
  const { id, code, causeId, profileName, sample, handling } = incident;
  const texts = [id, code, profileName, serverOfCause(causeId) ?? '', handling.assigned?.personName ?? '', ...sample];
  return titleOf(code).includes(word) || texts.some((text) => text.toLowerCase().includes(word));
}

/** What has a mailbox whose address contains a word. */
interface Hits {
  readonly causeIds: Set<string>;
  /** Profiles with such a mailbox that is checked: it waits with them. */
  readonly profileIds: Set<string>;
}

function isHit({ state, causeId, waiting, profileIds }: Incident, hits: Hits | undefined): boolean {
  if (hits === undefined || state === 'resolved') return false;
  return hits.causeIds.has(causeId) || (waiting > 0 && profileIds.some((id) => hits.profileIds.has(id)));
}

/** By word: also of alerts of twenty thousand mailboxes only what they are of is kept. */
async function hitsOf(
  store: Store,
  environmentId: string,
  { words }: AlertFilter,
  incidents: readonly Incident[],
): Promise<ReadonlyMap<string, Hits>> {
  const hits = new Map(words.map((word): [string, Hits] => [word, { causeIds: new Set(), profileIds: new Set() }]));
  const prefix = keyOf(environmentId, '');
  const open = incidents.filter(({ state }) => state === 'open');
  if (words.length === 0 || open.length === 0) return hits;
  for await (const page of streamPages(store, 'alert', { prefix }))
    for (const { value: alert } of page)
      for (const [word, { causeIds }] of hits) {
        if (!alert.address.includes(word)) continue;
        causeIds.add(alert.causeId);
        if (!isOfWholeServer(alert.causeId)) causeIds.add(alarmCauseIdOf(alert.profileId));
      }
  if (open.some(({ waiting }) => waiting > 0))
    for await (const page of streamPages(store, 'poll', { prefix }))
      for (const { value: poll } of page)
        for (const [word, { profileIds }] of hits) if (poll.mailboxId.includes(word)) profileIds.add(poll.profileId);
  return hits;
}

/** What the alerts of its mailboxes count together. */
async function timesOf(store: Store, { environmentId, causeId, state }: Incident): Promise<number | null> {
  if (state === 'resolved' || profileOfAlarm(causeId) !== null) return null;
  let times = 0;
  const prefix = keyOf(environmentId, '');
  for await (const page of streamPages(store, 'alert', { prefix, where: { causeId } }))
    times += page.reduce((sum, { value }) => sum + value.count, 0);
  return times === 0 ? null : times;
}
