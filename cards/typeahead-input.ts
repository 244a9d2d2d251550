import type { IChoiceSetInput } from '@microsoft/teams.cards';

/** What the bot can search while somebody types: the answer to `application/search` has a finder for each. */
export const datasets = ['profiles', 'mailboxes', 'approvers'] as const;
export type Dataset = (typeof datasets)[number];

export interface TypeaheadChoice {
  readonly title: string;
  readonly value: string;
}

export interface TypeaheadInput {
  readonly id: string;
  readonly label: string;
  readonly dataset: Dataset;
  /** The first ones, and the one that is chosen; a client that cannot search offers these. */
  readonly choices: readonly TypeaheadChoice[];
  readonly value?: string;
  readonly placeholder?: string;
  /** What to say where nothing is chosen; without it the input may stay empty. */
  readonly missing?: string;
}

/** So many choices are on the card itself: more would fill the card, and are found by typing. */
export const mostStaticChoices = 15;

/**
 * A choice of one out of any number: the client filters what is on the card and asks the bot for the rest. The value that
 * comes back is an id like any other input, which the use case checks.
 */
export function typeaheadInput(input: TypeaheadInput): IChoiceSetInput {
  const { id, label, dataset, choices, value, placeholder, missing } = input;
  return {
    type: 'Input.ChoiceSet',
    id,
    label,
    style: 'filtered',
    choices: choices.map((choice) => ({ ...choice })),
    'choices.data': { type: 'Data.Query', dataset },
    ...(value === undefined ? {} : { value }),
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(missing === undefined ? {} : { isRequired: true, errorMessage: missing }),
  };
}

/** The choices for the card: the one that is chosen first, then the first others. */
export function staticChoices(all: readonly TypeaheadChoice[], chosen: string | null): TypeaheadChoice[] {
  const first = all.filter(({ value }) => value === chosen);
  return [...first, ...all.filter(({ value }) => value !== chosen)].slice(0, mostStaticChoices);
}
