import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import { nextWeeklyAt, type WeeklyStatus } from '../model/status.ts';
import { requireRight } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change } from '../storage/store.ts';

/**
 * Whether this conversation gets the status every week, at the day and time at which it was asked for. Asked for again it
 * goes on as it is.
 * @throws MailroomError `access.denied`
 */
export async function setWeeklyStatus(
  { store, clock }: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  actor: Actor,
  conversationId: string,
  wanted: boolean,
): Promise<WeeklyStatus | null> {
  await requireRight({ store, clock }, environmentId, actor, 'subscribe');
  return retryConflict(async () => {
    const key = keyOf(environmentId, conversationId);
    const known = await store.get('weeklyStatus', key);
    if ((known !== undefined) === wanted) return known?.value ?? null;
    const now = clock.now();
    const weekly: WeeklyStatus = {
      environmentId,
      conversationId,
      setBy: actor.aadObjectId,
      setAt: now,
      dueAt: nextWeeklyAt({ setAt: now }, now),
    };
    const change: Change = wanted
      ? { kind: 'put', collection: 'weeklyStatus', key, value: weekly }
      : { kind: 'delete', collection: 'weeklyStatus', key };
    const details = { weekly: wanted, 'weekly.before': !wanted };
    const entry = auditEntry(environmentId, now, actor, 'subscription.weekly-changed', [conversationId], details);
    await store.commit(
      [change, { kind: 'append', log: 'audit', entry }],
      [{ collection: 'weeklyStatus', key, version: known?.version ?? 0 }],
    );
    return wanted ? weekly : null;
  });
}
