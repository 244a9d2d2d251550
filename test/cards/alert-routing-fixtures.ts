import { alertDigestCard } from '../../cards/alert-digest-card.ts';
import { alertsUnheardCard } from '../../cards/alerts-unheard-card.ts';
import type { CardContext, CardView } from '../../cards/card-context.ts';
import { subscriptionCard, type SubscriptionDetails } from '../../cards/subscription-card.ts';
import { subscriptionFormCard } from '../../cards/subscription-form-card.ts';
import { subscriptionsCard, type SubscribedPlace } from '../../cards/subscriptions-card.ts';
import type { Incident } from '../../services/model/alert.ts';
import { newDigest, type AlertDigest } from '../../services/model/alert-digest.ts';
import type { Subscription } from '../../services/model/conversation.ts';
import type { Run } from '../../services/model/run.ts';
import { subscriptionFields, valuesOf, type SubscriptionErrors } from '../../services/model/subscription-input.ts';

const hour = 3_600_000;
const channel = '19:0a1b2c3d4e5f60718293a4b5c6d7e8f9@thread.tacv2';

export interface RoutingParts {
  readonly person: string;
  readonly place: string;
  readonly profile: string;
  /** Many: lists as long as they get. */
  readonly many: boolean;
  readonly now: number;
  readonly warnings: readonly Incident[];
  readonly over: Incident;
  readonly runs: readonly Run[];
}

export const subscribed: Subscription = {
  environmentId: 'main',
  conversationId: channel,
  alerts: 'warnings',
  profiles: {},
  approvals: false,
  nature: null,
  quietHours: null,
  digest: null,
  setBy: 'ada',
  setAt: 0,
  revision: 3,
};

const nothing: Subscription = { ...subscribed, alerts: null, setBy: '', revision: 0 };

/** What channels get, the form for it, the digest, and the notice of errors that come to nobody. */
export function alertRoutingCards(parts: RoutingParts, context: CardContext): [string, CardView][] {
  const { many, now, place } = parts;
  const profiles = Array.from({ length: many ? 300 : 2 }, (_, index) => ({ id: `p${index + 1}`, name: parts.profile }));
  const profileNames = Object.fromEntries(profiles.map(({ id, name }) => [id, name]));
  const names = profiles.map(({ name }) => name);
  const full: Subscription = {
    ...subscribed,
    profiles: Object.fromEntries(profiles.map(({ id }, index) => [id, index % 2 === 0 ? 'errors' : 'all'])),
    approvals: true,
    nature: 'permanent',
    quietHours: { from: '22:00', to: '07:00', timeZone: 'America/Argentina/ComodRivadavia' },
    digest: { time: '07:00', timeZone: 'America/Argentina/ComodRivadavia' },
    setAt: now - hour,
  };
  const details: SubscriptionDetails = {
    placeName: place,
    isHere: true,
    profileNames,
    setByName: parts.person,
    weekly: false,
    unheard: [],
  };
  const form = { placeName: place, profiles, errors: {}, values: valuesOf(full, 'Europe/Berlin') };
  const allWrong: SubscriptionErrors = Object.fromEntries(subscriptionFields.map((field) => [field, 'time-invalid']));
  const places: SubscribedPlace[] = Array.from({ length: many ? 1000 : 2 }, (_, index) => ({
    subscription: { ...(index % 2 === 0 ? full : subscribed), conversationId: `${channel}${index}` },
    name: place,
    weekly: index % 2 === 0,
    isDead: index % 2 === 1,
  }));
  const reach = { reached: 12, unreached: 43, withoutAddress: 2 };
  return [
    ['subscription', subscriptionCard(full, { ...details, weekly: true, unheard: names }, context)],
    ['subscription, simple', subscriptionCard(subscribed, { ...details, isHere: false }, context)],
    ['subscription, none', subscriptionCard(nothing, { ...details, setByName: '' }, context)],
    ['subscription form, wrong', subscriptionFormCard(full, { ...form, errors: allWrong }, context)],
    [
      'subscription form',
      subscriptionFormCard(nothing, { ...form, values: valuesOf(nothing, null), profiles: [] }, context),
    ],
    ['subscriptions', subscriptionsCard(places, { profileNames, unheard: names, reach }, context)],
    [
      'subscriptions, none',
      subscriptionsCard(
        [],
        { profileNames, unheard: [], reach: { reached: 0, unreached: 0, withoutAddress: 0 } },
        context,
      ),
    ],
    ...unheardCards(parts, names, context),
    ...digestCards(parts, context),
  ];
}

function unheardCards(
  { place, person, now }: RoutingParts,
  names: readonly string[],
  context: CardContext,
): [string, CardView][] {
  const change = { placeName: place, changedByName: person, changedAt: now - hour };
  return [
    ['errors that come to nobody', alertsUnheardCard({ ...change, profiles: names }, context)],
    ['errors that come to somebody again', alertsUnheardCard({ ...change, profiles: [] }, context)],
  ];
}

function digestCards({ now, warnings, over, runs, many }: RoutingParts, context: CardContext): [string, CardView][] {
  const digest: AlertDigest = {
    ...newDigest('main', channel, 'D1', now - hour),
    state: 'sent',
    sentAt: now,
    hasNews: true,
    moreEnded: many ? 4000 : 0,
    moreRuns: many ? 80 : 0,
  };
  const times = many ? 480 : 3;
  const ended = warnings.map((incident) => ({ incident: { ...over, code: incident.code }, times }));
  const none = { open: [], ended: [], runs: [] };
  return [
    ['digest', alertDigestCard(digest, { open: warnings, ended, runs }, context)],
    ['digest, nothing open', alertDigestCard(digest, { ...none, ended: [{ incident: over, times: 1 }] }, context)],
    ['digest of a run', alertDigestCard(digest, { ...none, runs: runs.slice(0, 1) }, context)],
    ['digest, all gone', alertDigestCard({ ...digest, moreEnded: 0, moreRuns: 0 }, none, context)],
  ];
}
