import type { EmailSettings } from '../model/environment.ts';
import { methodNone, type ActDeliveryMethod, type Mailbox, type MailboxType } from '../model/mailbox.ts';

/** Queues have no appointments, contacts and tasks: the platform's own tools leave that method out for them. */
export function actMethodFor(settings: EmailSettings, type: MailboxType): ActDeliveryMethod {
  return type === 'queue' ? methodNone.act : settings.actMethod;
}

/** A mailbox with the organization's default profile and delivery methods. */
export function withDefaults(settings: EmailSettings, mailbox: Mailbox): Mailbox {
  return {
    ...mailbox,
    profileId: settings.defaultProfileId ?? mailbox.profileId,
    incomingMethod: settings.incomingMethod,
    outgoingMethod: settings.outgoingMethod,
    actMethod: actMethodFor(settings, mailbox.type),
    revision: mailbox.revision + 1,
  };
}
