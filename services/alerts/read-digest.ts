import type { Incident } from '../model/alert.ts';
import type { AlertDigest, EndedCause } from '../model/alert-digest.ts';
import { alertsOf } from '../model/alert-levels.ts';
import { wants } from '../model/alert-route.ts';
import type { Subscription } from '../model/conversation.ts';
import type { EmailSettings } from '../model/environment.ts';
import type { Run } from '../model/run.ts';
import { getEnvironment } from '../platform/environments.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { placeOf } from './channel-cards.ts';
import { allOpenIncidents } from './all-open-incidents.ts';

/** What a digest tells, with its records as they are now. */
export interface DigestContent {
  /** Open, without a card of their own in the channel; the widest first. */
  readonly open: readonly Incident[];
  /** What came and went, the most frequent first, each with its last incident. */
  readonly ended: readonly (EndedCause & { readonly incident: Incident })[];
  readonly runs: readonly Run[];
}

export async function readDigest(store: Store, digest: AlertDigest): Promise<DigestContent> {
  const { environmentId, conversationId } = digest;
  const key = keyOf(environmentId, conversationId);
  const subscription = (await store.get('subscription', key))?.value;
  const incidents = await openIncidents(store, environmentId);
  const open = [];
  if (subscription !== undefined)
    for (const incident of incidents.filter((one) => wants(subscription, one)))
      if (!(await placeOf(store, incident, conversationId)).hasCard) open.push(incident);
  const ended = [];
  for (const cause of digest.ended) {
    const incident = (await store.get('incident', keyOf(environmentId, cause.incidentId)))?.value;
    if (incident !== undefined) ended.push({ ...cause, incident });
  }
  const runs = [];
  for (const id of digest.runs) {
    const run = (await store.get('run', keyOf(environmentId, id)))?.value;
    if (run !== undefined) runs.push(run);
  }
  return {
    open: open.sort((a, b) => b.open - a.open),
    ended: ended.sort((a, b) => b.times - a.times),
    runs,
  };
}

/** Incidents that channels may be told of: open, of a level that is switched on, and silenced by nobody. */
export async function openIncidents(store: Store, environmentId: string): Promise<Incident[]> {
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const open = await allOpenIncidents(store, environmentId);
  return open.filter((incident) => mayBeTold(incident, settings));
}

/** True when its level is switched on and nobody asked for quiet. */
export function mayBeTold({ level, handling }: Pick<Incident, 'level' | 'handling'>, settings: EmailSettings): boolean {
  return alertsOf(settings, level) && handling.quiet === null;
}

/** True when some incident that comes to a channel without a card of its own is open. */
export async function hasUntold(
  store: Store,
  { conversationId, ...wanted }: Subscription,
  open: readonly Incident[],
): Promise<boolean> {
  for (const incident of open)
    if (wants(wanted, incident) && !(await placeOf(store, incident, conversationId)).hasCard) return true;
  return false;
}
