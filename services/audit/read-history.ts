import { setImmediate } from 'node:timers/promises';
import { isSameAct, requestOfAct, type AuditEntry } from '../model/audit.ts';
import { isMailroomError } from '../model/error.ts';
import type { ServiceContext } from '../service-context.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

export interface HistoryRow {
  /** The newest of the entries that the row stands for. */
  readonly entry: AuditEntry;
  /** Null: from before entries were numbered. */
  readonly position: number | null;
  /** Entries of the one act that the row stands for, as many as have the words: mostly the one. */
  readonly count: number;
  /** Position of the oldest of them. */
  readonly firstPosition: number | null;
}

export interface HistoryQuery {
  /** Words that an entry has to have, in its subjects, its actor, its kind or its details. */
  readonly filter: string;
  readonly page: number;
  readonly size: number;
  /** Entries above this position are left out, so that pages do not move while somebody turns them. */
  readonly upTo: number;
  /** Names of profiles and people by id, since nobody searches by id. */
  readonly names: Readonly<Record<string, string>>;
}

export interface HistoryResult {
  readonly rows: readonly HistoryRow[];
  readonly hasNext: boolean;
  /** Time of the oldest entry that was looked at when the time was up, epoch ms; null: it went to the end. */
  readonly searchedBackTo: number | null;
}

/** Work between two turns of the event loop: entries in memory come without a pause. */
const sliceMs = 4;

/** Longest search behind one click, ms. */
const searchMs = 1000;

/**
 * One page of the trail, newest first. It is read from its end and no further than the page needs. What one act did to
 * thousands of mailboxes is one row, unless its request is named: then each mailbox has its own.
 */
export async function readHistory(
  { store, clock }: Context,
  environmentId: string,
  { filter, page, size, upTo, names }: HistoryQuery,
): Promise<HistoryResult> {
  const words = wordsOf(filter);
  const until = clock.now() + searchMs;
  const rows: HistoryRow[] = [];
  /** The act whose entries are being read. */
  let act: AuditEntry | null = null;
  let left = page * size;
  let started = performance.now();
  try {
    for await (const { entry, link } of store.readChain('audit', 'newest-first')) {
      if (link !== null && link.position > upTo) continue;
      const position = link?.position ?? null;
      const goesOn: boolean = act !== null && isSameAct(act, entry) && !isNamed(entry, words);
      const isMeant = entry.environmentId === environmentId && matches(entry, words, names);
      const last = rows.at(-1);
      if (!goesOn) act = isMeant ? entry : null;
      if (goesOn && isMeant && last?.entry === act)
        rows[rows.length - 1] = { ...last, count: last.count + 1, firstPosition: position };
      else if (!goesOn && isMeant) {
        if (rows.length === size) return { rows, hasNext: true, searchedBackTo: null };
        if (left > 0) left -= 1;
        else rows.push({ entry, position, count: 1, firstPosition: position });
      }
      if (performance.now() - started > sliceMs) {
        await setImmediate();
        started = performance.now();
      }
      // An act is counted to its end: half a count would be a wrong one.
      if (!goesOn && clock.now() > until) return { rows, hasNext: false, searchedBackTo: entry.at };
    }
  } catch (error) {
    // What is newer than a damaged line can be shown; that the trail is damaged, its check says.
    if (!isMailroomError(error, 'store.damaged')) throw error;
  }
  return { rows, hasNext: false, searchedBackTo: null };
}

/** Whoever names a request wants to see its mailboxes. */
const isNamed = (entry: AuditEntry, words: readonly string[]): boolean => {
  const request = requestOfAct(entry);
  return request !== null && words.includes(request.toLowerCase());
};

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[\s,;"“”]+/)
    .filter((word) => word !== '' && word !== 'all');

function matches(entry: AuditEntry, words: readonly string[], names: Readonly<Record<string, string>>): boolean {
  if (words.length === 0) return true;
  const texts = [
    entry.kind,
    entry.actorId,
    entry.actorName,
    ...entry.subjects,
    ...entry.subjects.map((subject) => (Object.hasOwn(names, subject) ? (names[subject] ?? '') : '')),
    ...Object.values(entry.details).filter((value) => typeof value === 'string'),
  ].map((text) => text.toLowerCase());
  return words.every((word) => texts.some((text) => text.includes(word)));
}
