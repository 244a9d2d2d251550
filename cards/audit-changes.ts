import { formatMoment } from '../locales/format-time.ts';
import { hasText } from '../locales/translate.ts';
import { approvalStatus } from '../services/model/mailbox.ts';
import type { AuditEntry } from '../services/model/audit.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';

type Detail = AuditEntry['details'][string];

/** Names of profiles and people, by id. */
type Names = Readonly<Record<string, string>>;

/** `Field: before → after`, in the words of the forms, of each detail whose value before is written down too. */
export function auditChanges(locale: string, { details }: AuditEntry, names: Names): string {
  const say = speaker({ locale, now: 0, roles: [] });
  const changes = Object.entries(details).flatMap(([name, before]) => {
    const field = /^(.+)\.before$/.exec(name)?.[1];
    if (field === undefined) return [];
    const word = (value: Detail | undefined): string => valueWord(say, locale, field, value ?? null, names);
    // Written down with the others, and the same as before.
    if (word(before) === word(details[field])) return [];
    return [`${fieldWord(say, field)}: ${word(before)} → ${word(details[field])}`];
  });
  return changes.join(', ');
}

/** The details of an entry as a sentence takes them: a moment is written in words, since nobody reads the form that it is kept in. */
export function auditDetail(locale: string, value: Exclude<Detail, null>): string | number {
  return typeof value === 'number' ? value : (momentWord(locale, value) ?? plainText(String(value), 120));
}

/** A field that has no word is named as it is kept: an entry of a later version is readable as well. */
function fieldWord(say: Say, field: string): string {
  const known = [`audit-field.${field}`, `settings.${field}`].find((key) => hasText(`card.${key}`));
  return known === undefined ? field : say(known);
}

function valueWord(say: Say, locale: string, field: string, value: Detail, names: Names): string {
  const text = String(value);
  if (value === null || text === 'null' || text === '') return say('role.none');
  if (text === 'true' || text === 'false') return say('settings-value.switch', { on: text === 'true' });
  // A line of names and ids: profiles and people are read by their names.
  if (field === 'approverSets')
    return text.replaceAll(/[\w-]+/g, (word) => (Object.hasOwn(names, word) ? (names[word] ?? word) : word));
  const direction = /^(incoming|outgoing|act)Method$/.exec(field)?.[1];
  const key =
    direction !== undefined
      ? `method.${direction}.${text}`
      : field === 'emailConnectionChannel'
        ? `settings-channel.${text}`
        : field === 'type'
          ? `type.${text}`
          : field === 'approval'
            ? `audit-approval.${approvalName(text)}`
            : field === 'alerts' || field === 'nature'
              ? `subscription-${field}.${text}`
              : null;
  if (key !== null && hasText(`card.${key}`)) return say(key);
  if (/profileId$/i.test(field) && Object.hasOwn(names, text)) return names[text] ?? text;
  return momentWord(locale, value) ?? text;
}

function approvalName(value: string): string {
  return Object.entries(approvalStatus).find(([, number]) => String(number) === value)?.[0] ?? value;
}

/** In UTC, which it names: the trail is read in many places, and in files. */
function momentWord(locale: string, value: Detail): string | null {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(value)) return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? null : formatMoment(locale, ms, null);
}
