import type { Actor } from '../model/access.ts';
import { auditEntry, type AuditEntry, type AuditEventKind } from '../model/audit.ts';
import type { ProfileDraft } from '../model/draft.ts';
import { reduceDraft, type DraftAnswer, type DraftStepResult } from '../model/draft-reducer.ts';
import { MailroomError } from '../model/error.ts';
import { secretTargetOfDraft } from '../model/secret-target.ts';
import { requireRight } from '../access/roles.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type Stored } from '../storage/store.ts';
import { commitDraftStep } from './commit-draft-step.ts';
import { isNameTaken, profileNames } from './profile-names.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'keys' | 'checkServerLocation' | 'checkVaultUrl'>;

/** What a person can say to a guided creation; the rest of DraftAnswer comes from the form and the check. */
export type PersonAnswer = Extract<
  DraftAnswer,
  {
    kind:
      | 'values'
      | 'advanced'
      | 'back'
      | 'cancel'
      | 'new-link'
      | 'judge-host'
      | 'use-server'
      | 'search-again'
      | 'check-again';
  }
>;

/**
 * Gives a person's answer to their draft and commits what follows from it. The card is edited everywhere by the intent.
 * `revision`: of the card that was clicked; a stale click changes nothing and returns the current draft. Typed answers
 * have none, and nothing can be typed about a host that asks or was found.
 * @throws MailroomError `access.denied`, `draft.unknown`, `draft.not-yours`, `draft.expired`
 */
export async function answerDraft(
  context: Context,
  environmentId: string,
  actor: Actor,
  draftId: string,
  answer: PersonAnswer,
  revision?: number,
): Promise<{ draft: ProfileDraft; stale: boolean }> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  return retryConflict(async () => {
    const stored = await loadOwnDraft(context, environmentId, actor, draftId);
    const names = await profileNames(store, environmentId, stored.value.editsProfileId);
    const isStale = revision === undefined ? isAboutShownHost(answer) : revision !== stored.value.revision;
    if (isStale) return { draft: stored.value, stale: true };
    const { settings } = (await getEnvironment(store, environmentId)).value;
    const result = reduceDraft(stored.value, answer, {
      ntlmAllowed: settings.allowAdBasedAuthenticationProtocols,
      checkServerLocation: context.checkServerLocation,
      checkVaultUrl: context.checkVaultUrl,
      nameTaken: (name) => isNameTaken(names, name),
    });
    if (result.draft === stored.value) return { draft: stored.value, stale: false };
    const now = clock.now();
    const draft = await commitDraftStep(
      context,
      stored,
      result,
      now,
      auditOf(stored.value, answer, result, actor, now),
    );
    return { draft, stale: false };
  });
}

/** A yes that lets a credential go to a host is said of the host that was shown: only a click's revision tells which. */
const isAboutShownHost = ({ kind }: PersonAnswer): boolean => kind === 'judge-host' || kind === 'use-server';

/** Who let a credential go to which host is written down. */
function auditOf(
  { environmentId, id, discovery }: ProfileDraft,
  answer: PersonAnswer,
  { draft, effect }: DraftStepResult,
  actor: Actor,
  now: number,
): Change[] {
  const entry = (kind: AuditEventKind, details: AuditEntry['details']): Change[] => [
    { kind: 'append', log: 'audit', entry: auditEntry(environmentId, now, actor, kind, [id], details) },
  ];
  const { account, host } = secretTargetOfDraft(draft.values);
  if (answer.kind === 'judge-host')
    return entry(answer.agrees ? 'discovery.host-confirmed' : 'discovery.host-declined', {
      host: discovery?.askedHost ?? null,
      account,
    });
  if (effect !== 'use-server') return [];
  const { serverLocation } = draft.values;
  return entry('discovery.server-accepted', { host, account, serverLocation, saidBy: discovery?.found?.host ?? null });
}

/**
 * Loads a draft for its owner.
 * @throws MailroomError `draft.unknown`, `draft.not-yours` {owner}, `draft.expired`
 */
export async function loadOwnDraft(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  actor: Actor,
  draftId: string,
): Promise<Stored<ProfileDraft>> {
  const stored = await context.store.get('draft', keyOf(environmentId, draftId));
  if (stored === undefined) throw new MailroomError('draft.unknown');
  if (stored.value.ownerId !== actor.aadObjectId)
    throw new MailroomError('draft.not-yours', { owner: stored.value.ownerName });
  const finished = stored.value.step === 'saved' || stored.value.step === 'cancelled';
  if (!finished && context.clock.now() >= stored.value.expiresAt) throw new MailroomError('draft.expired');
  return stored;
}
