import type { ConnectorReply, ConnectorRequest } from './connector-routes.ts';
import { ConnectorError } from './errors.ts';
import type { Person } from './people.ts';
import { splitConversationId } from './state.ts';
import type { Conversation, TeamsState } from './state.ts';

/** The read-only part of the connector: who is in a conversation, and what a team consists of. */
export function rosterRoute(state: TeamsState, request: ConnectorRequest): ConnectorReply | undefined {
  if (request.method !== 'GET') return undefined;
  const [root, id, part, memberId] = request.segments;
  if (id === undefined) return undefined;
  if (root === 'conversations') {
    if (part === 'pagedmembers') return pagedMembers(state, joinedConversation(state, id), request.query);
    if (part === 'members') {
      const people = state.members(joinedConversation(state, id));
      if (memberId === undefined) return { status: 200, body: people.map(asMember) };
      const member = people.find((person) => person.mri === memberId || person.aadObjectId === memberId);
      if (member === undefined) {
        throw new ConnectorError(404, 'MemberNotFoundInConversation', 'Member not found in conversation.');
      }
      return { status: 200, body: asMember(member) };
    }
  }
  if (root === 'teams') return teamRoute(state, id, part);
  return undefined;
}

function teamRoute(state: TeamsState, id: string, part: string | undefined): ConnectorReply | undefined {
  const { team } = state;
  if (id !== team.id || state.conversations.get(team.id)?.installed !== true) {
    throw new ConnectorError(404, 'TeamNotFound', 'The bot is not in this team.');
  }
  if (part === 'conversations') {
    const conversations = team.channels.map(({ id, name }) => (id === team.id ? { id } : { id, name }));
    return { status: 200, body: { conversations } };
  }
  if (part !== undefined) return undefined;
  const { name, aadGroupId } = team;
  const counts = { channelCount: team.channels.length, memberCount: team.members.length };
  return { status: 200, body: { id, name, aadGroupId, type: 'standard', ...counts } };
}

function pagedMembers(state: TeamsState, conversation: Conversation, query: URLSearchParams): ConnectorReply {
  const people = state.members(conversation);
  const start = Number(query.get('continuationToken') ?? '0');
  // Teams raises small page sizes to 50 and lowers large ones to 500; a test with few people needs the small ones.
  const size = Math.min(Number(query.get('pageSize') ?? '200'), 500);
  const members = people.slice(start, start + size).map(asMember);
  const next = start + size;
  return { status: 200, body: next < people.length ? { members, continuationToken: String(next) } : { members } };
}

function joinedConversation(state: TeamsState, id: string): Conversation {
  const conversation = state.conversations.get(splitConversationId(id).conversationId);
  if (conversation === undefined) throw new ConnectorError(404, 'ConversationNotFound', 'Conversation not found.');
  if (!conversation.installed) {
    throw new ConnectorError(403, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.');
  }
  return conversation;
}

function asMember(person: Person): Record<string, string> {
  const [givenName = person.name, surname = ''] = person.name.split(' ');
  const { mri: id, name, aadObjectId, email, userPrincipalName, userRole, tenantId } = person;
  const identity = { id, name, aadObjectId, objectId: aadObjectId, givenName, surname };
  return { ...identity, email, userPrincipalName, userRole, tenantId };
}
