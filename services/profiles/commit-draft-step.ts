import { randomUUID } from 'node:crypto';
import type { ProfileDraft } from '../model/draft.ts';
import type { DraftStepResult } from '../model/draft-reducer.ts';
import { isMailroomError } from '../model/error.ts';
import type { Task } from '../model/run.ts';
import { isSameTarget, secretTargetOfDraft } from '../model/secret-target.ts';
import { draftIntents } from '../conversations/draft-intents.ts';
import { rebindCredential } from '../secrets/rebind-credential.ts';
import { newSecretRequest } from '../secrets/secret-form.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Change, type ExpectedVersion, type Stored } from '../storage/store.ts';

/** Commits a step of the reducer together with what its effect asks for. Returns the draft as stored. */
export async function commitDraftStep(
  context: Pick<ServiceContext, 'store' | 'keys'>,
  stored: Stored<ProfileDraft>,
  result: DraftStepResult,
  now: number,
  more: readonly Change[] = [],
  moreExpected: readonly ExpectedVersion[] = [],
): Promise<ProfileDraft> {
  const { store, keys } = context;
  const { environmentId } = stored.value;
  let draft = result.draft;
  const changes: Change[] = [...more];
  const expected: ExpectedVersion[] = [
    { collection: 'draft', key: stored.key, version: stored.version },
    ...moreExpected,
  ];

  // A password that the draft no longer uses is destroyed, not left behind.
  const usedCredential = stored.value.credentialId;
  if (
    usedCredential !== null &&
    draft.step !== 'saved' &&
    (draft.credentialId !== usedCredential || draft.step === 'cancelled')
  ) {
    changes.push({ kind: 'delete', collection: 'credential', key: keyOf(environmentId, usedCredential) });
  }
  // Also where a parked one was dropped and nothing is asked for yet: its code must open nothing any more.
  const dropsParked = stored.value.credential === 'parked' && draft.credential === 'none';
  const isOver = result.effect === 'ask-secret' || result.effect === 'end' || dropsParked;
  if (isOver && stored.value.secretRequestId !== null)
    changes.push(...(await voidRequest(store, environmentId, stored.value.secretRequestId, draft)));

  if (result.effect === 'ask-secret') {
    const request = newSecretRequest(keys, now, {
      environmentId,
      draftId: draft.id,
      ownerId: draft.ownerId,
      ownerName: draft.ownerName,
      target: secretTargetOfDraft(draft.values),
    });
    changes.push({ kind: 'put', collection: 'secretRequest', key: keyOf(environmentId, request.id), value: request });
    draft = { ...draft, secretRequestId: request.id };
  }
  if (result.effect === 'use-server') {
    const rebound = await rebindSecret(context, stored.value, draft);
    changes.push(...rebound.changes);
    expected.push(...rebound.expected);
  }
  const work = workOf[result.effect];
  if (work !== null) changes.push(draftTask(environmentId, draft.id, work, now));

  changes.push(
    { kind: 'put', collection: 'draft', key: stored.key, value: draft },
    ...(await draftIntents(store, draft, now)),
  );
  await store.commit(changes, expected);
  return draft;
}

/** Spends the draft's open form, and destroys a password that was parked but never confirmed. */
async function voidRequest(
  store: ServiceContext['store'],
  environmentId: string,
  requestId: string,
  draft: ProfileDraft,
): Promise<Change[]> {
  const request = await store.get('secretRequest', keyOf(environmentId, requestId));
  if (request === undefined || request.value.state === 'void') return [];
  const { value } = request;
  const changes: Change[] = [
    {
      kind: 'put',
      collection: 'secretRequest',
      key: request.key,
      value: { ...value, state: 'void', code: null, revision: value.revision + 1 },
    },
  ];
  if (value.state === 'parked' && value.credentialId !== null && draft.credentialId !== value.credentialId) {
    changes.push({ kind: 'delete', collection: 'credential', key: keyOf(environmentId, value.credentialId) });
  }
  return changes;
}

const workOf: Readonly<Record<DraftStepResult['effect'], Task['kind'] | null>> = {
  none: null,
  'ask-secret': null,
  'find-server': 'find-server',
  'use-server': 'check-draft',
  'start-check': 'check-draft',
  end: null,
};

/** Background work for a draft; a person waits for it, so it goes first. */
function draftTask(environmentId: string, draftId: string, kind: Task['kind'], now: number): Change {
  return {
    kind: 'put',
    collection: 'task',
    key: keyOf(environmentId, kind, draftId),
    value: {
      environmentId,
      id: randomUUID(),
      kind,
      subjectId: draftId,
      profileId: null,
      runId: null,
      state: 'ready',
      dueAt: now,
      priority: 0,
      claims: 0,
      createdAt: now,
    },
  };
}

/** The admin accepted the server that was found: from now on the secret is for that server alone. */
async function rebindSecret(
  { store, keys }: Pick<ServiceContext, 'store' | 'keys'>,
  before: ProfileDraft,
  draft: ProfileDraft,
): Promise<{ changes: Change[]; expected: ExpectedVersion[] }> {
  const credential =
    before.credentialId === null
      ? undefined
      : await store.get('credential', keyOf(before.environmentId, before.credentialId));
  if (credential === undefined) return { changes: [], expected: [] };
  const { key, version, value } = credential;
  const expected: ExpectedVersion[] = [{ collection: 'credential', key, version }];
  // A secret for something else, or whose key is gone, stays as it is: the check cannot open it and asks for a new one.
  if (!isSameTarget(value.binding, secretTargetOfDraft(before.values))) return { changes: [], expected };
  const binding = { ...secretTargetOfDraft(draft.values), ownerRecord: value.binding.ownerRecord };
  try {
    const rebound = rebindCredential(keys, value, binding);
    return { changes: [{ kind: 'put', collection: 'credential', key, value: rebound }], expected };
  } catch (error) {
    if (isMailroomError(error, 'secret.unreadable')) return { changes: [], expected };
    throw error;
  }
}
