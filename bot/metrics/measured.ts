import type { Activity } from 'botbuilder';
import { isMailroomError } from '../../services/model/error.ts';
import type { Task } from '../../services/model/run.ts';
import type { TaskHandler } from '../../services/jobs/task-runner.ts';
import type { Store } from '../../services/storage/store.ts';
import type { TurnAnswer } from '../adapter.ts';
import { DeliveryError, type TeamsConnector } from '../deliver/connector.ts';
import type { Metrics, SendMeasured } from './metrics.ts';

/*
 * Parts of Mailroom with a stopwatch around them. What is inside knows nothing of it and behaves the same.
 */

/** Measures the writes; an implementation of the store has nothing to add for it. */
export function measuredStore(store: Store, onCommit: Metrics['onCommit']): Store {
  return {
    get: (collection, key) => store.get(collection, key),
    query: (collection, query) => store.query(collection, query),
    count: (collection, query) => store.count(collection, query),
    heads: (queue, where, limit) => store.heads(queue, where, limit),
    commit: (changes, expectedVersions) =>
      measure(
        () => store.commit(changes, expectedVersions),
        (durationMs, error) =>
          onCommit({
            result: error === null ? 'done' : isMailroomError(error, 'store.conflict') ? 'conflict' : 'failed',
            durationMs,
          }),
      ),
    readLog: (log) => store.readLog(log),
    readChain: (log, order) => store.readChain(log, order),
    logHead: (log) => store.logHead(log),
    trimLog: (log, before, also) => store.trimLog(log, before, also),
    onCommit: (listener) => store.onCommit(listener),
    get alive() {
      return store.alive;
    },
    close: () => store.close(),
  };
}

/** Measures the calls to Teams that deliver cards. */
export function measuredConnector(connector: TeamsConnector, onSend: Metrics['onSend']): TeamsConnector {
  const send = <T>(action: SendMeasured['action'], call: () => Promise<T>): Promise<T> =>
    measure(call, (durationMs, error) =>
      onSend({
        action,
        result: error === null ? 'done' : error instanceof DeliveryError ? error.kind : 'unavailable',
        durationMs,
      }),
    );
  return {
    post: (reference, message) => send('post', () => connector.post(reference, message)),
    update: (reference, activityId, message) => send('update', () => connector.update(reference, activityId, message)),
    remove: (reference, activityId) => send('remove', () => connector.remove(reference, activityId)),
  };
}

/** Measures the background work; what a stop interrupts has not ended, and does not count. */
export function measuredTasks(
  handlers: Readonly<Record<Task['kind'], TaskHandler>>,
  onTask: Metrics['onTask'],
): Readonly<Record<Task['kind'], TaskHandler>> {
  const measured =
    (handler: TaskHandler): TaskHandler =>
    (task, signal) =>
      measure(
        () => handler(task, signal),
        (durationMs, error) => {
          if (!signal.aborted)
            onTask({ kind: task.value.kind, result: error === null ? 'done' : 'failed', durationMs });
        },
      );
  const entries = Object.entries(handlers).map(([kind, handler]) => [kind, measured(handler)]);
  return Object.fromEntries(entries) as Record<Task['kind'], TaskHandler>;
}

type ProcessActivity = (activity: Activity, authorization: string) => Promise<TurnAnswer>;

/** Measures the turns, until Teams has its answer. */
export function measuredTurns(processActivity: ProcessActivity, onTurn: Metrics['onTurn']): ProcessActivity {
  return async (activity, authorization) => {
    const startedAt = performance.now();
    const answer = await processActivity(activity, authorization);
    const type = activity.type === 'message' || activity.type === 'invoke' ? activity.type : 'other';
    onTurn({ type, status: answer.status, durationMs: performance.now() - startedAt });
    return answer;
  };
}

async function measure<T>(work: () => Promise<T>, tell: (durationMs: number, error: unknown) => void): Promise<T> {
  const startedAt = performance.now();
  let failure: unknown = null;
  try {
    return await work();
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    tell(performance.now() - startedAt, failure);
  }
}
