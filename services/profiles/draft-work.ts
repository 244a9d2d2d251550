import { auditEntry, systemActor } from '../model/audit.ts';
import type { DraftStep, ProfileDraft } from '../model/draft.ts';
import { reduceDraft, type DraftAnswer } from '../model/draft-reducer.ts';
import type { Fault } from '../model/fault.ts';
import type { Task } from '../model/run.ts';
import type { Credential } from '../model/secret-request.ts';
import { outgoingHostOf, secretTargetOfDraft, type SecretTarget } from '../model/secret-target.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Stored } from '../storage/store.ts';
import { commitDraftStep } from './commit-draft-step.ts';
import { rulesWithoutValues } from './draft-rules.ts';

export type DraftWorkContext = Pick<
  ServiceContext,
  'store' | 'clock' | 'log' | 'keys' | 'exchange' | 'checkServerLocation' | 'checkVaultUrl'
>;

/** A draft that waits for background work, with its secret. */
export interface DraftWork {
  readonly draft: ProfileDraft;
  /** Key of the draft: the owner record of its secret. */
  readonly key: string;
  /** What the secret must be for. */
  readonly target: SecretTarget;
  /** Null when it is gone. */
  readonly credential: Credential | null;
  /** Gives the draft an answer on the way; one that moved on meanwhile (back, cancel, a new secret) is left alone. */
  tell(answer: DraftAnswer): Promise<void>;
  /**
   * The last answer, committed with the settled task; a refused secret is audited. Of work that was stopped on the way only a
   * refusal is kept: the claim stays for whatever else it saw, and the next start goes on.
   */
  finish(answer: DraftAnswer, fault: Fault | null): Promise<void>;
}

/** Takes up the work of a task; null when the draft waits for it no more, and the task is settled. */
export async function takeUpDraft(
  context: DraftWorkContext,
  task: Stored<Task>,
  step: DraftStep,
  signal: AbortSignal,
): Promise<DraftWork | null> {
  const { store, clock } = context;
  const { environmentId, subjectId } = task.value;
  const key = keyOf(environmentId, subjectId);
  const settle: Change = { kind: 'delete', collection: 'task', key: task.key };
  const settled: ExpectedVersion = { collection: 'task', key: task.key, version: task.version };
  /** False when the person went back and on again: a newer task of this kind took the place of this one. */
  const isCurrent = async (): Promise<boolean> => (await store.get('task', task.key))?.version === task.version;

  const draft = (await store.get('draft', key))?.value;
  if (draft?.step !== step || draft.credentialId === null) {
    await retryConflict(async () => {
      if (await isCurrent()) await store.commit([settle], [settled]);
    });
    return null;
  }
  const { credentialId } = draft;
  const target = secretTargetOfDraft(draft.values);
  const credential = (await store.get('credential', keyOf(environmentId, credentialId)))?.value;

  /** Applies an answer to the draft while it has the secret that the answer is about; the changes are made in any case. */
  const apply = async (
    answer: DraftAnswer,
    changes: readonly Change[],
    expected: readonly ExpectedVersion[],
  ): Promise<void> => {
    const stored = await store.get('draft', key);
    if (stored?.value.credentialId === credentialId) {
      const result = reduceDraft(stored.value, answer, rulesWithoutValues(context));
      if (result.draft !== stored.value) {
        await commitDraftStep(context, stored, result, clock.now(), changes, expected);
        return;
      }
    }
    if (changes.length > 0) await store.commit(changes, expected);
  };

  return {
    draft,
    key,
    target,
    credential: credential === undefined || credential.refused ? null : credential,
    tell: (answer) =>
      retryConflict(async () => {
        if (await isCurrent()) await apply(answer, [], [settled]);
      }),
    finish: async (answer, fault) => {
      await retryConflict(async () => {
        const refused = fault?.code === 'CredentialRefused' || fault?.code === 'AccountLocked';
        if (signal.aborted && !refused) return;
        const audit: Change[] = refused ? [refusalAudit(draft, target, answer, clock.now())] : [];
        if (await isCurrent()) await apply(answer, [settle, ...audit], [settled]);
        // The newer task must not try the same password once more; whatever else this one saw is out of date.
        else if (refused) await apply(answer, audit, []);
      });
      const { id, kind } = task.value;
      context.log.info({ task: id, kind, draft: subjectId, code: fault?.code ?? 'NoError' }, 'work for a draft done');
    },
  };
}

/** The secret is gone, its key is, or it is for another server: a new one is asked for. */
export function secretMissing({ target: { host, account } }: DraftWork): Fault {
  return { code: 'CredentialMissing', params: { host, account } };
}

/** With the server that said so: of two, the second was asked after the first had let the account in. */
function refusalAudit(
  { environmentId, id }: ProfileDraft,
  target: SecretTarget,
  answer: DraftAnswer,
  now: number,
): Change {
  const isOutgoing = answer.kind === 'checked' && answer.checks.at(-1)?.at === 'outgoing';
  const host = (isOutgoing ? outgoingHostOf(target) : null) ?? target.host;
  const details = { host, account: target.account };
  const entry = auditEntry(environmentId, now, systemActor, 'credential.refused', [id], details);
  return { kind: 'append', log: 'audit', entry };
}
