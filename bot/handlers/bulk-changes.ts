import { mailboxChangeCard } from '../../cards/mailbox-change-card.ts';
import { undoCard } from '../../cards/undo-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import { MailroomError } from '../../services/model/error.ts';
import type { ChangeKind, MailboxChange } from '../../services/model/mailbox-change.ts';
import type { EditErrors } from '../../services/model/mailbox-edit.ts';
import { confirmMailboxChange } from '../../services/mailboxes/confirm-change.ts';
import {
  fillMailboxChange,
  planMailboxChange,
  turnMailboxChange,
  type ChangeSubjects,
} from '../../services/mailboxes/plan-change.ts';
import { confirmUndo, planUndo } from '../../services/mailboxes/undo-change.ts';
import { listProfiles } from '../../services/profiles/profile-names.ts';
import { cardContext } from '../card-context.ts';
import type { CardAction, RenderedCard, Reply, TurnInput } from '../turn-input.ts';

/** `edit mailboxes FILTER`: the form, and then the question with its effect in numbers. */
export const editMailboxesCommand = (input: TurnInput, filter: string): Promise<Reply[]> =>
  bulkCommand(input, 'edit', 'edit mailboxes FILTER', filter);

/** `activate mailboxes FILTER` */
export const activateMailboxesCommand = (input: TurnInput, filter: string): Promise<Reply[]> =>
  bulkCommand(input, 'activate', 'activate mailboxes FILTER', filter);

/** `deactivate mailboxes FILTER` */
export const deactivateMailboxesCommand = (input: TurnInput, filter: string): Promise<Reply[]> =>
  bulkCommand(input, 'deactivate', 'deactivate mailboxes FILTER', filter);

/** `apply defaults [FILTER]`: says what it would do, in numbers, and asks. */
export async function applyDefaultsCommand(input: TurnInput, filter: string): Promise<Reply[]> {
  return [await askForChange(input, 'apply-defaults', { text: filter === '' ? 'all' : filter })];
}

/** `undo`: names what it would take back, and asks. */
export async function undoCommand(input: TurnInput): Promise<Reply[]> {
  return [await askForUndo(input)];
}

async function bulkCommand(input: TurnInput, kind: ChangeKind, usage: string, filter: string): Promise<Reply[]> {
  if (filter.trim() === '') throw new MailroomError('command.argument-missing', { usage });
  return [await askForChange(input, kind, { text: filter })];
}

/** The question about a bulk change; the way in for a command, a button, and a selection that was counted on the server. */
export async function askForChange(
  input: TurnInput,
  kind: ChangeKind,
  subjects: ChangeSubjects,
): Promise<RenderedCard> {
  const { services, environmentId, actor } = input;
  return renderChange(input, await planMailboxChange(services, environmentId, actor, kind, subjects));
}

async function renderChange(
  input: TurnInput,
  change: MailboxChange,
  errors: EditErrors = {},
  typed: Readonly<Record<string, string>> = {},
): Promise<RenderedCard> {
  const profiles = await listProfiles(input.services.store, input.environmentId);
  return mailboxChangeCard(change, { profiles, errors, typed }, cardContext(input));
}

async function askForUndo(input: TurnInput, changeId?: string): Promise<RenderedCard> {
  const { services, environmentId, actor } = input;
  const { step, effect } = await planUndo(services, environmentId, actor, changeId);
  return undoCard(step, step.state === 'done' ? null : effect, cardContext(input));
}

/** What the buttons of these cards do. */
export const changeActions = {
  'change.fill': async (input, { id, revision, inputs }) => {
    const { services, environmentId, actor } = input;
    const { change, errors } = await fillMailboxChange(services, environmentId, actor, id, revision, inputs);
    return renderChange(input, change, errors, inputs);
  },
  'change.form': async (input, { id, revision }) =>
    renderChange(
      input,
      await turnMailboxChange(input.services, input.environmentId, input.actor, id, revision, 'form'),
    ),
  'change.cancel': async (input, { id, revision }) =>
    renderChange(
      input,
      await turnMailboxChange(input.services, input.environmentId, input.actor, id, revision, 'cancelled'),
    ),
  'change.confirm': async (input, { id, revision, inputs }) => {
    const { services, environmentId, actor, conversation } = input;
    // A toggle that a client leaves out means its default: on.
    const test = inputs['test'] !== 'false';
    return renderChange(
      input,
      await confirmMailboxChange(services, environmentId, actor, id, revision, conversation.conversationId, test),
    );
  },
  'undo.ask': async (input, { id }) => ({ below: await askForUndo(input, id) }),
  'undo.confirm': async (input, { id }) => {
    const { services, environmentId, actor, conversation } = input;
    const step = await confirmUndo(services, environmentId, actor, id, conversation.conversationId);
    return undoCard(step, null, cardContext(input));
  },
} satisfies Partial<Record<Verb, CardAction>>;
