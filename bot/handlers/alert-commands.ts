import { alertsCard } from '../../cards/alerts-card.ts';
import { changeSubscription } from '../../services/conversations/subscriptions.ts';
import { MailroomError } from '../../services/model/error.ts';
import { keyOf } from '../../services/storage/store.ts';
import { cardContext } from '../card-context.ts';
import { chatText } from '../chat-text.ts';
import type { Reply, TurnInput } from '../turn-input.ts';

const levels = { '': 'all', all: 'all', warnings: 'warnings', errors: 'errors' } as const;

/** `subscribe [errors|warnings|all]`: this conversation receives alerts. */
export async function subscribe(input: TurnInput, rest: string): Promise<Reply[]> {
  const wanted = rest.toLowerCase();
  if (!Object.hasOwn(levels, wanted))
    throw new MailroomError('command.argument-unknown', { usage: 'subscribe [errors|warnings|all]' });
  const alerts = levels[wanted as keyof typeof levels];
  await changeSubscription(input.services, input.environmentId, input.actor, input.conversation.conversationId, {
    alerts,
  });
  return [{ text: chatText(input.locale, 'chat.subscribed', { alerts }) }];
}

/** `unsubscribe`: no alerts and no approval cards here any more. */
export async function unsubscribe(input: TurnInput): Promise<Reply[]> {
  await changeSubscription(input.services, input.environmentId, input.actor, input.conversation.conversationId, {
    alerts: null,
    approvals: false,
  });
  return [{ text: chatText(input.locale, 'chat.unsubscribed') }];
}

/** `subscriptions` */
export async function showSubscriptions(input: TurnInput): Promise<Reply[]> {
  const { services, environmentId, locale } = input;
  const stored = await services.store.query('subscription', { prefix: keyOf(environmentId, ''), limit: 1000 });
  const live = stored
    .map(({ value }) => value)
    .filter((subscription) => subscription.alerts !== null || subscription.approvals);
  if (live.length === 0) return [{ text: chatText(locale, 'chat.subscriptions.none') }];
  const lines = await Promise.all(
    live.map(async (subscription) => {
      const conversation = (await services.store.get('conversation', keyOf(environmentId, subscription.conversationId)))
        ?.value;
      return chatText(locale, 'chat.subscriptions.line', {
        name: conversation?.name ?? subscription.conversationId,
        alerts: subscription.alerts ?? 'none',
        approvals: subscription.approvals,
      });
    }),
  );
  return [{ text: [chatText(locale, 'chat.subscriptions.title'), ...lines].join('\n\n') }];
}

/** `alerts`: open incidents, the widest first. */
export async function showAlerts(input: TurnInput): Promise<Reply[]> {
  const stored = await input.services.store.query('incident', {
    prefix: keyOf(input.environmentId, ''),
    where: { state: 'open' },
    limit: 1000,
  });
  const incidents = stored.map(({ value }) => value).sort((a, b) => b.open - a.open);
  return [alertsCard(incidents, cardContext(input))];
}
