import type { CardElement } from '@microsoft/teams.cards';
import { faultTitle } from '../locales/fault-text.ts';
import type { Alert } from '../services/model/alert.ts';
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
import type { Outage } from '../services/model/outage.ts';
import type { Poll } from '../services/model/poll.ts';
import type { TestHistoryEntry } from '../services/model/test-history.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { faultNote, nextStep, remark } from './card-notes.ts';
import { localTime, speaker, timeBetween, type Say } from './card-text.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { approvalWord, directionWord, methodWord, profileWord, testWord } from './status-words.ts';
import template from './templates/mailbox.json' with { type: 'json' };

export interface MailboxDetails {
  readonly profileName: string | null;
  /** Its profile is switched off, so that nothing is done for it. */
  readonly profileInactive?: boolean;
  /** Its check at the polling interval; null: it is not checked. */
  readonly poll: Poll | null;
  /** Tries of a passing fault. */
  readonly attempts: number;
  /** The server that its checks wait for. */
  readonly outage: Pick<Outage, 'since'> | null;
  /** Its server is under maintenance, as announced. */
  readonly restsUntil?: number | null;
  /** The Email Router is chosen, so that nothing is tested or checked. */
  readonly emailRouter?: boolean;
  /** Alerts for information are made: that its test succeeded is one. */
  readonly information?: boolean;
  /** Exchange refused the password of its profile. */
  readonly secretRefused?: boolean;
  /** Its alerts, with their times; absent: not known. */
  readonly alerts?: readonly Alert[];
  /** What its last tests and checks found, newest first. */
  readonly history?: readonly TestHistoryEntry[];
}

/** A line each; one alone says nothing that the rest of the card does not. */
function historyLines(history: readonly TestHistoryEntry[], context: CardContext): CardElement[] {
  if (history.length < 2) return [];
  const say = speaker(context);
  return [
    { type: 'TextBlock', text: say('mailbox.history'), weight: 'Bolder', wrap: true },
    ...history.map(({ at, kind, runId, code }): CardElement => ({
      type: 'TextBlock',
      text: say('mailbox.history-line', {
        time: localTime(at),
        kind,
        run: runId ?? 'none',
        title: code === null ? 'none' : faultTitle(context.locale, code),
      }),
      size: 'Small',
      spacing: 'None',
      wrap: true,
    })),
  ];
}

/** One mailbox with all its states, its faults and what can be done. */
export function mailboxCard(mailbox: Mailbox, details: MailboxDetails, context: CardContext): CardView {
  const { profileName, outage, restsUntil = null, profileInactive = false, secretRefused = false } = details;
  const say = speaker(context);
  const { id, revision } = mailbox;
  const address = plainText(mailbox.address);
  const status = statusWord(mailbox, details, say);
  const isPending = mailbox.approval === approvalStatus.pending;
  const isRejected = mailbox.approval === approvalStatus.rejected;
  const approve = { verb: 'mailbox.approve', title: say('button.approve'), id, revision, style: 'positive' } as const;
  const test = { verb: 'mailbox.test', title: say('button.test-enable'), id, revision } as const;
  const edit = { verb: 'mailbox.edit', title: say('button.edit'), id, revision } as const;
  const activate = {
    verb: 'mailbox.activate',
    title: say('button.activate'),
    id,
    revision,
    style: 'positive',
  } as const;
  return renderTemplate(
    template,
    {
      header: cardHeader(address, status, say('mailbox.subtitle', { type: say(`type.${mailbox.type}`) })),
      facts: cardFacts([
        [say('fact.owner'), ['', mailbox.address].includes(mailbox.owner.trim()) ? null : plainText(mailbox.owner)],
        [say('fact.profile'), profileName === null ? say('profile.none') : plainText(profileName)],
        [say('fact.approval'), approvalText(mailbox, say)],
        [say('mailbox-edit.processEmailsReceivedAfter'), mailbox.processEmailsReceivedAfter],
        [say('fact.reason'), mailbox.decisionReason === null ? null : plainText(mailbox.decisionReason, 300)],
        [say('fact.last-test'), lastTestText(mailbox, say)],
        [say('fact.test-of'), testOf(mailbox, say)],
        ...checkFacts(mailbox, details, context),
      ]),
      directions: directionRows(mailbox, say),
      retry: [
        ...remark(mailbox.state === 'inactive' ? say('mailbox.switched-off') : null, 'Warning'),
        ...remark(details.emailRouter === true ? say('router.banner') : null, 'Warning'),
        ...remark(
          profileInactive ? say('mailbox.profile-inactive', { name: plainText(profileName ?? '', 80) }) : null,
          'Warning',
        ),
        ...remark(
          secretRefused ? say('mailbox.refused', { name: plainText(profileName ?? '', 80) }) : null,
          'Attention',
        ),
        ...remark(
          outage === null || secretRefused || restsUntil !== null
            ? null
            : say('mailbox.outage', { date: localTime(outage.since) }),
          'Warning',
        ),
        ...remark(
          restsUntil === null || secretRefused ? null : say('mailbox.maintenance', { date: localTime(restsUntil) }),
          'Warning',
        ),
        ...remark(secretRefused || restsUntil !== null ? null : retryText(mailbox, details, context), 'Warning'),
        ...remark(recoveredText(mailbox, say) ?? succeededText(mailbox, details, say), 'Good'),
      ],
      faults: faultNotes(mailbox, details, context),
      history: historyLines(details.history ?? [], context),
      next: nextStep(
        context,
        say(`mailbox.${nextFor(mailbox, details)}`, {
          name: plainText(profileName ?? '', 80),
        }),
      ),
      actions: cardButtons(
        context,
        mailbox.state === 'inactive'
          ? [activate, edit]
          : [
              ...(isPending || isRejected ? [approve] : []),
              secretRefused
                ? null
                : isPending || isRejected || restsUntil !== null
                  ? test
                  : { ...test, style: 'positive' },
              edit,
              { verb: 'mailbox.deactivate', title: say('button.deactivate'), id, revision },
            ],
      ),
    },
    say('mailbox.summary', { address, status: status.text }),
    context,
  );
}

