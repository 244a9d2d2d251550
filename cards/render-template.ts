import type { IAdaptiveCard } from '@microsoft/teams.cards';
import { Template } from 'adaptivecards-templating';
import { languageOf } from '../locales/translate.ts';
import type { CardContext, CardView } from './card-context.ts';
import { escapeMarkdown } from './escape-markdown.ts';

/** Templates are parsed once: expanding a kept one is ten times cheaper. */
const templates = new Map<object, Template>();

/** Stands for `${` inside data while a template is expanded; a private-use character, so no text has it. */
const dataMark = '\uE000';

/**
 * Fills a card's template with data. All data is plain text; it is escaped for markdown here, in one place, so that no
 * view can forget it. `summary` becomes the notification text, `speak` and `fallbackText` too.
 * @throws Error when the template names something that the data lacks: the reader would see `${…}`.
 */
export function renderTemplate(
  template: object,
  data: Readonly<Record<string, unknown>>,
  summary: string,
  context: CardContext,
): CardView {
  const head = { lang: languageOf(context.locale), summary, speak: summary.replaceAll(/[<>&]/g, ' ') };
  const root = JSON.parse(hideBindings(JSON.stringify({ ...data, ...head }))) as object;
  const expanded = JSON.stringify(templateOf(template).expand({ $root: root }));
  const leftOver = /\$\{[^}]*\}?/.exec(expanded);
  if (leftOver !== null) throw new Error(`the card has an empty binding ${leftOver[0]}`);
  const card = escapeTexts(JSON.parse(expanded.replaceAll(dataMark, '${'))) as IAdaptiveCard;
  return { card, summary };
}

function hideBindings(json: string): string {
  return json.replaceAll(dataMark, '').replaceAll('${', dataMark);
}

function templateOf(source: object): Template {
  const kept = templates.get(source);
  if (kept !== undefined) return kept;
  const template = new Template(source);
  templates.set(source, template);
  return template;
}

/** Escapes where clients read markdown: text of blocks, facts, and the titles beside check boxes. */
function escapeTexts(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(escapeTexts);
  if (typeof node !== 'object' || node === null) return node;
  const element: Readonly<Record<string, unknown>> = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, escapeTexts(value)]),
  );
  switch (element['type']) {
    case 'TextBlock':
      return escapeKeys(element, ['text']);
    case 'Input.Toggle':
      return escapeKeys(element, ['title']);
    case 'FactSet':
      return { ...element, facts: escapeEach(element['facts'], ['title', 'value']) };
    case 'Input.ChoiceSet':
      // A drop-down list shows its choices as they are.
      return element['style'] === 'expanded'
        ? { ...element, choices: escapeEach(element['choices'], ['title']) }
        : element;
    default:
      return element;
  }
}

function escapeEach(list: unknown, keys: readonly string[]): unknown {
  return Array.isArray(list) ? list.map((entry: object) => escapeKeys({ ...entry }, keys)) : list;
}

function escapeKeys(element: Readonly<Record<string, unknown>>, keys: readonly string[]): object {
  return Object.fromEntries(
    Object.entries(element).map(([key, value]) => [
      key,
      typeof value === 'string' && keys.includes(key) ? escapeMarkdown(value) : value,
    ]),
  );
}
