import { nothingTyped, rejectSelectedDialog, type Typed } from '../../cards/approval-dialogs.ts';
import type { Verb } from '../../cards/verbs.ts';
import { translate } from '../../locales/translate.ts';
import {
  bulkActionOf,
  cancelBulkAction,
  confirmBulkAction,
  planBulkAction,
  type BulkResult,
  type NotDecided,
} from '../../services/mailboxes/bulk-actions.ts';
import { selectionOf } from '../../services/mailboxes/change-mailbox-list.ts';
import type { BulkAction } from '../../services/model/bulk-action.ts';
import { MailroomError } from '../../services/model/error.ts';
import { cardContext, onCard, ownView } from '../card-context.ts';
import type { CardData } from '../card-data.ts';
import type { CardAction, DialogAction, DialogAnswer, TurnInput } from '../turn-input.ts';
import { typingProblem } from './approval-dialogs.ts';
import { profileNamesById, renderBulkAction } from './mailbox-commands.ts';
import { listOfWaiting, selectionText, waitsForMe } from './mailbox-list.ts';
import { runBegun, startedText } from './run-commands.ts';

/** The answers to a question about many mailboxes, and the way back to those that still wait. */
export const bulkActions = {
  'bulk.confirm': async (input, data) => {
    const takeOver = data.inputs['takeOver'] === 'true';
    const result = await confirm(input, data, takeOver, null);
    const { action, run, test } = result;
    if (test !== undefined)
      return renderBulkAction(input, action, { text: await startedText(onCard(input), test), runId: test.run.id });
    const done = doneText(cardContext(input).locale, result);
    if (run === null) return renderBulkAction(input, action, { text: done });
    return renderBulkAction(input, action, { text: `${done} ${await runBegun(onCard(input), run)}`, runId: run.id });
  },
  'bulk.cancel': async (input, data) =>
    renderBulkAction(input, await cancelBulkAction(input.services, input.environmentId, input.actor, data.id)),
  /** Only where a client shows no dialog is this a click; a rejection without its reason is refused. */
  'bulk.reject': async (input, data) => ({ notice: await reject(input, data) }),
  'bulk.list': (input) => listOfWaiting(input, waitsForMe),
} satisfies Partial<Record<Verb, CardAction>>;

export const bulkDialogs = {
  /** The mailboxes that are selected now, counted: exactly those are rejected. */
  'mailboxes.reject-dialog': async (input, data) => {
    const { services, environmentId, actor } = input;
    const { mailboxIds, list } = await selectionOf(services, environmentId, actor, data);
    if (mailboxIds === null) throw new MailroomError('mailboxes.list-changed');
    if (mailboxIds.length === 0) throw new MailroomError('mailboxes.none-selected');
    const selection = { ids: mailboxIds, listId: list.view.id };
    const text = selectionText(input, mailboxIds);
    const action = await planBulkAction(services, environmentId, actor, 'reject', text, null, selection);
    return dialogOf(input, action, nothingTyped);
  },
} satisfies Partial<Record<Verb, DialogAction>>;

export const bulkSubmits = {
  'bulk.reject': async (input, data) => {
    try {
      return { message: await reject(input, data) };
    } catch (error) {
      const problem = typingProblem(input, error);
      if (problem === null) throw error;
      const { services, environmentId, actor } = input;
      const action = await bulkActionOf(services, environmentId, actor, data.id);
      return dialogOf(input, action, { text: data.inputs['reason'] ?? '', problem });
    }
  },
} satisfies Partial<Record<Verb, DialogAction>>;

async function dialogOf(input: TurnInput, action: BulkAction, typed: Typed): Promise<DialogAnswer> {
  return { dialog: rejectSelectedDialog(action, await profileNamesById(input), typed, ownView(input)) };
}

async function reject(input: TurnInput, data: CardData): Promise<string> {
  // A question without a reason of its own is a dialog's, and only a rejection has such.
  const { kind } = await bulkActionOf(input.services, input.environmentId, input.actor, data.id);
  if (kind !== 'reject') throw new MailroomError('card.unreadable');
  return doneText(input.locale, await confirm(input, data, false, (data.inputs['reason'] ?? '').trim()));
}

function confirm(
  { services, environmentId, actor, conversation }: TurnInput,
  { id }: CardData,
  takeOver: boolean,
  reason: string | null,
): Promise<BulkResult> {
  return confirmBulkAction(services, environmentId, actor, id, conversation.conversationId, takeOver, reason);
}

/** How many, and of those that were counted and not decided: which, and why. */
function doneText(locale: string, { action, count, leftOut = [] }: BulkResult): string {
  const done = translate(locale, `chat.bulk.${action.kind}.done`, { count });
  const reasons = (['own', 'other-set', 'approved', 'rejected', 'off', 'changed', 'gone'] as const).flatMap((why) =>
    leftOutText(locale, why, leftOut),
  );
  return reasons.length === 0 ? done : `${done} ${translate(locale, 'chat.left-out', { parts: reasons.join('; ') })}`;
}

const mostNamed = 3;

function leftOutText(locale: string, why: NotDecided['why'], all: readonly NotDecided[]): string[] {
  const addresses = all.filter((one) => one.why === why).map(({ address }) => address);
  if (addresses.length === 0) return [];
  const names = addresses.slice(0, mostNamed).join(', ');
  const more = Math.max(0, addresses.length - mostNamed);
  return [translate(locale, `chat.left-out.${why}`, { names, more })];
}
