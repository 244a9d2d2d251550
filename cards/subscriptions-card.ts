import type { Subscription } from '../services/model/conversation.ts';
import { receivesAlerts } from '../services/model/alert-route.ts';
import type { ReachCount } from '../services/model/owner-alert.ts';
import { translate } from '../locales/translate.ts';
import { cardButtons, commandButton, executeAction } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { unheardNote } from './subscription-card.ts';
import { levelText, profileTexts, quietText } from './subscription-words.ts';
import template from './templates/subscriptions.json' with { type: 'json' };

const most = 10;
/** Single profiles of one place; its own card lists more. */
const mostNames = 2;

/** A place with what comes there. */
export interface SubscribedPlace {
  readonly subscription: Subscription;
  readonly name: string;
  readonly weekly: boolean;
  /** Teams takes no messages there any more. */
  readonly isDead: boolean;
}

export interface SubscriptionsDetails {
  readonly profileNames: Readonly<Record<string, string>>;
  /** Profiles of which errors come to nobody. */
  readonly unheard: readonly string[];
  /** Owners of mailboxes, who are told in their own chats. */
  readonly reach: ReachCount;
}

/** All places with what they get; a row opens its place. */
export function subscriptionsCard(
  places: readonly SubscribedPlace[],
  { profileNames, unheard, reach }: SubscriptionsDetails,
  context: CardContext,
): CardView {
  const say = speaker(context);
  const hear = places.filter(({ subscription }) => receivesAlerts(subscription)).length;
  return renderTemplate(
    template,
    {
      header: cardHeader(say('subscriptions.title'), {
        text: say('subscriptions.count', { count: hear }),
        color: hear === 0 ? 'Warning' : 'Good',
      }),
      notes: unheardNote(say, unheard),
      places: places.slice(0, most).map((place) => ({
        name: plainText(place.name, 80),
        what: whatComes(say, place, profileNames),
        open: executeAction({
          verb: 'subscription.open',
          title: say('subscriptions.open', { name: plainText(place.name, 80) }),
          id: place.subscription.conversationId,
          revision: place.subscription.revision,
        }),
      })),
      more: [
        ...remark(places.length > most ? say('more', { count: places.length - most }) : null),
        ...remark(ownersText(context, reach)),
      ],
      next: nextStep(context, say(places.length === 0 ? 'subscriptions.none' : 'subscriptions.next')),
      actions: cardButtons(context, [commandButton(say('button.alerts'), 'alerts')]),
    },
    say('subscriptions.summary', { count: places.length }),
    context,
  );
}

function ownersText(context: CardContext, reach: ReachCount): string | null {
  const owners = reach.reached + reach.unreached + reach.withoutAddress;
  return owners === 0 ? null : translate(context.locale, 'chat.subscriptions.owners', { ...reach });
}

function whatComes(
  say: Say,
  { subscription, weekly, isDead }: SubscribedPlace,
  names: Readonly<Record<string, string>>,
): string {
  const { nature, quietHours, approvals } = subscription;
  const parts = [
    isDead ? say('subscriptions.dead') : null,
    levelText(say, subscription),
    ...profileTexts(say, subscription, names, mostNames),
    nature === null || !receivesAlerts(subscription) ? null : say(`subscription-nature.${nature}`),
    receivesAlerts(subscription) && quietHours !== null
      ? say('subscriptions.quiet', { hours: quietText(say, quietHours) ?? '' })
      : null,
    approvals ? say('subscription.approvals') : null,
    weekly ? say('subscriptions.weekly') : null,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}
