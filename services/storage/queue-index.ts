import type { Slot } from './sorted-slots.ts';
import type { Stored } from './store.ts';

/** More new entries than this are sorted in together; fewer are put in one by one. */
const rebuildAbove = 256;

interface Entry {
  readonly at: number;
  readonly slot: Slot;
  /** It left its line. */
  isGone: boolean;
}

/** Slots in the order of a number and then of their keys. What leaves is only marked: it leaves from the front, as a rule. */
class Line {
  readonly values: readonly unknown[];
  readonly #entries = new Map<string, Entry>();
  #added: Entry[] = [];
  #sorted: Entry[] = [];
  /** All before it have gone. */
  #front = 0;

  constructor(values: readonly unknown[]) {
    this.values = values;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  put(slot: Slot, at: number): void {
    const known = this.#entries.get(slot.key);
    if (known?.slot === slot && known.at === at) return;
    this.remove(slot.key);
    const entry = { at, slot, isGone: false };
    this.#entries.set(slot.key, entry);
    this.#added.push(entry);
  }

  remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.isGone = true;
    this.#entries.delete(key);
  }

  first(limit: number): Stored<object>[] {
    this.#settle();
    const found: Stored<object>[] = [];
    for (let index = this.#front; index < this.#sorted.length && found.length < limit; index += 1) {
      const { isGone, slot } = this.#sorted[index]!;
      if (!isGone) found.push(slot.stored);
      else if (index === this.#front) this.#front += 1;
    }
    return found;
  }

  #settle(): void {
    // As many gone as there are: the next looks would pass them all again.
    const isWorn = this.#sorted.length > 2 * this.#entries.size + rebuildAbove;
    if (isWorn || this.#added.length > rebuildAbove) {
      this.#sorted = [...this.#entries.values()].sort(byTurn);
      this.#front = 0;
    } else for (const entry of this.#added) if (!entry.isGone) this.#insert(entry);
    this.#added = [];
  }

  #insert(entry: Entry): void {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (byTurn(this.#sorted[middle]!, entry) < 0) low = middle + 1;
      else high = middle;
    }
    this.#sorted.splice(low, 0, entry);
    this.#front = Math.min(this.#front, low);
  }
}

function byTurn(one: Entry, other: Entry): number {
  if (one.at !== other.at) return one.at - other.at;
  if (one.slot.key === other.slot.key) return 0;
  return one.slot.key < other.slot.key ? -1 : 1;
}

/**
 * The records of a table in lines: those that are equal in the fields `by` stand in one, ordered by the number in `order`.
 * So who comes next in each line is found without looking at the others, however many wait.
 */
export class QueueIndex {
  readonly #by: readonly string[];
  readonly #order: string;
  readonly #lines = new Map<string, Line>();

  constructor({ by, order }: { readonly by: readonly string[]; readonly order: string }) {
    this.#by = by;
    this.#order = order;
  }

  /** Follows a record from its value before to its value now; undefined: it did not or does not exist. */
  move(slot: Slot, before: object | undefined, now: object | undefined): void {
    const from = before && this.#nameOf(before);
    const to = now && this.#nameOf(now);
    if (from !== undefined && from !== to) this.#leave(from, slot.key);
    if (now === undefined || to === undefined) return;
    const line = this.#lines.get(to) ?? new Line(this.#valuesOf(now));
    this.#lines.set(to, line);
    line.put(slot, Number(Reflect.get(now, this.#order)));
  }

  /** The first records of each line whose fields are as in `where`. */
  heads(where: Readonly<Record<string, unknown>>, limit: number): Stored<object>[][] {
    const wanted = this.#by.map((field) => where[field]);
    return [...this.#lines.values()]
      .filter(({ values }) => wanted.every((value, index) => value === undefined || values[index] === value))
      .map((line) => line.first(limit));
  }

  #leave(name: string, key: string): void {
    const line = this.#lines.get(name);
    line?.remove(key);
    if (line?.isEmpty === true) this.#lines.delete(name);
  }

  #valuesOf(record: object): unknown[] {
    return this.#by.map((field): unknown => Reflect.get(record, field));
  }

  #nameOf(record: object): string {
    return JSON.stringify(this.#valuesOf(record));
  }
}
