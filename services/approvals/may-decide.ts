import { hasRight, rolesWithRight, type Actor } from '../model/access.ts';
import { MailroomError } from '../model/error.ts';
import type { Mailbox } from '../model/mailbox.ts';
import { whoDecides, type AskedRequest } from '../model/who-decides.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type ExpectedVersion } from '../storage/store.ts';
import { decidersOf } from './deciders.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** Whether somebody decides; if not, why: they asked for it themselves, or another approver set decides. */
export type Answer = 'decides' | 'own' | 'other-set';

/** What one person may decide about, read once for a decision about many mailboxes. */
export interface MayDecide {
  mayDecide(request: AskedRequest): boolean;
  about(request: AskedRequest): Answer;
  aboutMailbox(mailbox: Pick<Mailbox, 'approvalRequestId'>): Promise<Answer>;
  /** Settings and roles that the answers so far rely on: they must still be so when a decision is committed. */
  expected(): ExpectedVersion[];
}

/**
 * The one check of who decides about what: of cards, commands, filters and lists.
 * @throws MailroomError `access.denied`
 */
export async function mayDecideOf({ store }: Context, environmentId: string, actor: Actor): Promise<MayDecide> {
  const environment = await getEnvironment(store, environmentId);
  const { settings } = environment.value;
  const roles = await store.query('role', { prefix: keyOf(environmentId, ''), limit: 1000 });
  const versions = new Map(roles.map(({ key, version }) => [key, version]));
  const people = roles.flatMap(({ value }) => (hasRight(value.roles, 'decide') ? value.aadObjectId : []));
  if (!people.includes(actor.aadObjectId))
    throw new MailroomError('access.denied', { roles: rolesWithRight('decide').join(', ') });
  const reliesOn = new Set([actor.aadObjectId]);
  const about = (request: AskedRequest): Answer => {
    const { set, fallsBack, asked, deciding } = whoDecides(settings, request, people);
    // Nobody of the set, or of its second one, may decide: that must still be so.
    const second = settings.approverSets.find(({ id }) => id === set?.secondSetId);
    if (fallsBack) for (const member of [...(set?.members ?? []), ...(second?.members ?? [])]) reliesOn.add(member);
    if (deciding.includes(actor.aadObjectId)) return 'decides';
    // Nobody at all decides where even the fallback holds back whoever asked: that is what they are told.
    return asked.includes(actor.aadObjectId) ? 'own' : 'other-set';
  };
  // Thousands of mailboxes have few requests. Of one that nobody knows there is no set, and nobody who asked.
  const known = new Map<string, Promise<Answer>>();
  const look = async (requestId: string): Promise<Answer> => {
    const request = await store.get('approvalRequest', keyOf(environmentId, requestId));
    return request === undefined ? 'decides' : about(request.value);
  };
  const isRuled = !settings.fourEyes || settings.approverSets.length > 0;
  return {
    mayDecide: (request) => about(request) === 'decides',
    about,
    aboutMailbox: async ({ approvalRequestId: id }) => {
      if (id === null) return 'decides';
      const answer = known.get(id) ?? look(id);
      known.set(id, answer);
      return answer;
    },
    expected: () => [
      ...(isRuled ? [{ collection: 'environment', key: environment.key, version: environment.version } as const] : []),
      ...[...reliesOn].map((person) => {
        const key = keyOf(environmentId, person);
        return { collection: 'role', key, version: versions.get(key) ?? 0 } as const;
      }),
    ],
  };
}

/** Says to somebody who does not decide that it is so, and who does. */
export async function refusalOf(
  context: Context,
  environmentId: string,
  answer: Exclude<Answer, 'decides'>,
  request: Parameters<typeof decidersOf>[2],
): Promise<MailroomError> {
  const { count, names, setName } = await decidersOf(context, environmentId, request);
  const params = { count, names: names.slice(0, 5).join(', ') || 'none' };
  return answer === 'own'
    ? new MailroomError('approval.own', params)
    : new MailroomError('approval.other-set', { ...params, set: setName ?? '' });
}
