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

/**
 * FILTER of the chat commands: words of the address, and `status: incoming: outgoing: act: approval: profile: type:`
 * with a value; `all` for everything. Several words must all match. `cause:CODE` and `run:ID` are what the
 * buttons of alerts and runs use.
 */
export interface Filter {
  readonly words: readonly string[];
  readonly status?: TestStatus;
  readonly incoming?: TestStatus;
  readonly outgoing?: TestStatus;
  readonly act?: TestStatus;
  readonly approval?: ApprovalStatus;
  /** Name as typed; the caller resolves it. */
  readonly profile?: string;
  readonly type?: MailboxType;
  /** A fault that one of the directions has now. */
  readonly cause?: FaultCode;
  /** Failed in this run: its id; the caller resolves it. */
  readonly run?: string;
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

/**
 * Reads a FILTER. Quotes hold a value with spaces together: `profile:"Contoso on-prem"`.
 * @throws MailroomError `filter.unknown-key` {key} or `filter.unknown-value` {key, value, allowed}
 */
export function parseFilter(text: string): Filter {
  const filter: { -readonly [K in keyof Filter]: Filter[K] } & { words: string[] } = { words: [] };
  for (const token of text.match(/[a-z]+:"[^"]*"|"[^"]*"|\S+/gi) ?? []) {
    const [, key, quoted] = /^([a-z]+):(.*)$/i.exec(token) ?? [];
    const value = (quoted ?? token).replaceAll('"', '').trim();
    if (key === undefined) {
      if (value.toLowerCase() !== 'all' && value !== '') filter.words.push(value.toLowerCase());
      continue;
    }
    const name = key.toLowerCase();
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
        filter.type = oneOf(name, value, { user: 'user', queue: 'queue' } as const);
        break;
      case 'cause':
        filter.cause = oneOf(name, value, causes);
        break;
      case 'run':
        filter.run = value.toUpperCase();
        break;
      case 'profile':
        filter.profile = value;
        break;
      default:
        throw new MailroomError('filter.unknown-key', { key: key.slice(0, 40) });
    }
  }
  // Each word is looked for in every mailbox: fifty thousand times the same letter would stop everybody else.
  filter.words = [...new Set(filter.words)];
  return filter;
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
    (filter.cause === undefined || directions.some((direction) => mailbox[direction].fault?.code === filter.cause)) &&
    (filter.profile === undefined || mailbox.profileId === profileId)
  );
}

function oneOf<T>(key: string, value: string, allowed: Readonly<Record<string, T>>): T {
  const found = Object.hasOwn(allowed, value.toLowerCase()) ? allowed[value.toLowerCase()] : undefined;
  if (found === undefined)
    throw new MailroomError('filter.unknown-value', {
      key,
      value: value.slice(0, 40),
      allowed: Object.keys(allowed).slice(0, 6).join(', '),
    });
  return found;
}
