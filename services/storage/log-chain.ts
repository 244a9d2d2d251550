import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { isMailroomError } from '../model/error.ts';
import type { Chained, LogHead, Logs, Link, Store } from './store.ts';

/** The head of a log without entries: what the first entry's link follows. */
export const chainStart: LogHead = { position: 0, hash: '0'.repeat(64), unlinked: 0 };

/**
 * The link of the entry that follows `previous`: SHA-256 over the hash before, the position and the entry, each on a line
 * of its own, so that no entry can be changed, moved, left out or put in without the hashes after it. What a store gives
 * back may have its fields in another order (jsonb), so the entry is written with its fields sorted.
 */
export function nextLink(previous: Link, entry: object): Link {
  const position = previous.position + 1;
  return { position, hash: hash('sha256', `${previous.hash}\n${position}\n${canonicalJson(entry)}`, 'hex') };
}

/** JSON without blanks and with the fields of each object in the order of their UTF-16 code units (RFC 8785). */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  // One string that grows: a decision about thousands writes as many entries in one step.
  let fields = '';
  for (const name of Object.keys(value).toSorted()) {
    const field: unknown = Reflect.get(value, name);
    if (field === undefined) continue;
    fields += `${fields === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(field)}`;
  }
  return `{${fields}}`;
}

/**
 * What is wrong with a log, by its first bad entry:
 * `changed` the entry is not the one that was written · `missing` entries before it are gone · `inserted` it was never
 * written · `cut` the log ends too early · `damaged` its file cannot be read any further · `begins-late` the oldest entries
 * were taken away otherwise than by retention (`trimLog`), and what follows is whole.
 */
export type LogProblem = 'changed' | 'missing' | 'inserted' | 'cut' | 'damaged' | 'begins-late';

export interface LogVerdict {
  readonly problem: LogProblem | null;
  /** Position of the first bad entry; of the first that is left (`begins-late`), or that is gone (`cut`, `damaged`). */
  readonly badPosition: number | null;
  /** Entries that were read and fit. */
  readonly entries: number;
  /** How many of them were there before the chain began: their order and text are known from then on only. */
  readonly unlinked: number;
  /** Entries that were removed before them on purpose: the first that is left follows the last of those. */
  readonly removed: number;
  /** Time of the first and of the last entry that fits, epoch ms; null when there is none. */
  readonly since: number | null;
  readonly until: number | null;
  /** Where the chain ends, as the store says. */
  readonly head: LogHead;
}

/** Says whether an entry tells of a removal up to this link. Where removals are entries of the log, no other one counts. */
export type TellsOfRemoval<Entry> = (entry: Entry, last: Link) => boolean;

/** Follows a log from its oldest entry and says whether it is whole. Takes entries one by one, so it never holds them. */
export class ChainCheck<Entry extends { readonly at: number }> {
  readonly #head: LogHead;
  readonly #tellsOfRemoval: TellsOfRemoval<Entry>;
  #at: Link;
  #begins: number;
  #entries = 0;
  #since: number | null = null;
  #until: number | null = null;
  #bad: { readonly problem: LogProblem; readonly position: number } | null = null;
  #isRemovalTold: boolean;

  /**
   * `head`: read before the first entry is. Entries that are newer than it are not for this check. `tellsOfRemoval`: without it
   * the head alone says what was removed on purpose.
   */
  constructor(head: LogHead, tellsOfRemoval?: TellsOfRemoval<Entry>) {
    this.#head = head;
    this.#at = head.removed ?? chainStart;
    this.#begins = this.#at.position + 1;
    this.#isRemovalTold = head.removed === undefined || tellsOfRemoval === undefined;
    this.#tellsOfRemoval = tellsOfRemoval ?? (() => false);
  }

  add({ entry, link }: Chained<Entry>): void {
    if (this.#bad !== null) return;
    if (this.#entries === 0 && link !== null && link.position > this.#begins) {
      // Nothing says what the hash before the first entry was.
      this.#begins = link.position;
      this.#at = link;
    } else {
      const next = nextLink(this.#at, entry);
      const problem = this.#problemOf(link, next);
      if (problem !== null) return this.#fail(problem);
      this.#at = next;
    }
    const { removed } = this.#head;
    if (!this.#isRemovalTold && removed !== undefined) this.#isRemovalTold = this.#tellsOfRemoval(entry, removed);
    this.#entries += 1;
    this.#since ??= entry.at;
    this.#until = entry.at;
  }

  /** The file of the next entry cannot be read. */
  damaged(): void {
    if (this.#bad === null) this.#fail('damaged');
  }

  end(): LogVerdict {
    if (this.#bad === null && this.#at.position < this.#head.position) this.#fail('cut');
    const removed = this.#head.removed?.position ?? 0;
    const isLate = this.#begins > removed + 1 || !this.#isRemovalTold;
    const late = isLate ? { problem: 'begins-late' as const, position: this.#begins } : null;
    const bad = this.#bad ?? late;
    return {
      problem: bad?.problem ?? null,
      badPosition: bad?.position ?? null,
      entries: this.#entries,
      unlinked: Math.min(this.#entries, Math.max(0, this.#head.unlinked - removed)),
      removed,
      since: this.#since,
      until: this.#until,
      head: this.#head,
    };
  }

  #problemOf(link: Link | null, next: Link): LogProblem | null {
    if (link === null) {
      if (next.position > this.#head.unlinked) return 'inserted';
    } else {
      if (link.position > next.position) return 'missing';
      if (link.position < next.position) return 'inserted';
      if (link.hash !== next.hash) return 'changed';
    }
    // The head is kept elsewhere: a last entry whose hash was made to fit does not have that one.
    return next.position === this.#head.position && next.hash !== this.#head.hash ? 'changed' : null;
  }

  #fail(problem: LogProblem): void {
    this.#bad = { problem, position: this.#at.position + 1 };
  }
}

/** True for an entry that was appended after the head was read. */
export function isNewer({ link }: Chained<unknown>, head: LogHead): boolean {
  return link !== null && link.position > head.position;
}

/** Work between two turns of the event loop. */
const sliceMs = 4;

/** Reads a whole log and checks its chain, up to the entry that was the last one when it began. `tellsOfRemoval`: as ChainCheck. */
export async function verifyLog<L extends keyof Logs>(
  store: Store,
  log: L,
  tellsOfRemoval?: TellsOfRemoval<Logs[L]>,
): Promise<LogVerdict> {
  const verdict = await verifyFrom(store, log, await store.logHead(log), tellsOfRemoval);
  if (verdict.problem === null) return verdict;
  // Entries that retention removed meanwhile are no loss.
  const head = await store.logHead(log);
  const isSame = head.removed?.position === verdict.head.removed?.position;
  return isSame ? verdict : verifyFrom(store, log, head, tellsOfRemoval);
}

async function verifyFrom<L extends keyof Logs>(
  store: Store,
  log: L,
  head: LogHead,
  tellsOfRemoval?: TellsOfRemoval<Logs[L]>,
): Promise<LogVerdict> {
  const check = new ChainCheck(head, tellsOfRemoval);
  let started = performance.now();
  try {
    for await (const item of store.readChain(log)) {
      if (isNewer(item, head)) break;
      check.add(item);
      // Entries in memory come without a pause, and a bot that checks its trail has to answer meanwhile.
      if (performance.now() - started < sliceMs) continue;
      await setImmediate();
      started = performance.now();
    }
  } catch (error) {
    if (!isMailroomError(error, 'store.damaged')) throw error;
    check.damaged();
  }
  return check.end();
}
