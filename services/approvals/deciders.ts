import { approvers, nameOfApprover } from '../access/roles.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { whoDecides, type AskedRequest, type Deciders } from '../model/who-decides.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';

/** Who decides, with their Entra object ids: a card refreshes itself for them. */
export interface DecidingPeople extends Deciders {
  readonly ids: readonly string[];
}

/**
 * Everybody who may decide about a request. Of one that is not raised yet only who asks is known: then those who would decide
 * without a set, which is as many as are there at all.
 */
export async function decidersOf(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  request: Pick<ApprovalRequest, 'requestedBy'> & Partial<AskedRequest>,
): Promise<DecidingPeople> {
  const { settings } = (await getEnvironment(context.store, environmentId)).value;
  const all = await approvers(context, environmentId);
  const { set, fallsBack, asked, deciding } = whoDecides(
    settings,
    { approverSetId: null, stage: 'open', ...request },
    all.map(({ aadObjectId }) => aadObjectId),
  );
  const people = all.filter(({ aadObjectId }) => deciding.includes(aadObjectId));
  const names = await Promise.all(people.map((person) => nameOfApprover(context, environmentId, person)));
  return {
    count: deciding.length,
    ids: deciding,
    names: names.filter((name) => name !== ''),
    holdsBackRequester: deciding.length < asked.length,
    setName: set?.name ?? null,
    fallsBack,
  };
}
