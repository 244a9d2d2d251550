import type { CardElement } from '@microsoft/teams.cards';
import type { IncidentReach } from '../services/model/owner-alert.ts';
import type { CardContext } from './card-context.ts';
import { remark } from './card-notes.ts';
import { speaker } from './card-text.ts';

/** How many owners of mailboxes are told in their own chat, and why the others are not; nothing where none is to be told. */
export function ownerReachLines(reach: IncidentReach, context: CardContext): CardElement[] {
  const say = speaker(context);
  const { reached, unreached, withoutAddress, profileOwnersUnreached } = reach;
  const isAny = reached + unreached + withoutAddress > 0;
  return [
    ...remark(isAny ? say('owner-reach.line', { reached, unreached, withoutAddress }) : null),
    ...remark(
      profileOwnersUnreached > 0 ? say('owner-reach.profile-owners', { count: profileOwnersUnreached }) : null,
      'Warning',
    ),
    ...remark(unreached + profileOwnersUnreached > 0 ? say('owner-reach.next') : null),
  ];
}
