import type { Fault } from '../services/model/fault.ts';
import { faultCatalogue, type FaultCode } from '../services/model/fault-catalogue.ts';
import { formatLocaleOf, hasText, translate, type TextParams } from './translate.ts';

/** What a fault means to a reader: what it is, why it happened, what to do. Plain text. */
export interface FaultText {
  readonly title: string;
  readonly cause: string;
  readonly nextStep: string;
}

/** Words for what a fault does not name, so that no sentence has a hole. `…Arg` stand in a cmdlet. */
const wordFor = {
  host: 'fault.word.host',
  address: 'fault.word.address',
  account: 'fault.word.account',
} as const;

const example = 'fault.word.example';

/** Values that a sentence mentions only if they are there: `{status, select, none {…} other {…}}`. */
const optional = [
  'status',
  'schemes',
  'responseCode',
  'location',
  'build',
  'folder',
  'seconds',
  'profile',
  'organization',
  'stampedAt',
  'access',
  'scheme',
  'worked',
  'subject',
] as const;

/** A hostile or very long value must not drown the sentence. */
const longest = 120;

/**
 * Cause and next step of a fault. A parameter that is missing leaves a whole sentence. `example`: its mailbox is one of many
 * that it hits.
 */
export function faultText(locale: string, fault: Fault, mailbox: 'one' | 'example' = 'one'): FaultText {
  const known = fillIn(locale, fault);
  const isExample = mailbox === 'example' && fault.params['address'] !== undefined;
  const params = isExample ? { ...known, address: `${translate(locale, example)} ${String(known['address'])}` } : known;
  const part = (name: string): string => beginning(locale, translate(locale, `fault.${fault.code}.${name}`, params));
  return { title: part('title'), cause: part('cause'), nextStep: part('nextStep') };
}

/** A word for a missing value may stand at the start of a sentence; a value (an address) keeps its case. */
function beginning(locale: string, sentence: string): string {
  const word = [...Object.values(wordFor), example].some((key) => sentence.startsWith(`${translate(locale, key)} `));
  return word ? sentence.slice(0, 1).toUpperCase() + sentence.slice(1) : sentence;
}

/** Only the title of a code, for lists of causes. */
export function faultTitle(locale: string, code: Fault['code']): string {
  return faultText(locale, { code, params: {} }).title;
}

function fillIn(locale: string, fault: Fault): TextParams {
  const params: Record<string, string | number> = {};
  for (const [name, key] of Object.entries(wordFor)) {
    const value = printable(fault.params[name]);
    params[name] = value ?? translate(locale, key);
    params[`${name}Arg`] = value === undefined ? translate(locale, `${key}Arg`) : argument(value);
  }
  params['accountFilter'] = accountFilter(printable(fault.params['account']) ?? String(params['accountArg']));
  params['accountKind'] = printable(fault.params['account'])?.includes('@') ? 'upn' : 'other';
  params['addressFilter'] = directoryFilter('mail', printable(fault.params['address']) ?? String(params['addressArg']));
  for (const name of optional) params[name] = printable(fault.params[name]) ?? 'none';
  const backOffMs = Number(fault.params['backOffMs']);
  if (backOffMs > 0) params['seconds'] = String(Math.ceil(backOffMs / 1000));
  if (params['responseCode'] === 'none' && fault.raw !== undefined)
    params['responseCode'] = printable(fault.raw) ?? 'none';
  params['folder'] = folderWord(locale, params['folder']);
  params['stampedAt'] = dateOf(locale, fault.params['stampedAt']);
  params['validTo'] = dateOf(locale, fault.params['validTo']);
  for (const name of ['failing', 'total'] as const) params[name] = Number(fault.params[name] ?? 0);
  params['mostly'] = titleOf(locale, fault.params['mostly']);
  return params;
}

/**
 * As an argument of a cmdlet: people paste it into a shell, so anything unusual stands in single quotes. At its start a dash
 * makes a parameter of it and an at sign a variable.
 */
function argument(value: string): string {
  return /^\w[\w.@\\+:-]*$/.test(value) ? value : `'${doubleQuotes(value)}'`;
}

/** PowerShell takes a typographic quote for a plain one; doubled it stands for itself. */
const doubleQuotes = (text: string): string => text.replaceAll(/['\u2018-\u201b]/g, '$&$&');

/** Finds the account in Active Directory, whose cmdlets do not take a UPN or DOMAIN\user as an identity. */
function accountFilter(account: string): string {
  if (account.includes('@')) return directoryFilter('UserPrincipalName', account);
  return directoryFilter('SamAccountName', account.slice(account.lastIndexOf('\\') + 1));
}

/** The argument of `Get-ADUser -Filter`. In its double quotes a shell would read `$` and the backtick. */
function directoryFilter(property: string, value: string): string {
  return `"${property} -eq '${doubleQuotes(value.replaceAll(/["\u201c-\u201f`$]/g, ''))}'"`;
}

/** `calendar` becomes the word of the reader's language; a folder without a word keeps its name. */
function folderWord(locale: string, folder: string | number | undefined): string {
  const key = `fault.folder.${String(folder).toLowerCase()}`;
  return hasText(key) ? translate(locale, key) : String(folder);
}

/** The title of another fault, which this one comes from. */
function titleOf(locale: string, code: string | number | boolean | undefined): string {
  return typeof code === 'string' && Object.hasOwn(faultCatalogue, code)
    ? faultTitle(locale, code as FaultCode)
    : 'none';
}

/** The day (UTC) of an ISO time. What is none was written by somebody else, and is left out. */
function dateOf(locale: string, value: string | number | boolean | undefined): string {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) return 'none';
  return new Intl.DateTimeFormat(formatLocaleOf(locale), { dateStyle: 'medium', timeZone: 'UTC' }).format(time);
}

function printable(value: string | number | boolean | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = String(value)
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    // `{{DATE(…)}}` is filled in by the client, but not where a server or a mailbox wrote it.
    .replaceAll(/\{(?=\{)/g, '{ ')
    .trim();
  if (text === '') return undefined;
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
