import type { Actor } from '../model/access.ts';
import type { Incident } from '../model/alert.ts';
import { auditEntry } from '../model/audit.ts';
import { MailroomError } from '../model/error.ts';
import { faultCatalogue, type FaultCode } from '../model/fault-catalogue.ts';
import { readNote, type NoteProblem, type RunbookNote } from '../model/runbook.ts';
import { requireRight } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';
import { streamPages } from '../storage/stream-pages.ts';

/** What is known of a fault here, beside what everybody knows of it. */
export interface RunbookEntry {
  readonly code: FaultCode;
  readonly note: RunbookNote | null;
  /** Incidents of this code that are remembered, with those that are open. */
  readonly occurred: number;
  readonly open: number;
  /** The last that ended, newest first. */
  readonly ended: readonly Incident[];
}

const lastEnded = 3;

/** @throws MailroomError `alert-filter.unknown-code` {code, near} */
export async function readRunbook(store: Store, environmentId: string, code: string): Promise<RunbookEntry> {
  const known = faultCode(code);
  let occurred = 0;
  let open = 0;
  let ended: Incident[] = [];
  const query = { prefix: keyOf(environmentId, ''), where: { code: known } };
  for await (const page of streamPages(store, 'incident', query)) {
    occurred += page.length;
    open += page.filter(({ value }) => value.state === 'open').length;
    ended = [...ended, ...page.flatMap(({ value }) => (value.state === 'resolved' ? [value] : []))]
      .sort((a, b) => endOf(b) - endOf(a))
      .slice(0, lastEnded);
  }
  const note = (await store.get('runbookNote', keyOf(environmentId, known)))?.value ?? null;
  return { code: known, note, occurred, open, ended };
}

const endOf = ({ resolvedAt, lastAt }: Incident): number => resolvedAt ?? lastAt;

function faultCode(code: string): FaultCode {
  if (!Object.hasOwn(faultCatalogue, code))
    throw new MailroomError('alert-filter.unknown-code', { code: code.slice(0, 60), near: 'none' });
  return code as FaultCode;
}

/** What became of a note that was typed. */
export type KeptNote =
  { readonly kind: 'kept' } | { readonly kind: 'stale' } | { readonly kind: 'refused'; readonly problem: NoteProblem };

/**
 * Keeps the organization's note about a fault; an empty one takes it away. `revision`: of the note on the card, 0 where there
 * was none; somebody else's newer one is not written over.
 * @throws MailroomError `access.denied`, `alert-filter.unknown-code`
 */
export async function keepRunbookNote(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  actor: Actor,
  code: string,
  typed: { readonly text: string; readonly link: string },
  revision: number,
): Promise<KeptNote> {
  await requireRight(context, environmentId, actor, 'manage');
  const known = faultCode(code);
  const note = readNote(typed);
  if (typeof note === 'string') return { kind: 'refused', problem: note };
  const { store, clock } = context;
  return retryConflict(async (): Promise<KeptNote> => {
    const key = keyOf(environmentId, known);
    const stored = await store.get('runbookNote', key);
    const before = stored?.value;
    if ((before?.revision ?? 0) !== revision) return { kind: 'stale' };
    if ((before?.text ?? '') === note.text && (before?.link ?? null) === note.link) return { kind: 'kept' };
    const now = clock.now();
    const { aadObjectId: by, name: byName } = actor;
    const value: RunbookNote = { environmentId, code: known, ...note, by, byName, at: now, revision: revision + 1 };
    // An empty one stays: its revision tells a card of before from one of now.
    const change: Change = { kind: 'put', collection: 'runbookNote', key, value };
    const details = {
      code: known,
      text: note.text,
      'text.before': before?.text ?? null,
      link: note.link,
      'link.before': before?.link ?? null,
    };
    const entry = auditEntry(environmentId, now, actor, 'runbook.note-changed', [known], details);
    await store.commit(
      [change, { kind: 'append', log: 'audit', entry }],
      [{ collection: 'runbookNote', key, version: stored?.version ?? 0 }],
    );
    return { kind: 'kept' };
  });
}
