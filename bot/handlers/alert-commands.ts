import { alertsCard } from '../../cards/alerts-card.ts';
import { changeSubscription, receivesAlerts, subscribeProfile } from '../../services/conversations/subscriptions.ts';
import type { SubscribedLevel } from '../../services/model/conversation.ts';
import { MailroomError } from '../../services/model/error.ts';
import { alertsOpen } from '../../services/alerts/count-alerts.ts';
import { alertsOf } from '../../services/model/alert-levels.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { findProfileByName, listProfiles } from '../../services/profiles/profile-names.ts';
import { keyOf } from '../../services/storage/store.ts';
import { cardContext } from '../card-context.ts';
import { chatText } from '../chat-text.ts';
import type { Reply, TurnInput } from '../turn-input.ts';

const levels = { '': 'all', all: 'all', warnings: 'warnings', errors: 'errors' } as const;

/** `subscribe [errors|warnings|all] [profile NAME]`: this conversation receives alerts, of every profile or of one more. */
export async function subscribe(input: TurnInput, rest: string): Promise<Reply[]> {
  const { services, environmentId, actor, locale, conversation } = input;
  const at = /(?:^|\s)profile\s/i.exec(rest);
  const wanted = (at === null ? rest : rest.slice(0, at.index)).trim().toLowerCase();
  const name = at === null ? '' : rest.slice(at.index + at[0].length).trim();
  if (!Object.hasOwn(levels, wanted))
    throw new MailroomError('command.argument-unknown', { usage: 'subscribe [errors|warnings|all] [profile NAME]' });
  const alerts = levels[wanted as keyof typeof levels];
  // Its members are not the team's alone, and alerts name mailboxes and servers.
  if (input.inSharedChannel) throw new MailroomError('subscription.shared-channel');
  if (name !== '') {
    const profile = await findProfileByName(services.store, environmentId, name);
    await subscribeProfile(services, environmentId, actor, conversation.conversationId, profile, alerts);
    return [{ text: chatText(locale, 'chat.subscribed.profile', { alerts, profile: profile.name }) }];
  }
  await changeSubscription(services, environmentId, actor, conversation.conversationId, { alerts });
  return [{ text: chatText(locale, 'chat.subscribed', { alerts }) }];
}

/** `unsubscribe`: no alerts and no approval cards here any more. It says what else still comes. */
export async function unsubscribe(input: TurnInput): Promise<Reply[]> {
  await changeSubscription(input.services, input.environmentId, input.actor, input.conversation.conversationId, {
    alerts: null,
    profiles: {},
    approvals: false,
  });
  const { services, environmentId, locale, conversation } = input;
  const weekly = await services.store.get('weeklyStatus', keyOf(environmentId, conversation.conversationId));
  const left = weekly === undefined ? [] : [chatText(locale, 'chat.unsubscribed.weekly')];
  return [{ text: [chatText(locale, 'chat.unsubscribed'), ...left].join(' ') }];
}

/** `subscriptions` */
export async function showSubscriptions(input: TurnInput): Promise<Reply[]> {
  const { services, environmentId, locale } = input;
  const stored = await services.store.query('subscription', { prefix: keyOf(environmentId, ''), limit: 1000 });
  const live = stored
    .map(({ value }) => value)
    .filter((subscription) => receivesAlerts(subscription) || subscription.approvals);
  const names = new Map((await listProfiles(services.store, environmentId)).map(({ id, name }) => [id, name]));
  const weekly = await services.store.query('weeklyStatus', { prefix: keyOf(environmentId, ''), limit: 1000 });
  const nameOf = async (id: string): Promise<string> =>
    (await services.store.get('conversation', keyOf(environmentId, id)))?.value.name ?? id;
  const profileLine = async (conversationId: string, profile: string, alerts: SubscribedLevel): Promise<string> =>
    chatText(locale, 'chat.subscriptions.profile', { name: await nameOf(conversationId), alerts, profile });
  const lines = await Promise.all([
    ...live
      .filter(({ alerts, approvals }) => alerts !== null || approvals)
      .map(async ({ conversationId, alerts, approvals }) =>
        chatText(locale, 'chat.subscriptions.line', {
          name: await nameOf(conversationId),
          alerts: alerts ?? 'none',
          approvals,
        }),
      ),
    ...live.flatMap(({ conversationId, profiles }) =>
      Object.entries(profiles).flatMap(([id, alerts]) => {
        const profile = names.get(id);
        // It was deleted meanwhile, and so were its alerts.
        return profile === undefined ? [] : [profileLine(conversationId, profile, alerts)];
      }),
    ),
    ...weekly.map(async ({ value }) =>
      chatText(locale, 'chat.subscriptions.weekly', { name: await nameOf(value.conversationId) }),
    ),
  ]);
  if (lines.length === 0) return [{ text: chatText(locale, 'chat.subscriptions.none') }];
  return [{ text: [chatText(locale, 'chat.subscriptions.title'), ...lines].join('\n\n') }];
}

/** `alerts`: open incidents, the widest first. */
export async function showAlerts(input: TurnInput): Promise<Reply[]> {
  const stored = await input.services.store.query('incident', {
    prefix: keyOf(input.environmentId, ''),
    where: { state: 'open' },
    limit: 1000,
  });
  const { settings } = (await getEnvironment(input.services.store, input.environmentId)).value;
  const open = stored.map(({ value }) => value).sort((a, b) => b.open - a.open);
  const shown = open.filter(({ level }) => alertsOf(settings, level));
  const hidden = (['error', 'warning'] as const)
    .filter((level) => !alertsOf(settings, level))
    .map((level) => ({ level, count: open.filter((incident) => incident.level === level).length }));
  const succeeded = alertsOf(settings, 'information')
    ? await alertsOpen(input.services.store, input.environmentId, 'information')
    : null;
  return [alertsCard(shown, cardContext(input), { hidden, succeeded })];
}
