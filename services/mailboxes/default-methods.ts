import type { EmailSettings } from '../model/environment.ts';
import { methodNone, type ActDeliveryMethod, type MailboxType } from '../model/mailbox.ts';

/** Queues have no appointments, contacts and tasks: the platform's own tools leave that method out for them. */
export function actMethodFor(settings: EmailSettings, type: MailboxType): ActDeliveryMethod {
  return type === 'queue' ? methodNone.act : settings.actMethod;
}
