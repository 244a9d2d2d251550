import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import { MailroomError } from '../model/error.ts';
import type { Run } from '../model/run.ts';
import { requireRight } from '../access/roles.ts';
import { intentChange } from '../conversations/intents.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { getRun } from './cancel-run.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/**
 * Pauses a run: tests that have not begun wait, those under way still report. Only the run's own row says so, and the task
 * runner asks for it: fifty thousand tasks are not touched, and a kill finds the run paused or not. Pausing twice is harmless.
 * @throws MailroomError `access.denied`, `run.unknown`, `run.over`
 */
export async function pauseRun(context: Context, environmentId: string, actor: Actor, runId: string): Promise<Run> {
  return change(context, environmentId, actor, runId, { from: 'running', to: 'paused', event: 'run.paused' });
}

/**
 * Goes on with a paused run where it stood. Resuming twice is harmless.
 * @throws MailroomError `access.denied`, `run.unknown`, `run.over`
 */
export async function resumeRun(context: Context, environmentId: string, actor: Actor, runId: string): Promise<Run> {
  return change(context, environmentId, actor, runId, { from: 'paused', to: 'running', event: 'run.resumed' });
}

async function change(
  { store, clock }: Context,
  environmentId: string,
  actor: Actor,
  runId: string,
  { from, to, event }: { from: Run['state']; to: Run['state']; event: 'run.paused' | 'run.resumed' },
): Promise<Run> {
  await requireRight({ store, clock }, environmentId, actor, 'test');
  return retryConflict(async () => {
    const { key, version, value } = await getRun(store, environmentId, runId);
    if (value.state === to) return value;
    if (value.state !== from) throw new MailroomError('run.over', { id: value.id, state: value.state });
    const now = clock.now();
    const { done, total } = value;
    // The speed is measured anew: the pause is nobody's slowness.
    const run: Run = { ...value, state: to, samples: [{ at: now, done }], revision: value.revision + 1 };
    await store.commit(
      [
        { kind: 'put', collection: 'run', key, value: run },
        intentChange(environmentId, 'run', run.id, run.conversationId, now),
        {
          kind: 'append',
          log: 'audit',
          entry: auditEntry(environmentId, now, actor, event, [run.id], { done, total }),
        },
      ],
      [{ collection: 'run', key, version }],
    );
    return run;
  });
}
