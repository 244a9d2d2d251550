import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { isVerb } from '../../cards/verbs.ts';
import { translate } from '../../locales/translate.ts';
import { admin, allCards, everybody, hostile, longNames, normal, viewer } from './card-fixtures.ts';
import { clientProblems, markdownTexts, newerElements, nodesOf, ofType, textOf, type CardNode } from './card-client.ts';

const tempers = { normal, 'long, right-to-left and emoji': longNames, hostile };
const readers = { everybody, admin, viewer };
const all = Object.entries(tempers).flatMap(([temper, words]) =>
  Object.entries(readers).flatMap(([reader, context]) =>
    allCards(words, context).map(([name, view]) => ({ label: `${name} (${temper}, ${reader})`, name, ...view })),
  ),
);

const markdown = new MarkdownIt();
const harmless = new Set(['paragraph_open', 'paragraph_close', 'inline', 'text', 'text_special', 'softbreak']);

function liveMarkdown(text: string): string[] {
  return markdown
    .parse(text, {})
    .flatMap((token) => [token, ...(token.children ?? [])])
    .map((token) => token.type)
    .filter((type) => !harmless.has(type));
}

/** A column of that many pixels holds one sign; anything wider would take room from a phone. */
const signWidth = 20;

/** The text to the right of an icon, in the column next to it. */
function wordBesideIcon({ type, columns }: CardNode): CardNode[] {
  if (type !== 'ColumnSet') return [];
  const items = (columns as CardNode[]).map((column) => (column['items'] as CardNode[])[0] ?? {});
  return items.filter((_, index) => items[index - 1]?.['type'] === 'Icon');
}

const textAndColor = ({ text, color }: CardNode): string => JSON.stringify([text, color]);

const problemsOf = (check: (one: (typeof all)[number]) => readonly unknown[]): string[] =>
  all.flatMap((one) => check(one).map((problem) => `${one.label}: ${JSON.stringify(problem)}`));

const inputs = (card: unknown): CardNode[] => nodesOf(card).filter(({ type }) => String(type).startsWith('Input.'));

