import type { Actor } from '../model/access.ts';
import type { EmailSettings } from '../model/environment.ts';
import type { KnownPerson } from '../model/known-person.ts';
import type { Mailbox } from '../model/mailbox.ts';
import { redrawCards } from '../conversations/card-places.ts';
import { intentChange } from '../conversations/intents.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';

/**
 * The wish to show everybody whose own user mailbox becomes Pending a card in their own chat, where the switch is on and
 * Mailroom knows who signs in with the address. Whoever asks does not get one while four-eyes holds them back.
 */
export async function ownMailboxCards(
  store: Store,
  environmentId: string,
  { selfApproval, fourEyes }: Pick<EmailSettings, 'selfApproval' | 'fourEyes'>,
  asker: Pick<Actor, 'aadObjectId'>,
  mailboxes: readonly Mailbox[],
  now: number,
): Promise<Change[]> {
  const users = selfApproval ? mailboxes.filter(({ type }) => type === 'user') : [];
  if (users.length === 0) return [];
  const owners = await ownersOf(store, environmentId, users);
  const people = [...owners.values()].map(({ aadObjectId }) => aadObjectId);
  const chats = new Map(
    (
      await store.query('conversation', {
        prefix: keyOf(environmentId, ''),
        where: { kind: 'personal', aadObjectId: people, deadReason: null },
        limit: 100_000,
      })
    ).map(({ value }) => [value.aadObjectId, value.conversationId]),
  );
  return users.flatMap(({ id, address }): Change[] => {
    const owner = owners.get(address);
    const chat = chats.get(owner?.aadObjectId ?? '');
    if (owner === undefined || chat === undefined || (fourEyes && owner.aadObjectId === asker.aadObjectId)) return [];
    return [intentChange(environmentId, 'own-mailbox', id, chat, now)];
  });
}

/** Who signs in with which of these addresses; of two, whoever was seen last. */
async function ownersOf(
  store: Store,
  environmentId: string,
  mailboxes: readonly Mailbox[],
): Promise<ReadonlyMap<string, KnownPerson>> {
  const account = mailboxes.map(({ address }) => address);
  const found = await store.query('person', { prefix: keyOf(environmentId, ''), where: { account }, limit: 100_000 });
  const people = found.map(({ value }) => value).sort((a, b) => a.seenAt - b.seenAt);
  return new Map(people.map((person) => [person.account ?? '', person]));
}

/** The wish to draw the own cards of these mailboxes anew, where there are any. `ids`: those under which they were shown. */
export async function redrawOwnMailboxCards(
  store: Store,
  environmentId: string,
  ids: readonly string[],
  now: number,
): Promise<Change[]> {
  return ids.length === 0 ? [] : redrawCards(store, environmentId, { kind: 'own-mailbox', subjectId: ids }, now);
}
