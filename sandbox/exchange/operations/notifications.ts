import { itemId } from '../mailbox/ids.ts';
import { wireTime } from '../mailbox/moment.ts';
import type { FolderChange, News, Subscription, Wish } from '../mailbox/subscriptions.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { GET_EVENTS, GET_STREAMING_EVENTS, SUBSCRIBE, UNSUBSCRIBE } from '../soap/notification-shapes.ts';
import { child, childText, isTrue, type XmlElement } from '../xml/read.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import { resolveFolder } from './folder-ids.ts';
import { writeFolderId } from './folder-view.ts';
import { writeItemId } from './item-view.ts';
import type { Operation, OperationContext } from './operation.ts';

const MINUTE_MS = 60_000;
/** A streaming subscription lives for so long without anybody listening. */
const STREAMING_TIMEOUT_MINUTES = 30;

/** Pull and streaming subscriptions; the stand-in calls nobody, so that no address for pushing is a good one. */
export const subscribe: Operation = {
  shape: SUBSCRIBE,
  onError: [],
  parts: (request) => request.children,
  answer(part, _request, context) {
    if (part.name === 'PushSubscriptionRequest') throw ewsMessageError('ErrorInvalidPushSubscriptionUrl');
    const wish = readWish(part, context);
    const { organization } = context;
    const subscription = organization.subscriptions.add(wish, organization.now().getTime());
    const watermark = wish.kind === 'pull' ? textElement('m:Watermark', subscription.watermark) : undefined;
    const id = textElement('m:SubscriptionId', subscription.id);
    return { content: watermark ? [id, watermark] : [id] };
  },
};

export const unsubscribe: Operation = {
  shape: UNSUBSCRIBE,
  onError: [],
  parts: (request) => [request],
  answer(_part, request, context) {
    context.organization.subscriptions.remove(found(childText(request, 'SubscriptionId'), context).id);
    return { content: [] };
  },
};

export const getEvents: Operation = {
  shape: GET_EVENTS,
  onError: [],
  parts: (request) => [request],
  answer(_part, request, context) {
    const subscription = found(childText(request, 'SubscriptionId'), context);
    if (subscription.wish.kind !== 'pull') throw ewsMessageError('ErrorInvalidPullSubscriptionId');
    const watermark = childText(request, 'Watermark') ?? '';
    const news = subscription.since(watermark, context.organization.now().getTime());
    if (!news) throw ewsMessageError('ErrorInvalidWatermark');
    return { content: [element('m:Notification', {}, ...notification(subscription, news, watermark, context))] };
  },
};

/**
 * Waits until something happens, tells it, and ends the connection: the server may close one at any time, and clients
 * open the next. The time a client is willing to wait is no reason to keep it waiting so long.
 */
export const getStreamingEvents: Operation = {
  shape: GET_STREAMING_EVENTS,
  onError: [],
  untilDue: (request, { organization }, signal) =>
    Promise.race(
      subscriptionIds(request).map((id) => organization.subscriptions.find(id)?.news(signal) ?? Promise.resolve()),
    ),
  parts: (request) => [request],
  answer(_part, request, context) {
    const subscriptions = subscriptionIds(request).map((id) => found(id, context));
    if (subscriptions.some(({ wish }) => wish.kind !== 'streaming')) throw ewsMessageError('ErrorInvalidSubscription');
    const notifications = subscriptions.flatMap((subscription): XmlNode[] => {
      const news = subscription.since(subscription.watermark, context.organization.now().getTime());
      if (!news || news.changes.length === 0) return [];
      return [element('m:Notification', {}, ...notification(subscription, news, undefined, context))];
    });
    const closed = textElement('m:ConnectionStatus', 'Closed');
    return {
      content: notifications.length === 0 ? [closed] : [element('m:Notifications', {}, ...notifications), closed],
    };
  },
};

function subscriptionIds(request: XmlElement): readonly string[] {
  return child(request, 'SubscriptionIds')?.children.map(({ text }) => text.trim()) ?? [];
}

function readWish(part: XmlElement, context: OperationContext): Wish {
  const ids = child(part, 'FolderIds')?.children;
  const isForAll = isTrue(part.attributes.get('SubscribeToAllFolders'));
  if (!ids && !isForAll) throw ewsMessageError('ErrorInvalidSubscriptionRequest');
  const places = ids?.map((id) => resolveFolder(id, context)) ?? [];
  const mailbox = places[0]?.context.mailbox ?? context.mailbox;
  if (places.some((place) => place.context.mailbox !== mailbox))
    throw ewsMessageError('ErrorInvalidSubscriptionRequest');
  const isPull = part.name === 'PullSubscriptionRequest';
  return {
    kind: isPull ? 'pull' : 'streaming',
    mailbox,
    folders: isForAll ? undefined : places.map(({ folder }) => folder.name),
    events: new Set(child(part, 'EventTypes')?.children.map(({ text }) => text.trim())),
    timeoutMs: Number(childText(part, 'Timeout') ?? STREAMING_TIMEOUT_MINUTES) * MINUTE_MS,
  };
}

/** Only whoever may see the mailbox as its owner gets at its subscriptions. */
function found(id: string | undefined, { organization, mailbox, delegates }: OperationContext): Subscription {
  const subscription = organization.subscriptions.find(id ?? '');
  if (!subscription) throw ewsMessageError('ErrorSubscriptionNotFound');
  const target = subscription.wish.mailbox;
  if (target !== mailbox && !delegates.find(mailbox, target)) throw ewsMessageError('ErrorSubscriptionAccessDenied');
  if (subscription.isExpired(organization.now().getTime())) throw ewsMessageError('ErrorExpiredSubscription');
  return subscription;
}

function notification(
  subscription: Subscription,
  { changes, watermark }: News,
  previous: string | undefined,
  context: OperationContext,
): XmlNode[] {
  const { wish } = subscription;
  const events = changes.flatMap((change) => eventsOf(change, wish, watermark, context));
  return [
    textElement('t:SubscriptionId', subscription.id),
    ...(previous === undefined
      ? []
      : [textElement('t:PreviousWatermark', previous), textElement('t:MoreEvents', false)]),
    ...(events.length > 0 ? events : [element('t:StatusEvent', {}, textElement('t:Watermark', watermark))]),
  ];
}

function eventsOf(change: FolderChange, wish: Wish, watermark: string, context: OperationContext): XmlNode[] {
  const { mailbox } = wish;
  const folder = mailbox.folders.named(change.folder);
  if (!folder) return [];
  const item = mailbox.item(change.number);
  const time = item && change.kind !== 'Delete' ? item.modifiedAt : context.organization.now();
  const id = item ? writeItemId(item) : element('t:ItemId', { Id: itemId(mailbox.number, change.number) });
  const parent = writeFolderId('t:ParentFolderId', folder, { ...context, mailbox });
  return namesOf(change, item?.receivedAt !== undefined && item.folder === 'inbox')
    .filter((name) => wish.events.has(name))
    .map((name) =>
      element(
        `t:${name}`,
        {},
        textElement('t:Watermark', watermark),
        textElement('t:TimeStamp', wireTime(time)),
        id,
        parent,
      ),
    );
}

/** A message that arrives is created, and new. */
function namesOf({ kind }: FolderChange, isMail: boolean): readonly string[] {
  if (kind === 'Delete') return ['DeletedEvent'];
  if (kind === 'Update' || kind === 'ReadFlag') return ['ModifiedEvent'];
  return isMail ? ['CreatedEvent', 'NewMailEvent'] : ['CreatedEvent'];
}
