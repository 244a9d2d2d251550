/** What happened to something in a folder since a client last looked. */
export interface Change {
  readonly kind: 'Create' | 'Update' | 'Delete';
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
  readonly isDeleted: boolean;
}

/** The history of a folder, one line for each thing that is or was in it. */
export class ChangeJournal {
  readonly #entries = new Map<number, Entry>();
  #last = 0;

  created(number: number): void {
    this.#last += 1;
    this.#entries.set(number, {
      number,
      created: this.#last,
      changed: this.#last,
      isDeleted: false,
    });
  }

  changed(number: number): void {
    this.#set(number, false);
  }

  deleted(number: number): void {
    this.#set(number, true);
  }

  /** The next changes, oldest first, at most so many. What came and went in between is left out. */
  since({ base, cursor }: SyncPosition, max: number): ChangeBatch {
    const due = [...this.#entries.values()]
      .filter((entry) => entry.changed > cursor && !(entry.isDeleted && entry.created > base))
      .sort((left, right) => left.changed - right.changed);
    const batch = due.slice(0, max);
    const isLast = batch.length === due.length;
    return {
      changes: batch.map(({ number, created, isDeleted }) => ({
        kind: isDeleted ? 'Delete' : created > base ? 'Create' : 'Update',
        number,
      })),
      position: isLast ? { base: this.#last, cursor: this.#last } : { base, cursor: batch.at(-1)?.changed ?? cursor },
      isLast,
    };
  }

  #set(number: number, isDeleted: boolean): void {
    const entry = this.#entries.get(number);
    if (!entry) return;
    this.#last += 1;
    this.#entries.set(number, { ...entry, changed: this.#last, isDeleted });
  }
}
