import { waitingRequests } from '../approvals/waiting-requests.ts';
import { hasRight, type Role } from '../model/access.ts';
import { isLive, type ApprovalRequest } from '../model/approval-request.ts';
import type { ConversationReference } from '../model/conversation.ts';
import { whoDecides, type AskedRequest } from '../model/who-decides.ts';
import { getEnvironment } from '../platform/environments.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';
import { intentChange } from './intents.ts';

/** Where a request for approval goes: channels that asked for them, or else the approvers' own chats. Both empty: nobody sees it. */
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
 * Without a channel that Teams takes messages for, each approver who is asked (those of the request's set) and whose chat is
 * known gets the request there: mailboxes must not wait for good because nobody typed `approvers here`. `request`: the one
 * that is meant; null: one that belongs to no set. `lost`: a conversation that dies in this moment counts no more.
 */
export async function approvalAudience(
  store: Store,
  environmentId: string,
  request: AskedRequest | null,
  lost?: string,
): Promise<ApprovalAudience> {
  const channels = (await liveChannels(store, environmentId)).filter((channel) => channel !== lost);
  if (channels.length > 0) return { channels, chats: [] };
  const people = await approverIds(store, environmentId);
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const asked = request === null ? people : whoDecides(settings, request, people).asked;
  const chats = await liveChats(store, environmentId, asked);
  return { channels, chats: chats.filter((chat) => chat !== lost) };
}

/** Entra object ids of everybody who may decide. */
export async function approverIds(store: Store, environmentId: string): Promise<string[]> {
  const people = await store.query('role', { prefix: keyOf(environmentId, ''), limit: 1000 });
  return people.flatMap(({ value }) => (hasRight(value.roles, 'decide') ? value.aadObjectId : []));
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

/** The wish to show every request that waits in a conversation that did not have them; `meant`: not every one, but these. */
export async function openRequestIntents(
  store: Store,
  environmentId: string,
  conversationId: string,
  now: number,
  meant: (request: ApprovalRequest) => boolean = () => true,
): Promise<Change[]> {
  const requests = await waitingRequests(store, environmentId);
  return requests
    .filter((request) => isLive(request) && meant(request))
    .flatMap((request): Change[] => [
      intentChange(environmentId, 'approval', request.id, conversationId, now),
      // Whoever imported the mailboxes reads there who has the request.
      ...(request.importId === undefined
        ? []
        : [intentChange(environmentId, 'import', request.importId, request.conversationId, now)]),
    ]);
}

/** The same for a chat that Mailroom did not know (any more): an approver's, where no channel takes requests. */
export async function requestsForChat(
  store: Store,
  {
    environmentId,
    conversationId,
    kind,
    aadObjectId,
  }: Pick<ConversationReference, 'environmentId' | 'conversationId' | 'kind' | 'aadObjectId'>,
  now: number,
): Promise<Change[]> {
  if (kind !== 'personal' || aadObjectId === null) return [];
  const person = (await store.get('role', keyOf(environmentId, aadObjectId)))?.value;
  if (person === undefined || !hasRight(person.roles, 'decide')) return [];
  if ((await liveChannels(store, environmentId)).length > 0) return [];
  const people = await approverIds(store, environmentId);
  const { settings } = (await getEnvironment(store, environmentId)).value;
  return openRequestIntents(store, environmentId, conversationId, now, (request) =>
    whoDecides(settings, request, people).asked.includes(aadObjectId),
  );
}

/** Channels that Teams takes messages for. */
export async function liveChannels(store: Store, environmentId: string): Promise<string[]> {
  const live: string[] = [];
  for (const id of await approvalChannels(store, environmentId)) {
    const conversation = (await store.get('conversation', keyOf(environmentId, id)))?.value;
    if ((conversation?.deadReason ?? null) === null) live.push(id);
  }
  return live;
}

/** The own chats of these people, as far as they are known and Teams takes messages for them. */
export async function liveChats(store: Store, environmentId: string, people: readonly string[]): Promise<string[]> {
  if (people.length === 0) return [];
  const known = await store.query('conversation', {
    prefix: keyOf(environmentId, ''),
    where: { kind: 'personal', aadObjectId: people },
    limit: 1000,
  });
  return known.flatMap(({ value }) => (value.deadReason === null ? value.conversationId : []));
}
