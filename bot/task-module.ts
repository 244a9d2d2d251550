import { rightOf, type Verb } from '../cards/verbs.ts';
import { requireRight } from '../services/access/roles.ts';
import { MailroomError } from '../services/model/error.ts';
import type { CardData } from './card-data.ts';
import { approvalDialogs, approvalSubmits } from './handlers/approval-dialogs.ts';
import { bulkDialogs, bulkSubmits } from './handlers/bulk-actions.ts';
import type { DialogAction, DialogAnswer, TurnInput } from './turn-input.ts';

type Table = Readonly<Partial<Record<Verb, DialogAction>>>;

/** What buttons that open a dialog show, and what the buttons of the dialogs do. */
const opening: Table = { ...approvalDialogs, ...bulkDialogs };
const submitting: Table = { ...approvalSubmits, ...bulkSubmits };

/** The invokes of dialogs (task modules), as Teams calls them. */
export const dialogInvokes = ['task/fetch', 'task/submit'] as const;
export type DialogInvoke = (typeof dialogInvokes)[number];

export function isDialogInvoke(name: string | undefined): name is DialogInvoke {
  return dialogInvokes.some((one) => one === name);
}

/**
 * Opens a dialog, or takes what was typed there. The right is checked with both: between them a role may be taken away.
 * @throws MailroomError `access.denied`, `card.unreadable`, and what the use case throws
 */
export async function runDialog(input: TurnInput, invoke: DialogInvoke, data: CardData): Promise<DialogAnswer> {
  const table = invoke === 'task/fetch' ? opening : submitting;
  const action = Object.hasOwn(table, data.verb) ? table[data.verb] : undefined;
  if (action === undefined) throw new MailroomError('card.unreadable');
  const right = rightOf(data.verb);
  if (right !== null) await requireRight(input.services, input.environmentId, input.actor, right);
  return action(input, data);
}

/** The answer as the body of the invoke's response (facts, teams C8). */
export function taskResponse(answer: DialogAnswer): object {
  if ('message' in answer) return { task: { type: 'message', value: answer.message } };
  const { title, card } = answer.dialog;
  const content = { contentType: 'application/vnd.microsoft.card.adaptive', content: card };
  return { task: { type: 'continue', value: { title, height: 'medium', width: 'medium', card: content } } };
}
