type Scalar = string | number | boolean | null;

/** `Query` without the type of the record: what a table works with. */
export interface Conditions {
  readonly prefix?: string;
  readonly where?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  readonly atMost?: Readonly<Record<string, number>>;
  readonly contains?: Readonly<Record<string, readonly string[]>>;
}

type Test = (record: Readonly<Record<string, unknown>>) => boolean;

/** Turns the conditions on fields into one function; the prefix of the key is not among them. */
export function compileConditions(conditions: Conditions): (value: object) => boolean {
  const tests = [
    ...fieldsOf(conditions.where).map(([field, wanted]) => equals(field, wanted)),
    ...fieldsOf(conditions.atMost).map(([field, bound]) => atMost(field, bound)),
    ...fieldsOf(conditions.contains).map(([field, words]) => contains(field, words)),
  ];
  return (value) => {
    for (const test of tests) if (!test(value as Record<string, unknown>)) return false;
    return true;
  };
}

/** A field without a condition may be given as undefined by callers that build queries from parts. */
export function fieldsOf<V>(conditions: Readonly<Record<string, V>> | undefined): [string, V][] {
  return Object.entries(conditions ?? {}).filter(([, condition]) => condition !== undefined);
}

function equals(field: string, wanted: Scalar | readonly Scalar[]): Test {
  if (!isList(wanted)) return (record) => record[field] === wanted;
  const list: ReadonlySet<unknown> = new Set(wanted);
  return (record) => list.has(record[field]);
}

function atMost(field: string, bound: number): Test {
  return (record) => {
    const value = record[field];
    return typeof value === 'number' && value <= bound;
  };
}

function contains(field: string, words: readonly string[]): Test {
  const lower = words.map((word) => word.toLowerCase());
  return (record) => {
    const value = record[field];
    if (typeof value !== 'string') return false;
    const text = value.toLowerCase();
    return lower.every((word) => text.includes(word));
  };
}

export function isList(wanted: Scalar | readonly Scalar[]): wanted is readonly Scalar[] {
  return Array.isArray(wanted);
}
