import type { Incident } from '../model/alert.ts';
import {
  newDigest,
  withEnded,
  withReturning,
  withRun,
  type AlertDigest,
  type AlertEvent,
} from '../model/alert-digest.ts';
import { alertsOf } from '../model/alert-levels.ts';
import { routeOf, wants } from '../model/alert-route.ts';
import type { Subscription } from '../model/conversation.ts';
import type { EmailSettings } from '../model/environment.ts';
import { isMailroomError } from '../model/error.ts';
import { alertChannels } from '../conversations/subscriptions.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { shortId } from '../short-id.ts';
import { keyOf, type Change, type ExpectedVersion, type Store, type Stored } from '../storage/store.ts';
import { placeOf } from './channel-cards.ts';

/** Events that one commit takes. */
const batchSize = 100;

/**
 * Notes what happened down in the digest of each channel that wants to hear of it, and takes the events away, in one commit.
 * Returns how many it took; 0: there was nothing, or somebody changed the same in this moment, and the next round does it.
 */
export async function gatherEvents(
  { store, clock }: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
): Promise<number> {
  const events = await store.query('alertEvent', { prefix: keyOf(environmentId, ''), limit: batchSize });
  if (events.length === 0) return 0;
  const now = clock.now();
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const changes: Change[] = events.map(({ key }) => ({ kind: 'delete', collection: 'alertEvent', key }));
  const expected: ExpectedVersion[] = events.map(({ key, version }) => ({ collection: 'alertEvent', key, version }));
  const incidents = await incidentsOf(store, events);
  const runs = await runsOf(store, events);
  for (const channel of await alertChannels(store, environmentId)) {
    const { conversationId } = channel;
    const key = keyOf(environmentId, conversationId);
    const known = await store.get('alertDigest', key);
    const before = known?.value ?? newDigest(environmentId, conversationId, shortId(), now);
    let digest = before;
    for (const { incident, returns } of incidents)
      digest = await withIncident(store, settings, digest, channel, incident, returns, now);
    if (channel.alerts === 'all' && alertsOf(settings, 'information'))
      for (const run of runs) if (run.conversationId !== conversationId) digest = withRun(digest, run.id);
    if (digest === before) continue;
    // What waited in vain before, such as warnings that became errors, is no beginning.
    if (!before.hasNews && digest.hasNews) digest = { ...digest, since: now };
    changes.push({ kind: 'put', collection: 'alertDigest', key, value: digest });
    expected.push({ collection: 'alertDigest', key, version: known?.version ?? 0 });
  }
  try {
    await store.commit(changes, expected);
    return events.length;
  } catch (error) {
    if (isMailroomError(error, 'store.conflict')) return 0;
    throw error;
  }
}

async function withIncident(
  store: Store,
  settings: EmailSettings,
  digest: AlertDigest,
  channel: Subscription,
  incident: Incident,
  returns: boolean,
  now: number,
): Promise<AlertDigest> {
  const { id, causeId, state, level, handling } = incident;
  if (!alertsOf(settings, level) || handling.quiet !== null || !wants(channel, incident)) return digest;
  const place = await placeOf(store, incident, channel.conversationId);
  // Its card tells everything; it may have to come back.
  if (place.hasCard) return returns && state === 'open' ? withReturning(digest, id) : digest;
  const route = routeOf(channel, incident, place, now);
  if (route !== 'digest') return digest.cardsWait ? digest : { ...digest, cardsWait: true };
  if (state === 'resolved') return withEnded(digest, causeId, id);
  return digest.hasNews ? digest : { ...digest, hasNews: true };
}

async function incidentsOf(
  store: Store,
  events: readonly Stored<AlertEvent>[],
): Promise<{ readonly incident: Incident; readonly returns: boolean }[]> {
  const found = [];
  for (const { value } of events) {
    if (value.about !== 'incident') continue;
    const incident = (await store.get('incident', keyOf(value.environmentId, value.id)))?.value;
    if (incident !== undefined) found.push({ incident, returns: value.returns });
  }
  return found;
}

async function runsOf(
  store: Store,
  events: readonly Stored<AlertEvent>[],
): Promise<{ readonly id: string; readonly conversationId: string }[]> {
  const found = [];
  for (const { value } of events) {
    if (value.about !== 'run') continue;
    const run = (await store.get('run', keyOf(value.environmentId, value.id)))?.value;
    if (run !== undefined) found.push(run);
  }
  return found;
}
