import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import { MailroomError } from '../model/error.ts';
import {
  isOpen,
  maintenanceExtensions,
  maintenanceLimits,
  phaseOf,
  type MaintenanceWindow,
} from '../model/maintenance.ts';
import { requireRight } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { getWindow, requireShortRest } from './maintenance-windows.ts';
import { maintenanceIntents } from './show-maintenance.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/**
 * Moves the end of a window. `revision`: of the window that was seen; another one changes nothing, so that two clicks extend
 * once. One that is over stays so.
 * @throws MailroomError `access.denied`, `maintenance.unknown`, `maintenance.length-missing`, `maintenance.too-long`,
 *   `maintenance.rest-too-long` {days}
 */
export async function extendMaintenance(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
  revision: number,
  minutes: string,
): Promise<MaintenanceWindow> {
  if (!(maintenanceExtensions as readonly string[]).includes(minutes))
    throw new MailroomError('maintenance.length-missing');
  return change(context, environmentId, actor, id, async (window, now) => {
    if (window.revision !== revision) return null;
    const endsAt = window.endsAt + Number(minutes) * 60_000;
    if (endsAt - window.startsAt > maintenanceLimits.longestMs) throw new MailroomError('maintenance.too-long');
    const longer = { ...window, endsAt };
    await requireShortRest(context.store, longer, now);
    return { kind: 'maintenance.extended', window: longer };
  });
}

/**
 * Ends a window that lasts, or cancels one that lies ahead: its mailboxes go on at once. Twice is harmless.
 * @throws MailroomError `access.denied`, `maintenance.unknown`
 */
export async function closeMaintenance(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
): Promise<MaintenanceWindow> {
  return change(context, environmentId, actor, id, async (window, now) => ({
    kind: 'maintenance.closed',
    window: { ...window, closed: { by: actor.aadObjectId, byName: actor.name, at: now } },
  }));
}

interface MaintenanceChange {
  readonly kind: 'maintenance.extended' | 'maintenance.closed';
  readonly window: MaintenanceWindow;
}

async function change(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
  decide: (window: MaintenanceWindow, now: number) => Promise<MaintenanceChange | null>,
): Promise<MaintenanceWindow> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  return retryConflict(async () => {
    const { key, version, value } = await getWindow(store, environmentId, id);
    const now = clock.now();
    const decided = isOpen(value, now) ? await decide(value, now) : null;
    if (decided === null) return value;
    const window = { ...decided.window, shown: phaseOf(decided.window, now), revision: value.revision + 1 };
    const entry = auditEntry(environmentId, now, actor, decided.kind, [id], {
      host: window.host,
      'until.before': new Date(value.endsAt).toISOString(),
      until: new Date(window.closed?.at ?? window.endsAt).toISOString(),
      phase: window.shown,
    });
    await store.commit(
      [
        { kind: 'put', collection: 'maintenance', key, value: window },
        ...(await maintenanceIntents(store, window, now)),
        { kind: 'append', log: 'audit', entry },
      ],
      [{ collection: 'maintenance', key, version }],
    );
    return window;
  });
}
