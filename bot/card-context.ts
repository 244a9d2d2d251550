import type { CardContext } from '../cards/card-context.ts';
import type { TurnInput } from './turn-input.ts';

/** How a card is drawn for the person who asked: in a shared conversation all buttons show, and the server checks. */
export function cardContext(input: TurnInput): CardContext {
  const { locale, roles, actor, services, conversation } = input;
  const now = services.clock.now();
  return conversation.kind === 'personal'
    ? { locale, now, roles, viewerId: actor.aadObjectId }
    : { locale, now, roles: [] };
}
