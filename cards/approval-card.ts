import type { ActionArray, CardElement } from '@microsoft/teams.cards';
import type { ApprovalRequest } from '../services/model/approval-request.ts';
import type { Mailbox } from '../services/model/mailbox.ts';
import { listPageSize } from '../services/model/list-view.ts';
import { cardButtons, type ButtonWithInputs } from './card-action-buttons.ts';
import { mayUse, type CardContext, type CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
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
  /** Names of those who decide, as far as they are known: for a reader who does not. */
  readonly deciders?: readonly string[];
}

/** The request for a decision: one mailbox, a page of many, or what was decided. */
export function approvalCard(request: ApprovalRequest, page: ApprovalPage, context: CardContext): CardView {
  if (request.pending === 0) return decidedCard(request, context);
  const say = speaker(context);
  const rows = page.rows.slice(0, listPageSize);
  const [first] = rows;
  const single = request.pending === 1 && first !== undefined ? first : null;
  const who = personName(say, request.requestedByName);
  const address = single === null ? '' : plainText(single.address);
  const decides = mayUse(context, 'decide');
  return renderTemplate(
    template,
    {
      header: cardHeader(say(titleKey(single !== null, decides), { count: request.pending, address }), {
        text: say('approval.pending'),
        color: 'Warning',
      }),
      facts: cardFacts([
        [say('fact.asked-by'), who],
        [say('fact.asked-at'), localTime(request.requestedAt)],
        ...(single === null
          ? [[say('fact.profile'), sharedProfile(rows, page, say)] as const]
          : singleFacts(single, page, say)),
        [say('fact.progress'), request.total > request.pending ? say('approve.progress', counts(request)) : null],
        [say('fact.then'), say(request.testWhenApproved ? 'approve.then-test' : 'approve.then-wait')],
        ...lastDecision(request, say),
      ]),
      choose:
        single === null
          ? [
              decides ? chooser(rows, page, request, say) : listOf(rows, page, request, say),
              ...paging(request, page, rows.length, context),
            ]
          : [],
      next: nextStep(
        context,
        decides
          ? say(single === null ? 'approve.next-many' : 'approve.next-one')
          : say('approve.next-others', decidersParams(page.deciders ?? [])),
      ),
      actions: single === null ? manyActions(request, context) : singleActions(request, context),
    },
    say(single === null ? 'approve.summary-many' : 'approve.summary-one', { who, count: request.pending, address }),
    context,
  );
}

const counts = ({ pending, approved, rejected, total }: ApprovalRequest): Record<string, number> => ({
  pending,
  approved,
  rejected,
  total,
});

function singleFacts(mailbox: Mailbox, { profileNames }: ApprovalPage, say: Say): [string, string | null][] {
  const profile = mailbox.profileId === null ? undefined : profileNames[mailbox.profileId];
  return [
    [say('fact.type'), say(`type.${mailbox.type}`)],
    [say('fact.owner'), mailbox.owner.trim() === '' ? null : plainText(mailbox.owner)],
    [say('fact.profile'), profile === undefined ? say('profile.none') : plainText(profile)],
  ];
}

function singleActions({ id, revision }: ApprovalRequest, context: CardContext): ActionArray {
  const say = speaker(context);
  return cardButtons(context, [
    { verb: 'approval.approve-all', title: say('button.approve'), id, revision, style: 'positive' },
    rejectButton(say, 'button.reject', 'approval.reject-all', id, revision),
  ]);
}

function manyActions({ id, revision, pending }: ApprovalRequest, context: CardContext): ActionArray {
  const say = speaker(context);
  const all = say('button.approve-all', { count: pending });
  return cardButtons(context, [
    { verb: 'approval.approve-all', title: all, id, revision, style: 'positive', inputs: 'none' },
    { verb: 'approval.approve-selected', title: say('button.approve-selected'), id, revision },
    rejectButton(say, 'button.reject-selected', 'approval.reject-selected', id, revision),
  ]);
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

function lastDecision({ lastDecision }: ApprovalRequest, say: Say): [string, string | null][] {
  if (lastDecision === null) return [];
  const { by, at, verdict, count, reason } = lastDecision;
  return [
    [say('fact.decided'), say(`approve.${verdict}-by`, { who: personName(say, by), date: localTime(at), count })],
    [say('fact.reason'), reason === null ? null : plainText(reason, 500)],
  ];
}

/** The final card: who, when, how many, and why. */
function decidedCard(request: ApprovalRequest, context: CardContext): CardView {
  const say = speaker(context);
  const { approved, rejected, total } = request;
  const outcome = approved === 0 ? 'rejected' : rejected === 0 ? 'approved' : 'mixed';
  const color = { approved: 'Good', rejected: 'Attention', mixed: 'Warning' } as const;
  const next =
    approved === 0
      ? 'approve.rejected-next'
      : request.testWhenApproved
        ? 'approve.testing-next'
        : 'approve.approved-next';
  return renderTemplate(
    template,
    {
      header: cardHeader(say('approve.title-decided', { count: total }), {
        text: say(`approve.${outcome}`),
        color: color[outcome],
      }),
      facts: cardFacts([
        [say('fact.asked-by'), personName(say, request.requestedByName)],
        [say('fact.asked-at'), localTime(request.requestedAt)],
        [say('approve.approved-count'), say('number', { count: approved })],
        [say('approve.rejected-count'), say('number', { count: rejected })],
        ...lastDecision(request, say),
      ]),
      choose: [],
      next: nextStep(context, say(next)),
      actions: [],
    },
    say('approve.summary-decided', counts(request)),
    context,
  );
}
