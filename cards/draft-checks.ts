import type { CardElement, TextColor } from '@microsoft/teams.cards';
import { checkNames, type Check, type ProfileDraft } from '../services/model/draft.ts';
import { outgoingLocationOf, secretTargetOfDraft } from '../services/model/secret-target.ts';
import type { Fault } from '../services/model/fault.ts';
import type { CardContext } from './card-context.ts';
import { faultNote } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { hostName } from './server-host.ts';

/** One line of the list of checks. */
export interface CheckLine {
  readonly icon: string;
  readonly line: string;
  readonly color: TextColor;
}

/** The check that failed, if one did: it is always the last. */
export function failedCheck(draft: ProfileDraft): Check | undefined {
  return draft.checks.find((check) => check.fault !== null);
}

/** True for a password that must not be tried a second time. */
export function needsNewPassword(draft: ProfileDraft): boolean {
  const code = failedCheck(draft)?.fault?.code;
  return code === 'CredentialRefused' || code === 'AccountLocked';
}

/** What the last check, or the search before it, found wrong, as a box; nothing when there was no failure. */
export function draftFault(draft: ProfileDraft, context: CardContext): CardElement[] {
  const failed = failedCheck(draft);
  const fault = failed?.fault ?? searchFault(draft);
  if (fault === null) return [];
  const say = speaker(context);
  const where =
    failed === undefined ? undefined : say('check.failed-at', { check: checkTitle(say, failed, draft, fault) });
  const { serverLocation, probeAddress, access } = draft.values;
  const { account } = secretTargetOfDraft(draft.values);
  // The draft knows what a fault from the wire may leave out: a cmdlet with the account in it can be pasted as it is.
  const location = failed?.at === 'outgoing' ? (outgoingLocationOf(draft.values) ?? '') : serverLocation;
  const known = { host: hostName(location), account, address: probeAddress, access };
  return faultNote(context, { ...fault, params: { ...known, ...fault.params } }, 'attention', where);
}

/** Why a search ended without a server; of no interest once the address is typed. */
function searchFault({ values, discovery }: ProfileDraft): Fault | null {
  return values.autodiscover === 'active' && discovery?.state === 'failed' ? discovery.fault : null;
}

/** All checks in their order: done, failed, running now, or still to come. */
export function checkLines(draft: ProfileDraft, context: CardContext): CheckLine[] {
  const say = speaker(context);
  const ended = failedCheck(draft) !== undefined;
  const names = checkNames.filter((name) => name !== 'token' || draft.values.authentication === 'oauth');
  const places = outgoingLocationOf(draft.values) === null ? [undefined] : [undefined, 'outgoing' as const];
  const all = places.flatMap((at) =>
    names.map((name): Pick<Check, 'name' | 'at'> => (at === undefined ? { name } : { name, at })),
  );
  const doneOf = ({ name, at }: Pick<Check, 'name' | 'at'>): Check | undefined =>
    draft.checks.find((done) => done.name === name && done.at === at);
  const running = ended ? undefined : all.find((one) => doneOf(one) === undefined);
  return all.map((one) => {
    const check = doneOf(one);
    const title = checkTitle(say, one, draft, check?.fault ?? null);
    if (check?.fault === null) {
      const seen = seenText(check, context);
      const line = seen === '' ? title : say('check.line', { title, seen });
      return { icon: '✓', line, color: 'Good' };
    }
    const still = (key: string): string => say('check.line', { title, seen: say(`check.${key}`) });
    if (check !== undefined) {
      // What it saw helps as much as what it found wrong: whose certificate that is, which schemes are offered.
      const seen = [say('check.failed'), seenText(check, context)].filter((part) => part !== '').join(' · ');
      return { icon: '✗', line: say('check.line', { title, seen }), color: 'Attention' };
    }
    if (one === running) return { icon: '…', line: still('running'), color: 'Accent' };
    return { icon: '○', line: ended ? still('skipped') : title, color: 'Default' };
  });
}

/** What a reader wants to know of what a check saw, in this order; the rest is for logs. */
const told = [
  'host',
  'address',
  'port',
  'subject',
  'issuer',
  'protocol',
  'expiresInDays',
  'tenant',
  'expiresInMinutes',
  'schemes',
  'product',
  'build',
  'folder',
] as const;

/** What a check saw, in one line. A server that is named by its address is not named twice. */
export function seenText(check: Check, context: CardContext): string {
  const say = speaker(context);
  const parts = told.flatMap((name) => {
    const value = check.seen[name];
    if (value === undefined || value === '' || value === 'unknown') return [];
    if (name === 'expiresInDays' && Number(value) < 0) return say('check.seen.expired', { value: -Number(value) });
    return say(`check.seen.${name}`, { value: typeof value === 'number' ? value : plainText(value) });
  });
  return [...new Set(parts)].join(' · ');
}

/** A refused token names the app that was refused: with a vault that may be the vault's app, not the one of the profile. */
function checkTitle(
  say: Say,
  { name, at }: Pick<Check, 'name' | 'at'>,
  { values }: ProfileDraft,
  fault: Fault | null,
): string {
  const refused = name === 'token' ? fault?.params['account'] : undefined;
  const title = say(`check.${name}`, {
    mailbox: plainText(values.probeAddress),
    account: plainText(refused === undefined ? secretTargetOfDraft(values).account : String(refused)),
    access: values.access,
  });
  return at === 'outgoing' ? say('check.outgoing', { title }) : title;
}
