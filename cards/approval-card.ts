import type { ActionArray, CardElement } from '@microsoft/teams.cards';
import { isLive, openQuestion, questionLimits, type ApprovalRequest } from '../services/model/approval-request.ts';
import type { Deciders } from '../services/model/four-eyes.ts';
import type { Mailbox } from '../services/model/mailbox.ts';
import { listPageSize } from '../services/model/list-view.ts';
import { decidedCard, expiredCard, withdrawnCard } from './approval-end-card.ts';
import { askedFacts, countsOf, lastDecision, withdrawalFact, withdrawButton } from './approval-facts.ts';
import { questionRounds } from './approval-question-card.ts';
import { cardButtons, commandButton, type ButtonWithInputs } from './card-action-buttons.ts';
import { mayUse, type CardContext, type CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, type Say } from './card-text.ts';
import { listPage } from './list-page.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/approval.json' with { type: 'json' };
import type { Verb } from './verbs.ts';

export interface ApprovalPage {
  /** Pending mailboxes of this page: at most `listPageSize`. */
  readonly rows: readonly Mailbox[];
  /** Counts from 0. */
  readonly page: number;
  readonly profileNames: Readonly<Record<string, string>>;
  /** Who decides: for a reader who does not. */
  readonly deciders: Deciders;
}

/** The request for a decision: one mailbox, a page of many, or what was decided. */
export function approvalCard(request: ApprovalRequest, page: ApprovalPage, context: CardContext): CardView {
  if (request.total === 0) return withdrawnCard(request, context);
  if (request.pending === 0) return decidedCard(request, context);
  if (!isLive(request)) return expiredCard(request, context);
  const say = speaker(context);
  const rows = page.rows.slice(0, listPageSize);
  const [first] = rows;
  const single = request.pending === 1 && first !== undefined ? first : null;
  const who = personName(say, request.requestedByName);
  const address = single === null ? '' : plainText(single.address);
  const { deciders } = page;
  // Whoever asked is offered no decision on a card of their own; one that many share shows the buttons, and the server checks.
  const isHeldBack = deciders.holdsBackRequester && context.viewerId === request.requestedBy;
  const decides = mayUse(context, 'decide') && !isHeldBack && deciders.count > 0;
  return renderTemplate(
    template,
    {
      header: cardHeader(say(titleKey(single !== null, decides), { count: request.pending, address }), {
        text: say('approval.pending'),
        color: 'Warning',
      }),
      facts: cardFacts([
        ...askedFacts(request, say),
        ...(single === null
          ? [[say('fact.profile'), sharedProfile(rows, page, say)] as const]
          : singleFacts(single, page, say)),
        [say('fact.progress'), request.total > request.pending ? say('approve.progress', countsOf(request)) : null],
        [say('fact.then'), say(request.testWhenApproved ? 'approve.then-test' : 'approve.then-wait')],
        ...lastDecision(request, say),
        ...withdrawalFact(request, say),
      ]),
      choose:
        single === null
          ? [
              decides ? chooser(rows, page, request, say) : listOf(rows, page, request, say),
              ...paging(request, page, rows.length, context),
            ]
          : [],
      questions: [...questionRounds(request.questions, context), ...lateRemark(request, say)],
      next: nextStep(
        context,
        deciders.count === 0
          ? say('approve.next-nobody', { who, own: deciders.holdsBackRequester })
          : decides
            ? say(single === null ? 'approve.next-many' : 'approve.next-one')
            : say(isHeldBack ? 'approve.next-own' : 'approve.next-others', decidersParams(deciders.names)),
      ),
      actions: actionsOf(request, single !== null, decides, deciders, context),
    },
    say(single === null ? 'approve.summary-many' : 'approve.summary-one', { who, count: request.pending, address }),
    context,
  );
}

function singleFacts(mailbox: Mailbox, { profileNames }: ApprovalPage, say: Say): [string, string | null][] {
  const profile = mailbox.profileId === null ? undefined : profileNames[mailbox.profileId];
  return [
    [say('fact.type'), say(`type.${mailbox.type}`)],
    [say('fact.owner'), mailbox.owner.trim() === '' ? null : plainText(mailbox.owner)],
    [say('fact.profile'), profile === undefined ? say('profile.none') : plainText(profile)],
  ];
}

function actionsOf(
  request: ApprovalRequest,
  isSingle: boolean,
  decides: boolean,
  deciders: Deciders,
  context: CardContext,
): ActionArray {
  if (decides) return isSingle ? singleActions(request, context) : manyActions(request, context);
  const say = speaker(context);
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
    rejectButton(say, 'button.reject', 'approval.reject-all', id, revision),
    askButton(say, request),
    withdrawButton(say, request),
  ]);
}

function manyActions(request: ApprovalRequest, context: CardContext): ActionArray {
  const say = speaker(context);
  const { id, revision, pending } = request;
  const all = say('button.approve-all', { count: pending });
  return cardButtons(context, [
    { verb: 'approval.approve-all', title: all, id, revision, style: 'positive', inputs: 'none' },
    { verb: 'approval.approve-selected', title: say('button.approve-selected'), id, revision },
    rejectButton(say, 'button.reject-selected', 'approval.reject-selected', id, revision),
    askButton(say, request),
  ]);
}

