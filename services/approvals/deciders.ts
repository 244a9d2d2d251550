import { approvers, nameOfApprover } from '../access/roles.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { mayDecideAbout, type Deciders } from '../model/four-eyes.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';

/** Everybody who may decide about what this person asked for. */
export async function decidersOf(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  request: Pick<ApprovalRequest, 'requestedBy'>,
): Promise<Deciders> {
  const { settings } = (await getEnvironment(context.store, environmentId)).value;
  const all = await approvers(context, environmentId);
  const deciding = all.filter(({ aadObjectId }) => mayDecideAbout(settings, request, aadObjectId));
  const names = await Promise.all(deciding.map((person) => nameOfApprover(context, environmentId, person)));
  return {
    count: deciding.length,
    names: names.filter((name) => name !== ''),
    holdsBackRequester: deciding.length < all.length,
  };
}
