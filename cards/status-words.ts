import {
  approvalStatus,
  serverSideDirections,
  testStatus,
  type ApprovalStatus,
  type Direction,
  type Mailbox,
  type TestStatus,
} from '../services/model/mailbox.ts';
import type { AlertLevel } from '../services/model/alert.ts';
import type { ProfileTrouble } from '../services/model/outage.ts';
import type { EmailServerProfile } from '../services/model/profile.ts';
import type { StateWord } from './card-header.ts';
import type { Say } from './card-text.ts';

/** Not Run, Success, Failure: the platform's words. */
export function testWord(say: Say, status: TestStatus): StateWord {
  const words: Readonly<Record<TestStatus, StateWord>> = {
    [testStatus.notRun]: { text: say('test.not-run'), color: 'Default' },
    [testStatus.success]: { text: say('test.success'), color: 'Good' },
    [testStatus.failure]: { text: say('test.failure'), color: 'Attention' },
  };
  return words[status];
}

/** State of one direction; one without server-side synchronization is never tested. */
export function directionWord(say: Say, mailbox: Mailbox, direction: Direction): StateWord {
  if (!serverSideDirections(mailbox).includes(direction)) return { text: say('test.not-used'), color: 'Default' };
  return testWord(say, mailbox[direction].status);
}

export function approvalWord(say: Say, approval: ApprovalStatus): StateWord {
  const words: Readonly<Record<ApprovalStatus, StateWord>> = {
    [approvalStatus.empty]: { text: say('approval.empty'), color: 'Default' },
    [approvalStatus.approved]: { text: say('approval.approved'), color: 'Good' },
    [approvalStatus.pending]: { text: say('approval.pending'), color: 'Warning' },
    [approvalStatus.rejected]: { text: say('approval.rejected'), color: 'Attention' },
  };
  return words[approval];
}

/** Active is good news only while its mailboxes can be checked. */
export function profileWord(
  say: Say,
  { state }: Pick<EmailServerProfile, 'state'>,
  trouble: ProfileTrouble,
): StateWord {
  if (state === 'inactive') return { text: say('profile.inactive'), color: 'Warning' };
  if (trouble === null) return { text: say('profile.active'), color: 'Good' };
  return { text: say(`profile.word-${trouble.kind}`), color: trouble.kind === 'refused' ? 'Attention' : 'Warning' };
}

export function levelWord(say: Say, level: AlertLevel): StateWord {
  const words: Readonly<Record<AlertLevel, StateWord>> = {
    error: { text: say('level.error'), color: 'Attention' },
    warning: { text: say('level.warning'), color: 'Warning' },
    information: { text: say('level.information'), color: 'Accent' },
  };
  return words[level];
}

/** Name of a delivery method; the same number means another method in another direction. */
export function methodWord(say: Say, direction: Direction, method: number): string {
  return say(`method.${direction}.${method}`);
}
