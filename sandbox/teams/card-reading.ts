import { isObject } from './wire.ts';
import type { JsonObject } from './wire.ts';

export interface CardAction {
  type: string;
  title: string;
  verb: string;
  /** The action's own data, without inputs. */
  data: JsonObject;
  action: JsonObject;
  /** Inputs that the action collects, in the order of the card: its own card's and those of the cards around it. */
  inputs: CardInput[];
}

export interface CardInput {
  id: string;
  type: string;
  element: JsonObject;
  /** What is sent if the person leaves the input alone; undefined sends nothing. */
  initial: string | undefined;
}

/** All actions of a card, also inside show-cards, containers and tables, in reading order. */
export function readActions(card: JsonObject): CardAction[] {
  return readCard(card, []);
}

/** All inputs of a card, also those in its show-cards. */
export function readInputs(card: JsonObject): CardInput[] {
  return walk(card).flatMap((node) => {
    const inner = node['type'] === 'Action.ShowCard' ? node['card'] : undefined;
    return isObject(inner) ? readInputs(inner) : asInput(node);
  });
}

/** A show-card sees the inputs of the cards it is in; the outer card does not see those of its show-cards. */
function readCard(card: JsonObject, outerInputs: CardInput[]): CardAction[] {
  const nodes = walk(card);
  const inputs = [...outerInputs, ...nodes.flatMap(asInput)];
  return nodes.flatMap((node) => {
    const type = textOf(node['type']);
    if (!type.startsWith('Action.')) return [];
    const inner = node['card'];
    if (type === 'Action.ShowCard' && isObject(inner)) return readCard(inner, inputs);
    const data = isObject(node['data']) ? node['data'] : {};
    const verb = textOf(node['verb']) || textOf(data['verb']);
    const collected = node['associatedInputs'] === 'none' ? [] : inputs;
    return [{ type, title: textOf(node['title']), verb, data, action: node, inputs: collected }];
  });
}

/** Every object of the card that is an element or an action, without descending into show-cards and fallbacks. */
function walk(node: unknown): JsonObject[] {
  if (Array.isArray(node)) return node.flatMap(walk);
  if (!isObject(node)) return [];
  const found = typeof node['type'] === 'string' ? [node] : [];
  const skipped = new Set(['fallback', 'data', 'refresh', 'authentication']);
  if (node['type'] === 'Action.ShowCard') skipped.add('card');
  for (const [key, value] of Object.entries(node)) if (!skipped.has(key)) found.push(...walk(value));
  return found;
}

function asInput(node: JsonObject): CardInput[] {
  const type = textOf(node['type']);
  const id = textOf(node['id']);
  if (!type.startsWith('Input.') || id === '') return [];
  return [{ id, type, element: node, initial: initialValue(type, node) }];
}

function initialValue(type: string, node: JsonObject): string | undefined {
  const { value } = node;
  if (type === 'Input.Toggle') return textOf(value) || textOf(node['valueOff']) || 'false';
  if (value === undefined || value === null || value === '') return type === 'Input.Text' ? '' : undefined;
  return textOf(value);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** Why the client would not send this value, in the card's own words; undefined when it is fine. */
export function inputFault({ element, id, type }: CardInput, value: string | undefined): string | undefined {
  const message = textOf(element['errorMessage']) || `${id} is not valid`;
  const empty = value === undefined || value === '';
  if (element['isRequired'] === true) {
    const off = textOf(element['valueOff']) || 'false';
    if (empty || (type === 'Input.Toggle' && value === off)) return message;
  }
  if (empty) return undefined;
  const { maxLength, regex, min, max } = element;
  if (typeof maxLength === 'number' && value.length > maxLength) return message;
  if (typeof regex === 'string' && !new RegExp(regex, 'u').test(value)) return message;
  if (type !== 'Input.Number') return undefined;
  const number = Number(value);
  if (Number.isNaN(number)) return message;
  if (typeof min === 'number' && number < min) return message;
  return typeof max === 'number' && number > max ? message : undefined;
}
