import { compileConditions, fieldsOf, type Conditions } from './conditions.ts';

type Values = Readonly<Record<string, unknown>>;

/** Records of one environment that are equal in the fields of the tally. */
interface Group {
  readonly environment: string;
  readonly values: Values;
  count: number;
}

/**
 * Counts the records of a table by a few fields and by the environment that their keys begin with, so that how many of
 * thousands there are is a sum of few numbers. Fields that have few values together are worth it.
 */
export class Tally {
  readonly #fields: readonly string[];
  readonly #groups = new Map<string, Group>();

  constructor(fields: readonly string[]) {
    this.#fields = fields;
  }

  /** What a count looks at. */
  get size(): number {
    return this.#groups.size;
  }

  /** Follows a record from its value before to its value now; undefined: it did not or does not exist. */
  move(key: string, before: object | undefined, now: object | undefined): void {
    if (before && now && this.#fields.every((field) => Reflect.get(before, field) === Reflect.get(now, field))) return;
    if (before) this.#add(key, before, -1);
    if (now) this.#add(key, now, 1);
  }

  /** True when the conditions are about nothing but the environment and fields of this tally. */
  answers({ prefix = '', where, atMost, contains }: Conditions): boolean {
    return (
      (prefix === '' || prefix.indexOf('/') === prefix.length - 1) &&
      fieldsOf(atMost).length === 0 &&
      fieldsOf(contains).length === 0 &&
      fieldsOf(where).every(([field]) => this.#fields.includes(field))
    );
  }

  count(conditions: Conditions): number {
    const { prefix = '' } = conditions;
    const matches = compileConditions(conditions);
    let total = 0;
    for (const { environment, values, count } of this.#groups.values())
      if ((prefix === '' || environment === prefix) && matches(values)) total += count;
    return total;
  }

  #add(key: string, record: object, difference: 1 | -1): void {
    const environment = key.slice(0, key.indexOf('/') + 1);
    const values = this.#fields.map((field): unknown => Reflect.get(record, field));
    // Of what JSON has no word for, and of what reads alike, the type tells them apart.
    const name = `${environment}${values.map((value) => `\n${typeof value} ${String(value)}`).join('')}`;
    const group = this.#groups.get(name);
    if (group === undefined) {
      const named = Object.fromEntries(this.#fields.map((field, index) => [field, values[index]]));
      this.#groups.set(name, { environment, values: named, count: difference });
    } else {
      group.count += difference;
      if (group.count === 0) this.#groups.delete(name);
    }
  }
}
