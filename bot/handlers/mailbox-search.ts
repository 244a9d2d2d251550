import type { Verb } from '../../cards/verbs.ts';
import { mostStaticChoices } from '../../cards/typeahead-input.ts';
import { getMailbox } from '../../services/mailboxes/find-mailboxes.ts';
import { hasRight } from '../../services/model/access.ts';
import { MailroomError } from '../../services/model/error.ts';
import { keyOf } from '../../services/storage/store.ts';
import type { CardAction, TurnInput } from '../turn-input.ts';
import { renderMailbox } from './mailbox-commands.ts';

/** What an input that searches mailboxes offers before anything is typed; nothing for whoever may not see them. */
export async function firstAddresses({ services, environmentId, roles }: TurnInput): Promise<string[]> {
  if (!hasRight(roles, 'read')) return [];
  const found = await services.store.query('mailbox', { prefix: keyOf(environmentId, ''), limit: mostStaticChoices });
  return found.map(({ value }) => value.address);
}

/** The mailbox that was chosen opens below: the card it was searched on stays. */
export const mailboxSearchActions = {
  'mailbox.find': async (input, data) => {
    const address = data.inputs['address'] ?? '';
    if (address === '') throw new MailroomError('command.argument-missing', { usage: 'mailbox ADDRESS' });
    const { value } = await getMailbox(input.services.store, input.environmentId, address);
    return { below: await renderMailbox(input, value) };
  },
} satisfies Partial<Record<Verb, CardAction>>;
