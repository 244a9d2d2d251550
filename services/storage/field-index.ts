import { fieldsOf, isList, type Conditions } from './conditions.ts';
import type { Slot } from './sorted-slots.ts';

/**
 * Fields that hot queries of a collection ask for: equality, and numbers (epoch ms) up to a bound. `counted`: those that its
 * records are counted by (`tally.ts`), alone or together.
 */
export interface IndexedFields<F extends string = string> {
  readonly where?: readonly F[];
  readonly atMost?: readonly F[];
  readonly counted?: readonly F[];
}

type Group = ReadonlySet<Slot>;

/**
 * Groups the slots of a table by one field, so that a query need not look at all of them. What it gives holds every
 * match and may hold more: the conditions are checked on each record all the same.
 */
export class FieldIndex {
  readonly #field: string;
  readonly #kind: 'where' | 'atMost';
  readonly #groups = new Map<unknown, Set<Slot>>();

  constructor(field: string, kind: 'where' | 'atMost') {
    this.#field = field;
    this.#kind = kind;
  }

  /** Follows a record from its value before to its value now; undefined: it did not or does not exist. */
  move(slot: Slot, before: object | undefined, now: object | undefined): void {
    const from = before && this.#groupOf(before);
    const to = now && this.#groupOf(now);
    if (before && now && from === to) return;
    if (before) {
      const group = this.#groups.get(from);
      group?.delete(slot);
      if (group?.size === 0) this.#groups.delete(from);
    }
    if (now) {
      const group = this.#groups.get(to);
      if (group) group.add(slot);
      else this.#groups.set(to, new Set([slot]));
    }
  }

  /** The groups that hold all matches, or undefined when the query has no condition on this field. */
  groupsFor(conditions: Conditions): Group[] | undefined {
    for (const [field, wanted] of fieldsOf(this.#kind === 'where' ? conditions.where : undefined))
      if (field === this.#field)
        return [...new Set(isList(wanted) ? wanted : [wanted])].flatMap((value) => this.#groups.get(value) ?? []);
    for (const [field, bound] of fieldsOf(this.#kind === 'atMost' ? conditions.atMost : undefined))
      if (field === this.#field) return [...this.#upTo(secondOf(bound))];
    return undefined;
  }

  *#upTo(second: number): Generator<Group> {
    for (const [name, group] of this.#groups) if (typeof name === 'number' && name <= second) yield group;
  }

  #groupOf(value: object): unknown {
    const field: unknown = Reflect.get(value, this.#field);
    return this.#kind === 'atMost' && typeof field === 'number' ? secondOf(field) : field;
  }
}

/** Times are grouped by the second: few groups to look through, few records in the one that the bound cuts. */
function secondOf(ms: number): number {
  return Math.floor(ms / 1000);
}
