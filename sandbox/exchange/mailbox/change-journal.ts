/** What happened to something in a folder since a client last looked. */
export interface Change {
  /** ReadFlag where nothing else changed. */
  readonly kind: 'Create' | 'Update' | 'ReadFlag' | 'Delete';
  readonly number: number;
}

/** How far a client has come. It had everything up to `base`, and on its way to now it has had the changes up to `cursor`. */
export interface SyncPosition {
  readonly base: number;
  readonly cursor: number;
}

export interface ChangeBatch {
  readonly changes: readonly Change[];
  readonly position: SyncPosition;
  readonly isLast: boolean;
}

interface Entry {
  readonly number: number;
  readonly created: number;
  readonly changed: number;
  /** The last change of more than the read flag. */
  readonly rewritten: number;
  readonly isDeleted: boolean;
}

/** The history of a folder, one line for each thing that is or was in it. */
export class ChangeJournal {
  readonly #entries = new Map<number, Entry>();
  #last = 0;

  /** How many changes there have been. */
  get length(): number {
    return this.#last;
  }

  /** The position of a client that has seen everything. */
  get end(): SyncPosition {
    return { base: this.#last, cursor: this.#last };
  }

  created(number: number): void {
    this.#last += 1;
    this.#entries.set(number, {
      number,
      created: this.#last,
      changed: this.#last,
      rewritten: this.#last,
      isDeleted: false,
    });
  }

  changed(number: number): void {
    this.#set(number, false, true);
  }

  /** Something was marked as read or unread, and nothing else. */
  flagged(number: number): void {
    this.#set(number, false, false);
  }

  deleted(number: number): void {
    this.#set(number, true, true);
  }

  /** The next changes, oldest first, at most so many. What came and went in between is left out. */
  since({ base, cursor }: SyncPosition, max: number): ChangeBatch {
    const due = [...this.#entries.values()]
      .filter((entry) => entry.changed > cursor && !(entry.isDeleted && entry.created > base))
      .sort((left, right) => left.changed - right.changed);
    const batch = due.slice(0, max);
    const isLast = batch.length === due.length;
    return {
      changes: batch.map((entry) => ({ kind: kindOf(entry, base), number: entry.number })),
      position: isLast ? { base: this.#last, cursor: this.#last } : { base, cursor: batch.at(-1)?.changed ?? cursor },
      isLast,
    };
  }

  #set(number: number, isDeleted: boolean, isRewritten: boolean): void {
    const entry = this.#entries.get(number);
    if (!entry) return;
    this.#last += 1;
    const rewritten = isRewritten ? this.#last : entry.rewritten;
    this.#entries.set(number, { ...entry, changed: this.#last, rewritten, isDeleted });
  }
}

/** What happened to something since the client had everything. */
function kindOf({ created, rewritten, isDeleted }: Entry, base: number): Change['kind'] {
  if (isDeleted) return 'Delete';
  if (created > base) return 'Create';
  return rewritten > base ? 'Update' : 'ReadFlag';
}
