import { faultCatalogue, type FaultCode } from './fault-catalogue.ts';
import {
  approvalStatus,
  directions,
  testStatus,
  type ApprovalStatus,
  type Mailbox,
  type MailboxType,
  type TestStatus,
} from './mailbox.ts';
import { MailroomError } from './error.ts';
import { filterWords, oneOf, quoted, wordToLookFor } from './filter-words.ts';

/**
 * FILTER of the chat commands: words of the address, and `status: incoming: outgoing: act: approval: profile: type: state:`
 * with a value; `all` for everything. Several words must all match. `cause:CODE`, `incident:ID`, `run:ID` and `request:ID`
 * are what the buttons of alerts, runs and requests use; `decider:me` is what waits for the decision of whoever looks.
 */
export interface Filter {
  readonly words: readonly string[];
  readonly status?: TestStatus;
  readonly incoming?: TestStatus;
  readonly outgoing?: TestStatus;
  readonly act?: TestStatus;
  readonly approval?: ApprovalStatus;
  /** Name or id as typed; the caller resolves it. */
  readonly profile?: string;
  readonly type?: MailboxType;
  readonly state?: Mailbox['state'];
  /** A fault that one of the directions has now. */
  readonly cause?: FaultCode;
  /** Hit by this incident now: its id; the caller resolves it. */
  readonly incident?: string;
  /** Failed in this run: its id; the caller resolves it. */
  readonly run?: string;
  /** Asked about by this approval request: its id. */
  readonly request?: string;
  /** Asked about by a request that the reader may decide; the caller resolves it. */
  readonly decider?: 'me';
}

/** The `status:` that somebody may have meant who typed a word of the addresses: `failed` and `failure` are the same to a reader. */
export function statusMeant(text: string): string | null {
  const words = text.toLowerCase().split(/\s+/);
  return Object.keys(statusWords).find((value) => statusWords[value]?.some((word) => words.includes(word))) ?? null;
}

const statusWords: Readonly<Record<string, readonly string[]>> = {
  failure: ['failure', 'failures', 'failed', 'failing', 'error', 'errors'],
  success: ['success', 'succeeded', 'successful', 'enabled'],
  notrun: ['notrun', 'untested'],
};

const testValues: Readonly<Record<string, TestStatus>> = {
  failure: testStatus.failure,
  success: testStatus.success,
  notrun: testStatus.notRun,
};
const causes = Object.fromEntries(
  (Object.keys(faultCatalogue) as FaultCode[]).map((code) => [code.toLowerCase(), code]),
);
const approvalValues: Readonly<Record<string, ApprovalStatus>> = approvalStatus;
const deciderValues: Readonly<Record<string, 'me'>> = { me: 'me' };
const typeValues: Readonly<Record<string, MailboxType>> = { user: 'user', queue: 'queue' };
const stateValues: Readonly<Record<string, Mailbox['state']>> = { active: 'active', inactive: 'inactive' };

/** Longer than any id. */
const longestId = 64;

/**
 * Reads a FILTER. Quotes hold a value with spaces together, and a quote inside is doubled: `profile:"The ""old"" one"`.
 * @throws MailroomError `filter.unknown-key` {key} or `filter.unknown-value` {key, value, allowed}
 */
export function parseFilter(text: string): Filter {
  const filter: { -readonly [K in keyof Filter]: Filter[K] } & { words: string[] } = { words: [] };
  for (const { key: name, value } of filterWords(text)) {
    if (name === null) {
      if (value.toLowerCase() !== 'all' && value !== '') filter.words.push(value.toLowerCase());
      continue;
    }
    switch (name) {
      case 'status':
      case 'incoming':
      case 'outgoing':
      case 'act':
        filter[name] = oneOf(name, value, testValues);
        break;
      case 'approval':
        filter.approval = oneOf(name, value, approvalValues);
        break;
      case 'type':
        filter.type = oneOf(name, value, typeValues);
        break;
      case 'state':
        filter.state = oneOf(name, value, stateValues);
        break;
      case 'cause':
        filter.cause = oneOf(name, value, causes);
        break;
      case 'incident':
        filter.incident = value.slice(0, longestId);
        break;
      case 'run':
        filter.run = value.toUpperCase();
        break;
      case 'request':
        filter.request = value.slice(0, longestId);
        break;
      case 'decider':
        filter.decider = oneOf(name, value, deciderValues);
        break;
      case 'profile':
        filter.profile = value;
        break;
      default:
        throw new MailroomError('filter.unknown-key', { key: name.slice(0, 40) });
    }
  }
  // Each word is looked for in every mailbox: fifty thousand times the same letter would stop everybody else.
  filter.words = [...new Set(filter.words)];
  return filter;
}

