import { causeIdOf, levelOf, type Alert } from '../model/alert.ts';
import { natureOf, scopeOf, type Fault } from '../model/fault.ts';
import { directions, type Direction, type Mailbox } from '../model/mailbox.ts';
import { locationFor, type EmailServerProfile } from '../model/profile.ts';
import type { Outcome, PhaseResult } from '../model/run.ts';
import { hostOf } from '../model/secret-target.ts';
import { refusals } from '../exchange/gate-faults.ts';
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
  causeOf = (fault: Fault, at: 'incoming' | 'outgoing'): string => causeIdOf(profile?.id ?? '', fault.code, at),
): Promise<{ changes: Change[]; causes: Outcome['causes'] }> {
  const { environmentId, id, address } = mailbox;
  const profileId = profile?.id ?? '';
  const known = await store.query('alert', { prefix: keyOf(environmentId, id, ''), limit: 100 });
  const current = new Map<string, Alert>();
  const keyAt = (direction: Direction, fault: Fault): string =>
    serverAt(profile, direction, fault) === 'outgoing'
      ? keyOf(environmentId, id, fault.code, 'outgoing')
      : keyOf(environmentId, id, fault.code);
  const isTested = (key: string): boolean =>
    tested.some(({ direction }) => {
      const { fault } = mailbox[direction];
      return fault !== null && keyAt(direction, fault) === key;
    });
  for (const direction of directions) {
    const { fault } = mailbox[direction];
    if (fault === null) continue;
    const key = keyAt(direction, fault);
    const old = known.find((stored) => stored.key === key)?.value;
    const same = current.get(key);
    const isNews = old === undefined || isTested(key);
    current.set(key, {
      environmentId,
      mailboxId: id,
      directions: [...(same?.directions ?? []), direction],
      address,
      profileId,
      causeId: isNews ? causeOf(fault, serverAt(profile, direction, fault)) : old.causeId,
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

/** Whose trouble it is: of two servers each has its own, but a mailbox and an account are the same at both. */
function serverAt(
  profile: EmailServerProfile | undefined,
  direction: Direction,
  fault: Fault,
): 'incoming' | 'outgoing' {
  if (profile === undefined || direction !== 'outgoing') return 'incoming';
  const isOther = hostOf(locationFor(profile, 'outgoing')) !== hostOf(profile.serverLocation);
  return isOther && scopeOf(fault) === 'server' && !refusals.has(fault.code) ? 'outgoing' : 'incoming';
}
