import type { KnownPerson } from '../model/known-person.ts';
import type { Mailbox } from '../model/mailbox.ts';
import { ownerAddresses } from '../model/owner-matter.ts';
import { peopleOfAddresses } from '../people/known-people.ts';
import { keyOf, type Store } from '../storage/store.ts';

/** More than any organization has here. */
const most = 100_000;

/**
 * Who owns these mailboxes, by the id of the mailbox: the person whose address it names, else of a user's mailbox whoever signs
 * in with its own. One look-up for all of them, also where nobody is known.
 */
export async function ownersOf(
  store: Store,
  environmentId: string,
  mailboxes: readonly Mailbox[],
): Promise<ReadonlyMap<string, KnownPerson>> {
  const people = await peopleOfAddresses(store, environmentId, [...new Set(mailboxes.flatMap(ownerAddresses))]);
  return new Map(
    mailboxes.flatMap((mailbox) => {
      const owner = ownerAddresses(mailbox)
        .map((address) => people.get(address))
        .find((person) => person !== undefined);
      return owner === undefined ? [] : [[mailbox.id, owner] as const];
    }),
  );
}

/** The mailboxes that a person owns, by their sign-in name; it may be many. */
export async function mailboxesOf(
  store: Store,
  { environmentId, aadObjectId, account }: KnownPerson,
): Promise<Mailbox[]> {
  if (account === null) return [];
  const named = await store.query('mailbox', {
    prefix: keyOf(environmentId, ''),
    where: { owner: account },
    limit: most,
  });
  const own = (await store.get('mailbox', keyOf(environmentId, account)))?.value;
  const candidates = new Map(
    [...named.map(({ value }) => value), ...(own === undefined ? [] : [own])].map((mailbox) => [mailbox.id, mailbox]),
  );
  // An own address that names somebody else as its owner, whom Mailroom knows, is theirs.
  const owners = await ownersOf(store, environmentId, [...candidates.values()]);
  return [...candidates.values()].filter(({ id }) => owners.get(id)?.aadObjectId === aadObjectId);
}

/** The own chats of people, by person, as far as Teams takes messages for them. */
export async function chatsOfPeople(
  store: Store,
  environmentId: string,
  people: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (people.length === 0) return new Map();
  const found = await store.query('conversation', {
    prefix: keyOf(environmentId, ''),
    where: { kind: 'personal', aadObjectId: people },
    limit: most,
  });
  return new Map(
    found.flatMap(({ value: { aadObjectId, conversationId, deadReason } }) =>
      aadObjectId === null || deadReason !== null ? [] : [[aadObjectId, conversationId] as const],
    ),
  );
}
