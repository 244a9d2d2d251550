import { randomUUID } from 'node:crypto';
import type { ProfileDraft } from '../model/draft.ts';
import type { DraftStepResult } from '../model/draft-reducer.ts';
import { draftIntents } from '../conversations/draft-intents.ts';
import { hostOf } from '../secrets/credential-access.ts';
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

  // A password that the draft no longer uses is destroyed, not left behind.
  const usedCredential = stored.value.credentialId;
  if (
    usedCredential !== null &&
    draft.step !== 'saved' &&
    (draft.credentialId !== usedCredential || draft.step === 'cancelled')
  ) {
    changes.push({ kind: 'delete', collection: 'credential', key: keyOf(environmentId, usedCredential) });
  }
  const moved = result.effect === 'ask-password' || result.effect === 'end';
  if (moved && stored.value.secretRequestId !== null)
    changes.push(...(await voidRequest(store, environmentId, stored.value.secretRequestId, draft)));

  if (result.effect === 'ask-password') {
    const request = newSecretRequest(keys, now, {
      environmentId,
      draftId: draft.id,
      ownerId: draft.ownerId,
      ownerName: draft.ownerName,
      host: hostOf(draft.values.serverLocation),
      userName: draft.values.userName,
      scheme: draft.values.authentication,
    });
    changes.push({ kind: 'put', collection: 'secretRequest', key: keyOf(environmentId, request.id), value: request });
    draft = { ...draft, secretRequestId: request.id };
  }
  if (result.effect === 'start-check') changes.push(draftCheckTask(environmentId, draft.id, now));

  changes.push(
    { kind: 'put', collection: 'draft', key: stored.key, value: draft },
    ...(await draftIntents(store, draft, now)),
  );
  await store.commit(changes, [{ collection: 'draft', key: stored.key, version: stored.version }, ...moreExpected]);
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

/** The task that checks a draft's connection; a person waits for it, so it goes first. */
export function draftCheckTask(environmentId: string, draftId: string, now: number): Change {
  return {
    kind: 'put',
    collection: 'task',
    key: keyOf(environmentId, 'check-draft', draftId),
    value: {
      environmentId,
      id: randomUUID(),
      kind: 'check-draft',
      subjectId: draftId,
      runId: null,
      state: 'ready',
      dueAt: now,
      priority: 0,
      claims: 0,
      createdAt: now,
    },
  };
}
