import { z } from 'zod';
import { datasets, type Dataset, type TypeaheadChoice } from '../cards/typeahead-input.ts';
import { plainText } from '../cards/plain-text.ts';
import { approvers, requireRight } from '../services/access/roles.ts';
import { isMailroomError, MailroomError } from '../services/model/error.ts';
import { normalizeAddress } from '../services/model/mailbox.ts';
import { listProfiles } from '../services/profiles/profile-names.ts';
import { keyOf } from '../services/storage/store.ts';
import type { TurnInput } from './turn-input.ts';

/** What an input of a card asks for while somebody types into it. */
export interface SearchQuery {
  readonly dataset: Dataset;
  /** Words that must all occur; none: the first ones. */
  readonly words: readonly string[];
  readonly skip: number;
  readonly top: number;
}

/** Teams shows 15 at most; other clients may ask for a few more. */
const usual = 15;
const most = 25;
/** Nobody turns pages further in a list that opens below an input. */
const mostSkipped = 10_000;

/** Longer than any name or address: each word is looked for in every record. */
const longestText = 320;

/** The invoke `application/search`. Options and text may be missing: a client asks so when the input is only opened. */
const schema = z.object({
  dataset: z.enum(datasets),
  queryText: z.string().nullish(),
  queryOptions: z
    .object({
      skip: z.number().int().min(0).max(mostSkipped).nullish(),
      top: z.number().int().min(1).nullish(),
    })
    .nullish(),
});

/**
 * Reads what a client sent. It comes from outside and may be anything.
 * @throws MailroomError `search.unreadable`
 */
export function readSearchQuery(value: unknown): SearchQuery {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new MailroomError('search.unreadable');
  const { dataset, queryText, queryOptions } = parsed.data;
  const words = (queryText ?? '').slice(0, longestText).toLowerCase().split(/\s+/);
  return {
    dataset,
    words: [...new Set(words)].filter((word) => word !== ''),
    skip: queryOptions?.skip ?? 0,
    top: Math.min(queryOptions?.top ?? usual, most),
  };
}

/**
 * The choices for an input, of this environment only.
 * @throws MailroomError `access.denied` without the right to read
 */
export async function search(input: TurnInput, query: SearchQuery): Promise<TypeaheadChoice[]> {
  const { services, environmentId, actor } = input;
  await requireRight(services, environmentId, actor, 'read');
  const { skip, top } = query;
  return (await finders[query.dataset](input, query)).slice(skip, skip + top);
}

const finders: Readonly<Record<Dataset, (input: TurnInput, query: SearchQuery) => Promise<TypeaheadChoice[]>>> = {
  profiles: async ({ services, environmentId }, { words }) => {
    const profiles = await listProfiles(services.store, environmentId);
    return profiles
      .filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
      .map(({ id, name }) => ({ title: plainText(name, 80), value: id }));
  },
  approvers: async ({ services, environmentId }, { words }) => {
    const people = await approvers(services, environmentId);
    return people
      .filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
      .map(({ aadObjectId, name }) => ({ title: plainText(name || aadObjectId, 80), value: aadObjectId }));
  },
  mailboxes: async ({ services, environmentId }, { words, skip, top }) => {
    const found = await services.store.query('mailbox', {
      prefix: keyOf(environmentId, ''),
      ...(words.length === 0 ? {} : { contains: { address: words.map(normalizeAddress) } }),
      limit: skip + top,
    });
    return found.map(({ value: { address } }) => ({ title: plainText(address), value: address }));
  },
};

/** The body for the client; its HTTP status is the `statusCode` (facts, teams C1). */
export interface SearchAnswer {
  readonly statusCode: 200 | 400 | 403 | 500;
  readonly type: string;
  readonly value: object;
}

export function foundChoices(results: readonly TypeaheadChoice[]): SearchAnswer {
  return { statusCode: 200, type: 'application/vnd.microsoft.search.searchResponse', value: { results } };
}

/** Why nothing was searched; the sentence is for whoever reads the client's log: an input shows none. */
export function searchRefused(error: unknown, message: string): SearchAnswer {
  const [statusCode, code] = isMailroomError(error, 'search.unreadable')
    ? ([400, 'BadRequest'] as const)
    : isMailroomError(error) && /^(access|person)\./.test(error.code)
      ? ([403, 'Forbidden'] as const)
      : ([500, 'InternalServerError'] as const);
  return { statusCode, type: 'application/vnd.microsoft.error', value: { code, message } };
}
