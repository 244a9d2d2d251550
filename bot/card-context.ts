import type { CardContext } from '../cards/card-context.ts';
import type { TurnInput } from './turn-input.ts';

/** How a card is drawn for the person who asked: in a shared conversation all buttons show, and the server checks. */
export function cardContext(input: TurnInput): CardContext {
  return {
    locale: input.locale,
    now: input.services.clock.now(),
    roles: input.conversation.kind === 'personal' ? input.roles : [],
  };
}
