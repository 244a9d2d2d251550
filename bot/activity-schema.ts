import type { Activity } from 'botbuilder';
import { z } from 'zod';
import { timeZoneNamed } from '../services/model/time-zone.ts';
import { isLoopbackHost, isSecureUrl } from './loopback.ts';

/** The outcome of the check: the activity as it came, or which field is wrong (for the log; the caller learns nothing). */
export type ActivityCheck =
  { readonly ok: true; readonly activity: Activity } | { readonly ok: false; readonly field: string };

const valueLimit = { bytes: 64 * 1024, depth: 6 };
/** Deeper than anything Teams sends; a bound, so that no walk over an activity can be made to overflow. */
const activityDepth = 24;

const guid = z.guid();
const id = z.string().min(1).max(1024);
const shortText = z.string().max(512);

const account = z.looseObject({ id, name: shortText.nullish(), aadObjectId: guid.optional() });

/** What Teams calls a file that somebody attached in a personal chat (bots/how-to/bots-filesv4.md). */
export const fileDownloadInfo = 'application/vnd.microsoft.teams.file.download.info';

const fileContent = z.looseObject({
  downloadUrl: z.string().min(1).max(8192),
  uniqueId: z.string().max(256).nullish(),
  fileType: z.string().max(32).nullish(),
});

const attachment = z
  .looseObject({
    contentType: z.string().max(256),
    contentUrl: z.string().max(8192).nullish(),
    name: z.string().max(1024).nullish(),
  })
  .refine(({ contentType, content }) => contentType !== fileDownloadInfo || fileContent.safeParse(content).success);

/** `value` is what cards carry: a plain object, small and shallow. */
const value = z
  .record(z.string(), z.unknown())
  .refine((data) => Buffer.byteLength(JSON.stringify(data)) <= valueLimit.bytes)
  .refine((data) => depthWithin(data, valueLimit.depth));

const activityShape = z.looseObject({
  type: z.string().min(1).max(64),
  id,
  channelId: z.literal('msteams'),
  name: shortText.optional(),
  serviceUrl: z.string().max(2048).refine(isSecureUrl),
  from: account,
  recipient: account,
  conversation: z.looseObject({
    id,
    tenantId: guid.optional(),
    conversationType: z.enum(['personal', 'channel', 'groupChat']),
    name: shortText.nullish(),
    isGroup: z.boolean().nullish(),
  }),
  channelData: z.looseObject({ tenant: z.looseObject({ id: guid }).optional() }).optional(),
  // 2,000 pasted rows with address, type and owner, which the import answers; a longer text it refuses with a sentence.
  text: z.string().max(400_000).nullish(),
  locale: z.string().max(64).nullish(),
  replyToId: id.nullish(),
  timestamp: z.string().max(64).optional(),
  localTimestamp: z.string().max(64).optional(),
  attachments: z.array(attachment).max(32).nullish(),
  entities: z
    .array(z.looseObject({ type: z.string().max(128) }))
    .max(256)
    .nullish(),
  membersAdded: z.array(z.looseObject({ id })).max(2000).nullish(),
  membersRemoved: z.array(z.looseObject({ id })).max(2000).nullish(),
  value: value.optional(),
  // The channel never asks for it; answering in the HTTP response would leave out the connector and its pacing.
  deliveryMode: z.enum(['normal', 'notification']).optional(),
});

/**
 * Checks an activity before the SDK sees it: malformed ones crash its handlers or come back as 500 with the message
 * (facts, stack §6; teams B3.4). People act by messages and invokes, so those must name the person's Entra object id; in
 * events of the channel itself Teams may leave it out (bots/how-to/conversations/subscribe-to-conversation-events.md).
 */
export function checkActivity(body: unknown, rules: { loopbackOnly: boolean }): ActivityCheck {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { ok: false, field: 'body' };
  if (!depthWithin(body, activityDepth)) return { ok: false, field: 'depth' };
  if (hasForbiddenKey(body)) return { ok: false, field: '__proto__' };
  const parsed = activityShape.safeParse(body);
  if (!parsed.success) return { ok: false, field: parsed.error.issues[0]?.path.join('.') ?? 'body' };
  const { type, from, conversation, channelData, serviceUrl } = parsed.data;
  if ((type === 'message' || type === 'invoke') && from.aadObjectId === undefined) {
    return { ok: false, field: 'from.aadObjectId' };
  }
  const tenants = [conversation.tenantId, channelData?.tenant?.id].filter((tenant) => tenant !== undefined);
  if (tenants.length === 0 || new Set(tenants.map((tenant) => tenant.toLowerCase())).size > 1) {
    return { ok: false, field: 'conversation.tenantId' };
  }
  // Without tokens nobody vouches for the address that replies go to.
  if (rules.loopbackOnly && !isLoopbackHost(new URL(serviceUrl).hostname)) return { ok: false, field: 'serviceUrl' };
  return { ok: true, activity: body as Activity };
}

/** The time zone of the client, in either place where Teams says it; null for none, and for what is no time zone. */
export function timeZoneOf(activity: Activity): string | null {
  const info = activity.entities?.find(({ type }) => type === 'clientInfo') as { timezone?: unknown } | undefined;
  return timeZoneNamed(activity.localTimezone) ?? timeZoneNamed(info?.timezone);
}

/** True for a channel that is shared with other teams, also of other organizations, as Teams says. */
export function isSharedChannel(activity: Activity): boolean {
  const data = activity.channelData as { channel?: { type?: unknown } } | undefined;
  return data?.channel?.type === 'shared';
}

/** The Entra tenant of a checked activity, in lower case. */
export function tenantOf(activity: Activity): string | null {
  const data = activity.channelData as { tenant?: { id?: unknown } } | undefined;
  const tenant: unknown = activity.conversation.tenantId ?? data?.tenant?.id;
  return typeof tenant === 'string' ? tenant.toLowerCase() : null;
}

/** True when no object or array lies more than `depth` levels deep; the outermost is level one. Looks no deeper. */
function depthWithin(data: object, depth: number): boolean {
  if (depth <= 0) return false;
  return Object.values(data).every(
    (entry) => typeof entry !== 'object' || entry === null || depthWithin(entry as object, depth - 1),
  );
}

/** JSON.parse makes `__proto__` an own key, and a careless copy of it would change the prototype. Depth is bounded. */
function hasForbiddenKey(data: object): boolean {
  return (
    Object.hasOwn(data, '__proto__') ||
    Object.values(data).some((entry) => typeof entry === 'object' && entry !== null && hasForbiddenKey(entry as object))
  );
}
