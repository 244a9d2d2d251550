import type { Direction, Mailbox } from '../model/mailbox.ts';
import type { Outcome, PhaseResult } from '../model/run.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { streamResults } from './run-results.ts';

/** What a run says about one mailbox, and how the mailbox is by now. */
export interface ReportRow {
  readonly address: string;
  readonly fault: Outcome['fault'];
  readonly testedAt: number;
  /** What was tested; a direction without server-side synchronization is not among them. */
  readonly phases: Readonly<Partial<Record<Direction, PhaseResult>>>;
  /** Undefined: it does not exist any more. */
  readonly mailbox: Mailbox | undefined;
}

/** The mailboxes of a run that were tested, by address; memory does not grow with their number. */
export async function* streamReport(store: Store, environmentId: string, runId: string): AsyncGenerator<ReportRow> {
  for await (const { mailboxId, fault, at, phases } of streamResults(store, environmentId, runId)) {
    const mailbox = (await store.get('mailbox', keyOf(environmentId, mailboxId)))?.value;
    yield {
      address: mailbox?.address ?? mailboxId,
      fault,
      testedAt: at,
      phases: Object.fromEntries(phases.map((phase) => [phase.direction, phase])),
      mailbox,
    };
  }
}
