import type { Stored } from './store.ts';

/** The place of one record in its table: stays while the record is replaced, so that orders and indexes need not follow. */
export interface Slot {
  readonly key: string;
  stored: Stored<object>;
}

/** More changed keys than this are sorted in together; fewer are put in one by one. */
const rebuildAbove = 256;

/**
 * The slots of a table in the order of their keys (UTF-16 units, as `<` compares). Inserted and deleted keys are only
 * noted; the next reader settles them. So neither a bulk load nor a queue that takes and adds all day sorts everything.
 */
export class SortedSlots {
  readonly #slots: ReadonlyMap<string, Slot>;
  readonly #changed = new Set<string>();
  #sorted: Slot[] = [];

  constructor(slots: ReadonlyMap<string, Slot>) {
    this.#slots = slots;
  }

  /** Says that this key was inserted into the map or deleted from it. */
  note(key: string): void {
    this.#changed.add(key);
  }

  all(): readonly Slot[] {
    if (this.#changed.size > rebuildAbove) this.#sorted = [...this.#slots.values()].sort(byKey);
    else for (const key of this.#changed) this.#settle(key);
    this.#changed.clear();
    return this.#sorted;
  }

  /** Index of the first slot of `all()` whose key is at least `key`. */
  firstFrom(key: string): number {
    return placeOf(this.#sorted, key);
  }

  #settle(key: string): void {
    const at = this.firstFrom(key);
    const present = this.#sorted[at]?.key === key;
    const slot = this.#slots.get(key);
    // A key that was deleted and inserted again has a new slot.
    if (slot === undefined) this.#sorted.splice(at, present ? 1 : 0);
    else this.#sorted.splice(at, present ? 1 : 0, slot);
  }
}

/** A page of many is picked out; sorting them all for it would cost many times as much. */
const pickedShare = 1 / 8;

/** The first `limit` of these by their keys, in order. */
export function firstByKey(slots: readonly Slot[], limit: number): Slot[] {
  if (limit > slots.length * pickedShare) return slots.toSorted(byKey).slice(0, limit);
  const first: Slot[] = [];
  for (const slot of slots) {
    if (first.length === limit && slot.key >= first[limit - 1]!.key) continue;
    if (first.length === limit) first.pop();
    first.splice(placeOf(first, slot.key), 0, slot);
  }
  return first;
}

/** Index of the first of these slots whose key is at least `key`. */
function placeOf(sorted: readonly Slot[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]!.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function byKey(a: Slot, b: Slot): number {
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}
