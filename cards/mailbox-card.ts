import type { CardElement } from '@microsoft/teams.cards';
import { natureOf } from '../services/model/fault.ts';
import {
  approvalStatus,
  directions,
  methodOf,
  serverSideDirections,
  testStatus,
  type Direction,
  type Mailbox,
} from '../services/model/mailbox.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { faultNote, nextStep, remark } from './card-notes.ts';
import { localTime, speaker, type Say } from './card-text.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { approvalWord, directionWord, methodWord, testWord } from './status-words.ts';
import template from './templates/mailbox.json' with { type: 'json' };

/** One mailbox with all its states, its faults and what can be done. */
export function mailboxCard(
  mailbox: Mailbox,
  { profileName }: { profileName: string | null },
  context: CardContext,
): CardView {
  const say = speaker(context);
  const { id, revision } = mailbox;
  const address = plainText(mailbox.address);
  const status = testWord(say, mailbox.status);
  const isPending = mailbox.approval === approvalStatus.pending;
  const isRejected = mailbox.approval === approvalStatus.rejected;
  const approve = { verb: 'mailbox.approve', title: say('button.approve'), id, revision, style: 'positive' } as const;
  const test = { verb: 'mailbox.test', title: say('button.test-enable'), id, revision } as const;
  return renderTemplate(
    template,
    {
      header: cardHeader(address, status, say('mailbox.subtitle', { type: say(`type.${mailbox.type}`) })),
      facts: cardFacts([
        [say('fact.owner'), ['', mailbox.address].includes(mailbox.owner.trim()) ? null : plainText(mailbox.owner)],
        [say('fact.profile'), profileName === null ? say('profile.none') : plainText(profileName)],
        [say('fact.approval'), approvalText(mailbox, say)],
        [say('fact.reason'), mailbox.decisionReason === null ? null : plainText(mailbox.decisionReason, 300)],
        [
          say('fact.last-test'),
          mailbox.lastTestedAt === null ? say('mailbox.never-tested') : localTime(mailbox.lastTestedAt),
        ],
      ]),
      directions: directionRows(mailbox, say),
      retry: remark(retryText(mailbox, say), 'Warning'),
      faults: faultNotes(mailbox, context),
      next: nextStep(context, say(`mailbox.${nextFor(mailbox)}`)),
      actions: cardButtons(context, isPending || isRejected ? [approve, test] : [{ ...test, style: 'positive' }]),
    },
    say('mailbox.summary', { address, status: status.text }),
    context,
  );
}

function approvalText(mailbox: Mailbox, say: Say): string {
  const word = approvalWord(say, mailbox.approval).text;
  const { decidedAt, decidedBy } = mailbox;
  if (decidedAt === null) return word;
  return say('mailbox.decided', { word, who: personName(say, decidedBy), date: localTime(decidedAt) });
}

function directionRows(mailbox: Mailbox, say: Say): object[] {
  return directions.map((direction) => {
    const word = directionWord(say, mailbox, direction);
    return {
      name: say(`direction.${direction}`),
      method: methodWord(say, direction, methodOf(mailbox, direction)),
      status: word.text,
      color: word.color,
      enabled: say(enabledKey(mailbox, direction)),
    };
  });
}

/** Not enabled is bad news only after a failure: before the first test it is the normal state. */
function enabledKey(mailbox: Mailbox, direction: Direction): string {
  const { enabled, status } = mailbox[direction];
  const isUsed = serverSideDirections(mailbox).includes(direction);
  if (isUsed && enabled) return 'mailbox.enabled';
  return isUsed && status === testStatus.failure ? 'mailbox.not-enabled' : 'mailbox.never-enabled';
}

function retryText({ postponedUntil, transientFailureCount }: Mailbox, say: Say): string | null {
  if (postponedUntil === null) return null;
  return say('mailbox.retry', { date: localTime(postponedUntil), count: transientFailureCount });
}

/** One box a fault, with the directions that it stops. */
function faultNotes(mailbox: Mailbox, context: CardContext): CardElement[] {
  const say = speaker(context);
  const faults = directions.flatMap((direction) => mailbox[direction].fault ?? []);
  const codes = [...new Set(faults.map(({ code }) => code))];
  return codes.flatMap((code) => {
    const hit = directions.filter((direction) => mailbox[direction].fault?.code === code);
    const fault = faults.find((one) => one.code === code);
    if (fault === undefined) return [];
    const where = say('mailbox.hits', { directions: hit.map((direction) => say(`column.${direction}`)).join(', ') });
    const style = natureOf(fault) === 'transient' && mailbox.postponedUntil !== null ? 'warning' : 'attention';
    return faultNote(context, { ...fault, params: { address: mailbox.address, ...fault.params } }, style, where);
  });
}

type NextFor =
  | 'pending-next'
  | 'rejected-next'
  | 'methods-next'
  | 'retry-next'
  | 'failed-next'
  | 'fine-next'
  | 'test-next'
  | 'profile-next';

function nextFor(mailbox: Mailbox): NextFor {
  if (mailbox.approval === approvalStatus.pending) return 'pending-next';
  if (mailbox.approval === approvalStatus.rejected) return 'rejected-next';
  if (mailbox.profileId === null) return 'profile-next';
  if (serverSideDirections(mailbox).length === 0) return 'methods-next';
  if (mailbox.postponedUntil !== null) return 'retry-next';
  if (mailbox.status === testStatus.failure) return 'failed-next';
  return mailbox.status === testStatus.success ? 'fine-next' : 'test-next';
}
