import { refusals } from '../exchange/gate-faults.ts';
import { auditEntry, systemActor } from '../model/audit.ts';
import type { Fault } from '../model/fault.ts';
import type { PhaseResult } from '../model/run.ts';
import { outgoingHostOf } from '../model/secret-target.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { accountTrigger } from './refused-account.ts';
import type { AlsoCommitted } from './start-run.ts';

/** The fault by which Exchange refused the password, if it did. */
export function refusalIn(phases: readonly PhaseResult[]): Fault | null {
  return phases.find(({ fault }) => fault !== null && refusals.has(fault.code))?.fault ?? null;
}

export const isRefused = (phases: readonly PhaseResult[]): boolean => refusalIn(phases) !== null;

/** All that is kept of a check, or of a test that was stopped on the way: no password is tried again (law 6). */
export async function keepRefusal(
  { store, clock }: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  { phases, credentialId }: { readonly phases: readonly PhaseResult[]; readonly credentialId: string | null },
): Promise<void> {
  const refused = refusalIn(phases);
  if (credentialId === null || refused === null) return;
  await retryConflict(async () => {
    const { changes, expected } = await refuseCredential(store, environmentId, credentialId, refused, clock.now());
    if (changes.length > 0) await store.commit(changes, expected);
  });
}

/**
 * A password that Exchange refused is marked, so that not even a restart tries it again (DESIGN, law 6). It is the one that
 * was used: the profile may have a new one by now. All its mailboxes wait from now on, and that is one incident.
 */
export async function refuseCredential(
  store: Store,
  environmentId: string,
  credentialId: string,
  fault: Fault,
  now: number,
): Promise<AlsoCommitted> {
  const credential = await store.get('credential', keyOf(environmentId, credentialId));
  if (credential === undefined || credential.value.refused) return { changes: [], expected: [] };
  const { key, version, value } = credential;
  const outgoingHost = outgoingHostOf(value.binding);
  const profile = (await store.get('profile', value.binding.ownerRecord))?.value;
  return {
    changes: [
      ...(profile?.credentialId === credentialId ? [accountTrigger(profile, now, fault)] : []),
      { kind: 'put', collection: 'credential', key, value: { ...value, refused: true, revision: value.revision + 1 } },
      {
        kind: 'append',
        log: 'audit',
        entry: auditEntry(environmentId, now, systemActor, 'credential.refused', [value.binding.ownerRecord], {
          host: value.binding.host,
          account: value.binding.account,
          ...(outgoingHost === null ? {} : { outgoingHost }),
        }),
      },
    ],
    expected: [{ collection: 'credential', key, version }],
  };
}
