import { hasRight, type Actor, type Person, type Right } from '../model/access.ts';
import { isCritical, type Incident } from '../model/alert.ts';
import { auditEntry, systemActor, type AuditEntry, type AuditEventKind } from '../model/audit.ts';
import { isMailroomError, MailroomError } from '../model/error.ts';
import { handle, type HandlingDeed, type IncidentHandling } from '../model/incident-handling.ts';
import { requireRight, rolesOf } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Store, type Stored } from '../storage/store.ts';
import { handlingIntents, incidentIntents } from './incident-intents.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** What became of a deed; `changed` false: it was done already, or somebody else acted since the card was drawn. */
export interface HandledIncident {
  readonly incident: Incident;
  readonly changed: boolean;
}

/**
 * Does something about an incident that is open. Whoever may test its mailboxes again may also take care of it; to mute is to
 * take alerts away from everybody's channels, which is the right to subscribe. `seen`: the revision of the handling on the
 * card that was clicked; null: it was typed.
 * @throws MailroomError `access.denied`, `incident.unknown`, `incident.over`, `incident.mute-alone`, `incident.assignee`
 *   {name}, `incident.snooze-unknown`
 */
export async function handleIncident(
  context: Context,
  environmentId: string,
  actor: Actor,
  incidentId: string,
  deed: HandlingDeed,
  seen: number | null,
): Promise<HandledIncident> {
  await requireRight(context, environmentId, actor, rightFor(deed));
  const { store, clock } = context;
  return retryConflict(async () => {
    const stored = await getIncident(store, environmentId, incidentId);
    const { value: before } = stored;
    if (seen !== null && seen !== before.handling.revision) return { incident: before, changed: false };
    if (before.state === 'resolved') throw new MailroomError('incident.over', { id: before.id });
    if (deed.kind === 'assign') await requireReader(context, environmentId, deed);
    const now = clock.now();
    const handling = handle(before.handling, deed, actor, now, isCritical(before));
    if (handling === null) return { incident: before, changed: false };
    const incident: Incident = {
      ...before,
      handling,
      wakeAt: handling.quiet?.until ?? null,
      revision: before.revision + 1,
    };
    const intents =
      deed.kind === 'wake' && before.handling.quiet !== null
        ? await incidentIntents(store, incident, now)
        : await handlingIntents(store, incident, now, deed.kind === 'assign');
    await store.commit(
      [
        { kind: 'put', collection: 'incident', key: stored.key, value: incident },
        { kind: 'append', log: 'audit', entry: entryOf(incident, actor, deed, now) },
        ...intents,
      ],
      [{ collection: 'incident', key: stored.key, version: stored.version }],
    );
    return { incident, changed: true };
  });
}

/** A snooze is over: while the incident is still open, its card comes back as the newest message. */
export async function wakeIncident(
  { store, clock }: Context,
  { key, version, value }: Stored<Incident>,
): Promise<void> {
  const now = clock.now();
  const handling: IncidentHandling = { ...value.handling, quiet: null, revision: value.handling.revision + 1 };
  const incident: Incident = { ...value, handling, wakeAt: null, revision: value.revision + 1 };
  const entry = entryOf(incident, systemActor, { kind: 'wake' }, now);
  try {
    await store.commit(
      [
        { kind: 'put', collection: 'incident', key, value: incident },
        { kind: 'append', log: 'audit', entry },
        ...(await incidentIntents(store, incident, now, 'repost')),
      ],
      [{ collection: 'incident', key, version }],
    );
  } catch (error) {
    // Its numbers changed, or somebody acts in this moment: looked at again the next time.
    if (!isMailroomError(error, 'store.conflict')) throw error;
  }
}

/**
 * An incident by its id, as a person types it or as a card carries it.
 * @throws MailroomError `incident.unknown`
 */
export async function getIncident(store: Store, environmentId: string, id: string): Promise<Stored<Incident>> {
  const found = await store.get('incident', keyOf(environmentId, id));
  if (found === undefined) throw new MailroomError('incident.unknown');
  return found;
}

const rightFor = ({ kind }: HandlingDeed): Right => (kind === 'mute' ? 'subscribe' : 'test');

/** The card names mailboxes: it goes to nobody who may not read them. */
async function requireReader(
  context: Context,
  environmentId: string,
  { personId, personName }: Pick<Extract<HandlingDeed, { kind: 'assign' }>, 'personId' | 'personName'>,
): Promise<void> {
  if (!hasRight(await rolesOf(context, environmentId, personId), 'read'))
    throw new MailroomError('incident.assignee', { name: personName.slice(0, 80) });
}

/** The deed of a person as `handle` takes it. */
export const assignTo = ({ aadObjectId, name }: Pick<Person, 'aadObjectId' | 'name'>): HandlingDeed => ({
  kind: 'assign',
  personId: aadObjectId,
  personName: name,
});

function entryOf(incident: Incident, actor: Actor, deed: HandlingDeed, now: number): AuditEntry {
  const { environmentId, id, code, profileName: name, handling } = incident;
  const muted = handling.quiet === null ? 'incident.mute-asked' : 'incident.muted';
  const kinds: Readonly<Record<HandlingDeed['kind'], AuditEventKind>> = {
    acknowledge: 'incident.acknowledged',
    assign: 'incident.assigned',
    snooze: 'incident.snoozed',
    mute: muted,
    wake: 'incident.woken',
  };
  const details: AuditEntry['details'] = {
    code,
    name,
    ...(deed.kind === 'assign' ? { person: deed.personName, personId: deed.personId } : {}),
    ...(deed.kind === 'snooze' ? { until: new Date(deed.until).toISOString() } : {}),
    ...(deed.kind === 'mute' && handling.quiet?.agreedByName !== undefined && handling.quiet.agreedByName !== null
      ? { askedBy: handling.quiet.byName }
      : {}),
  };
  return auditEntry(environmentId, now, actor, kinds[deed.kind], [id], details);
}
