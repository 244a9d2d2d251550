import type { Mailbox } from '../model/mailbox.ts';
import { untestedOutcome, type Task } from '../model/run.ts';
import { keyOf, type Change, type Stored } from '../storage/store.ts';

/**
 * The test of a mailbox that is switched off is not made. A run waits for a word about each of its mailboxes, so one that is
 * in a run leaves it there: without it the run would never end. One that is under way settles itself.
 */
export function dropTest({ key, value: task }: Stored<Task>, mailbox: Mailbox, now: number): Change[] {
  const changes: Change[] = [{ kind: 'delete', collection: 'task', key }];
  const { environmentId, runId } = task;
  if (runId === null) return changes;
  const outcome = untestedOutcome({
    environmentId,
    runId,
    mailboxId: mailbox.id,
    profileId: mailbox.profileId ?? '',
    at: now,
    leftOut: 'mailboxInactive',
  });
  return [
    ...changes,
    { kind: 'put', collection: 'outcome', key: keyOf(environmentId, runId, mailbox.id), value: outcome },
  ];
}