/** One question at a time: the answer to it may be the answer to the next one. */
function askButton(say: Say, request: ApprovalRequest): ButtonWithInputs | null {
  const { id, revision, questions } = request;
  if (openQuestion(request) !== null || questions.length >= questionLimits.rounds) return null;
  const question = {
    type: 'Input.Text',
    id: 'question',
    label: say('question.field', { who: personName(say, request.requestedByName) }),
    isMultiline: true,
    maxLength: questionLimits.characters,
    isRequired: true,
    errorMessage: say('question.missing'),
  };
  return {
    title: say('button.ask-open'),
    body: [question],
    submit: { verb: 'approval.ask', title: say('button.ask'), id, revision },
  };
}

/** Turning pages stands right below the list; a selection counts for the page that is shown. */
function paging(request: ApprovalRequest, { page }: ApprovalPage, shown: number, context: CardContext): CardElement[] {
  const say = speaker(context);
  const { id, revision, pending } = request;
  const { hasPrevious, hasNext } = listPage(page, listPageSize, pending, shown);
  const actions = cardButtons(context, [
    hasPrevious ? { verb: 'approval.previous', title: say('button.previous'), id, revision, inputs: 'none' } : null,
    hasNext ? { verb: 'approval.next', title: say('button.next'), id, revision, inputs: 'none' } : null,
  ]);
  return actions.length === 0 ? [] : [{ type: 'ActionSet', actions }];
}

/** A rejection needs a reason: whoever asked has to learn what to change. */
function rejectButton(say: Say, title: string, verb: Verb, id: string, revision: number): ButtonWithInputs {
  const reason = {
    type: 'Input.Text',
    id: 'reason',
    label: say('approve.reason.label'),
    placeholder: say('approve.reason.hint'),
    isMultiline: true,
    maxLength: 500,
    isRequired: true,
    errorMessage: say('approve.reason.missing'),
  };
  return {
    title: say(`${title}-open`),
    body: [reason],
    submit: { verb, title: say(title), id, revision, style: 'destructive' },
  };
}

function chooser(
  rows: readonly Mailbox[],
  { page, profileNames }: ApprovalPage,
  { pending }: ApprovalRequest,
  say: Say,
): object {
  return {
    type: 'Input.ChoiceSet',
    id: 'selected',
    label: rangeText({ rows, page }, pending, say),
    isMultiSelect: true,
    style: 'expanded',
    wrap: true,
    choices: lines(rows, profileNames, say).map((title, index) => ({ title, value: rows[index]?.id ?? '' })),
  };
}

/** The same without boxes to tick, for a reader who does not decide. */
function listOf(
  rows: readonly Mailbox[],
  { page, profileNames }: ApprovalPage,
  { pending }: ApprovalRequest,
  say: Say,
): CardElement {
  return {
    type: 'Container',
    items: [
      { type: 'TextBlock', text: rangeText({ rows, page }, pending, say), weight: 'Bolder', wrap: true },
      ...lines(rows, profileNames, say).map((text): CardElement => ({
        type: 'TextBlock',
        text,
        spacing: 'None',
        wrap: true,
      })),
    ],
  };
}

function rangeText({ rows, page }: Pick<ApprovalPage, 'rows' | 'page'>, pending: number, say: Say): string {
  const { from, to } = listPage(page, listPageSize, pending, rows.length);
  return say('approve.choose', { from, to, count: pending });
}

function lines(rows: readonly Mailbox[], profileNames: ApprovalPage['profileNames'], say: Say): string[] {
  const isShared = sharedProfile(rows, { profileNames }, say) !== null;
  return rows.map((mailbox) =>
    say('approve.choice', {
      address: plainText(mailbox.address),
      type: say(`type.${mailbox.type}`),
      owner: plainText(mailbox.owner, 60),
      hasOwner: mailbox.owner.trim() !== '' && mailbox.owner !== mailbox.address,
      profile: profileName(mailbox, profileNames, say),
      hasProfile: !isShared,
    }),
  );
}

/** A question only for whoever can answer it. */
function titleKey(isSingle: boolean, decides: boolean): string {
  const size = isSingle ? 'one' : 'many';
  return decides ? `approve.title-${size}` : `approve.waits-${size}`;
}

const mostDeciders = 5;

function decidersParams(names: readonly string[]): { count: number; names: string; more: number } {
  const shown = names.slice(0, mostDeciders).map((name) => plainText(name, 60));
  return { count: names.length, names: shown.join(', '), more: names.length - shown.length };
}

/** The profile of all rows, said once above them; null when they differ, so that each row names its own. */
function sharedProfile(
  rows: readonly Mailbox[],
  { profileNames }: Pick<ApprovalPage, 'profileNames'>,
  say: Say,
): string | null {
  const names = new Set(rows.map((mailbox) => profileName(mailbox, profileNames, say)));
  return names.size === 1 ? ([...names][0] ?? null) : null;
}

function profileName({ profileId }: Mailbox, names: Readonly<Record<string, string>>, say: Say): string {
  const name = profileId === null ? undefined : names[profileId];
  return name === undefined ? say('profile.none') : plainText(name, 60);
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
