import { hasRight } from '../model/access.ts';
import type { ConversationReference } from '../model/conversation.ts';
import { deathNoticeAt, joinableNotices } from '../model/death-notice.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';
import { chatsWith } from './approval-audience.ts';
import { redrawCards } from './card-places.ts';
import { intentChange } from './intents.ts';

/** Which notice tells of a death; `joins`: its card stands already and is edited. Null: the death is nobody's business. */
export interface ChosenNotice {
  readonly id: string | null;
  readonly joins: boolean;
}

/**
 * The notice for a conversation that dies now. A chat whose person holds no role, that no subscription names and of which
 * nothing had to move is told of in a notice that is open anyway, and begins none: people come and go.
 */
export async function noticeForDeath(
  store: Store,
  conversation: ConversationReference,
  hasMoved: boolean,
  now: number,
): Promise<ChosenNotice> {
  const { environmentId } = conversation;
  for (const id of joinableNotices(now)) if (await isOpen(store, environmentId, id)) return { id, joins: true };
  return (await isMissed(store, conversation, hasMoved)) ? { id: deathNoticeAt(now), joins: false } : nobodysBusiness;
}

const nobodysBusiness: ChosenNotice = { id: null, joins: false };

/** The wishes to show a notice in the own chats of all admins but the one that dies, if it is one. */
export async function deathNoticeIntents(
  store: Store,
  { environmentId, conversationId }: ConversationReference,
  { id, joins }: ChosenNotice,
  now: number,
): Promise<Change[]> {
  if (id === null) return [];
  const chats = await adminChats(store, environmentId);
  return chats
    .filter((chat) => chat !== conversationId)
    .map((chat) => intentChange(environmentId, 'dead-conversation', id, chat, now, joins ? 'refresh' : 'repost'));
}

/** The wishes to draw the cards of a notice anew: one of its conversations lives again. */
export function redrawDeathNotice(
  store: Store,
  environmentId: string,
  subjectId: string,
  now: number,
): Promise<Change[]> {
  return redrawCards(store, environmentId, { kind: 'dead-conversation', subjectId }, now);
}

/**
 * The notices that an admin missed whose own chat comes to be known, or lives again: of conversations that are dead still.
 * At most the newest few: each card says what is open now.
 */
export async function missedNotices(
  store: Store,
  { environmentId, conversationId, kind, aadObjectId }: ConversationReference,
  now: number,
): Promise<Change[]> {
  if (kind !== 'personal' || aadObjectId === null) return [];
  const person = (await store.get('role', keyOf(environmentId, aadObjectId)))?.value;
  if (person === undefined || !hasRight(person.roles, 'manage')) return [];
  const open = new Set<string>();
  for (let after: string | undefined; ;) {
    const page = await store.query('conversation', {
      prefix: keyOf(environmentId, ''),
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    for (const { value } of page)
      if (value.deadReason !== null && value.deathNotice !== null && value.conversationId !== conversationId)
        open.add(value.deathNotice);
    after = page.at(-1)?.key;
    if (page.length < pageSize) break;
  }
  return [...open]
    .toSorted()
    .slice(-mostMissed)
    .map((id) => intentChange(environmentId, 'dead-conversation', id, conversationId, now));
}

const pageSize = 500;
const mostMissed = 3;

function adminChats(store: Store, environmentId: string): Promise<string[]> {
  return chatsWith(store, environmentId, (roles) => hasRight(roles, 'manage'));
}

/** One of its conversations is dead still. */
async function isOpen(store: Store, environmentId: string, deathNotice: string): Promise<boolean> {
  const prefix = keyOf(environmentId, '');
  const told = await store.count('conversation', { prefix, where: { deathNotice } });
  return told > 0 && (await store.count('conversation', { prefix, where: { deathNotice, deadReason: null } })) < told;
}

/** Something came there that somebody will miss. */
async function isMissed(
  store: Store,
  { environmentId, conversationId, kind, aadObjectId }: ConversationReference,
  hasMoved: boolean,
): Promise<boolean> {
  if (hasMoved || kind !== 'personal' || aadObjectId === null) return true;
  if ((await store.get('subscription', keyOf(environmentId, conversationId))) !== undefined) return true;
  const person = await store.get('role', keyOf(environmentId, aadObjectId));
  return (person?.value.roles.length ?? 0) > 0;
}
