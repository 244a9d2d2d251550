import { newSearch, type Discovery, type DiscoveryReport } from './discovery.ts';
import { advancedErrors, advancedOf, readAdvanced } from './draft-advanced.ts';
import type { Check, DraftStep, DraftValues, ProfileDraft } from './draft.ts';
import {
  detailErrors,
  modernAuthErrors,
  presentable,
  readDetails,
  readModernAuth,
  type DraftErrors,
} from './draft-values.ts';
import type { Fault } from './fault.ts';
import type { ServerIdentity } from './profile.ts';
import { isSameTarget, isSearched, secretTargetOfDraft } from './secret-target.ts';

/** Everything that can happen to a guided creation. Inputs come from a card and are hostile: any value of any type. */
export type DraftAnswer =
  /** The inputs of the card of this step. */
  | { readonly kind: 'values'; readonly inputs: Readonly<Record<string, unknown>> }
  | { readonly kind: 'back' }
  /** From the review to the advanced settings. */
  | { readonly kind: 'advanced' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'new-link' }
  | { readonly kind: 'confirmed'; readonly credentialId: string }
  | { readonly kind: 'searched'; readonly report: DiscoveryReport }
  /** Whether the host that asked may have the credential. */
  | { readonly kind: 'judge-host'; readonly agrees: boolean }
  | { readonly kind: 'use-server' }
  | { readonly kind: 'search-again' }
  | { readonly kind: 'progress'; readonly checks: readonly Check[] }
  | {
      readonly kind: 'checked';
      readonly checks: readonly Check[];
      readonly server: ServerIdentity | null;
      readonly fault: Fault | null;
    }
  | { readonly kind: 'check-again' }
  | { readonly kind: 'saved'; readonly profileId: string; readonly sharedWith?: number };

/** What the use case has to do beside storing the new state. */
export type DraftEffect =
  | 'none'
  | 'ask-secret'
  | 'find-server'
  /** The found server was accepted: the secret becomes that server's alone, and the check begins. */
  | 'use-server'
  | 'start-check'
  | 'end';

/** What the reducer needs to know of the world to judge values. */
export interface DraftRules {
  /** A code for `error.*`, or null when Mailroom may connect to this address. */
  readonly checkServerLocation: (url: string) => string | null;
  /** The same of a vault's address. */
  readonly checkVaultUrl: (url: string) => string | null;
  readonly nameTaken: (name: string) => boolean;
  /** The organization allows AD-based authentication protocols. */
  readonly ntlmAllowed: boolean;
}

export interface DraftStepResult {
  readonly draft: ProfileDraft;
  readonly effect: DraftEffect;
}

/**
 * The guided creation as a pure function: (state, answer) -> state and what must be done. An answer that does not fit the
 * step (a late click, a second device) changes nothing.
 */
export function reduceDraft(draft: ProfileDraft, answer: DraftAnswer, rules: DraftRules): DraftStepResult {
  if (draft.step === 'saved' || draft.step === 'cancelled') return unchanged(draft);
  switch (answer.kind) {
    case 'cancel':
      return { draft: next(draft, { step: 'cancelled', errors: {} }), effect: 'end' };
    case 'back':
      if (draft.step === 'advanced') return { draft: leaveAdvanced(draft), effect: 'none' };
      return draft.step === 'details'
        ? unchanged(draft)
        : { draft: next(draft, { step: correctedAt(draft), errors: {} }), effect: 'none' };
    case 'advanced':
      return draft.step === 'review' ? { draft: openAdvanced(draft), effect: 'none' } : unchanged(draft);
    case 'values':
      if (draft.step === 'advanced') return answerAdvanced(draft, readAdvanced(draft.values, answer.inputs));
      if (draft.step === 'details') return answerDetails(draft, readDetails(draft.values, answer.inputs), rules);
      return draft.step === 'modern-auth'
        ? answerModernAuth(draft, readModernAuth(draft.values, answer.inputs), rules)
        : unchanged(draft);
    case 'new-link':
      return asksForSecret.has(draft.step) ? askSecret(draft, 'none') : unchanged(draft);
    case 'confirmed':
      if (draft.step !== 'credential' || draft.credential !== 'parked') return unchanged(draft);
      return useSecret(next(draft, { credential: 'confirmed', credentialId: answer.credentialId }));
    case 'searched':
      if (draft.step === 'finding' && draft.discovery?.state === 'searching')
        return judgeSearch(draft, draft.discovery, answer.report);
      return answer.report.kind === 'fault' ? judgeLate(draft, answer.report.fault) : unchanged(draft);
    case 'judge-host':
      return judgeHost(draft, answer.agrees);
    case 'use-server':
      return useServer(draft, rules);
    case 'search-again':
      return draft.step === 'finding' && (draft.discovery?.state === 'failed' || draft.discovery?.state === 'found')
        ? startSearch(draft, { ...newSearch, confirmedHosts: draft.discovery.confirmedHosts })
        : unchanged(draft);
    case 'check-again':
      if (draft.step !== 'checking' || !isCheckOver(draft) || draft.credential !== 'confirmed') return unchanged(draft);
      return startCheck(draft);
    case 'progress':
      return draft.step === 'checking'
        ? { draft: next(draft, { checks: answer.checks }), effect: 'none' }
        : unchanged(draft);
    case 'checked':
      if (draft.step === 'checking') return judge(draft, answer);
      return judgeLate(draft, answer.fault);
    case 'saved':
      return draft.step === 'review'
        ? {
            draft: next(draft, { step: 'saved', profileId: answer.profileId, sharedWith: answer.sharedWith ?? 0 }),
            effect: 'end',
          }
        : unchanged(draft);
  }
}

