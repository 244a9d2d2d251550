import type { CardContext } from '../../cards/card-context.ts';
import { ownerCard } from '../../cards/owner-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import { muteOwner, readOwnerView, showOwnerCard } from '../../services/alerts/owner-notices.ts';
import { MailroomError } from '../../services/model/error.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { cardContext } from '../card-context.ts';
import { chatText } from '../chat-text.ts';
import type { ActionAnswer, CardAction, RenderedCard, TurnInput } from '../turn-input.ts';

/**
 * The mailboxes of whoever clicks, whatever the card says: no id that a click carries is read. Only in their own chat, since
 * in a channel everybody would see them.
 */
export const ownerActions = {
  'owner.show': async (input, { id }) => {
    requireOwnChat(input);
    // On the card itself it is drawn anew; from elsewhere the one card of the reader comes below.
    return id === ownCard ? showOwn(input) : showBelow(input);
  },
  'owner.mute': (input) => mute(input, true),
  'owner.unmute': (input) => mute(input, false),
} satisfies Partial<Record<Verb, CardAction>>;

/** What the buttons of the card of an owner carry in place of an id. */
const ownCard = 'own';

function requireOwnChat({ conversation }: TurnInput): void {
  if (conversation.kind !== 'personal') throw new MailroomError('owner.elsewhere');
}

const showOwn = (input: TurnInput): Promise<RenderedCard> =>
  renderOwner(input.services, input.environmentId, input.actor.aadObjectId, cardContext(input));

async function showBelow(input: TurnInput): Promise<ActionAnswer> {
  const { services, environmentId, actor, locale } = input;
  await showOwnerCard(services, environmentId, actor.aadObjectId);
  return { notice: chatText(locale, 'chat.owner.below') };
}

async function mute(input: TurnInput, muted: boolean): Promise<RenderedCard> {
  requireOwnChat(input);
  const { services, environmentId, actor } = input;
  await muteOwner(services, environmentId, actor.aadObjectId, muted);
  return showOwn(input);
}

/** The card of a person about their own mailboxes, as of now. */
export async function renderOwner(
  services: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  aadObjectId: string,
  context: CardContext,
): Promise<RenderedCard> {
  return ownerCard(await readOwnerView(services, environmentId, aadObjectId), context);
}
