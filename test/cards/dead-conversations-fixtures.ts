import type { CardContext, CardView } from '../../cards/card-context.ts';
import { deadConversationsCard } from '../../cards/dead-conversations-card.ts';
import type { DeadPlace, DeathNotice } from '../../services/model/death-notice.ts';

/** What people typed, and when. */
interface Parts {
  readonly person: string;
  readonly channel: string;
  readonly many: boolean;
  readonly now: number;
}

const hour = 3_600_000;

export function deadConversationsCards(
  { person, channel, many, now }: Parts,
  context: CardContext,
): [string, CardView][] {
  const team: DeadPlace = {
    name: channel,
    kind: 'channel',
    cause: 'removed',
    since: now - hour,
    alerts: true,
    approvals: true,
    roles: [],
  };
  const chat: DeadPlace = {
    ...team,
    name: person,
    kind: 'personal',
    cause: 'blocked',
    alerts: false,
    approvals: false,
    roles: ['approver'],
  };
  const nowhere = { channels: [], people: 0 };
  const elsewhere = { channels: Array.from({ length: many ? 40 : 2 }, () => channel), people: 3 };
  const one: DeathNotice = {
    places: [team],
    total: 1,
    dead: 1,
    missesAlerts: true,
    missesApprovals: true,
    alertsNow: { channels: [], people: 2 },
    approvalsNow: elsewhere,
  };
  const show = (changes: Partial<DeathNotice>): CardView => deadConversationsCard({ ...one, ...changes }, context);
  const alone = { missesAlerts: false, missesApprovals: false };
  const places = (['forbidden', 'gone', 'blocked', 'removed'] as const).map((cause) => ({ ...chat, cause }));
  return [
    ['dead conversation', show({})],
    ['dead conversations', show({ places: [...places, team], total: many ? 500 : 7, dead: many ? 500 : 5 })],
    ['dead conversation of a person', show({ places: [chat], ...alone, missesApprovals: true, approvalsNow: nowhere })],
    [
      'dead conversation of nobody',
      show({ places: [{ ...team, name: '', cause: 'gone', since: null, alerts: false, approvals: false }], ...alone }),
    ],
    ['dead conversation lives again', show({ places: [{ ...team, cause: null, since: null }], dead: 0, ...alone })],
  ];
}
