import type { FaultRule } from '../faults/rule.ts';
import type { MailboxSeed } from '../mailbox/mailbox.ts';
import { people } from './people.ts';

/** Which of the three tests of a mailbox meets the trouble first. */
export type TroubledPart = 'all' | 'incoming' | 'outgoing' | 'act';

/** What is wrong with a mailbox of the demo. */
export interface DemoTrouble {
  /** The response code a client gets; `HTTP 403` where there is none; `EffectiveRights` for a folder without rights. */
  readonly code: string;
  readonly part: TroubledPart;
  /** False for trouble that passes after a call or two, so that the mailbox ends well. */
  readonly persists: boolean;
  readonly rules: readonly FaultRule[];
}

export interface DemoMailbox extends MailboxSeed {
  readonly displayName: string;
  readonly type: 'user' | 'queue';
  /** Address of the person it belongs to; a user's own. */
  readonly owner: string;
  readonly trouble: DemoTrouble | undefined;
}

const DOMAIN = 'contoso.test';
const USERS = 190;
const QUEUES = 'support sales service info billing orders claims returns events partners'.split(' ');

type Plan = Omit<DemoTrouble, 'rules'> & { readonly rules: readonly Omit<FaultRule, 'mailbox'>[] };

const always = (code: string, part: TroubledPart, ...rules: Plan['rules']): Plan => ({
  code,
  part,
  persists: true,
  rules,
});
const passing = (code: string, part: TroubledPart, ...rules: Plan['rules']): Plan => ({
  code,
  part,
  persists: false,
  rules,
});

/** By place in the list, spread so that no page of a list is free of trouble. Twelve persist, each in its own way. */
const TROUBLES: ReadonlyMap<number, Plan> = new Map([
  [4, always('ErrorImpersonateUserDenied', 'all', { then: { fault: 'ErrorImpersonateUserDenied' } })],
  [17, always('ErrorNonExistentMailbox', 'all', { then: { fault: 'ErrorNonExistentMailbox' } })],
  [33, always('ErrorMailboxStoreUnavailable', 'all', { then: { message: 'ErrorMailboxStoreUnavailable' } })],
  [48, always('ErrorQuotaExceeded', 'outgoing', { operation: 'CreateItem', then: { message: 'ErrorQuotaExceeded' } })],
  [61, always('ErrorSendAsDenied', 'outgoing', { operation: 'CreateItem', then: { message: 'ErrorSendAsDenied' } })],
  [77, always('EffectiveRights', 'act', { then: { readOnly: ['calendar'] } })],
  [92, always('ErrorFolderNotFound', 'act', { then: { missing: ['contacts'] } })],
  [108, always('HTTP 403', 'all', { then: { status: 403 } })],
  [123, always('ErrorAccessDenied', 'all', { then: { message: 'ErrorAccessDenied' } })],
  [139, always('ErrorAccountDisabled', 'all', { then: { message: 'ErrorAccountDisabled' } })],
  [154, always('ErrorMailboxFailover', 'all', { then: { message: 'ErrorMailboxFailover' } })],
  [171, always('ErrorMailboxConfiguration', 'all', { then: { message: 'ErrorMailboxConfiguration' } })],
  [11, passing('ErrorMailboxMoveInProgress', 'all', { to: 2, then: { message: 'ErrorMailboxMoveInProgress' } })],
  [55, passing('ErrorServerBusy', 'all', { to: 1, then: { fault: 'ErrorServerBusy', backOffMilliseconds: 500 } })],
  [86, passing('HTTP 503', 'all', { to: 2, then: { status: 503, retryAfter: 1 } })],
  [
    131,
    passing('ErrorInternalServerTransientError', 'all', {
      nth: 1,
      then: { message: 'ErrorInternalServerTransientError' },
    }),
  ],
  [163, passing('connection reset', 'all', { nth: 2, then: 'reset' })],
]);

/**
 * The population of the demo: 190 people and 10 queues of contoso.test. Twelve have trouble that stays, each of another
 * kind; a few more have trouble that passes; 188 end well.
 */
export function demoMailboxes(): readonly DemoMailbox[] {
  const users = people(USERS).map(({ displayName, local }) => {
    const address = `${local}@${DOMAIN}`;
    return { address, displayName, type: 'user', owner: address } as const;
  });
  const queues = QUEUES.map((name, index) => ({
    address: `${name}@${DOMAIN}`,
    displayName: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    type: 'queue' as const,
    owner: users[index * 7]?.address ?? '',
  }));
  return [...users, ...queues].map((mailbox, index) => ({ ...mailbox, trouble: troubleAt(index, mailbox.address) }));
}

/** The rules for all of them, to be handed to startExchange. */
export function demoFaults(mailboxes: readonly DemoMailbox[]): readonly FaultRule[] {
  return mailboxes.flatMap(({ trouble }) => trouble?.rules ?? []);
}

function troubleAt(index: number, mailbox: string): DemoTrouble | undefined {
  const plan = TROUBLES.get(index);
  return plan && { ...plan, rules: plan.rules.map((rule) => ({ mailbox, ...rule })) };
}
