import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { admin, allCards, normal } from '../cards/card-fixtures.ts';
import { nodesOf } from '../cards/card-client.ts';

const folder = new URL('../../cards/templates/', import.meta.url);

it('the templates of cards have no words of their own', () => {
  const words = readdirSync(folder).flatMap((name) => {
    const template = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as unknown;
    return nodesOf(template).flatMap((node) =>
      ['text', 'title', 'label', 'placeholder', 'errorMessage', 'altText', 'tooltip', 'speak', 'fallbackText'].flatMap(
        (field) => {
          const value = node[field];
          // What is left when the bindings are taken out: signs at most.
          return typeof value === 'string' && /\p{L}/u.test(value.replaceAll(/\$\{[^}]*\}/g, ''))
            ? [`${name}: ${value}`]
            : [];
        },
      ),
    );
  });
  expect(words).toEqual([]);
});

it('dates that the client fills in stand only where it does so: in blocks of text and in facts', () => {
  const misplaced = allCards(normal, admin).flatMap(([name, { card, summary }]) => {
    const elsewhere = JSON.stringify(card, function keep(this: Record<string, unknown>, key, value: unknown) {
      const isText =
        (key === 'text' && this['type'] === 'TextBlock') || (key === 'facts' && this['type'] === 'FactSet');
      return isText ? '' : value;
    });
    return /\{\{(DATE|TIME)/.test(elsewhere + summary) ? [name] : [];
  });
  expect(misplaced).toEqual([]);
});

it('no text shows a time as a machine writes it', () => {
  const raw = allCards(normal, admin).flatMap(([name, { card, summary }]) =>
    /\d{4}-\d\d-\d\dT\d\d:\d\d/.test(
      (JSON.stringify(card) + summary)
        .replaceAll(/\{\{(DATE|TIME)\([^)]*\)\}\}/g, '')
        .replaceAll(/"value":"[^"]*"/g, ''),
    )
      ? [name]
      : [],
  );
  expect(raw).toEqual([]);
});
