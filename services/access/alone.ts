import type { Actor } from '../model/access.ts';
import { MailroomError } from '../model/error.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf } from '../storage/store.ts';

const hourMs = 60 * 60 * 1000;
/** So long whoever takes a role away is held to a second person: everybody is told of it, and has the time to read it. */
const noticeMs = 24 * hourMs;

/**
 * Before a control is weakened by one person, since nobody is there who could agree: whoever has just taken away the role of
 * those who could is not alone yet. Else two commands in a row would lead anybody around the second person (DESIGN, law 10).
 * @throws MailroomError `access.alone-too-soon` {hours}
 */
export async function requireAlone(
  { store, clock }: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  { aadObjectId }: Pick<Actor, 'aadObjectId'>,
): Promise<void> {
  const done = await store.query('roleChange', {
    prefix: keyOf(environmentId, ''),
    where: { askedBy: aadObjectId, deed: 'revoke', role: ['admin', 'approver'], state: 'done' },
    limit: 10_000,
  });
  const taken = done.flatMap(({ value: { personId, decidedAt } }) =>
    personId === aadObjectId ? [] : (decidedAt ?? []),
  );
  const leftMs = Math.max(...taken) + noticeMs - clock.now();
  if (leftMs > 0) throw new MailroomError('access.alone-too-soon', { hours: Math.ceil(leftMs / hourMs) });
}
