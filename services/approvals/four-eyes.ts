import type { Actor } from '../model/access.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { MailroomError } from '../model/error.ts';
import { mayDecideAbout } from '../model/four-eyes.ts';
import type { Mailbox } from '../model/mailbox.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type ExpectedVersion } from '../storage/store.ts';
import { decidersOf } from './deciders.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** What four-eyes says of one actor, read once for a decision about many mailboxes. */
export interface FourEyes {
  mayDecide(request: Pick<ApprovalRequest, 'requestedBy'>): boolean;
  mayDecideMailbox(mailbox: Pick<Mailbox, 'approvalRequestId'>): Promise<boolean>;
  /** While four-eyes is off, a decision relies on that: it must still be so when it is committed. */
  readonly expected: readonly ExpectedVersion[];
}

export async function fourEyesOf({ store }: Context, environmentId: string, actor: Actor): Promise<FourEyes> {
  const { key, version, value } = await getEnvironment(store, environmentId);
  const mayDecide = (request: Pick<ApprovalRequest, 'requestedBy'>): boolean =>
    mayDecideAbout(value.settings, request, actor.aadObjectId);
  // Thousands of mailboxes have few requests.
  const known = new Map<string, Promise<boolean>>();
  const look = async (requestId: string): Promise<boolean> => {
    const request = await store.get('approvalRequest', keyOf(environmentId, requestId));
    return request === undefined || mayDecide(request.value);
  };
  return {
    mayDecide,
    mayDecideMailbox: async ({ approvalRequestId: id }) => {
      if (id === null) return true;
      const answer = known.get(id) ?? look(id);
      known.set(id, answer);
      return answer;
    },
    expected: value.settings.fourEyes ? [] : [{ collection: 'environment', key, version }],
  };
}

/** Says to whoever asked that they do not decide, and who does. */
export async function refusalOfOwn(
  context: Context,
  environmentId: string,
  request: Pick<ApprovalRequest, 'requestedBy'>,
): Promise<MailroomError> {
  const { count, names } = await decidersOf(context, environmentId, request);
  return new MailroomError('approval.own', { count, names: names.slice(0, 5).join(', ') || 'none' });
}