/** The card with the values that a failed check judged: what Entra and the vault refuse was entered on the app's card. */
function correctedAt({ step, values, checks }: ProfileDraft): DraftStep {
  const failed = checks.find((check) => check.fault !== null);
  return step === 'checking' && values.authentication === 'oauth' && failed?.name === 'token'
    ? 'modern-auth'
    : 'details';
}

/** True when the check has ended: the last check failed. (A check without a failure leads on to the review.) */
export function isCheckOver(draft: ProfileDraft): boolean {
  return draft.checks.some((check) => check.fault !== null);
}

const unchanged = (draft: ProfileDraft): DraftStepResult => ({ draft, effect: 'none' });

function next(draft: ProfileDraft, changes: Partial<ProfileDraft>): ProfileDraft {
  return { ...draft, ...changes, revision: draft.revision + 1 };
}

const asksForSecret: ReadonlySet<DraftStep> = new Set<DraftStep>(['credential', 'finding', 'checking', 'review']);

function askSecret(draft: ProfileDraft, credential: 'none' | 'refused'): DraftStepResult {
  const step: DraftStep = 'credential';
  // What was said about hosts was said of the secret before.
  const discovery = draft.discovery === null ? null : { ...draft.discovery, confirmedHosts: [], declinedHosts: [] };
  return { draft: next(draft, { step, credential, credentialId: null, discovery, errors: {} }), effect: 'ask-secret' };
}

/** There is a secret: on to the server, which may have to be found first. */
function useSecret(draft: ProfileDraft): DraftStepResult {
  return isSearched(draft.values) ? startSearch(draft, newSearch) : startCheck(draft);
}

function startSearch(draft: ProfileDraft, discovery: Discovery): DraftStepResult {
  const { confirmedHosts, declinedHosts } = discovery;
  return {
    draft: next(draft, { step: 'finding', discovery: { ...newSearch, confirmedHosts, declinedHosts }, errors: {} }),
    effect: 'find-server',
  };
}

function judgeSearch(draft: ProfileDraft, before: Discovery, report: DiscoveryReport): DraftStepResult {
  const seen: Discovery = { ...before, trace: report.trace };
  const become = (discovery: Discovery): DraftStepResult => ({ draft: next(draft, { discovery }), effect: 'none' });
  if (report.kind === 'found') return become({ ...seen, state: 'found', found: report.found });
  if (report.kind === 'confirm-host') return become({ ...seen, state: 'confirm-host', askedHost: report.host });
  const failed: Discovery = { ...seen, state: 'failed', fault: report.fault };
  // A refused password is never tried a second time: only a new one leads on.
  if (isRefusal(report.fault)) return askSecret({ ...draft, discovery: failed }, 'refused');
  if (report.fault.code === 'CredentialMissing') return askSecret({ ...draft, discovery: failed }, 'none');
  return become(failed);
}

/** The question "may HOST have the credential?" is answered for the host that was shown: the revision of the click says which. */
function judgeHost(draft: ProfileDraft, agrees: boolean): DraftStepResult {
  const { discovery } = draft;
  const host = discovery?.askedHost ?? null;
  if (draft.step !== 'finding' || discovery?.state !== 'confirm-host' || host === null) return unchanged(draft);
  const field = agrees ? 'confirmedHosts' : 'declinedHosts';
  return startSearch(draft, { ...discovery, [field]: [...discovery[field], host] });
}

function useServer(draft: ProfileDraft, rules: DraftRules): DraftStepResult {
  const found = draft.discovery?.found ?? null;
  if (draft.step !== 'finding' || draft.discovery?.state !== 'found' || found === null) return unchanged(draft);
  const { serverLocation } = found;
  if (rules.checkServerLocation(serverLocation) !== null) {
    const fault: Fault = { code: 'AutodiscoverUrlRefused', params: { host: found.host, location: serverLocation } };
    const discovery: Discovery = { ...draft.discovery, state: 'failed', found: null, fault };
    return { draft: next(draft, { discovery }), effect: 'none' };
  }
  const { draft: checking } = startCheck({ ...draft, values: { ...draft.values, serverLocation } });
  return { draft: checking, effect: 'use-server' };
}

