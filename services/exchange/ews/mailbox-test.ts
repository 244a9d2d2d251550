import { setTimeout as delay } from 'node:timers/promises';
import type { FaultCode } from '../../model/fault-catalogue.ts';
import { scopeOf, type Fault } from '../../model/fault.ts';
import type { Direction } from '../../model/mailbox.ts';
import type { PhaseResult } from '../../model/run.ts';
import type { MailboxTestReport, MailboxTestRequest, OrganizationStamp } from '../exchange-port.ts';
import { checkActFolders, findInbox, findMarker, sendTestMessage } from './operations.ts';
import { stampMailbox } from './organization-stamp.ts';
import type { EwsSession } from './session.ts';

/** Faults of the mailbox as a whole: met in one direction, they are there in the others. */
const wholeMailbox: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'HttpForbidden',
  'ErrorMailboxStoreUnavailable',
  'ErrorMailboxMoveInProgress',
  'ErrorMailboxFailover',
  'ErrorNonExistentMailbox',
  'ErrorImpersonateUserDenied',
  'ErrorInvalidExchangeImpersonationHeaderData',
  'ErrorInvalidUserPrincipalName',
  'ErrorNonPrimarySmtpAddress',
  'ErrorAccountDisabled',
  'ErrorInvalidSmtpAddress',
  'ErrorMissingEmailAddress',
  'ErrorMailboxConfiguration',
]);

/** True for a fault that the remaining directions would only meet again, at the cost of calls. */
export function endsMailbox(fault: Fault): boolean {
  return scopeOf(fault) === 'server' || wholeMailbox.has(fault.code);
}

export interface MailboxTestOptions {
  /** How long to wait before Sent Items is looked through a second time. */
  readonly sentItemsDelayMs: number;
}

/** Tests the requested directions in order: 1 + 2 + 1 calls, two more with a stamp, and never more than 1 + 4 + 3. */
export async function testMailbox(
  session: EwsSession,
  request: MailboxTestRequest,
  options: MailboxTestOptions,
): Promise<MailboxTestReport> {
  const phases: PhaseResult[] = [];
  let markerFound = false;
  let ended: Fault | null = null;
  for (const direction of request.directions) {
    if (ended !== null) {
      phases.push({ direction, fault: ended, durationMs: 0 });
      continue;
    }
    const startedAt = performance.now();
    const result = await testers[direction](session, request, options);
    markerFound ||= result.markerFound;
    phases.push({ direction, fault: result.fault, durationMs: Math.round(performance.now() - startedAt) });
    if (result.fault !== null && endsMailbox(result.fault)) ended = result.fault;
  }
  return { phases, markerFound, calls: session.calls, circuitOpen: false };
}

interface DirectionResult {
  readonly fault: Fault | null;
  readonly markerFound: boolean;
}

const testers: Readonly<
  Record<
    Direction,
    (session: EwsSession, request: MailboxTestRequest, options: MailboxTestOptions) => Promise<DirectionResult>
  >
> = {
  incoming: async (session) => ({ fault: await findInbox(session), markerFound: false }),
  outgoing: testOutgoing,
  act: async (session, { stamp }) => ({ fault: await testAct(session, stamp), markerFound: false }),
};

/**
 * Looks before it sends when an earlier try may have sent: nobody gets the same test message twice (DESIGN law 4). What
 * was sent is found again by its marker: only then is it known that the mailbox sends, and not merely accepts.
 */
async function testOutgoing(
  session: EwsSession,
  request: MailboxTestRequest,
  { sentItemsDelayMs }: MailboxTestOptions,
): Promise<DirectionResult> {
  if (request.lookForMarker) {
    const found = await findMarker(session, request.marker);
    if (found.fault !== null) return { fault: found.fault, markerFound: false };
    if (found.value) return { fault: null, markerFound: true };
  }
  const sent = await sendTestMessage(session, request.marker);
  return { fault: sent ?? (await lookForSent(session, request.marker, sentItemsDelayMs)), markerFound: false };
}

/** Exchange files the copy after it has sent: a moment later at times, so a second look decides. */
async function lookForSent(session: EwsSession, marker: string, delayMs: number): Promise<Fault | null> {
  const first = await findMarker(session, marker);
  if (first.fault !== null || first.value) return first.fault;
  await delay(delayMs, undefined, { signal: session.signal });
  const second = await findMarker(session, marker);
  if (second.fault !== null || second.value) return second.fault;
  return { code: 'TestMessageNotFound', params: { address: session.address } };
}

/** A mailbox that cannot be synchronized is not stamped. */
async function testAct(session: EwsSession, stamp: OrganizationStamp | null): Promise<Fault | null> {
  const faults = await checkActFolders(session);
  const fault = faults.find((found) => found !== null) ?? null;
  return fault !== null || stamp === null ? fault : stampMailbox(session, stamp);
}
