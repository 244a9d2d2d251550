import type { Fault } from './fault.ts';

/**
 * Delivery methods keep the platform's numbers, which are not aligned with each other: server-side synchronization is 2
 * for incoming and outgoing but 1 for appointments, contacts and tasks; "None" is 0 and 2
 * (learn.microsoft.com/power-apps/developer/data-platform/reference/entities/mailbox).
 */
export type IncomingDeliveryMethod = 0 | 1 | 2 | 3;
export type OutgoingDeliveryMethod = 0 | 1 | 2;
export type ActDeliveryMethod = 0 | 1 | 2;

export const serverSide = { incoming: 2, outgoing: 2, act: 1 } as const;
export const methodNone = { incoming: 0, outgoing: 0, act: 2 } as const;

/** The option sets of the three columns, whole; a form offers them in this order: what Mailroom does first. */
export const deliveryMethods = { incoming: [2, 0, 1, 3], outgoing: [2, 0, 1], act: [1, 2, 0] } as const;

/** Limits of the columns (dynamics facts §2.1). */
export const mailboxLimits = { owner: 200 } as const;

/** Column `emailrouteraccessapproval`. */
export const approvalStatus = { empty: 0, approved: 1, pending: 2, rejected: 3 } as const;
export type ApprovalStatus = (typeof approvalStatus)[keyof typeof approvalStatus];

/** Columns `incomingemailstatus`, `outgoingemailstatus`, `actstatus`, `mailboxstatus`. */
export const testStatus = { notRun: 0, success: 1, failure: 2 } as const;
export type TestStatus = (typeof testStatus)[keyof typeof testStatus];

/** The three directions, in the order in which they are tested. */
export const directions = ['incoming', 'outgoing', 'act'] as const;
export type Direction = (typeof directions)[number];

/** State of one direction of a mailbox. */
export interface DirectionState {
  readonly status: TestStatus;
  readonly enabled: boolean;
  /** The last failure, kept until the direction succeeds. */
  readonly fault: Fault | null;
}

/** How the last test went, beside the states that it led to. */
export interface LastTest {
  /** The run that it belonged to; null: a later try by the engine itself. */
  readonly runId: string | null;
  /** Calls of Exchange in all. */
  readonly calls: number;
  /** The latest of each direction: a later try tests only those that failed. */
  readonly phases: readonly TestedPhase[];
}

export interface TestedPhase {
  readonly direction: Direction;
  readonly succeeded: boolean;
  /** Zero: Exchange was not asked, since it was known before. */
  readonly durationMs: number;
  /** Of outgoing: the test message of an earlier try was there, so none was sent again. */
  readonly markerFound: boolean;
}

export type MailboxType = 'user' | 'queue';

export interface Mailbox {
  readonly environmentId: string;
  /** The address: the identity of a mailbox in its environment. */
  readonly id: string;
  /** Lower case. */
  readonly address: string;
  readonly type: MailboxType;
  /** Address (in lower case) or name of the owner, as imported; kept as text. */
  readonly owner: string;
  /** `statecode`: an inactive one is neither tested nor checked, and works in no direction. */
  readonly state: 'active' | 'inactive';
  readonly profileId: string | null;
  /** A day, `2025-01-31`, instead of the profile's own, or null. Kept for the platform, which carries it out. */
  readonly processEmailsReceivedAfter: string | null;
  readonly incomingMethod: IncomingDeliveryMethod;
  readonly outgoingMethod: OutgoingDeliveryMethod;
  readonly actMethod: ActDeliveryMethod;
  readonly approval: ApprovalStatus;
  /** The open request that will decide about this mailbox, or the one that did. */
  readonly approvalRequestId: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt: number | null;
  readonly decisionReason: string | null;
  readonly incoming: DirectionState;
  readonly outgoing: DirectionState;
  readonly act: DirectionState;
  /** Roll-up of the three: failure if one failed, success if all that were tested succeeded. */
  readonly status: TestStatus;
  /** Tests that failed for a passing reason since the last success. */
  readonly transientFailureCount: number;
  /** Earliest time of the next automatic test, epoch ms. */
  readonly postponedUntil: number | null;
  readonly lastTestedAt: number | null;
  readonly lastTest: LastTest | null;
  /** When it last worked again by itself after failures; null: never, or it has failed since. */
  readonly recoveredAt: number | null;
  readonly importedBy: string;
  readonly createdAt: number;
  readonly revision: number;
}

/** A direction of which nothing is known: not tested, so not enabled. */
export const untested: DirectionState = { status: testStatus.notRun, enabled: false, fault: null };

/** The method of one direction. */
export function methodOf(mailbox: Mailbox, direction: Direction): number {
  if (direction === 'incoming') return mailbox.incomingMethod;
  return direction === 'outgoing' ? mailbox.outgoingMethod : mailbox.actMethod;
}

/** The directions that Test & Enable covers: those whose method is server-side synchronization. */
export function serverSideDirections(mailbox: Mailbox): Direction[] {
  return directions.filter((direction) => methodOf(mailbox, direction) === serverSide[direction]);
}

/** True while the mailbox works in every direction that is set to server-side synchronization. */
export function isEnabled(mailbox: Mailbox): boolean {
  const wanted = serverSideDirections(mailbox);
  return wanted.length > 0 && wanted.every((direction) => mailbox[direction].enabled);
}

/** Failure wins; success needs every tested direction to have succeeded; otherwise Not Run. */
export function rollUp(states: readonly DirectionState[]): TestStatus {
  if (states.some((state) => state.status === testStatus.failure)) return testStatus.failure;
  return states.some((state) => state.status === testStatus.success) ? testStatus.success : testStatus.notRun;
}

/** A mailbox as it is right after its import: nothing tested, nothing enabled. */
export function newMailbox(
  identity: Pick<Mailbox, 'environmentId' | 'id' | 'address' | 'type' | 'owner' | 'importedBy' | 'createdAt'>,
  configuration: Pick<Mailbox, 'profileId' | 'incomingMethod' | 'outgoingMethod' | 'actMethod' | 'approval'>,
): Mailbox {
  return {
    ...identity,
    owner: normalizeOwner(identity.owner),
    ...configuration,
    state: 'active',
    processEmailsReceivedAfter: null,
    approvalRequestId: null,
    decidedBy: null,
    decidedAt: null,
    decisionReason: null,
    incoming: untested,
    outgoing: untested,
    act: untested,
    status: testStatus.notRun,
    transientFailureCount: 0,
    postponedUntil: null,
    lastTestedAt: null,
    lastTest: null,
    recoveredAt: null,
    revision: 1,
  };
}

/** One spelling for an address: trimmed and lower case, since Exchange compares without case. */
export function normalizeAddress(address: string): string {
  return address.trim().toLowerCase();
}

/** The owner as text; one that is an address in one spelling, so that it can be looked up. */
export function normalizeOwner(owner: string): string {
  const trimmed = owner.trim();
  return isAddress(trimmed) ? normalizeAddress(trimmed) : trimmed;
}

/**
 * True for an address that Exchange on-premises can own. Narrower than RFC 5322 on purpose: quoted local parts and
 * address literals do not occur as primary SMTP addresses, and every character here is harmless in XML and cards.
 */
export function isAddress(text: string): boolean {
  return (
    text.length <= 100 &&
    /^[a-z0-9!#$%*+/=?^_{|}~'-]+(\.[a-z0-9!#$%*+/=?^_{|}~'-]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i.test(
      text,
    )
  );
}
