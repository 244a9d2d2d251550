import type { CardContext } from '../../cards/card-context.ts';
import { alertDigestCard } from '../../cards/alert-digest-card.ts';
import { alertsUnheardCard } from '../../cards/alerts-unheard-card.ts';
import { subscriptionCard } from '../../cards/subscription-card.ts';
import { subscriptionFormCard } from '../../cards/subscription-form-card.ts';
import { subscriptionsCard, type SubscribedPlace } from '../../cards/subscriptions-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import { requireRight } from '../../services/access/roles.ts';
import { reachOfAll } from '../../services/alerts/owner-reach.ts';
import { readDigest } from '../../services/alerts/read-digest.ts';
import {
  changeSubscription,
  nothingComes,
  subscribeProfile,
  subscriptionOf,
} from '../../services/conversations/subscriptions.ts';
import { unheardNow } from '../../services/conversations/unheard-errors.ts';
import type { AlertDigest } from '../../services/model/alert-digest.ts';
import { receivesAlerts } from '../../services/model/alert-route.ts';
import type { Subscription } from '../../services/model/conversation.ts';
import { MailroomError } from '../../services/model/error.ts';
import {
  offeredProfiles,
  readSubscription,
  subscriptionFields,
  valuesOf,
  type SubscriptionErrors,
  type SubscriptionValues,
} from '../../services/model/subscription-input.ts';
import { timeZoneOfPerson } from '../../services/people/time-zone.ts';
import { findProfileByName, listProfiles } from '../../services/profiles/profile-names.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { keyOf, type Store } from '../../services/storage/store.ts';
import { cardContext } from '../card-context.ts';
import type { CardData } from '../card-data.ts';
import type { ActionAnswer, CardAction, RenderedCard, Reply, TurnInput } from '../turn-input.ts';

const levels = { '': 'all', all: 'all', warnings: 'warnings', errors: 'errors' } as const;

/** `subscribe [errors|warnings|all] [profile NAME]`: this conversation receives alerts, of every profile or of one more. */
export async function subscribe(input: TurnInput, rest: string): Promise<Reply[]> {
  const { services, environmentId, actor, conversation } = input;
  const at = /(?:^|\s)profile\s/i.exec(rest);
  const wanted = (at === null ? rest : rest.slice(0, at.index)).trim().toLowerCase();
  const name = at === null ? '' : rest.slice(at.index + at[0].length).trim();
  if (!Object.hasOwn(levels, wanted))
    throw new MailroomError('command.argument-unknown', { usage: 'subscribe [errors|warnings|all] [profile NAME]' });
  const alerts = levels[wanted as keyof typeof levels];
  refuseShared(input);
  const { conversationId } = conversation;
  if (name === '') {
    const change = { alerts };
    return [await render(input, await changeSubscription(services, environmentId, actor, conversationId, change))];
  }
  const profile = await findProfileByName(services.store, environmentId, name);
  return [await render(input, await subscribeProfile(services, environmentId, actor, conversationId, profile, alerts))];
}

/** `unsubscribe`: no alerts and no approval cards here any more. It says what else still comes. */
export async function unsubscribe(input: TurnInput): Promise<Reply[]> {
  const { services, environmentId, actor, conversation } = input;
  const { conversationId } = conversation;
  return [await render(input, await changeSubscription(services, environmentId, actor, conversationId, nothingComes))];
}

/** `subscriptions` */
export async function showSubscriptions(input: TurnInput): Promise<Reply[]> {
  const { store } = input.services;
  const { environmentId } = input;
  const prefix = keyOf(environmentId, '');
  const subscriptions = (await store.query('subscription', { prefix, limit: 10_000 })).map(({ value }) => value);
  const weekly = new Set(
    (await store.query('weeklyStatus', { prefix, limit: 10_000 })).map(({ value }) => value.conversationId),
  );
  const known = new Set(subscriptions.map(({ conversationId }) => conversationId));
  const onlyWeekly = [...weekly].filter((id) => !known.has(id));
  const places: SubscribedPlace[] = [];
  for (const subscription of [
    ...subscriptions,
    ...onlyWeekly.map((conversationId) => subscriptionOf(undefined, { environmentId, conversationId })),
  ]) {
    const { conversationId, approvals } = subscription;
    if (!receivesAlerts(subscription) && !approvals && !weekly.has(conversationId)) continue;
    const place = await placeNamed(store, environmentId, conversationId);
    places.push({ subscription, ...place, weekly: weekly.has(conversationId) });
  }
  const details = {
    profileNames: await profileNames(store, environmentId),
    unheard: await unheard(input),
    reach: await reachOfAll(store, environmentId),
  };
  const byName = places.sort((a, b) => a.name.localeCompare(b.name));
  return [subscriptionsCard(byName, details, cardContext(input))];
}

export const subscriptionActions = {
  'subscription.open': async (input, data) => ({ below: await render(input, await getSubscription(input, data.id)) }),
  'subscription.show': async (input, data) => render(input, await getSubscription(input, data.id)),
  'subscription.change': async (input, data) => {
    refuseShared(input);
    const subscription = await getSubscription(input, data.id);
    return renderForm(input, subscription, valuesOf(subscription, await zoneOf(input)), {});
  },
  'subscription.save': save,
  'subscription.end': async (input, { id, revision }) => {
    const { services, environmentId, actor } = input;
    await getSubscription(input, id);
    return render(input, await changeSubscription(services, environmentId, actor, id, nothingComes, revision));
  },
} satisfies Partial<Record<Verb, CardAction>>;

