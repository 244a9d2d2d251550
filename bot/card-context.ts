import type { CardContext } from '../cards/card-context.ts';
import { chooseLocale } from '../locales/choose-locale.ts';
import type { TurnInput } from './turn-input.ts';

/**
 * How a card is drawn for the person who asked. In a shared conversation all buttons show, and the server checks; it is in
 * the language of the conversation.
 */
export function cardContext(input: TurnInput): CardContext {
  const { locale, roles, actor, services, conversation } = input;
  const now = services.clock.now();
  return conversation.kind === 'personal'
    ? { locale, now, roles, viewerId: actor.aadObjectId }
    : { locale: chooseLocale(conversation.language, conversation.locale), now, roles: [] };
}

/**
 * How a card is drawn that only whoever acts will see, wherever it stands: with their roles, and in their language. Whoever has
 * no role gets what all share.
 */
export function ownView(input: TurnInput): CardContext {
  const { locale, roles, actor, services } = input;
  if (roles.length === 0) return cardContext(input);
  return { locale, now: services.clock.now(), roles, viewerId: actor.aadObjectId };
}

/** For sentences that stand on a card: in the language of the card, which may not be that of who clicked. */
export function onCard(input: TurnInput): TurnInput {
  return { ...input, locale: cardContext(input).locale };
}
