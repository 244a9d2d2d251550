import { compileConditions, type Conditions } from './conditions.ts';
import { FieldIndex, type IndexedFields } from './field-index.ts';
import { QueueIndex } from './queue-index.ts';
import { firstByKey, SortedSlots, type Slot } from './sorted-slots.ts';
import type { QueueFields, Stored } from './store.ts';
import { Tally } from './tally.ts';

/** Indexes are used when they leave at most this share of the table; else the sorted scan, which can stop early, wins. */
const usefulShare = 1 / 8;

/** The records of one collection in memory. Values are frozen and replaced, never changed. */
export class Table {
  readonly #slots = new Map<string, Slot>();
  readonly #sorted = new SortedSlots(this.#slots);
  readonly #indexes: readonly FieldIndex[];
  readonly #queue: QueueIndex | null;
  readonly #tally: Tally | null;
  /** Commit that changed the table last: who saw the table has seen all commits up to this one. */
  changedAt = 0;

  constructor({ where = [], atMost = [], counted = [] }: IndexedFields = {}, queue?: QueueFields) {
    this.#tally = counted.length === 0 ? null : new Tally(counted);
    this.#queue = queue === undefined ? null : new QueueIndex(queue);
    this.#indexes = [
      ...where.map((field) => new FieldIndex(field, 'where')),
      ...atMost.map((field) => new FieldIndex(field, 'atMost')),
    ];
  }

  get(key: string): Stored<object> | undefined {
    return this.#slots.get(key)?.stored;
  }

  put(key: string, version: number, value: object): void {
    const stored = Object.freeze({ key, version, value });
    this.changedAt = Math.max(this.changedAt, version);
    const slot = this.#slots.get(key);
    if (slot === undefined) {
      const added = { key, stored };
      this.#slots.set(key, added);
      this.#sorted.note(key);
      this.#index(added, undefined, value);
    } else {
      const before = slot.stored.value;
      slot.stored = stored;
      this.#index(slot, before, value);
    }
  }

  delete(key: string, version: number): void {
    this.changedAt = Math.max(this.changedAt, version);
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    this.#slots.delete(key);
    this.#sorted.note(key);
    this.#index(slot, slot.stored.value, undefined);
  }

  query(conditions: Conditions, after: string | undefined, limit: number): Stored<object>[] {
    const found: Stored<object>[] = [];
    if (limit <= 0) return found;
    const { prefix = '' } = conditions;
    const matches = compileConditions(conditions);
    const isAfter = (key: string) => after === undefined || key > after;
    const few = this.#candidates(conditions);
    if (few) {
      const matching = few.filter(({ key, stored }) => isAfter(key) && key.startsWith(prefix) && matches(stored.value));
      return firstByKey(matching, limit).map(({ stored }) => stored);
    }
    const slots = this.#sorted.all();
    const first = this.#sorted.firstFrom(after === undefined || after < prefix ? prefix : after);
    for (let at = first; at < slots.length; at++) {
      const { key, stored } = slots[at]!;
      if (!key.startsWith(prefix)) break;
      if (isAfter(key) && matches(stored.value) && found.push(stored) >= limit) break;
    }
    return found;
  }

  count(conditions: Conditions): number {
    const few = this.#candidateGroups(conditions);
    const tally = this.#tally?.answers(conditions) === true ? this.#tally : null;
    if (tally !== null && tally.size <= (few?.size ?? this.#slots.size)) return tally.count(conditions);
    const { prefix = '' } = conditions;
    const matches = compileConditions(conditions);
    let total = 0;
    for (const group of few?.groups ?? [this.#slots.values()])
      for (const { key, stored } of group) if (key.startsWith(prefix) && matches(stored.value)) total++;
    return total;
  }

  /** The first records of each line of a queue; none where the records do not wait in lines. */
  heads(where: Readonly<Record<string, unknown>>, limit: number): Stored<object>[][] {
    return this.#queue?.heads(where, limit) ?? [];
  }

  /** All records by key: the shallow copy that a snapshot is written from while commits go on. */
  copy(): Stored<object>[] {
    return this.#sorted.all().map((slot) => slot.stored);
  }

  /** The slots that the best index leaves, if they are few enough to be worth it. */
  #candidates(conditions: Conditions): Slot[] | undefined {
    return this.#candidateGroups(conditions)?.groups.flatMap((group) => [...group]);
  }

  #candidateGroups(
    conditions: Conditions,
  ): { readonly groups: readonly ReadonlySet<Slot>[]; readonly size: number } | undefined {
    let best: readonly ReadonlySet<Slot>[] | undefined;
    let size = this.#slots.size * usefulShare;
    for (const index of this.#indexes) {
      const groups = index.groupsFor(conditions);
      if (groups === undefined) continue;
      const total = groups.reduce((sum, group) => sum + group.size, 0);
      if (total > size) continue;
      best = groups;
      size = total;
    }
    return best && { groups: best, size };
  }

  #index(slot: Slot, before: object | undefined, now: object | undefined): void {
    for (const index of this.#indexes) index.move(slot, before, now);
    this.#queue?.move(slot, before, now);
    this.#tally?.move(slot.key, before, now);
  }
}
