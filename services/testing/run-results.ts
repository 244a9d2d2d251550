import { MailroomError } from '../model/error.ts';
import type { Outcome, Run } from '../model/run.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { getRun } from './cancel-run.ts';

/** What the mailboxes of a run gave is kept for this many days after its end. */
export const resultDays = 7;

const pageSize = 500;

/** The first outcome of each mailbox that was tested in a run, by address; a page at a time, since there may be fifty thousand. */
export async function* streamResults(store: Store, environmentId: string, runId: string): AsyncGenerator<Outcome> {
  const prefix = keyOf(environmentId, runId, '');
  for (let after: string | undefined; ;) {
    const page = await store.query('outcome', {
      prefix,
      ...(after === undefined ? {} : { after }),
      limit: pageSize,
    });
    for (const { value } of page) if (value.leftOut === undefined) yield value;
    after = page.at(-1)?.key;
    if (page.length < pageSize) return;
  }
}

/** Ids of the mailboxes whose first outcome in a run was a failure. */
export async function failedInRun(store: Store, environmentId: string, runId: string): Promise<ReadonlySet<string>> {
  const failed = new Set<string>();
  for await (const { mailboxId, fault } of streamResults(store, environmentId, runId))
    if (fault !== null) failed.add(mailboxId);
  return failed;
}

/** A run of which more is known than its numbers. @throws MailroomError `run.unknown`, `run.results-gone` {id, days} */
export async function getRunWithResults(store: Store, environmentId: string, runId: string): Promise<Run> {
  const run = (await getRun(store, environmentId, runId)).value;
  if (run.results === 'gone') throw new MailroomError('run.results-gone', { id: run.id, days: resultDays });
  return run;
}