describe('every card, with names of every temper and for every reader', () => {
  it('is one that a client reads without an objection', () => {
    expect(problemsOf(({ card }) => clientProblems(card))).toEqual([]);
  });

  it('marks no more than one button as the likely one', () => {
    const two = problemsOf(({ card }) => {
      const likely = (card.actions ?? []).filter(({ style }) => style === 'positive').map(({ title }) => title);
      return likely.length > 1 ? [likely] : [];
    });
    expect(two).toEqual([]);
  });

  it('fits 20 KB', () => {
    const tooLarge = problemsOf(({ card }) => {
      const bytes = Buffer.byteLength(JSON.stringify(card));
      return bytes > 20_480 ? [bytes] : [];
    });
    expect(tooLarge).toEqual([]);
  });

  it('has no binding left over', () => {
    // Plain places, where a person's own characters stand as they are: inputs, drop-down lists, titles of buttons, what is read aloud.
    const plain = new Set(['speak', 'fallbackText', 'summary']);
    const left = problemsOf(({ card }) => {
      const json = JSON.stringify(card, function keep(this: CardNode, key, value: unknown) {
        const type = String(this['type']);
        const isPlain =
          plain.has(key) ||
          ((key === 'value' || key === 'label') && type.startsWith('Input.')) ||
          // And of the lines of a chart.
          (key === 'title' && (type.startsWith('Action.') || Array.isArray(this['data'])));
        if (key === 'choices')
          return this['style'] === 'expanded' ? (value as CardNode[]).map(({ title }) => title) : '';
        return isPlain ? '' : value;
      });
      return json.includes('${') ? [json.slice(json.indexOf('${'), json.indexOf('${') + 40)] : [];
    });
    expect(left).toEqual([]);
  });

  it('keeps the markdown of people dead', () => {
    expect(problemsOf(({ card }) => markdownTexts(card).flatMap(liveMarkdown))).toEqual([]);
  });

  it('fills in no date that a person typed, and shows nothing that cannot be seen', () => {
    const seen = problemsOf(({ card }) =>
      [...markdownTexts(card), ...ofType(card, 'Action.Execute').map(({ title }) => String(title))].filter((text) =>
        /\{\{(DATE|TIME)\(1999|[\u200b\u202a-\u202e\u2060]/.test(text),
      ),
    );
    expect(seen).toEqual([]);
  });

  it('shows what people typed as they typed it', () => {
    const shown = all.filter(({ name, label }) => name === 'draft review' && label.includes('hostile'));
    for (const { card } of shown)
      expect(markdown.render(textOf(card))).toContain('[click](https://evil.example) ${x} &lt;at&gt;Admin&lt;/at&gt;');
  });

  it('carries a verb, an id and a revision in each button, and a fallback that sends the same', () => {
    const wrong = problemsOf(({ card }) =>
      ofType(card, 'Action.Execute').filter(({ verb, data, fallback, title }) => {
        const { type: fallbackType, data: fallbackData, title: fallbackTitle } = fallback as CardNode;
        const carried = data as CardNode;
        return !(
          isVerb(String(verb)) &&
          carried['verb'] === verb &&
          Object.keys(carried).toSorted().join() === 'id,revision,verb' &&
          typeof carried['id'] === 'string' &&
          Number.isInteger(carried['revision']) &&
          fallbackType === 'Action.Submit' &&
          fallbackTitle === title &&
          JSON.stringify(fallbackData) === JSON.stringify(data)
        );
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('sends a verb, an id and a revision also with what opens a dialog, and with what a dialog sends off', () => {
    const wrong = problemsOf(({ card, name }) =>
      ofType(card, 'Action.Submit').filter(({ data }) => {
        const { msteams, ...carried } = data as CardNode;
        // Of a dialog itself only the one button; on a card, what Teams needs to open one.
        const opens = JSON.stringify(msteams) === '{"type":"task/fetch"}';
        return !(
          isVerb(String(carried['verb'])) &&
          Object.keys(carried).toSorted().join() === 'id,revision,verb' &&
          Number.isInteger(carried['revision']) &&
          opens === !name.startsWith('dialog') &&
          (opens || msteams === undefined)
        );
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('has only buttons that run, link, open a form or a dialog, or show what is hidden', () => {
    const known = new Set([
      'Action.Execute',
      'Action.OpenUrl',
      'Action.ShowCard',
      'Action.Submit',
      'Action.ToggleVisibility',
    ]);
    const others = problemsOf(({ card }) =>
      nodesOf(card).filter(({ type }) => String(type).startsWith('Action.') && !known.has(String(type))),
    );
    expect(others).toEqual([]);
  });

  it('has at most four buttons at its foot', () => {
    expect(problemsOf(({ card }) => ((card.actions ?? []).length > 4 ? [card.actions] : []))).toEqual([]);
  });

  it('labels each input, and says what is wrong where one is required', () => {
    const wrong = problemsOf(({ card }) =>
      inputs(card).filter(({ label, isRequired, errorMessage }) => {
        const lacksMessage = isRequired === true && (typeof errorMessage !== 'string' || errorMessage === '');
        return typeof label !== 'string' || label === '' || lacksMessage;
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('fits every width and every reader: no wide size in pixels, all text wraps, no picture without words', () => {
    const wrong = problemsOf(({ card }) =>
      nodesOf(card, true).filter(
        ({ type, width, minHeight, wrap, altText, text }) =>
          [width, minHeight].some(
            (size) => String(size).endsWith('px') && Number.parseInt(String(size), 10) > signWidth,
          ) ||
          (type === 'TextBlock' && wrap !== true && String(text).length > 1) ||
          (type === 'Image' && (typeof altText !== 'string' || altText === '')),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('gives each input an id of its own', () => {
    const doubles = problemsOf(({ card }) => {
      const ids = inputs(card).map(({ id }) => id);
      return new Set(ids).size === ids.length ? [] : ids;
    });
    expect(doubles).toEqual([]);
  });

  it('names a next step', () => {
    expect(
      problemsOf(({ card }) =>
        textOf(card).includes(translate(card.lang ?? 'en', 'card.next-step')) ? [] : ['no next step'],
      ),
    ).toEqual([]);
  });

  it('marks a state with a sign and a word, not with colour alone', () => {
    const bare = problemsOf(({ card }) => {
      const signed = new Set(nodesOf(card).flatMap(wordBesideIcon).map(textAndColor));
      return ofType(card, 'TextBlock').filter(
        (node) =>
          ['Good', 'Attention', 'Warning'].includes(String(node['color'])) &&
          !signed.has(textAndColor(node)) &&
          !/[✓✗⚠?–…█░]/u.test(String(node['text'])),
      );
    });
    expect(bare).toEqual([]);
  });

  it('begins with a heading and the state by icon, word and colour', () => {
    const wrong = problemsOf(({ card }) => {
      const blocks = ofType(card, 'TextBlock');
      const [state, ...otherStates] = nodesOf(card).flatMap(wordBesideIcon);
      const isRight =
        blocks[0]?.['style'] === 'heading' &&
        blocks.filter(({ style }) => style === 'heading').length === 1 &&
        state?.['text'] === blocks[1]?.['text'] &&
        state?.['color'] === ofType(card, 'Icon')[0]?.['color'] &&
        otherStates.length === 0;
      return isRight ? [] : [blocks.slice(0, 2)];
    });
    expect(wrong).toEqual([]);
  });

  it('has a fallback of plain elements for each element that schema 1.5 does not know', () => {
    const wrong = problemsOf(({ card }) =>
      nodesOf(card).filter(({ type, fallback }) => {
        if (!newerElements.has(String(type))) return false;
        const inside = nodesOf(fallback);
        return inside.length === 0 || inside.some(({ type: plain }) => newerElements.has(String(plain)));
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('is wide, speaks, and has a plain sentence for clients and notifications', () => {
    const wrong = problemsOf(({ card, summary }) => {
      const { msteams, speak, fallbackText, version } = card as unknown as CardNode;
      const isRight =
        JSON.stringify(msteams) === '{"width":"Full"}' &&
        version === '1.5' &&
        summary.length > 5 &&
        summary.length < 500 &&
        !summary.includes('{{DATE(2') &&
        fallbackText === summary &&
        typeof speak === 'string';
      return isRight ? [] : [summary];
    });
    expect(wrong).toEqual([]);
  });

  it('never holds a password or the address of the form outside the 1:1 chat', () => {
    const links = all.filter(({ card }) => JSON.stringify(card).includes('/secrets/')).map(({ name }) => name);
    expect(new Set(links)).toEqual(
      new Set([
        'draft credential',
        'draft credential for two servers',
        'draft refused',
        'draft credential, server sought',
        'draft refused by Autodiscover',
        'draft certificate',
        'draft client secret',
      ]),
    );
  });
});
