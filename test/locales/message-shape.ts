import { IntlMessageFormat } from 'intl-messageformat';

type Ast = ReturnType<IntlMessageFormat['getAst']>;

/** The kinds of `@formatjs/icu-messageformat-parser`, in its order. */
const kinds = ['literal', 'text', 'number', 'date', 'time', 'select', 'plural', 'pound', 'tag'];

/**
 * The values that a sentence takes, by name: how each is written, and the cases of a choice. Languages may say it in another
 * order, more than once, or with other plurals, so a number that decides about a plural is one that stands there.
 */
export function messageShape(text: string, language: string): Record<string, string[]> {
  const slots = new Map<string, Set<string>>();
  collect(new IntlMessageFormat(text, language, undefined, { ignoreTag: true }).getAst(), slots);
  return Object.fromEntries(
    [...slots.keys()].toSorted().map((name) => [name, [...(slots.get(name) ?? [])].toSorted()]),
  );
}

function collect(ast: Ast, slots: Map<string, Set<string>>): void {
  for (const element of ast) {
    const kind = kinds[element.type] ?? 'unknown';
    if (kind === 'literal' || kind === 'pound' || !('value' in element)) continue;
    const options = 'options' in element ? element.options : {};
    const slot = slots.get(element.value) ?? new Set();
    slots.set(element.value, slot);
    if (kind === 'select') for (const name of Object.keys(options)) slot.add(`case ${name}`);
    else slot.add(kind === 'plural' ? 'number' : kind);
    for (const { value } of Object.values(options)) collect(value, slots);
  }
}
