import { hasRight, type Role } from '../model/access.ts';
import { isLive } from '../model/approval-request.ts';
import type { ConversationReference } from '../model/conversation.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';
import { intentChange } from './intents.ts';

/** Where requests for approval go: channels that asked for them, or else the approvers' own chats. Both empty: nobody sees them. */
export interface ApprovalAudience {
  readonly channels: readonly string[];
  readonly chats: readonly string[];
}

/** Conversations that receive approval cards. */
export async function approvalChannels(store: Store, environmentId: string): Promise<string[]> {
  const found = await store.query('subscription', {
    prefix: keyOf(environmentId, ''),
    where: { approvals: true },
    limit: 1000,
  });
  return found.map((stored) => stored.value.conversationId);
}

/**
 * Without a channel that Teams takes messages for, each approver whose chat is known gets the request there: mailboxes must
 * not wait for good because nobody typed `approvers here`.
 */
export async function approvalAudience(store: Store, environmentId: string): Promise<ApprovalAudience> {
  const channels = await liveChannels(store, environmentId);
  if (channels.length > 0) return { channels, chats: [] };
  return { channels, chats: await chatsWith(store, environmentId, (roles) => hasRight(roles, 'decide')) };
}

/** The own chats of everybody with such roles, as far as Teams takes messages for them. */
export async function chatsWith(
  store: Store,
  environmentId: string,
  fits: (roles: readonly Role[]) => boolean,
): Promise<string[]> {
  const people = await store.query('role', { prefix: keyOf(environmentId, ''), limit: 1000 });
  const found = people.flatMap(({ value }) => (fits(value.roles) ? value.aadObjectId : []));
  return liveChats(store, environmentId, found);
}

/** The wish to show every request that waits in a conversation that did not have them. */
export async function openRequestIntents(
  store: Store,
  environmentId: string,
  conversationId: string,
  now: number,
): Promise<Change[]> {
  const requests = await store.query('approvalRequest', { prefix: keyOf(environmentId, ''), limit: 1000 });
  return requests
    .filter(({ value }) => isLive(value))
    .flatMap(({ value }): Change[] => [
      intentChange(environmentId, 'approval', value.id, conversationId, now),
      // Whoever imported the mailboxes reads there who has the request.
      ...(value.importId === undefined
        ? []
        : [intentChange(environmentId, 'import', value.importId, value.conversationId, now)]),
    ]);
}

/**
 * The wish to draw every request that waits anew, wherever its card stands, and the card of its import: who decides has
 * changed.
 */
export async function redrawOpenRequests(store: Store, environmentId: string, now: number): Promise<Change[]> {
  const prefix = keyOf(environmentId, '');
  const requests = await store.query('approvalRequest', { prefix, limit: 10_000 });
  const open = new Map(requests.flatMap(({ value }) => (isLive(value) ? [[value.id, value] as const] : [])));
  if (open.size === 0) return [];
  const messages = await store.query('message', { prefix, where: { kind: 'approval' }, limit: 100_000 });
  return [
    ...messages
      .filter(({ value }) => open.has(value.subjectId))
      .map(({ value }) => intentChange(environmentId, 'approval', value.subjectId, value.conversationId, now)),
    ...[...open.values()].flatMap(({ importId, conversationId }) =>
      importId === undefined ? [] : [intentChange(environmentId, 'import', importId, conversationId, now)],
    ),
  ];
}

/** The same for a chat that Mailroom did not know (any more): an approver's, where no channel takes requests. */
export async function requestsForChat(
  store: Store,
  { environmentId, conversationId, kind, aadObjectId }: Omit<ConversationReference, 'revision' | 'deadReason'>,
  now: number,
): Promise<Change[]> {
  if (kind !== 'personal' || aadObjectId === null) return [];
  const person = (await store.get('role', keyOf(environmentId, aadObjectId)))?.value;
  if (person === undefined || !hasRight(person.roles, 'decide')) return [];
  if ((await liveChannels(store, environmentId)).length > 0) return [];
  return openRequestIntents(store, environmentId, conversationId, now);
}

/** The same for somebody who becomes an approver and whose chat is known. */
export async function requestsForApprover(
  store: Store,
  environmentId: string,
  aadObjectId: string,
  now: number,
): Promise<Change[]> {
  if ((await liveChannels(store, environmentId)).length > 0) return [];
  const chats = await liveChats(store, environmentId, [aadObjectId]);
  return (await Promise.all(chats.map((chat) => openRequestIntents(store, environmentId, chat, now)))).flat();
}

/** Channels that Teams takes messages for. */
async function liveChannels(store: Store, environmentId: string): Promise<string[]> {
  const live: string[] = [];
  for (const id of await approvalChannels(store, environmentId)) {
    const conversation = (await store.get('conversation', keyOf(environmentId, id)))?.value;
    if ((conversation?.deadReason ?? null) === null) live.push(id);
  }
  return live;
}

async function liveChats(store: Store, environmentId: string, people: readonly string[]): Promise<string[]> {
  if (people.length === 0) return [];
  const known = await store.query('conversation', {
    prefix: keyOf(environmentId, ''),
    where: { kind: 'personal', aadObjectId: people },
    limit: 1000,
  });
  return known.flatMap(({ value }) => (value.deadReason === null ? value.conversationId : []));
}
