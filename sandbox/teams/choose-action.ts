import { inputFault, readActions } from './card-reading.ts';
import type { CardAction } from './card-reading.ts';
import { ActError } from './errors.ts';
import type { JsonObject } from './wire.ts';

/** How to find an action on the card that the person sees. All that is given must fit. */
export interface ActionQuery {
  title?: string;
  verb?: string;
  /** A part of the action's data. */
  data?: JsonObject;
}

/** The one action that fits; a title alone may be given as a text. */
export function findAction(card: JsonObject | undefined, wanted: string | ActionQuery): CardAction {
  if (card === undefined) throw new ActError('the message has no card');
  const query = typeof wanted === 'string' ? { title: wanted } : wanted;
  const actions = readActions(card);
  const fitting = actions.filter(
    ({ title, verb, data }) =>
      (query.title === undefined || query.title === title) &&
      (query.verb === undefined || query.verb === verb) &&
      Object.entries(query.data ?? {}).every(([key, value]) => data[key] === value),
  );
  const [first, second] = fitting;
  if (first === undefined) {
    const titles = actions.map(({ title }) => `"${title}"`).join(', ');
    throw new ActError(`the card has no action ${JSON.stringify(query)}; it has ${titles || 'none'}`);
  }
  if (second !== undefined) throw new ActError(`the card has several actions ${JSON.stringify(query)}`);
  if (first.action['isEnabled'] === false) throw new ActError(`the action "${first.title}" is disabled`);
  return first;
}

/** What the action sends of the inputs: what was entered, else what the card preset. Refuses what a client would refuse. */
export function fillInputs(action: CardAction, given: JsonObject): Record<string, string> {
  const entered = asStrings(given);
  const unknown = Object.keys(entered).find((id) => !action.inputs.some((input) => input.id === id));
  if (unknown !== undefined) throw new ActError(`the card has no input "${unknown}"`);
  const values: Record<string, string> = {};
  for (const input of action.inputs) {
    const value = entered[input.id] ?? input.initial;
    const fault = inputFault(input, value);
    if (fault !== undefined) throw new ActError(`the client refuses "${input.id}": ${fault}`);
    if (value !== undefined) values[input.id] = value;
  }
  return values;
}

/** Teams sends what people entered as strings, numbers and toggles too. */
export function asStrings(inputs: JsonObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([id, value]) => [id, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
