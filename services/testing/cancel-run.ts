import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import { MailroomError } from '../model/error.ts';
import { isOver, type Run, type Task } from '../model/run.ts';
import { requireRight } from '../access/roles.ts';
import { intentChange } from '../conversations/intents.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type Store, type Stored } from '../storage/store.ts';

/**
 * Ends a run, running or paused: tests that have not begun are dropped, those under way still report. Cancelling twice is harmless.
 * @throws MailroomError `access.denied`, `run.unknown`
 */
export async function cancelRun(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  actor: Actor,
  runId: string,
): Promise<Run> {
  await requireRight(context, environmentId, actor, 'test');
  const { store, clock } = context;
  return retryConflict(async () => {
    const stored = await getRun(store, environmentId, runId);
    if (isOver(stored.value)) return stored.value;
    const now = clock.now();
    const waiting = await store.query('task', {
      prefix: keyOf(environmentId, 'test-mailbox', ''),
      where: { runId: stored.value.id, state: 'ready' },
      limit: 100_000,
    });
    const returned = await Promise.all(waiting.map((task) => giveBack(store, task)));
    const run: Run = { ...stored.value, state: 'cancelled', finishedAt: now, revision: stored.value.revision + 1 };
    await store.commit(
      [
        { kind: 'put', collection: 'run', key: stored.key, value: run },
        ...returned,
        intentChange(environmentId, 'run', run.id, run.conversationId, now),
        {
          kind: 'append',
          log: 'audit',
          entry: auditEntry(environmentId, now, actor, 'run.cancelled', [run.id], { done: run.done, total: run.total }),
        },
      ],
      [
        { collection: 'run', key: stored.key, version: stored.version },
        ...waiting.map(({ key, version }) => ({ collection: 'task' as const, key, version })),
      ],
    );
    return run;
  });
}

/** A mailbox that waited for its next try when the run took it goes on waiting; any other is simply not tested. */
async function giveBack(store: Store, { key, value }: Stored<Task>): Promise<Change> {
  const mailbox = (await store.get('mailbox', keyOf(value.environmentId, value.subjectId)))?.value;
  const dueAt = mailbox?.postponedUntil ?? null;
  if (dueAt === null) return { kind: 'delete', collection: 'task', key };
  return { kind: 'put', collection: 'task', key, value: { ...value, runId: null, dueAt, priority: 1 } };
}

/** A run by its id as a person types it. @throws MailroomError `run.unknown` {id} */
export async function getRun(store: Store, environmentId: string, runId: string): Promise<Stored<Run>> {
  const stored = await store.get('run', keyOf(environmentId, runId.trim().toUpperCase()));
  if (stored === undefined) throw new MailroomError('run.unknown', { id: runId.slice(0, 20) });
  return stored;
}