/** A success of before is no good news while nothing gets through. */
function statusWord(
  mailbox: Mailbox,
  { outage, restsUntil = null, secretRefused = false }: MailboxDetails,
  say: Say,
): StateWord {
  if (mailbox.state === 'inactive') return { text: say('mailbox.inactive'), color: 'Warning' };
  const word = testWord(say, mailbox.status);
  if (mailbox.status !== testStatus.success) return word;
  if (secretRefused) return profileWord(say, { state: 'active' }, { kind: 'refused' });
  if (restsUntil !== null) return profileWord(say, { state: 'active' }, { kind: 'maintenance', until: restsUntil });
  return outage === null ? word : profileWord(say, { state: 'active' }, { kind: 'outage', since: outage.since });
}

/** An undo gives back what worked, but not the test that had shown it. */
function lastTestText({ lastTestedAt, status }: Mailbox, say: Say): string {
  if (lastTestedAt !== null) return localTime(lastTestedAt);
  return say(status === testStatus.success ? 'mailbox.test-not-kept' : 'mailbox.never-tested');
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
      seen: seenText(mailbox, direction, say),
    };
  });
}

/** Which test it was, and what it cost Exchange. */
function testOf({ lastTest }: Mailbox, say: Say): string | null {
  if (lastTest === null) return null;
  const { runId, calls } = lastTest;
  return say('mailbox.test-of', { run: runId ?? 'none', calls });
}

/** What the last test did in a direction, and how long that took. */
function seenText(mailbox: Mailbox, direction: Direction, say: Say): CardElement[] {
  const phase = mailbox.lastTest?.phases.find((one) => one.direction === direction);
  if (phase === undefined) return [];
  const { succeeded, durationMs, markerFound } = phase;
  // A check has found since that it does not work any more.
  if (succeeded && mailbox[direction].status === testStatus.failure) return [];
  // Times of a healthy server are far below a second.
  const seconds = Math.max(0.1, Math.round(durationMs / 100) / 10);
  const failed = durationMs > 0 ? 'failed' : 'not-reached';
  const what = succeeded ? (markerFound ? 'outgoing-before' : direction) : failed;
  const text = say(`mailbox.seen.${what}`, { seconds });
  return [{ type: 'TextBlock', text, wrap: true, isSubtle: true, size: 'Small', spacing: 'None' }];
}

/** Not enabled is bad news only after a failure: before the first test it is the normal state. */
function enabledKey(mailbox: Mailbox, direction: Direction): string {
  const { enabled, status } = mailbox[direction];
  const isUsed = serverSideDirections(mailbox).includes(direction);
  if (isUsed && enabled) return 'mailbox.enabled';
  return isUsed && status === testStatus.failure ? 'mailbox.not-enabled' : 'mailbox.never-enabled';
}

/** When it was last checked, and when it will be; while a failure is tried again, that says when. */
function checkFacts(mailbox: Mailbox, details: MailboxDetails, context: CardContext): [string, string | null][] {
  const say = speaker(context);
  const { poll, restsUntil = null, profileInactive = false, secretRefused = false } = details;
  const waits = mailbox.postponedUntil !== null || profileInactive || secretRefused || restsUntil !== null;
  if (poll === null || !mailbox.incoming.enabled) return [];
  return [
    [say('fact.last-check'), poll.checkedAt === null ? null : localTime(poll.checkedAt)],
    [say('fact.next-check'), waits ? null : timeAhead(poll.dueAt, context)],
  ];
}

