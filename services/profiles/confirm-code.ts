import { timingSafeEqual } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import type { ProfileDraft } from '../model/draft.ts';
import { reduceDraft } from '../model/draft-reducer.ts';
import { MailroomError } from '../model/error.ts';
import { requireRight } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf } from '../storage/store.ts';
import { loadOwnDraft } from './answer-draft.ts';
import { commitDraftStep } from './commit-draft-step.ts';
import { rulesWithoutValues } from './draft-rules.ts';

/** Wrong codes after which the parked password is destroyed: four digits must not be guessed. */
const wrongCodeLimit = 3;

/**
 * The actor types the code that the form showed: proof that the person in this chat posted the password. The check of
 * the connection begins.
 * @throws MailroomError `access.denied`, `draft.*` as loadOwnDraft, `secret.nothing-parked`, `secret.code-expired`,
 * `secret.code-wrong` {left}, `secret.code-spent` (a new link is needed)
 */
export async function confirmCode(
  context: Pick<ServiceContext, 'store' | 'clock' | 'keys' | 'checkServerLocation' | 'checkVaultUrl'>,
  environmentId: string,
  actor: Actor,
  draftId: string,
  typed: string,
): Promise<ProfileDraft> {
  await requireRight(context, environmentId, actor, 'manage');
  return retryConflict(async () => {
    const { store, clock } = context;
    const now = clock.now();
    const stored = await loadOwnDraft(context, environmentId, actor, draftId);
    const requestId = stored.value.secretRequestId;
    const request = requestId === null ? undefined : await store.get('secretRequest', keyOf(environmentId, requestId));
    const parked = request?.value;
    // At another step (the person went back) a code would be spent for nothing and its password left behind.
    const waits = stored.value.step === 'credential' && stored.value.credential === 'parked';
    if (
      !waits ||
      request === undefined ||
      parked?.state !== 'parked' ||
      parked.code === null ||
      parked.credentialId === null
    ) {
      throw new MailroomError('secret.nothing-parked');
    }
    const rules = rulesWithoutValues(context);
    if (now >= parked.expiresAt) {
      await commitDraftStep(context, stored, reduceDraft(stored.value, { kind: 'new-link' }, rules), now);
      throw new MailroomError('secret.code-expired');
    }
    if (!sameCode(typed, parked.code)) {
      const wrongCodes = parked.wrongCodes + 1;
      if (wrongCodes >= wrongCodeLimit) {
        await commitDraftStep(context, stored, reduceDraft(stored.value, { kind: 'new-link' }, rules), now);
        throw new MailroomError('secret.code-spent');
      }
      await store.commit(
        [
          {
            kind: 'put',
            collection: 'secretRequest',
            key: request.key,
            value: { ...parked, wrongCodes, revision: parked.revision + 1 },
          },
        ],
        [{ collection: 'secretRequest', key: request.key, version: request.version }],
      );
      throw new MailroomError('secret.code-wrong', { left: wrongCodeLimit - wrongCodes });
    }
    const result = reduceDraft(stored.value, { kind: 'confirmed', credentialId: parked.credentialId }, rules);
    return commitDraftStep(
      context,
      stored,
      result,
      now,
      [
        {
          kind: 'put',
          collection: 'secretRequest',
          key: request.key,
          value: { ...parked, state: 'confirmed', code: null, revision: parked.revision + 1 },
        },
        {
          kind: 'append',
          log: 'audit',
          entry: auditEntry(environmentId, now, actor, 'credential.set', [draftId], {
            host: parked.target.host,
            account: parked.target.account,
            state: 'confirmed',
          }),
        },
      ],
      [{ collection: 'secretRequest', key: request.key, version: request.version }],
    );
  });
}

function sameCode(typed: string, code: string): boolean {
  const digits = typed.replaceAll(/\D/g, '');
  return digits.length === code.length && timingSafeEqual(Buffer.from(digits), Buffer.from(code));
}
