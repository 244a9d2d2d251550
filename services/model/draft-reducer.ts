import type { Check, DraftField, DraftStep, DraftValues, ProfileDraft } from './draft.ts';
import { isAddress, normalizeAddress } from './mailbox.ts';
import { profileLimits, type ServerIdentity } from './profile.ts';
import type { Fault } from './fault.ts';

/** Everything that can happen to a guided creation. Inputs come from a card and are hostile: any value of any type. */
export type DraftAnswer =
  | { readonly kind: 'details'; readonly inputs: Readonly<Record<string, unknown>> }
  | { readonly kind: 'back' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'new-link' }
  | { readonly kind: 'confirmed'; readonly credentialId: string }
  | { readonly kind: 'progress'; readonly checks: readonly Check[] }
  | {
      readonly kind: 'checked';
      readonly checks: readonly Check[];
      readonly server: ServerIdentity | null;
      readonly fault: Fault | null;
    }
  | { readonly kind: 'check-again' }
  | { readonly kind: 'saved'; readonly profileId: string };

/** What the use case has to do beside storing the new state. */
export type DraftEffect = 'none' | 'ask-password' | 'start-check' | 'end';

/** What the reducer needs to know of the world to judge values. */
export interface DraftRules {
  /** A code for `error.*`, or null when Mailroom may connect to this address. */
  readonly checkServerLocation: (url: string) => string | null;
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
      return draft.step === 'details'
        ? unchanged(draft)
        : { draft: next(draft, { step: 'details', errors: {} }), effect: 'none' };
    case 'details':
      return draft.step === 'details'
        ? answerDetails(draft, readDetails(draft.values, answer.inputs), rules)
        : unchanged(draft);
    case 'new-link':
      return draft.step === 'credential' || draft.step === 'checking' || draft.step === 'review'
        ? askPassword(draft, 'none')
        : unchanged(draft);
    case 'confirmed':
      if (draft.step !== 'credential' || draft.credential !== 'parked') return unchanged(draft);
      return startCheck(next(draft, { credential: 'confirmed', credentialId: answer.credentialId }));
    case 'check-again':
      if (draft.step !== 'checking' || !isCheckOver(draft) || draft.credential !== 'confirmed') return unchanged(draft);
      return startCheck(draft);
    case 'progress':
      return draft.step === 'checking'
        ? { draft: next(draft, { checks: answer.checks }), effect: 'none' }
        : unchanged(draft);
    case 'checked':
      if (draft.step === 'checking') return judge(draft, answer);
      // The person went back meanwhile: the result is of no use, but a refused password must not be tried again.
      return draft.step === 'details' && draft.credential === 'confirmed' && isRefusal(answer.fault)
        ? { draft: next(draft, { credential: 'refused', credentialId: null }), effect: 'none' }
        : unchanged(draft);
    case 'saved':
      return draft.step === 'review'
        ? { draft: next(draft, { step: 'saved', profileId: answer.profileId }), effect: 'end' }
        : unchanged(draft);
  }
}

/** True when the check has ended: the last check failed. (A check without a failure leads on to the review.) */
export function isCheckOver(draft: ProfileDraft): boolean {
  return draft.checks.some((check) => check.fault !== null);
}

const unchanged = (draft: ProfileDraft): DraftStepResult => ({ draft, effect: 'none' });

function next(draft: ProfileDraft, changes: Partial<ProfileDraft>): ProfileDraft {
  return { ...draft, ...changes, revision: draft.revision + 1 };
}

function askPassword(draft: ProfileDraft, credential: 'none' | 'refused'): DraftStepResult {
  const step: DraftStep = 'credential';
  return { draft: next(draft, { step, credential, credentialId: null, errors: {} }), effect: 'ask-password' };
}

function startCheck(draft: ProfileDraft): DraftStepResult {
  return { draft: next(draft, { step: 'checking', checks: [], server: null, errors: {} }), effect: 'start-check' };
}

function judge(draft: ProfileDraft, report: Extract<DraftAnswer, { kind: 'checked' }>): DraftStepResult {
  const seen = { checks: report.checks, server: report.server };
  if (report.fault === null) return { draft: next(draft, { ...seen, step: 'review' }), effect: 'none' };
  // A refused password is never tried a second time: only a new one leads on.
  if (isRefusal(report.fault)) return askPassword({ ...draft, ...seen }, 'refused');
  // The stored password cannot be opened any more (its key is gone): checking again would never help.
  if (report.fault.code === 'CredentialMissing') return askPassword({ ...draft, ...seen }, 'none');
  return { draft: next(draft, seen), effect: 'none' };
}

function isRefusal(fault: Fault | null): boolean {
  return fault?.code === 'CredentialRefused' || fault?.code === 'AccountLocked';
}

