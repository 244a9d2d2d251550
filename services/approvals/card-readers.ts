import type { ApprovalRequest } from '../model/approval-request.ts';
import { mostReaders, type CardReaders } from '../model/card-readers.ts';
import { keyOf, type Store } from '../storage/store.ts';

/**
 * Who gets a view of their own of a request's card by themselves: those who decide, and whoever asked. Whom the bot has not
 * seen yet is not among them: the card has a button for them.
 */
export async function cardReaders(
  store: Store,
  { environmentId, requestedBy }: Pick<ApprovalRequest, 'environmentId' | 'requestedBy'>,
  deciders: readonly string[],
): Promise<CardReaders> {
  const people = [...new Set([...deciders, requestedBy])];
  const known = await Promise.all(people.map((id) => store.get('person', keyOf(environmentId, id))));
  const userIds = [...new Set(known.flatMap((person) => person?.value.teamsId ?? []))];
  return userIds.length > mostReaders ? { userIds: [], isTooMany: true } : { userIds, isTooMany: false };
}
