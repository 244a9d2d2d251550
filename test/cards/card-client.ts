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
  return problems.map(({ message }) => message ?? 'unknown problem').filter((message) => !isFalseAlarm(message, card));
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
    .filter(([key]) => withFallback || key !== 'fallback')
    .flatMap(([, child]) => nodesOf(child, withFallback));
  return 'type' in node ? [node, ...children] : children;
}

export const ofType = (card: unknown, type: string): CardNode[] =>
  nodesOf(card).filter((node) => node['type'] === type);

/** The texts that a client reads as markdown. */
export function markdownTexts(card: unknown): string[] {
  return nodesOf(card)
    .flatMap((node): unknown[] => {
      if (node['type'] === 'TextBlock') return [node['text']];
      if (node['type'] === 'Input.Toggle') return [node['title']];
      if (node['type'] === 'FactSet')
        return (node['facts'] as CardNode[]).flatMap(({ title, value }) => [title, value]);
      if (node['type'] === 'Input.ChoiceSet' && node['style'] === 'expanded')
        return (node['choices'] as CardNode[]).map(({ title }) => title);
      return [];
    })
    .map(String);
}

/** Verbs of a card's buttons, in reading order. */
export const verbsOf = (card: unknown): unknown[] => ofType(card, 'Action.Execute').map((node) => node['verb']);

/** All text of a card in one string, for "it says". */
export const textOf = (card: unknown): string => markdownTexts(card).join('\n');
