import type { ActionArray, CardElement } from '@microsoft/teams.cards';
import { isLive, openQuestion, questionLimits, type ApprovalRequest } from '../services/model/approval-request.ts';
import type { CardReaders } from '../services/model/card-readers.ts';
import type { Mailbox } from '../services/model/mailbox.ts';
import type { PendingCount } from '../services/model/pending-group.ts';
import type { Deciders } from '../services/model/who-decides.ts';
import { closedCard } from './approval-closed-card.ts';
import { decidedCard, expiredCard, withdrawnCard } from './approval-end-card.ts';
import {
  askedFacts,
  countsOf,
  lastDecision,
  rejectionFacts,
  withdrawalFact,
  withdrawButton,
} from './approval-facts.ts';
import { groupLines, profileName } from './approval-groups.ts';
import { questionRounds } from './approval-question-card.ts';
import { viewButton, withRefresh } from './approval-refresh.ts';
import { cardButtons, commandButton, type DialogButton } from './card-action-buttons.ts';
import { isForNobody, isShared, mayUse, type CardContext, type CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, type Say } from './card-text.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/approval.json' with { type: 'json' };
import type { Verb } from './verbs.ts';

/** What a request's card says beyond the request itself. */
export interface ApprovalView {
  readonly pending: PendingCount;
  readonly profileNames: Readonly<Record<string, string>>;
  /** Who decides: for a reader who does not. */
  readonly deciders: Deciders;
  /** Whoever reads this card may decide. */
  readonly decides: boolean;
  /** Where many read the card: for whom Teams fetches a view of their own. Null: a chat of one person. */
  readonly readers: CardReaders | null;
}

/**
 * The request for a decision. The card that many share is neutral: no button on it decides and nothing is typed on it. A reader
 * with roles gets a view of their own, with the buttons that are theirs; one whose roles are gone, nothing in their own chat.
 */
export function approvalCard(request: ApprovalRequest, view: ApprovalView, context: CardContext): CardView {
  if (isForNobody(context)) return closedCard(context);
  if (request.total === 0) return withdrawnCard(request, context);
  if (request.pending === 0) return decidedCard(request, view.pending, context);
  const card = isLive(request) ? liveCard(request, view, context) : expiredCard(request, view.pending, context);
  return withRefresh(card, request.id, view.readers);
}

function liveCard(request: ApprovalRequest, view: ApprovalView, context: CardContext): CardView {
  const say = speaker(context);
  const { deciders, pending, profileNames } = view;
  const [first] = pending.sample;
  const single = request.pending === 1 && first !== undefined ? first : null;
  const who = personName(say, request.requestedByName);
  const address = single === null ? '' : plainText(single.address);
  const shared = isShared(context);
  const decides = !shared && view.decides;
  return renderTemplate(
    template,
    {
      header: cardHeader(say(titleKey(single !== null, decides), { count: request.pending, address }), {
        text: say('approval.pending'),
        color: 'Warning',
      }),
      facts: cardFacts([
        ...askedFacts(request, say),
        ...(single === null ? [] : singleFacts(single, profileNames, say)),
        [say('fact.progress'), request.total > request.pending ? say('approve.progress', countsOf(request)) : null],
        [say('fact.then'), say(request.testWhenApproved ? 'approve.then-test' : 'approve.then-wait')],
        [say('approve.deciders'), shared && deciders.count > 0 ? decidersText(deciders, say) : null],
        ...lastDecision(request, say),
        ...rejectionFacts(request, pending.rejections, say),
        ...withdrawalFact(request, say),
      ]),
      groups:
        single === null
          ? groupLines(pending, profileNames, { total: request.pending, withAddresses: !shared }, say)
          : [],
      questions: [
        ...questionRounds(request.questions, context),
        ...lateRemark(request, say),
        ...remark(view.readers?.isTooMany === true ? say('approve.by-hand') : null),
      ],
      next: nextStep(context, nextText(request, single !== null, { ...view, decides }, context)),
      actions: actionsOf(request, single !== null, { ...view, decides }, context),
    },
    say(single === null ? 'approve.summary-many' : 'approve.summary-one', { who, count: request.pending, address }),
    context,
  );
}

function singleFacts(mailbox: Mailbox, names: Readonly<Record<string, string>>, say: Say): [string, string | null][] {
  return [
    [say('fact.type'), say(`type.${mailbox.type}`)],
    [say('fact.owner'), mailbox.owner.trim() === '' ? null : plainText(mailbox.owner)],
    [say('fact.profile'), profileName(mailbox.profileId, names, say)],
  ];
}