/** Takes only the known fields, as the types they have; anything else in a card's inputs is ignored. */
function readDetails(previous: DraftValues, inputs: Readonly<Record<string, unknown>>): DraftValues {
  const own = (field: DraftField): unknown => (Object.hasOwn(inputs, field) ? inputs[field] : undefined);
  const text = (field: DraftField, fallback: string): string => {
    const value = own(field);
    return typeof value === 'string' ? value.trim() : fallback;
  };
  const toggle = own('isDefault');
  return {
    name: text('name', previous.name),
    isDefault: toggle === undefined ? previous.isDefault : toggle === true || toggle === 'true',
    serverLocation: text('serverLocation', previous.serverLocation),
    authentication: oneOf(['basic', 'ntlm'], own('authentication'), previous.authentication),
    access: oneOf(['impersonation', 'delegate'], own('access'), previous.access),
    userName: text('userName', previous.userName),
    probeAddress: normalizeAddress(text('probeAddress', previous.probeAddress)),
  };
}

/** A choice of a card; whatever is none of them keeps what was chosen before. */
function oneOf<T extends string>(choices: readonly T[], value: unknown, previous: T): T {
  return choices.find((choice) => choice === value) ?? previous;
}

function answerDetails(draft: ProfileDraft, values: DraftValues, rules: DraftRules): DraftStepResult {
  // The password is bound to server and account: another server or account needs its own.
  const sameTarget =
    sameServer(values.serverLocation, draft.values.serverLocation) &&
    values.userName.toLowerCase() === draft.values.userName.toLowerCase() &&
    values.authentication === draft.values.authentication;
  const errors = validateDetails(values, rules);
  if (Object.keys(errors).length > 0) {
    // Dropped here already: the next answer is compared with the values that are kept now, not with those it was given for.
    const dropped = sameTarget ? {} : ({ credential: 'none', credentialId: null } as const);
    return { draft: next(draft, { ...dropped, values: presentable(values, errors), errors }), effect: 'none' };
  }
  const answered = { ...draft, values };
  if (sameTarget && draft.credential === 'confirmed') return startCheck(answered);
  if (sameTarget && draft.credential === 'parked')
    return { draft: next(answered, { step: 'credential', errors: {} }), effect: 'none' };
  return askPassword({ ...answered, checks: [] }, 'none');
}

function validateDetails(values: DraftValues, rules: DraftRules): Partial<Record<DraftField, string>> {
  const errors: Partial<Record<DraftField, string>> = {};
  if (values.name === '') errors.name = 'profile.name-missing';
  else if (values.name.length > profileLimits.name) errors.name = 'profile.name-too-long';
  else if (hasControlCharacters(values.name)) errors.name = 'profile.name-invalid';
  else if (rules.nameTaken(values.name)) errors.name = 'profile.name-taken';

  const location =
    values.serverLocation === '' ? 'profile.location-missing' : rules.checkServerLocation(values.serverLocation);
  if (location !== null) errors.serverLocation = location;

  // The platform's 0x8005E23C: Negotiate and NTLM only where the organization allows them.
  if (values.authentication === 'ntlm' && !rules.ntlmAllowed) errors.authentication = 'profile.ntlm-not-allowed';

  if (values.userName === '') errors.userName = 'profile.user-missing';
  else if (values.userName.length > profileLimits.userName) errors.userName = 'profile.user-too-long';
  else if (hasControlCharacters(values.userName) || values.userName.includes(':'))
    errors.userName = 'profile.user-invalid';

  if (values.probeAddress === '') errors.probeAddress = 'profile.probe-missing';
  else if (!isAddress(values.probeAddress)) errors.probeAddress = 'profile.probe-invalid';
  return errors;
}

/**
 * What is shown again beside an error: it must fit a card, whatever was sent, and a password that was typed into the address
 * is neither kept nor shown (DESIGN, law 3).
 */
function presentable(values: DraftValues, errors: ProfileDraft['errors']): DraftValues {
  const serverLocation =
    errors.serverLocation === undefined
      ? values.serverLocation
      : values.serverLocation.replace(/^(https?:\/*)?[^]*@/i, '$1');
  return {
    ...values,
    name: values.name.slice(0, 2 * profileLimits.name),
    serverLocation: serverLocation.slice(0, profileLimits.serverLocation),
    userName: values.userName.slice(0, 2 * profileLimits.userName),
    probeAddress: values.probeAddress.slice(0, 200),
  };
}

function sameServer(a: string, b: string): boolean {
  return URL.canParse(a) && URL.canParse(b) && new URL(a).host === new URL(b).host;
}

function hasControlCharacters(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