/** What comes there from now on, or the form again with what is wrong beside its field. */
async function save(input: TurnInput, { id, revision, inputs }: CardData): Promise<ActionAnswer> {
  const { services, environmentId, actor } = input;
  refuseShared(input);
  const before = await getSubscription(input, id);
  // Somebody changed it since the form was drawn: what was typed was about something else.
  if (before.revision !== revision) return render(input, before);
  const defaults = valuesOf(before, await zoneOf(input));
  const values = Object.fromEntries(
    subscriptionFields.map((field) => [field, inputs[field] ?? (isLeftOut(field) ? '' : defaults[field])]),
  ) as SubscriptionValues;
  const profiles = await listProfiles(services.store, environmentId);
  const offered = offeredProfiles(before, profiles).map((profile) => profile.id);
  const read = readSubscription(values, before, offered);
  if (read.kind === 'errors') return renderForm(input, before, values, read.errors);
  return render(input, await changeSubscription(services, environmentId, actor, id, read.change, revision));
}

/** A client leaves out what is empty: no time, and no profile. */
const isLeftOut = (field: string): boolean => ['quietFrom', 'quietTo', 'digestTime', 'profiles'].includes(field);

/** Its members are not the team's alone, and alerts name mailboxes and servers. */
function refuseShared({ inSharedChannel }: TurnInput): void {
  if (inSharedChannel) throw new MailroomError('subscription.shared-channel');
}

/**
 * What a place receives. Of another place than this one only where something was set there before: an id on a card is no
 * reason to send alerts to wherever it leads.
 * @throws MailroomError `subscription.unknown`
 */
async function getSubscription(
  { services, environmentId, conversation }: TurnInput,
  conversationId: string,
): Promise<Subscription> {
  const known = (await services.store.get('subscription', keyOf(environmentId, conversationId)))?.value;
  if (known === undefined && conversationId !== conversation.conversationId)
    throw new MailroomError('subscription.unknown');
  return subscriptionOf(known, { environmentId, conversationId });
}

async function renderForm(
  input: TurnInput,
  subscription: Subscription,
  values: SubscriptionValues,
  errors: SubscriptionErrors,
): Promise<RenderedCard> {
  const { services, environmentId, actor } = input;
  await requireRight(services, environmentId, actor, 'subscribe');
  const { name: placeName } = await placeNamed(services.store, environmentId, subscription.conversationId);
  const profiles = await listProfiles(services.store, environmentId);
  return subscriptionFormCard(subscription, { placeName, values, errors, profiles }, cardContext(input));
}

async function render(input: TurnInput, subscription: Subscription): Promise<RenderedCard> {
  const { services, environmentId, conversation } = input;
  const { store } = services;
  const { conversationId, setBy } = subscription;
  const setter = (await store.get('role', keyOf(environmentId, setBy)))?.value;
  return subscriptionCard(
    subscription,
    {
      placeName: (await placeNamed(store, environmentId, conversationId)).name,
      isHere: conversationId === conversation.conversationId,
      profileNames: await profileNames(store, environmentId),
      setByName: setter?.name ?? '',
      weekly: (await store.get('weeklyStatus', keyOf(environmentId, conversationId))) !== undefined,
      unheard: await unheard(input),
    },
    cardContext(input),
  );
}

/** The notice of errors that come to nobody any more, as it is now; undefined: nobody ever set anything there. */
export async function renderUnheard(
  { store }: Pick<ServiceContext, 'store'>,
  environmentId: string,
  conversationId: string,
  context: CardContext,
): Promise<RenderedCard | undefined> {
  const changed = (await store.get('subscription', keyOf(environmentId, conversationId)))?.value;
  if (changed === undefined) return undefined;
  const by = (await store.get('role', keyOf(environmentId, changed.setBy)))?.value;
  return alertsUnheardCard(
    {
      placeName: (await placeNamed(store, environmentId, conversationId)).name,
      changedByName: by?.name ?? '',
      changedAt: changed.setAt,
      profiles: (await unheardNow(store, environmentId, changed.setBy)).map(({ name }) => name),
    },
    context,
  );
}

/** A digest with its records as they are now. */
export async function renderDigest(
  { store }: Pick<ServiceContext, 'store'>,
  digest: AlertDigest,
  context: CardContext,
): Promise<RenderedCard> {
  return alertDigestCard(digest, await readDigest(store, digest), context);
}

const unheard = async ({ services, environmentId }: TurnInput): Promise<string[]> =>
  (await unheardNow(services.store, environmentId)).map(({ name }) => name);

async function profileNames(store: Store, environmentId: string): Promise<Record<string, string>> {
  return Object.fromEntries((await listProfiles(store, environmentId)).map(({ id, name }) => [id, name]));
}

async function placeNamed(
  store: Store,
  environmentId: string,
  conversationId: string,
): Promise<{ readonly name: string; readonly isDead: boolean }> {
  const conversation = (await store.get('conversation', keyOf(environmentId, conversationId)))?.value;
  return { name: conversation?.name || conversationId, isDead: (conversation?.deadReason ?? null) !== null };
}

/** In a channel the client says as little as anywhere; the person's own chat may have said it. */
async function zoneOf({ services, environmentId, actor, timeZone }: TurnInput): Promise<string | null> {
  return timeZone ?? timeZoneOfPerson(services.store, environmentId, actor.aadObjectId);
}
