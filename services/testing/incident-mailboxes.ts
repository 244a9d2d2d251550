import { profileOfAlarm, type Incident } from '../model/alert.ts';
import { MailroomError } from '../model/error.ts';
import { mailboxesOfAlarm } from '../alerts/profile-alarm.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { streamPages } from '../storage/stream-pages.ts';
import { profilesThatWait } from './incident-size.ts';

/**
 * Ids of the mailboxes that an incident hits now, by its id in any case; none when it is over.
 * @throws MailroomError `incident.unknown`
 */
export async function hitByIncident(store: Store, environmentId: string, id: string): Promise<ReadonlySet<string>> {
  const incident = (
    (await store.get('incident', keyOf(environmentId, id))) ??
    (await store.get('incident', keyOf(environmentId, id.toUpperCase())))
  )?.value;
  if (incident === undefined) throw new MailroomError('incident.unknown');
  return incident.state === 'resolved' ? new Set() : mailboxesOfIncident(store, incident);
}

/** The same of one that is open: those with an alert of it, and those whose checks wait for it. */
export async function mailboxesOfIncident(
  store: Store,
  { environmentId, causeId }: Pick<Incident, 'environmentId' | 'causeId'>,
): Promise<ReadonlySet<string>> {
  if (profileOfAlarm(causeId) !== null) return new Set(await mailboxesOfAlarm(store, environmentId, causeId));
  const ids = new Set<string>();
  const prefix = keyOf(environmentId, '');
  for await (const page of streamPages(store, 'alert', { prefix, where: { causeId } }))
    for (const { value } of page) ids.add(value.mailboxId);
  const profileId = await profilesThatWait(store, environmentId, causeId);
  if (profileId.length > 0)
    for await (const page of streamPages(store, 'poll', { prefix, where: { profileId } }))
      for (const { value } of page) ids.add(value.mailboxId);
  return ids;
}