function nextText(
  request: ApprovalRequest,
  isSingle: boolean,
  { deciders, decides }: ApprovalView,
  context: CardContext,
): string {
  const say = speaker(context);
  if (deciders.count === 0) {
    const who = personName(say, request.requestedByName);
    return say('approve.next-nobody', { who, own: deciders.holdsBackRequester });
  }
  if (isShared(context)) return say('approve.next-shared', { view: say('button.view') });
  if (decides) return say(isSingle ? 'approve.next-one' : 'approve.next-many');
  return say(isHeldBack(request, deciders, context) ? 'approve.next-own' : 'approve.next-others', namesOf(deciders));
}

function isHeldBack(
  { requestedBy }: ApprovalRequest,
  { holdsBackRequester }: Deciders,
  { viewerId }: CardContext,
): boolean {
  return holdsBackRequester && viewerId === requestedBy;
}

function actionsOf(
  request: ApprovalRequest,
  isSingle: boolean,
  { deciders, decides }: ApprovalView,
  context: CardContext,
): ActionArray {
  const say = speaker(context);
  if (isShared(context)) return cardButtons(context, [viewButton(say, request)]);
  if (decides) return isSingle ? singleActions(request, context) : manyActions(request, context);
  if (deciders.count > 0) return cardButtons(context, [withdrawButton(say, request)]);
  return cardButtons(context, [
    mayUse(context, 'audit') ? commandButton(say('button.roles'), 'roles', 'positive') : null,
    deciders.holdsBackRequester && mayUse(context, 'manage')
      ? commandButton(say('button.email-settings'), 'email settings')
      : null,
    withdrawButton(say, request),
  ]);
}

function singleActions(request: ApprovalRequest, context: CardContext): ActionArray {
  const say = speaker(context);
  const { id, revision } = request;
  return cardButtons(context, [
    { verb: 'approval.approve-all', title: say('button.approve'), id, revision, style: 'positive' },
    dialog('approval.reject-dialog', say('button.reject-open'), request),
    askButton(say, request),
    withdrawButton(say, request),
  ]);
}

function manyActions(request: ApprovalRequest, context: CardContext): ActionArray {
  const say = speaker(context);
  const { id, revision, pending } = request;
  const all = say('button.approve-all', { count: pending });
  return cardButtons(context, [
    { verb: 'approval.approve-all', title: all, id, revision, style: 'positive' },
    { verb: 'approval.choose', title: say('button.choose'), id, revision },
    dialog('approval.reject-dialog', say('button.reject-all-open', { count: pending }), request),
    askButton(say, request),
  ]);
}

const dialog = (opens: Verb, title: string, { id, revision }: ApprovalRequest): DialogButton => ({
  opens,
  title,
  id,
  revision,
});

/** One question at a time: the answer to it may be the answer to the next one. */
function askButton(say: Say, request: ApprovalRequest): DialogButton | null {
  if (openQuestion(request) !== null || request.questions.length >= questionLimits.rounds) return null;
  return dialog('approval.ask-dialog', say('button.ask-open'), request);
}

/** A question only for whoever can answer it. */
function titleKey(isSingle: boolean, decides: boolean): string {
  const size = isSingle ? 'one' : 'many';
  return decides ? `approve.title-${size}` : `approve.waits-${size}`;
}

const mostDeciders = 5;

function namesOf({ names }: Deciders): { count: number; names: string; more: number } {
  const shown = names.slice(0, mostDeciders).map((name) => plainText(name, 60));
  return { count: names.length, names: shown.join(', '), more: names.length - shown.length };
}

/** Whoever was never seen has no name and decides all the same. */
function decidersText({ names, count, setName, fallsBack }: Deciders, say: Say): string {
  const shown = names.slice(0, mostDeciders).map((name) => plainText(name, 60));
  return say('approve.decided-by', {
    set: setName === null ? '' : plainText(setName, 60),
    ofSet: setName === null ? 'none' : fallsBack ? 'empty' : 'some',
    known: shown.length,
    names: shown.join(', '),
    more: Math.max(0, count - shown.length),
    count,
  });
}

function lateRemark({ stage, requestedAt, dueAt }: ApprovalRequest, say: Say): CardElement[] {
  if (stage === 'open') return [];
  const date = localTime(requestedAt);
  return remark(
    stage === 'escalated' && dueAt !== null
      ? say('approve.escalated', { date, until: localTime(dueAt) })
      : say('approve.reminded', { date }),
    'Warning',
  );
}
