import { auditEntry, systemActor, type AuditEventKind } from '../model/audit.ts';
import { isMailroomError } from '../model/error.ts';
import { maintenanceHostsOf, phaseOf, type MaintenancePhase, type MaintenanceWindow } from '../model/maintenance.ts';
import { listProfiles } from '../profiles/profile-names.ts';
import { maintenanceIntents } from '../profiles/show-maintenance.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Stored } from '../storage/store.ts';
import { startRepeated, type RepeatedWork } from './repeated.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'log'>;

/** How late a card tells of a begin or an end, and a waiting test notices one. */
const everyMs = 5_000;

/**
 * Tells of windows that begin and end. Whether the mailboxes of a server rest is decided by the clock alone; this edits the
 * cards, writes the trail, and by its commits wakes those that wait. At a start it makes up for what went by meanwhile.
 */
export function startMaintenanceWatch(context: Context, environmentId: string): RepeatedWork {
  return startRepeated(context, everyMs, 'maintenance windows could not be shown', () =>
    showPhases(context, environmentId),
  );
}

/** Brings what the cards say up to the clock. Somebody who changes a window at this moment shows it too. */
export async function showPhases({ store, clock, log }: Context, environmentId: string): Promise<void> {
  const announced = await store.query('maintenance', {
    prefix: keyOf(environmentId, ''),
    where: { state: 'announced' },
    limit: 1000,
  });
  if (announced.length === 0) return;
  const hosts = new Set((await listProfiles(store, environmentId)).flatMap(maintenanceHostsOf));
  for (const { key, version, value } of announced) {
    const now = clock.now();
    const window = withoutServer(value, hosts, now);
    const phase = phaseOf(window, now);
    if (phase === value.shown) continue;
    const kind = eventOf[phase];
    const entry =
      kind === undefined ? null : auditEntry(environmentId, now, systemActor, kind, [value.id], { host: value.host });
    try {
      await store.commit(
        [
          {
            kind: 'put',
            collection: 'maintenance',
            key,
            value: { ...window, shown: phase, revision: value.revision + 1 },
          },
          ...(await maintenanceIntents(store, window, now)),
          ...(entry === null ? [] : [{ kind: 'append', log: 'audit', entry } as const]),
        ],
        [{ collection: 'maintenance', key, version }],
      );
      log.info({ window: value.id, host: value.host, phase }, 'a maintenance window went on');
    } catch (error) {
      if (!isMailroomError(error, 'store.conflict')) throw error;
    }
  }
}

const eventOf: Readonly<Partial<Record<MaintenancePhase, AuditEventKind>>> = {
  running: 'maintenance.began',
  over: 'maintenance.over',
  ended: 'maintenance.closed',
  cancelled: 'maintenance.closed',
};

/** The last profile of the server was deleted, or leads elsewhere: nobody waits for the window any more. */
function withoutServer(
  window: Stored<MaintenanceWindow>['value'],
  hosts: ReadonlySet<string>,
  now: number,
): MaintenanceWindow {
  if (hosts.has(window.host) || window.closed !== null || now >= window.endsAt) return window;
  return { ...window, closed: { by: systemActor.aadObjectId, byName: systemActor.name, at: now } };
}
