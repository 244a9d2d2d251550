import type { Mailbox } from '../model/mailbox.ts';
import { serverOf, type Outage } from '../model/outage.ts';
import type { Poll } from '../model/poll.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf } from '../storage/store.ts';
import { pollKey } from './poll-changes.ts';

/** How a mailbox is checked after it was enabled, and the outage that its checks wait for. */
export async function checksOf(
  { store }: Pick<ServiceContext, 'store'>,
  mailbox: Mailbox,
): Promise<{ poll: Poll | null; outage: Outage | null }> {
  const { environmentId, profileId, incoming } = mailbox;
  const poll = (await store.get('poll', pollKey(mailbox)))?.value;
  if (poll === undefined || !incoming.enabled || profileId === null) return { poll: null, outage: null };
  const profile = (await store.get('profile', keyOf(environmentId, profileId)))?.value;
  const outage = profile === undefined ? undefined : await store.get('outage', keyOf(environmentId, serverOf(profile)));
  return { poll, outage: outage?.value ?? null };
}
