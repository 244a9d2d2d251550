import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import { MailroomError } from '../model/error.ts';
import {
  chosenHostOf,
  maintenanceHostsOf,
  phaseOf,
  readMaintenance,
  type MaintenanceErrors,
  type MaintenanceValues,
  type MaintenanceWindow,
} from '../model/maintenance.ts';
import { requireRight } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { shortId } from '../short-id.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf } from '../storage/store.ts';
import { holdProfile } from './hold-profile.ts';
import { getWindow, openWindows, requireShortRest } from './maintenance-windows.ts';
import { getProfile } from './profile-names.ts';
import { maintenanceIntents } from './show-maintenance.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** Windows that may lie ahead at once, in an environment. */
const mostOpen = 100;

/** What became of the form: a window that waits for a yes, or what is wrong beside which field. */
export type AskedMaintenance =
  | { readonly kind: 'asked'; readonly window: MaintenanceWindow }
  | { readonly kind: 'errors'; readonly errors: MaintenanceErrors };

/**
 * Reads what an admin typed about a server of a profile and remembers it until the yes. `timeZone`: of whoever typed; null
 * reads the times as UTC.
 * @throws MailroomError `access.denied`, `profile.unknown`
 */
export async function askMaintenance(
  context: Context,
  environmentId: string,
  actor: Actor,
  profileId: string,
  values: MaintenanceValues,
  timeZone: string | null,
  conversationId: string,
): Promise<AskedMaintenance> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  const profile = (await getProfile(store, environmentId, profileId)).value;
  const now = clock.now();
  const read = readMaintenance(values, now, timeZone);
  if (read.kind === 'errors') return read;
  const { startsAt, endsAt, reason } = read;
  const window: MaintenanceWindow = {
    environmentId,
    id: shortId(),
    host: chosenHostOf(profile, values),
    profileId,
    startsAt,
    endsAt,
    reason,
    state: 'asked',
    closed: null,
    plannedBy: actor.aadObjectId,
    plannedByName: actor.name,
    plannedAt: now,
    conversationId,
    values,
    timeZone,
    shown: 'asked',
    revision: 1,
  };
  const key = keyOf(environmentId, window.id);
  await store.commit(
    [{ kind: 'put', collection: 'maintenance', key, value: window }],
    [{ collection: 'maintenance', key, version: 0 }],
  );
  return { kind: 'asked', window };
}

/**
 * The yes: from now on it holds, and every alert channel is told. A window that begins now begins with the yes. A second
 * click finds it announced.
 * @throws MailroomError `access.denied`, `maintenance.unknown`, `maintenance.not-yours`, `maintenance.too-late`,
 *   `maintenance.no-server`, `maintenance.too-many` {count}, `maintenance.rest-too-long` {days}
 */
export async function announceMaintenance(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
): Promise<MaintenanceWindow> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  return retryConflict(async () => {
    const { key, version, value } = await getWindow(store, environmentId, id);
    if (value.state !== 'asked') return value;
    if (value.plannedBy !== actor.aadObjectId) throw new MailroomError('maintenance.not-yours');
    const now = clock.now();
    const times = timesAtYes(value, now);
    if (times.endsAt <= now) throw new MailroomError('maintenance.too-late');
    // The profile may be gone or lead elsewhere since the question: what was shown would not be what is done.
    const profile = (await store.get('profile', keyOf(environmentId, value.profileId)))?.value;
    if (profile === undefined || !maintenanceHostsOf(profile).includes(value.host))
      throw new MailroomError('maintenance.no-server');
    const open = await openWindows(store, environmentId, now);
    if (open.length >= mostOpen) throw new MailroomError('maintenance.too-many', { count: mostOpen });
    const announced: MaintenanceWindow = { ...value, ...times, state: 'announced', plannedAt: now };
    await requireShortRest(store, announced, now);
    // Two windows in the same moment would not see each other: they meet at the profile.
    const held = await holdProfile(store, environmentId, value.profileId);
    const window = { ...announced, shown: phaseOf(announced, now), revision: value.revision + 1 };
    const details = {
      host: window.host,
      from: new Date(window.startsAt).toISOString(),
      until: new Date(window.endsAt).toISOString(),
      reason: window.reason,
    };
    const entry = auditEntry(environmentId, now, actor, 'maintenance.announced', [id], details);
    await store.commit(
      [
        { kind: 'put', collection: 'maintenance', key, value: window },
        ...held.changes,
        ...(await maintenanceIntents(store, window, now)),
        { kind: 'append', log: 'audit', entry },
      ],
      [{ collection: 'maintenance', key, version }, ...held.expected],
    );
    return window;
  });
}

/** A length counts from the begin; an end that was typed stays where it is. */
function timesAtYes(
  { values, startsAt, endsAt }: MaintenanceWindow,
  now: number,
): Pick<MaintenanceWindow, 'startsAt' | 'endsAt'> {
  if (values.start !== 'now') return { startsAt, endsAt };
  return { startsAt: now, endsAt: values.length === 'end' ? endsAt : now + (endsAt - startsAt) };
}
