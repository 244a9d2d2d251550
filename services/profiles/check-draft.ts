import { auditEntry, systemActor } from '../model/audit.ts';
import type { ProfileDraft } from '../model/draft.ts';
import { reduceDraft, type DraftAnswer } from '../model/draft-reducer.ts';
import { isMailroomError } from '../model/error.ts';
import type { Fault } from '../model/fault.ts';
import type { Task } from '../model/run.ts';
import type { Credential } from '../model/secret-request.ts';
import type { ServerAccess } from '../exchange/exchange-port.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import { openAccess } from '../secrets/credential-access.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Stored } from '../storage/store.ts';
import { commitDraftStep } from './commit-draft-step.ts';

/** Parallel calls while a profile is only a draft. */
const draftConnections = 1;

/**
 * Checks the connection of a draft while its card shows each step, and commits the result with the settled task. A draft
 * that moved on meanwhile (back, cancel) is left alone.
 */
export async function checkDraft(
  context: Pick<ServiceContext, 'store' | 'clock' | 'keys' | 'exchange' | 'checkServerLocation'>,
  task: Stored<Task>,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, exchange, keys } = context;
  const { environmentId, subjectId } = task.value;
  const key = keyOf(environmentId, subjectId);
  const settle: Change = { kind: 'delete', collection: 'task', key: task.key };
  const expected: ExpectedVersion[] = [{ collection: 'task', key: task.key, version: task.version }];
  const draft = (await store.get('draft', key))?.value;
  const credential =
    draft?.credentialId === null || draft === undefined
      ? undefined
      : (await store.get('credential', keyOf(environmentId, draft.credentialId)))?.value;
  if (draft?.step !== 'checking' || credential === undefined || credential.refused) {
    await store.commit([settle], expected);
    return;
  }

  const apply = (
    answer: DraftAnswer,
    changes: readonly Change[],
    moreExpected: readonly ExpectedVersion[],
  ): Promise<void> =>
    retryConflict(async () => {
      const stored: Stored<ProfileDraft> | undefined = await store.get('draft', key);
      const result =
        stored === undefined
          ? undefined
          : reduceDraft(stored.value, answer, {
              checkServerLocation: context.checkServerLocation,
              nameTaken: () => false,
              ntlmAllowed: true,
            });
      if (
        stored === undefined ||
        result === undefined ||
        result.draft === stored.value ||
        stored.value.credentialId !== credential.id
      ) {
        if (changes.length > 0) await store.commit(changes, moreExpected);
        return;
      }
      await commitDraftStep(context, stored, result, clock.now(), changes, moreExpected);
    });

  const access = readAccess(keys, credential, draft, key);
  if (access === null) {
    const { host, account } = credential.binding;
    const fault: Fault = { code: 'CredentialMissing', params: { host, account } };
    await apply({ kind: 'checked', checks: [], server: null, fault }, [settle], expected);
    return;
  }

  // Progress is written one after the other, so that the final result cannot be overtaken.
  let written: Promise<unknown> = Promise.resolve();
  const report = await exchange.checkConnection(
    access,
    draft.values.probeAddress,
    (checks) => {
      written = written.then(() => apply({ kind: 'progress', checks }, [], []));
      // It is awaited below; until then a failed write must not count as a rejection that nobody handles.
      written.catch(() => undefined);
    },
    signal,
  );
  await written;
  if (signal.aborted) return;

  const changes: Change[] = [settle];
  if (report.fault?.code === 'CredentialRefused' || report.fault?.code === 'AccountLocked') {
    changes.push({
      kind: 'append',
      log: 'audit',
      entry: auditEntry(environmentId, clock.now(), systemActor, 'credential.refused', [subjectId], {
        host: credential.binding.host,
        account: credential.binding.account,
      }),
    });
  }
  await apply({ kind: 'checked', ...report }, changes, expected);
}

/** The password for exactly this server and account; null when it cannot be opened: its key is gone, or it is not for them. */
function readAccess(keys: KeyRing, credential: Credential, draft: ProfileDraft, key: string): ServerAccess | null {
  const { serverLocation, userName, access } = draft.values;
  try {
    return openAccess(keys, credential, {
      ownerRecord: key,
      serverLocation,
      userName,
      scheme: credential.binding.scheme,
      access,
      maxConnections: draftConnections,
    });
  } catch (error) {
    if (isMailroomError(error, 'secret.unreadable')) return null;
    throw error;
  }
}
