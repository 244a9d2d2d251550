import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hostileText } from './card-fixtures.ts';
import { nodesOf, textOf, type CardNode } from './card-client.ts';
import { conditions, facesOf, fixtureOf } from './template-fixtures.ts';

const folder = new URL('../../cards/templates/', import.meta.url);
const templates = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));

/** What of a template stays as it is, whatever fills it: the elements of its body that are no binding, by type and id. */
function skeleton(name: string): string[] {
  const { body } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as { body: (CardNode | string)[] };
  return body.flatMap((node) =>
    typeof node === 'string' || '$data' in node || '$when' in node ? [] : [`${String(node['type'])} ${textId(node)}`],
  );
}

const textId = ({ id }: CardNode): string => (typeof id === 'string' ? id : '');

describe.each(templates)('the template %s', (template) => {
  it.each(conditions)('has a fixture: %s', (condition) => {
    const view = fixtureOf(template, condition);
    expect(view, `no ${condition} card for cards/templates/${template}.json in template-fixtures.ts`).toBeDefined();
    const body = nodesOf(view?.card.body).map((node) => `${String(node['type'])} ${textId(node)}`);
    expect(skeleton(template).filter((element) => !body.includes(element))).toEqual([]);
  });

  it('has four different ones', () => {
    const texts = conditions.map((condition) => JSON.stringify(fixtureOf(template, condition)?.card));
    expect(new Set(texts).size).toBe(conditions.length);
  });
});

it('knows no template that is gone', () => {
  expect(Object.keys(facesOf).filter((name) => !templates.includes(name))).toEqual([]);
});

it('attacks with every trick that a card could fall for', () => {
  for (const trick of [
    /\*\*/,
    /\]\(https?:/,
    /\]\(javascript:/,
    /<at>/,
    /\$\{/,
    /\{\{DATE/,
    /\u202e/,
    /\u200b/,
    /\S{300}/,
    /&lt;/,
  ])
    expect(hostileText).toMatch(trick);
  expect(textOf(fixtureOf('mailboxes', 'hostile')?.card)).not.toContain('\u202e');
});
