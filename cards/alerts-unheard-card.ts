import { cardButtons, commandButton } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { localTime, speaker } from './card-text.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { profilesIn } from './subscription-card.ts';
import template from './templates/subscription.json' with { type: 'json' };

export interface UnheardErrors {
  /** The place that heard them last. */
  readonly placeName: string;
  readonly changedByName: string;
  readonly changedAt: number;
  /** Profiles of which errors come to nobody now; none: somebody hears them again. */
  readonly profiles: readonly string[];
}

/** Told to the other admins and to the approvers when the last place that hears of errors hears of them no more (law 10). */
export function alertsUnheardCard(
  { placeName, changedByName, changedAt, profiles }: UnheardErrors,
  context: CardContext,
): CardView {
  const say = speaker(context);
  const isHeard = profiles.length === 0;
  const words = { place: plainText(placeName, 80), who: personName(say, changedByName), ...profilesIn(profiles) };
  const text = say(isHeard ? 'unheard.heard-text' : 'unheard.text', words);
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('unheard.title'),
        isHeard ? { text: say('unheard.heard'), color: 'Good' } : { text: say('unheard.state'), color: 'Attention' },
      ),
      text,
      notes: [],
      facts: cardFacts([
        [say('unheard.place'), words.place],
        [say('fact.set-by'), words.who],
        [say('fact.set-at'), localTime(changedAt)],
      ]),
      next: nextStep(context, say(isHeard ? 'unheard.heard-next' : 'unheard.next')),
      actions: cardButtons(context, [
        commandButton(say('button.all-subscriptions'), 'subscriptions'),
        commandButton(say('button.alerts'), 'alerts'),
      ]),
    },
    say(isHeard ? 'unheard.heard-text' : 'unheard.summary', words),
    context,
  );
}