function retryText(mailbox: Mailbox, { poll, attempts }: MailboxDetails, context: CardContext): string | null {
  const { postponedUntil, transientFailureCount: failed } = mailbox;
  if (postponedUntil === null) return null;
  // While a server is out of reach a check waits longer than its mailbox was told.
  const at = Math.max(postponedUntil, poll?.dueAt ?? 0);
  return speaker(context)('mailbox.retry', { when: timeAhead(at, context), next: failed + 1, attempts, failed });
}

/** A moment to come, and how long it is until then. */
function timeAhead(at: number, context: CardContext): string {
  const say = speaker(context);
  if (at <= context.now) return say('mailbox.soon');
  return say('mailbox.ahead', { date: localTime(at), duration: timeBetween(context, context.now, at) });
}

function recoveredText({ recoveredAt, status }: Mailbox, say: Say): string | null {
  if (recoveredAt === null || status !== testStatus.success) return null;
  return say('mailbox.recovered', { date: localTime(recoveredAt) });
}

/** The alert for information that its owner reads here (dynamics facts §3.2); a recovery says more than that. */
function succeededText({ lastTestedAt, status }: Mailbox, details: MailboxDetails, say: Say): string | null {
  if (details.information !== true || status !== testStatus.success || lastTestedAt === null) return null;
  return say('information.succeeded', { date: localTime(lastTestedAt) });
}

/** One box a fault, with the directions that it stops. */
function faultNotes(
  mailbox: Mailbox,
  { profileName, alerts = [] }: MailboxDetails,
  context: CardContext,
): CardElement[] {
  const say = speaker(context);
  const faults = directions.flatMap((direction) => mailbox[direction].fault ?? []);
  const codes = [...new Set(faults.map(({ code }) => code))];
  const profile = profileName === null ? {} : { profile: profileName };
  return codes.flatMap((code) => {
    const hit = directions.filter((direction) => mailbox[direction].fault?.code === code);
    const fault = faults.find((one) => one.code === code);
    if (fault === undefined) return [];
    const hits = say('mailbox.hits', { directions: hit.map((direction) => say(`column.${direction}`)).join(', ') });
    const where = alertLine(
      hits,
      alerts.filter((alert) => alert.fault.code === code),
      say,
    );
    const style = natureOf(fault) === 'transient' && mailbox.postponedUntil !== null ? 'warning' : 'attention';
    return faultNote(
      context,
      { ...fault, params: { address: mailbox.address, ...profile, ...fault.params } },
      style,
      where,
    );
  });
}

/** What the platform says of an alert beside its text: the code, first and last occurrence, and how often. */
function alertLine(hits: string, alerts: readonly Alert[], say: Say): string {
  const [alert] = alerts;
  if (alert === undefined) return hits;
  // Of two servers each has its own.
  const firstAt = Math.min(...alerts.map((one) => one.firstAt));
  const lastAt = Math.max(...alerts.map((one) => one.lastAt));
  return say('mailbox.alert-line', {
    hits,
    code: plainText(alert.fault.raw ?? alert.fault.code, 60),
    from: localTime(firstAt),
    last: lastAt > firstAt ? localTime(lastAt) : 'none',
    count: alerts.reduce((most, { count }) => Math.max(most, count), 1),
  });
}

type NextFor =
  | 'switched-off-next'
  | 'maintenance-next'
  | 'outage-next'
  | 'refused-next'
  | 'inactive-next'
  | 'pending-next'
  | 'rejected-next'
  | 'methods-next'
  | 'retry-next'
  | 'failed-next'
  | 'fine-next'
  | 'test-next'
  | 'profile-next';

function nextFor(
  mailbox: Mailbox,
  { outage, restsUntil = null, profileInactive = false, secretRefused = false }: MailboxDetails,
): NextFor {
  if (mailbox.state === 'inactive') return 'switched-off-next';
  if (mailbox.approval === approvalStatus.pending) return 'pending-next';
  if (mailbox.approval === approvalStatus.rejected) return 'rejected-next';
  if (mailbox.profileId === null) return 'profile-next';
  if (serverSideDirections(mailbox).length === 0) return 'methods-next';
  if (profileInactive) return 'inactive-next';
  if (secretRefused) return 'refused-next';
  if (restsUntil !== null) return 'maintenance-next';
  if (outage !== null) return 'outage-next';
  if (mailbox.postponedUntil !== null) return 'retry-next';
  if (mailbox.status === testStatus.failure) return 'failed-next';
  return mailbox.status === testStatus.success ? 'fine-next' : 'test-next';
}
