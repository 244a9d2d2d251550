import { receivesAlerts } from '../services/model/alert-route.ts';
import type { Subscription } from '../services/model/conversation.ts';
import { cardButtons, commandButton } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, type Say } from './card-text.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { digestText, levelText, profileTexts, quietText } from './subscription-words.ts';
import template from './templates/subscription.json' with { type: 'json' };

export interface SubscriptionDetails {
  readonly placeName: string;
  /** It is the place where the card stands. */
  readonly isHere: boolean;
  readonly profileNames: Readonly<Record<string, string>>;
  /** Of whoever set it; '' where nobody knows. */
  readonly setByName: string;
  /** The weekly status comes there as well. */
  readonly weekly: boolean;
  /** Profiles of which errors come to nobody. */
  readonly unheard: readonly string[];
}

/** What a conversation receives, and when. */
export function subscriptionCard(
  subscription: Subscription,
  details: SubscriptionDetails,
  context: CardContext,
): CardView {
  const say = speaker(context);
  const { conversationId: id, revision, nature, setAt } = subscription;
  const gets = receivesAlerts(subscription);
  const name = plainText(details.placeName, 80);
  const text = introText(say, subscription, details);
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('subscription.title'),
        gets
          ? { text: say('subscription.on'), color: 'Good' }
          : { text: say('subscription.off'), color: subscription.approvals ? 'Default' : 'Warning' },
        name,
      ),
      text,
      notes: [...remark(details.weekly ? say('subscription.weekly') : null), ...unheardNote(say, details.unheard)],
      facts: cardFacts([
        [say('fact.alerts-here'), levelText(say, subscription)],
        [say('fact.single-profiles'), profileTexts(say, subscription, details.profileNames).join(', ') || null],
        [say('fact.nature'), nature === null ? null : say(`subscription-nature.${nature}`)],
        [say('fact.digest'), gets ? digestText(say, subscription) : null],
        [
          say('fact.quiet-hours'),
          gets ? (quietText(say, subscription.quietHours) ?? say('subscription.no-quiet')) : null,
        ],
        [say('fact.approval-cards'), subscription.approvals ? say('subscription.approvals') : null],
        [say('fact.set-by'), revision === 0 ? null : personName(say, details.setByName)],
        [say('fact.set-at'), revision === 0 ? null : localTime(setAt)],
      ]),
      next: nextStep(context, say(gets ? 'subscription.next' : 'subscription.off-next')),
      actions: cardButtons(context, [
        { verb: 'subscription.change', title: say('button.change-subscription'), id, revision, style: 'positive' },
        gets ? commandButton(say('button.alerts'), 'alerts') : null,
        commandButton(say('button.all-subscriptions'), 'subscriptions'),
        gets || subscription.approvals
          ? { verb: 'subscription.end', title: say('button.unsubscribe'), id, revision }
          : null,
      ]),
    },
    text,
    context,
  );
}

/** What errors come to nobody any more, as everybody should know who reads it. */
export function unheardNote(say: Say, unheard: readonly string[]): ReturnType<typeof remark> {
  return remark(unheard.length === 0 ? null : say('subscription.unheard', profilesIn(unheard)), 'Attention');
}

const mostUnheard = 5;

export function profilesIn(names: readonly string[]): {
  readonly names: string;
  readonly count: number;
  readonly more: number;
} {
  return {
    names: names
      .slice(0, mostUnheard)
      .map((name) => plainText(name, 60))
      .join(', '),
    count: names.length,
    more: Math.max(0, names.length - mostUnheard),
  };
}

function introText(say: Say, subscription: Subscription, { isHere, placeName }: SubscriptionDetails): string {
  const where = { here: isHere, name: plainText(placeName, 80) };
  if (!receivesAlerts(subscription)) return say('subscription.off-text', where);
  return say('subscription.text', {
    ...where,
    alerts: subscription.alerts ?? 'none',
    count: Object.keys(subscription.profiles).length,
  });
}
