import { causeIdOf, levelOf, type Alert } from '../model/alert.ts';
import { natureOf, type Fault } from '../model/fault.ts';
import { directions, type Mailbox } from '../model/mailbox.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import type { Outcome, PhaseResult } from '../model/run.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';

/**
 * The alert rows of a mailbox become exactly the faults it has now: a direction that works again loses its alert, and one
 * that was not tested keeps it as it was.
 */
export async function alertChanges(
  store: Store,
  mailbox: Mailbox,
  tested: readonly Pick<PhaseResult, 'direction'>[],
  profile: EmailServerProfile | undefined,
  triesLeft: boolean,
  now: number,
  causeOf = (fault: Fault): string => causeIdOf(profile?.id ?? '', fault.code),
): Promise<{ changes: Change[]; causes: Outcome['causes'] }> {
  const { environmentId, id, address } = mailbox;
  const profileId = profile?.id ?? '';
  const known = await store.query('alert', { prefix: keyOf(environmentId, id, ''), limit: 100 });
  const current = new Map<string, Alert>();
  for (const direction of directions) {
    const { fault } = mailbox[direction];
    if (fault === null) continue;
    const key = keyOf(environmentId, id, fault.code);
    const old = known.find((stored) => stored.key === key)?.value;
    const same = current.get(key);
    const isNews = old === undefined || tested.some((phase) => mailbox[phase.direction].fault?.code === fault.code);
    current.set(key, {
      environmentId,
      mailboxId: id,
      directions: [...(same?.directions ?? []), direction],
      address,
      profileId,
      causeId: isNews ? causeOf(fault) : old.causeId,
      fault,
      level: isNews ? levelOf(natureOf(fault), triesLeft) : old.level,
      firstAt: old?.firstAt ?? now,
      lastAt: isNews ? now : old.lastAt,
      count: (old?.count ?? 0) + (isNews ? 1 : 0),
    });
  }
  const cleared = known.filter((stored) => !current.has(stored.key));
  // Also what an alert was counted under before, when that has changed.
  const touched = new Map(
    [...known.map(({ value }) => value), ...current.values()].map((one) => [one.causeId, one.fault]),
  );
  const causes = [...touched].map(([causeId, fault]) => ({ causeId, fault }));
  return {
    changes: [
      ...cleared.map((stored): Change => ({ kind: 'delete', collection: 'alert', key: stored.key })),
      ...[...current].map(([key, value]): Change => ({ kind: 'put', collection: 'alert', key, value })),
    ],
    causes,
  };
}
