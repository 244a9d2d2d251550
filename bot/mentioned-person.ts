import type { TeamsChannelAccount, TurnContext } from 'botbuilder';
import type { ConnectorClient } from 'botframework-connector';
import type { Person } from '../services/model/access.ts';
import { MailroomError } from '../services/model/error.ts';
import { personalConversation } from '../services/conversations/record-conversation.ts';
import { keyOf, type Store } from '../services/storage/store.ts';
import { tenantOf } from './activity-schema.ts';
import type { Claim } from './mentions.ts';

/** Finds out who a mention is. @throws MailroomError `person.guest`, `person.unverified`, `person.differs` {text, name} */
export type FindPerson = (context: TurnContext, mention: Claim) => Promise<Person>;

/** Conversations whose roster is asked when this one does not have the person. */
const mostRosters = 5;

/**
 * Asks Teams who it is, and believes nothing else: not the text of the mention, which its writer can shorten, and not the
 * object id beside it. Guests and people of other organizations are refused. Without an answer there is no person.
 */
export function findInRoster(store: Store, environmentId: string): FindPerson {
  return async (context, mention) => {
    const member = await memberOf(context, mention, store, environmentId);
    const {
      userRole,
      tenantId,
      objectId,
      aadObjectId = objectId,
    } = member as TeamsChannelAccount & {
      objectId?: string;
    };
    const isForeign = tenantId !== undefined && tenantId.toLowerCase() !== tenantOf(context.activity);
    if (isForeign || userRole === 'guest' || userRole === 'anonymous') throw new MailroomError('person.guest');
    if (userRole !== 'user' || typeof aadObjectId !== 'string' || aadObjectId === '')
      throw new MailroomError('person.unverified');
    // The entity names somebody else than the roster: whichever of the two was meant, it is not clear.
    if (mention.aadObjectId !== null && mention.aadObjectId !== aadObjectId.toLowerCase())
      throw new MailroomError('person.unverified');
    const name = member.name ?? '';
    if (mention.name !== null && !isNameOf(mention.name, name))
      throw new MailroomError('person.differs', { text: mention.name, name });
    return { aadObjectId: aadObjectId.toLowerCase(), name, account: member.userPrincipalName ?? member.email ?? '' };
  };
}

/** Without authentication there is no roster to ask (loopback only): the mention is believed. */
export const believeMention: FindPerson = async (_context, { aadObjectId, name }) => {
  if (aadObjectId === null) throw new MailroomError('person.unverified');
  return { aadObjectId, name: name ?? '', account: '' };
};

/** In this conversation, in the person's own chat with Mailroom, or where else Mailroom is. */
async function memberOf(
  context: TurnContext,
  { id, aadObjectId }: Claim,
  store: Store,
  environmentId: string,
): Promise<TeamsChannelAccount> {
  const { adapter, activity, turnState } = context;
  const client = turnState.get<ConnectorClient | undefined>(
    (adapter as unknown as { ConnectorClientKey: symbol }).ConnectorClientKey,
  );
  const own = aadObjectId === null ? undefined : await personalConversation(store, environmentId, aadObjectId);
  const shared = await store.query('conversation', {
    prefix: keyOf(environmentId, ''),
    where: { kind: ['channel', 'groupChat'], deadReason: null, serviceUrl: activity.serviceUrl },
    limit: mostRosters,
  });
  const rosters = new Set([
    activity.conversation.id.split(';', 1)[0] ?? '',
    ...(own === undefined ? [] : [own.value.conversationId]),
    ...shared.map(({ value }) => value.conversationId),
  ]);
  let cause: unknown;
  for (const conversationId of [...rosters].slice(0, mostRosters)) {
    try {
      if (client !== undefined) return await client.conversations.getConversationMember(conversationId, id);
    } catch (error) {
      cause = error;
    }
  }
  throw new MailroomError('person.unverified', {}, cause);
}

/** Teams lets a writer shorten a mention to some of the words of the name, and to nothing else. */
function isNameOf(text: string, name: string): boolean {
  const wordsOf = (words: string): string[] =>
    words
      .normalize('NFKC')
      .toLowerCase()
      .split(/[\s,;()]+/)
      .filter(Boolean);
  const known = new Set(wordsOf(name));
  const said = wordsOf(text);
  return said.length > 0 && said.every((word) => known.has(word));
}