const quotedWhereNeeded = (text: string): string => (/^[\w-]+$/.test(text) ? text : quoted(text));

/** Keys with their value words, in the order in which a filter is written. */
const valuesOf = {
  status: testValues,
  incoming: testValues,
  outgoing: testValues,
  act: testValues,
  approval: approvalValues,
  type: typeValues,
  state: stateValues,
} as const;

/** Writes a filter so that `parseFilter` reads the same from it; of no condition: ''. */
export function formatFilter(filter: Filter): string {
  return [
    ...filter.words.map(wordToLookFor),
    ...(Object.keys(valuesOf) as (keyof typeof valuesOf)[]).flatMap((key) => {
      const word = choiceOf(filter, key);
      return word === '' ? [] : [`${key}:${word}`];
    }),
    ...(filter.profile === undefined ? [] : [`profile:${quoted(filter.profile)}`]),
    ...(filter.cause === undefined ? [] : [`cause:${filter.cause.toLowerCase()}`]),
    ...(filter.incident === undefined ? [] : [`incident:${quotedWhereNeeded(filter.incident)}`]),
    ...(filter.run === undefined ? [] : [`run:${filter.run}`]),
    ...(filter.request === undefined ? [] : [`request:${quotedWhereNeeded(filter.request)}`]),
    ...(filter.decider === undefined ? [] : [`decider:${filter.decider}`]),
  ].join(' ');
}

/** A filter as people read it: with the name of its profile in place of the id. */
export function namedFilter(text: string, names: Readonly<Record<string, string>>): string {
  const filter = parseFilter(text);
  const { profile } = filter;
  if (profile === undefined || !Object.hasOwn(names, profile)) return text;
  return formatFilter({ ...filter, profile: names[profile] ?? profile });
}

/** The word of a filter's value: `failure` for status 2; '' when the filter does not ask for it. */
export function choiceOf(filter: Filter, key: keyof typeof valuesOf | 'profile'): string {
  if (key === 'profile') return filter.profile ?? '';
  const value = filter[key];
  return value === undefined ? '' : (Object.entries(valuesOf[key]).find(([, one]) => one === value)?.[0] ?? '');
}

/** What a list offers as choices beside the text of its filter. */
export const filterChoices = ['status', 'approval', 'profile', 'type', 'state'] as const;
export type FilterChoice = (typeof filterChoices)[number];

/** The words that may be chosen for a key; of a profile they are ids. */
export function choicesOf(key: Exclude<FilterChoice, 'profile'>): string[] {
  return Object.keys(valuesOf[key]);
}

/**
 * One filter of what is typed and what is chosen beside it. Both show the filter of before: a choice that is still the one
 * of before says nothing, and one that was changed wins over the text.
 * @throws as parseFilter
 */
export function composeFilter(
  before: Filter,
  typed: Filter,
  chosen: Readonly<Partial<Record<FilterChoice, string>>>,
): Filter {
  const filter: { -readonly [K in keyof Filter]: Filter[K] } = { ...typed };
  const added: string[] = [];
  for (const key of filterChoices) {
    const choice = chosen[key];
    if (choice === undefined || choice === choiceOf(before, key)) continue;
    delete filter[key];
    if (choice !== '') added.push(`${key}:${quoted(choice)}`);
  }
  return parseFilter([formatFilter(filter), ...added].join(' '));
}

/** True when the mailbox passes; `profileId` is the resolved profile of the filter. */
export function matches(filter: Filter, mailbox: Mailbox, profileId?: string): boolean {
  return (
    filter.words.every((word) => mailbox.address.includes(word)) &&
    (filter.status === undefined || mailbox.status === filter.status) &&
    (filter.incoming === undefined || mailbox.incoming.status === filter.incoming) &&
    (filter.outgoing === undefined || mailbox.outgoing.status === filter.outgoing) &&
    (filter.act === undefined || mailbox.act.status === filter.act) &&
    (filter.approval === undefined || mailbox.approval === filter.approval) &&
    (filter.type === undefined || mailbox.type === filter.type) &&
    (filter.state === undefined || mailbox.state === filter.state) &&
    (filter.cause === undefined || directions.some((direction) => mailbox[direction].fault?.code === filter.cause)) &&
    (filter.request === undefined || mailbox.approvalRequestId === filter.request) &&
    (filter.profile === undefined || mailbox.profileId === profileId)
  );
}
