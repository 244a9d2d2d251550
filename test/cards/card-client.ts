import { createRequire } from 'node:module';
import type { IAdaptiveCard } from '@microsoft/teams.cards';

/** What this needs of the `adaptivecards` package, whose own types do not pass our compiler settings. */
interface Problem {
  readonly message?: string;
}

interface ParsedCard {
  parse(json: object, context: object): void;
  validateProperties(): { validationEvents: readonly Problem[] };
}

interface Renderer {
  AdaptiveCard: new () => ParsedCard;
  SerializationContext: new () => { eventCount: number; getEventAt(index: number): Problem };
}

// Its ES module entry cannot be loaded by Node.
const renderer = createRequire(import.meta.url)('adaptivecards/dist/adaptivecards.js') as Renderer;

/** What a client objects to when it reads the card: unknown elements, wrong values, missing properties. */
export function clientProblems(card: IAdaptiveCard): string[] {
  const parsed = new renderer.AdaptiveCard();
  const context = new renderer.SerializationContext();
  parsed.parse(card, context);
  const read = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index));
  const problems = [...read, ...parsed.validateProperties().validationEvents];
  return problems
    .map(({ message }) => message ?? 'unknown problem')
    .filter((message) => !isFalseAlarm(message, card) && !isNewer(message));
}

/** Elements that Teams draws and schema 1.5 does not know: each needs a fallback, which this client takes. */
export const newerElements: ReadonlySet<string> = new Set(['Icon', 'Chart.Donut', 'Chart.HorizontalBar.Stacked']);

function isNewer(message: string): boolean {
  const [, type = ''] = /^Unknown element type "([\w.]+)"\. Fallback will be used if present\.$/.exec(message) ?? [];
  return newerElements.has(type);
}

/** The package tests `lang` with a regular expression that remembers its position: every second good card fails. */
function isFalseAlarm(message: string, { lang = '' }: IAdaptiveCard): boolean {
  return message === `Invalid value "${lang}" for property "lang".` && /^[a-z]{2,3}$/.test(lang);
}

export type CardNode = Readonly<Record<string, unknown>>;

/** Every object of a card that has a type, in reading order, with those inside actions; fallbacks only on request. */
export function nodesOf(value: unknown, withFallback = false): CardNode[] {
  if (Array.isArray(value)) return value.flatMap((one: unknown) => nodesOf(one, withFallback));
  if (typeof value !== 'object' || value === null) return [];
  const node: CardNode = { ...value };
  const children = Object.entries(node)
    // What Teams asks for by itself is no part that anybody sees.
    .filter(([key]) => key !== 'refresh' && (withFallback || key !== 'fallback'))
    .flatMap(([, child]) => nodesOf(child, withFallback));
  return 'type' in node ? [node, ...children] : children;
}

export const ofType = (card: unknown, type: string): CardNode[] =>
  nodesOf(card).filter((node) => node['type'] === type);

/** The texts that a client reads as markdown. */
export function markdownTexts(card: unknown): string[] {
  return nodesOf(card).flatMap(markdownOf).map(String);
}

/** Those of one element, without what is inside it. */
function markdownOf(node: CardNode): unknown[] {
  if (node['type'] === 'TextBlock') return [node['text']];
  if (node['type'] === 'Input.Toggle') return [node['title']];
  if (node['type'] === 'FactSet') return (node['facts'] as CardNode[]).flatMap(({ title, value }) => [title, value]);
  if (node['type'] === 'Input.ChoiceSet' && node['style'] === 'expanded')
    return (node['choices'] as CardNode[]).map(({ title }) => title);
  return [];
}

/** Verbs of a card's buttons, in reading order: those that run, open a dialog, or send one off. */
export const verbsOf = (card: unknown): unknown[] =>
  nodesOf(card)
    .filter(({ type }) => type === 'Action.Execute' || type === 'Action.Submit')
    .map(({ verb, data }) => verb ?? (data as CardNode)['verb']);

/** After the sign of an icon, which stands in one line with its word. */
const iconMark = '\uE001';

/** All text of a card in one string, for "it says"; an icon reads as the sign that stands for it. */
export function textOf(card: unknown): string {
  return nodesOf(card)
    .flatMap((node) => {
      if (node['type'] === 'Icon') return [signOf(node) + iconMark];
      // Labels are plain text; of a box to tick it is what the box stands for.
      if (node['type'] === 'Input.Toggle') return [node['label'] ?? '', ...markdownOf(node)];
      return String(node['type']).startsWith('Chart.') ? legendOf(node) : markdownOf(node);
    })
    .map(String)
    .join('\n')
    .replaceAll(`${iconMark}\n`, ' ');
}

/** The title of a chart, and what its legend says. */
function legendOf({ title, data }: CardNode): unknown[] {
  const points = (data as CardNode[]).flatMap((entry) => (entry['data'] as CardNode[] | undefined) ?? [entry]);
  return [title, ...points.map(({ legend }) => legend)];
}

const signOf = ({ fallback }: CardNode): string => String((fallback as CardNode)['text']);
