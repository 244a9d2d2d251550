import type { BotAnswer } from './bot-endpoint.ts';
import { readInputs } from './card-reading.ts';
import { ActError } from './errors.ts';
import type { Person } from './people.ts';
import type { JsonObject } from './wire.ts';
import { isObject } from './wire.ts';

export interface TypeaheadChoice {
  title: string;
  value: string;
}

/** What an input shows below itself: choices, or that the search failed. */
export type TypeaheadOutcome =
  { kind: 'choices'; choices: TypeaheadChoice[]; tookMs: number } | { kind: 'error'; status: number; tookMs: number };

/** Teams asks for no more, and shows no more. */
export const TYPEAHEAD_TOP = 15;

/** The data set that Teams answers by itself: the people of the organization. */
export const DIRECTORY = 'graph.microsoft.com/users';

/** The data set that an input of a card is bound to. */
export function datasetOf(card: JsonObject | undefined, inputId: string): string {
  const input = card === undefined ? undefined : readInputs(card).find(({ id }) => id === inputId);
  const query = input?.element['choices.data'];
  if (isObject(query) && query['type'] === 'Data.Query' && typeof query['dataset'] === 'string')
    return query['dataset'];
  throw new ActError(`the card has no input "${inputId}" that searches`);
}

export function peopleLike(people: readonly Person[], tenantId: string, text: string): TypeaheadChoice[] {
  const words = text.toLowerCase().split(/\s+/);
  return people
    .filter((person) => person.tenantId === tenantId && person.userRole === 'user')
    .filter(({ name, email }) => words.every((word) => `${name} ${email}`.toLowerCase().includes(word)))
    .slice(0, TYPEAHEAD_TOP)
    .map(({ name, aadObjectId }) => ({ title: name, value: aadObjectId }));
}

export function readSearchAnswer({ status, body, tookMs }: BotAnswer): TypeaheadOutcome {
  const { type, value } = isObject(body) ? body : {};
  const results = isObject(value) ? value['results'] : undefined;
  if (status !== 200 || type !== 'application/vnd.microsoft.search.searchResponse' || !Array.isArray(results)) {
    return { kind: 'error', status, tookMs };
  }
  return { kind: 'choices', choices: results.filter(isChoice).slice(0, TYPEAHEAD_TOP), tookMs };
}

function isChoice(result: unknown): result is TypeaheadChoice {
  return isObject(result) && typeof result['title'] === 'string' && typeof result['value'] === 'string';
}
