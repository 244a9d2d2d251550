import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import { changedSettings, type EmailSettings, type Environment } from '../model/environment.ts';
import { redrawOpenRequests } from '../conversations/approval-audience.ts';
import { alertsSwitchedOn } from '../alerts/alerts-switched-on.ts';
import type { ServiceContext } from '../service-context.ts';
import type { Change, ExpectedVersion, Stored } from '../storage/store.ts';
import { requireApprovalChanges } from './approval-switched-on.ts';

/**
 * Stores settings with their audit entry. In the same commit, a requirement that is switched on makes its mailboxes Pending,
 * and a level of alerts that is switched on shows its open incidents in the channels that want it.
 */
export async function commitSettings(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  stored: Stored<Environment>,
  actor: Actor,
  settings: EmailSettings,
  more: readonly Change[] = [],
  moreExpected: readonly ExpectedVersion[] = [],
): Promise<Environment> {
  const { store, clock } = context;
  const { environmentId, settings: before } = stored.value;
  const changed = changedSettings(before, settings);
  if (changed.length === 0 && more.length === 0) return stored.value;
  const now = clock.now();
  const environment: Environment = {
    ...stored.value,
    organizationId: stored.value.organizationId ?? (settings.organizationStamp ? randomUUID() : null),
    settings,
    revision: stored.value.revision + 1,
  };
  const waiting = await requireApprovalChanges(store, environmentId, actor, before, settings, now);
  await store.commit(
    [
      { kind: 'put', collection: 'environment', key: stored.key, value: environment },
      {
        kind: 'append',
        log: 'audit',
        entry: auditEntry(
          environmentId,
          now,
          actor,
          'settings.changed',
          changed,
          Object.fromEntries(
            changed.flatMap((field) => [
              [field, traced(settings, field)],
              [`${field}.before`, traced(before, field)],
            ]),
          ),
        ),
      },
      ...waiting.changes,
      ...(before.fourEyes === settings.fourEyes ? [] : await redrawOpenRequests(store, environmentId, now)),
      ...(await alertsSwitchedOn(store, environmentId, before, settings, now)),
      ...more,
    ],
    [{ collection: 'environment', key: stored.key, version: stored.version }, ...waiting.expected, ...moreExpected],
  );
  return environment;
}

/** A value as the trail keeps it: a list of sets by their names. */
function traced(settings: EmailSettings, field: keyof EmailSettings): string | number | boolean | null {
  const value = settings[field];
  return typeof value === 'object' && value !== null ? value.map(({ name }) => name).join(', ') : value;
}
