import { mailboxEditCard, type MailboxForm } from '../../cards/mailbox-edit-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import { changeAddress, editMailbox, type MailboxEdited } from '../../services/mailboxes/edit-mailbox.ts';
import { planBulkAction } from '../../services/mailboxes/bulk-actions.ts';
import { getMailbox } from '../../services/mailboxes/find-mailboxes.ts';
import { loadChange } from '../../services/mailboxes/plan-change.ts';
import type { Mailbox } from '../../services/model/mailbox.ts';
import { listProfiles } from '../../services/profiles/profile-names.ts';
import { cardContext } from '../card-context.ts';
import type { CardData } from '../card-data.ts';
import type { CardAction, RenderedCard, TurnInput } from '../turn-input.ts';
import { askForChange } from './bulk-changes.ts';
import { renderBulkAction } from './mailbox-commands.ts';

async function renderForm(
  input: TurnInput,
  mailbox: Mailbox,
  form: Omit<MailboxForm, 'profiles'>,
): Promise<RenderedCard> {
  const profiles = await listProfiles(input.services.store, input.environmentId);
  return mailboxEditCard(mailbox, { ...form, profiles }, cardContext(input));
}

/** The form again: with what is wrong beside its fields, with what the change meant, or as the mailbox is now. */
function renderEdited(
  input: TurnInput,
  { mailbox, stale, errors, effect }: MailboxEdited,
  typed: Readonly<Record<string, string>>,
): Promise<RenderedCard> {
  const isWrong = Object.keys(errors).length > 0;
  if (stale || isWrong) return renderForm(input, mailbox, { errors, typed, stale });
  return renderForm(input, mailbox, { errors, saved: effect });
}

async function askAboutOne(input: TurnInput, kind: 'activate' | 'deactivate', { id }: CardData): Promise<RenderedCard> {
  const { value } = await getMailbox(input.services.store, input.environmentId, id);
  return askForChange(input, kind, { text: value.address, ids: [value.id] });
}

/** Buttons of the card of a mailbox and of its form. */
export const mailboxActions = {
  'mailbox.edit': async (input, { id }) => {
    const { value } = await getMailbox(input.services.store, input.environmentId, id);
    return renderForm(input, value, { errors: {} });
  },
  'mailbox.save': async (input, { id, revision, inputs }) => {
    const { services, environmentId, actor, conversation } = input;
    const { conversationId } = conversation;
    return renderEdited(
      input,
      await editMailbox(services, environmentId, actor, id, revision, inputs, conversationId),
      inputs,
    );
  },
  'mailbox.rename': async (input, { id, revision, inputs }) => {
    const { services, environmentId, actor, conversation } = input;
    const typed = inputs['newAddress'] ?? '';
    const { conversationId } = conversation;
    return renderEdited(
      input,
      await changeAddress(services, environmentId, actor, id, revision, typed, conversationId),
      inputs,
    );
  },
  'mailbox.activate': (input, data) => askAboutOne(input, 'activate', data),
  'mailbox.deactivate': (input, data) => askAboutOne(input, 'deactivate', data),
  /** Of the mailboxes that a change has just changed: the question of a test, below the change's own card. */
  'change.test': async (input, { id }) => {
    const { services, environmentId, actor } = input;
    const { filter, items } = (await loadChange(services.store, environmentId, actor, id)).value;
    const ids = items.map(([mailboxId]) => mailboxId);
    const action = await planBulkAction(services, environmentId, actor, 'test', filter, null, { ids });
    return { below: renderBulkAction(input, action) };
  },
} satisfies Partial<Record<Verb, CardAction>>;
