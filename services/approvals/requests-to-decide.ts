import type { FilterReader } from '../mailboxes/find-mailboxes.ts';
import { hasRight, type Actor } from '../model/access.ts';
import { rolesOf } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { mayDecideOf } from './may-decide.ts';
import { waitingRequests } from './waiting-requests.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** Ids of the requests with mailboxes that wait, and about which this person may decide; none without the role. */
export async function requestsToDecide(context: Context, environmentId: string, actor: Actor): Promise<string[]> {
  if (!hasRight(await rolesOf(context, environmentId, actor.aadObjectId), 'decide')) return [];
  const may = await mayDecideOf(context, environmentId, actor);
  const waiting = await waitingRequests(context.store, environmentId);
  return waiting.flatMap((request) => (may.mayDecide(request) ? request.id : []));
}

/** Whoever a filter is read for, where it says `decider:me`. */
export function filterReader(context: Context, environmentId: string, actor: Actor): FilterReader {
  return { requestsToDecide: () => requestsToDecide(context, environmentId, actor) };
}
