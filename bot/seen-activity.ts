import type { Activity } from 'botbuilder';
import type { SeenConversation } from '../services/model/conversation.ts';
import type { KnownPerson } from '../services/model/known-person.ts';
import { tenantOf, timeZoneOf } from './activity-schema.ts';

/* What an activity tells of its place and of whoever acts there. */

/** Whoever acts, with the sign-in name that the roster vouched for. */
export function seenPerson(
  { from }: Activity,
  environmentId: string,
  aadObjectId: string,
  account: string | null,
  seenAt: number,
): KnownPerson {
  return { environmentId, aadObjectId, teamsId: from.id, account, name: from.name, seenAt };
}

/** The app is taken away here; Teams says so in two ways, and of a team in both. */
export function isFarewell({ action, membersRemoved, recipient }: Activity): boolean {
  return action === 'remove' || (membersRemoved ?? []).some(({ id }) => id === recipient.id);
}

/** The conversation without the thread of a reply: cards are posted to the channel itself. */
export function conversationOf(activity: Activity, environmentId: string): SeenConversation {
  const data = activity.channelData as { channel?: { name?: string }; team?: { name?: string } } | undefined;
  const kind = activity.conversation.conversationType;
  return {
    environmentId,
    conversationId: activity.conversation.id.split(';', 1)[0] ?? activity.conversation.id,
    kind: kind === 'personal' || kind === 'groupChat' ? kind : 'channel',
    serviceUrl: activity.serviceUrl,
    tenantId: tenantOf(activity) ?? '',
    botId: activity.recipient.id,
    botName: activity.recipient.name,
    aadObjectId: kind === 'personal' ? (activity.from.aadObjectId?.toLowerCase() ?? null) : null,
    locale: activity.locale ?? null,
    timeZone: timeZoneOf(activity),
    name:
      (kind === 'personal'
        ? activity.from.name
        : (data?.channel?.name ?? activity.conversation.name ?? data?.team?.name)) ?? '',
  };
}
