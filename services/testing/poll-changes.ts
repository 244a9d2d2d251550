import type { Mailbox } from '../model/mailbox.ts';
import { firstPollAt, pollIntervalOf } from '../model/poll.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Change } from '../storage/store.ts';

export const pollKey = ({ environmentId, id }: Pick<Mailbox, 'environmentId' | 'id'>): string =>
  keyOf(environmentId, id);

/** Whoever receives by server-side synchronization goes on being checked; whoever does not any more leaves. */
export async function pollChanges(
  { store, pollIntervalMs }: Pick<ServiceContext, 'store' | 'pollIntervalMs'>,
  mailbox: Mailbox,
  profile: EmailServerProfile | undefined,
  now: number,
): Promise<Change[]> {
  const key = pollKey(mailbox);
  const known = (await store.get('poll', key))?.value;
  if (!mailbox.incoming.enabled || profile === undefined)
    return known === undefined ? [] : [{ kind: 'delete', collection: 'poll', key }];
  if (known?.profileId === profile.id && known.unansweredSince === null) return [];
  const dueAt = known?.dueAt ?? firstPollAt(now, pollIntervalOf(profile, pollIntervalMs), Math.random());
  return [
    {
      kind: 'put',
      collection: 'poll',
      key,
      value: {
        environmentId: mailbox.environmentId,
        mailboxId: mailbox.id,
        profileId: profile.id,
        dueAt,
        checkedAt: known?.checkedAt ?? null,
        unansweredSince: null,
      },
    },
  ];
}
