import type { ApprovalRequest } from './approval-request.ts';
import type { EmailSettings } from './environment.ts';

/**
 * Four eyes: whoever asked for an approval does not decide about it, neither way: a rejection of one's own request could be
 * turned into an approval later. By the Entra object id, never by a name.
 */
export function mayDecideAbout(
  { fourEyes }: Pick<EmailSettings, 'fourEyes'>,
  { requestedBy }: Pick<ApprovalRequest, 'requestedBy'>,
  personId: string,
): boolean {
  return !fourEyes || requestedBy !== personId;
}

/** Who may decide about a request, for sentences that send somebody to them. */
export interface Deciders {
  /** 0: mailboxes wait for somebody who is not there. */
  readonly count: number;
  /** As far as they were seen: whoever never said anything has none. */
  readonly names: readonly string[];
  /** Whoever asked is an approver too, and does not decide because of four-eyes. */
  readonly holdsBackRequester: boolean;
}