/**
 * The draft moved on before this result came: it is of no use, but a refused password must not be tried again. (At the review
 * it was tried again meanwhile, and taken.)
 */
function judgeLate(draft: ProfileDraft, fault: Fault | null): DraftStepResult {
  if (draft.credential !== 'confirmed' || !isRefusal(fault)) return unchanged(draft);
  if (draft.step === 'finding' || draft.step === 'checking') return askSecret(draft, 'refused');
  return draft.step === 'details' || draft.step === 'modern-auth'
    ? { draft: next(draft, { credential: 'refused', credentialId: null }), effect: 'none' }
    : unchanged(draft);
}

function startCheck(draft: ProfileDraft): DraftStepResult {
  return { draft: next(draft, { step: 'checking', checks: [], server: null, errors: {} }), effect: 'start-check' };
}

function judge(draft: ProfileDraft, report: Extract<DraftAnswer, { kind: 'checked' }>): DraftStepResult {
  const seen = { checks: report.checks, server: report.server };
  if (report.fault === null) return { draft: next(draft, { ...seen, step: 'review' }), effect: 'none' };
  // A refused password is never tried a second time: only a new one leads on.
  if (isRefusal(report.fault)) return askSecret({ ...draft, ...seen }, 'refused');
  // The stored secret cannot be opened any more (its key is gone): checking again would never help.
  if (report.fault.code === 'CredentialMissing') return askSecret({ ...draft, ...seen }, 'none');
  return { draft: next(draft, seen), effect: 'none' };
}

function isRefusal(fault: Fault | null): boolean {
  return fault?.code === 'CredentialRefused' || fault?.code === 'AccountLocked';
}

function answerDetails(draft: ProfileDraft, values: DraftValues, rules: DraftRules): DraftStepResult {
  const answered = takeValues(draft, values, detailErrors(values, rules));
  if (answered.isWrong) return { draft: answered.draft, effect: 'none' };
  if (values.authentication === 'oauth')
    return { draft: next(answered.draft, { step: 'modern-auth', errors: {} }), effect: 'none' };
  return goOn(answered.draft);
}

function answerModernAuth(draft: ProfileDraft, values: DraftValues, rules: DraftRules): DraftStepResult {
  const answered = takeValues(draft, values, modernAuthErrors(values, rules));
  return answered.isWrong ? { draft: answered.draft, effect: 'none' } : goOn(answered.draft);
}

function openAdvanced(draft: ProfileDraft): ProfileDraft {
  return next(draft, { step: 'advanced', advancedBefore: advancedOf(draft.values), errors: {} });
}

/** Back to the review, with what was there before: a wrong value must not get past this card. */
function leaveAdvanced(draft: ProfileDraft): ProfileDraft {
  const values = { ...draft.values, ...draft.advancedBefore };
  return next(draft, { step: 'review', values, advancedBefore: null, errors: {} });
}

/** None of these values is part of what was checked, or of what the secret is for. */
function answerAdvanced(draft: ProfileDraft, values: DraftValues): DraftStepResult {
  const errors = advancedErrors(values);
  const { draft: answered, isWrong } = takeValues(draft, values, errors);
  if (isWrong) return { draft: answered, effect: 'none' };
  return { draft: next(answered, { step: 'review', advancedBefore: null, errors: {} }), effect: 'none' };
}

/**
 * Stores the values. The secret is bound to its target: one for another target than that of the kept values is dropped, here
 * already, since the next answer is compared with the values that are kept now and not with those it was given for.
 */
function takeValues(
  draft: ProfileDraft,
  values: DraftValues,
  errors: DraftErrors,
): { readonly draft: ProfileDraft; readonly isWrong: boolean } {
  const kept = presentable(values, errors);
  const isSame = isSameTarget(secretTargetOfDraft(kept), secretTargetOfDraft(draft.values));
  const dropped = isSame ? {} : ({ credential: 'none', credentialId: null, discovery: null, checks: [] } as const);
  if (Object.keys(errors).length === 0) return { draft: { ...draft, ...dropped, values: kept }, isWrong: false };
  return { draft: next(draft, { ...dropped, values: kept, errors }), isWrong: true };
}

/** All values are there: on with the secret as it stands. */
function goOn(draft: ProfileDraft): DraftStepResult {
  if (draft.credential === 'confirmed') return useSecret(draft);
  if (draft.credential === 'parked') return { draft: next(draft, { step: 'credential', errors: {} }), effect: 'none' };
  return askSecret({ ...draft, checks: [] }, 'none');
}
