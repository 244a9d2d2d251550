import { hasRight } from '../model/access.ts';
import { isLive, type ApprovalRequest } from '../model/approval-request.ts';
import type { EmailSettings } from '../model/environment.ts';
import { whoDecides } from '../model/who-decides.ts';
import { chatsWith, liveChannels, liveChats } from '../conversations/approval-audience.ts';
import { redrawCards } from '../conversations/card-places.ts';
import { intentChange } from '../conversations/intents.ts';
import { personalConversation } from '../conversations/record-conversation.ts';
import type { Change, Store } from '../storage/store.ts';
import { waitingRequests } from './waiting-requests.ts';

/** All that says who decides: the settings, and who holds the right to (Entra object ids). */
export interface DecidingState {
  readonly settings: Pick<EmailSettings, 'fourEyes' | 'approverSets'>;
  readonly approvers: readonly string[];
}

/** Of more requests that nobody decides about any more, a place gets one list instead of a card each. */
const mostCards = 3;

/**
 * What follows for open requests when other people decide than before, as changes for the commit that makes it so. Their cards
 * are drawn anew wherever they stand, and that of the import; where no channel takes requests, whoever is asked from now on
 * gets the card; and of what nobody decides about any more, whoever asked and the admins are told, once.
 */
export async function decidersChanged(
  store: Store,
  environmentId: string,
  before: DecidingState,
  after: DecidingState,
  now: number,
): Promise<Change[]> {
  const requests = await waitingRequests(store, environmentId);
  const changed = requests.flatMap((request) => {
    if (!isLive(request)) return [];
    const then = whoDecides(before.settings, request, before.approvers);
    const next = whoDecides(after.settings, request, after.approvers);
    return isSame(then, next) ? [] : [{ request, then, next }];
  });
  if (changed.length === 0) return [];
  const ids = changed.map(({ request }) => request.id);
  const isInChannels = (await liveChannels(store, environmentId)).length > 0;
  const joining = await Promise.all(
    (isInChannels ? [] : changed).map(async ({ request, then, next }) => {
      const asked = next.asked.filter((person) => !then.asked.includes(person));
      const chats = await liveChats(store, environmentId, asked);
      return chats.map((chat) => intentChange(environmentId, 'approval', request.id, chat, now));
    }),
  );
  const stuck = changed.filter(({ then, next }) => then.deciding.length > 0 && next.deciding.length === 0);
  return [
    ...(await redrawCards(store, environmentId, { kind: 'approval', subjectId: ids }, now)),
    ...changed.flatMap(({ request: { importId, conversationId } }) =>
      importId === undefined ? [] : [intentChange(environmentId, 'import', importId, conversationId, now)],
    ),
    ...joining.flat(),
    // Later wishes replace earlier ones: where a card is posted anew, it is not edited as well.
    ...(await tellOfStuck(
      store,
      environmentId,
      stuck.map(({ request }) => request),
      now,
    )),
  ];
}

function isSame(then: ReturnType<typeof whoDecides>, next: ReturnType<typeof whoDecides>): boolean {
  const text = ({ set, fallsBack, deciding, asked }: ReturnType<typeof whoDecides>): string =>
    JSON.stringify([set?.name ?? null, fallsBack, deciding, asked]);
  return text(then) === text(next);
}

/** The card itself says that nobody decides, and the ways out. */
async function tellOfStuck(
  store: Store,
  environmentId: string,
  stuck: readonly ApprovalRequest[],
  now: number,
): Promise<Change[]> {
  if (stuck.length === 0) return [];
  const admins = await chatsWith(store, environmentId, (roles) => hasRight(roles, 'manage'));
  const told = new Map<string, Set<string>>();
  for (const { id, requestedBy, conversationId } of stuck) {
    const chat = (await personalConversation(store, environmentId, requestedBy))?.value.conversationId;
    for (const place of new Set([...admins, chat ?? conversationId]))
      if (place !== '') told.set(place, (told.get(place) ?? new Set()).add(id));
  }
  const day = new Date(now).toISOString().slice(0, 10);
  return [...told].flatMap(([place, ids]) =>
    ids.size > mostCards
      ? [intentChange(environmentId, 'pending-list', day, place, now, 'repost')]
      : [...ids].map((id) => intentChange(environmentId, 'approval', id, place, now, 'repost')),
  );
}
