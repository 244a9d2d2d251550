import type { EmailSettings } from '../model/environment.ts';
import { directions, type Mailbox } from '../model/mailbox.ts';
import type { EmailServerProfile } from '../model/profile.ts';

/** Why a mailbox is not tested although everything about it could be right: somebody has switched something off. */
export type SwitchedOff = 'emailRouter' | 'mailboxInactive' | 'profileInactive';

/** What is switched off for this mailbox; null: nothing. It says nothing against the mailbox, so it is no failure either. */
export function switchedOff(
  settings: Pick<EmailSettings, 'emailConnectionChannel'>,
  mailbox: Pick<Mailbox, 'state'>,
  profile: Pick<EmailServerProfile, 'state'> | undefined,
): SwitchedOff | null {
  if (settings.emailConnectionChannel === 1) return 'emailRouter';
  if (mailbox.state === 'inactive') return 'mailboxInactive';
  return profile?.state === 'inactive' ? 'profileInactive' : null;
}

/** It works in some direction: whoever switches its profile off and on again wants it to go on. */
export const isPartlyEnabled = (mailbox: Mailbox): boolean =>
  directions.some((direction) => mailbox[direction].enabled);
