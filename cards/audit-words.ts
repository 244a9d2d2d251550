import { hasText, translate } from '../locales/translate.ts';
import { systemActor, type AuditEntry } from '../services/model/audit.ts';
import { auditChanges, auditDetail } from './audit-changes.ts';
import { speaker } from './card-text.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';

/** What the sentences may name and not every entry has. An entry from before a detail was written down is readable as well. */
const blank = {
  account: '',
  after: '',
  alerts: '',
  alone: 'false',
  approvals: 'false',
  askedBy: 'none',
  before: '',
  code: 'none',
  count: 0,
  created: 0,
  days: 0,
  changed: 0,
  done: 0,
  filtered: 'false',
  from: '',
  host: '',
  language: 'auto',
  mailboxes: 0,
  name: '',
  person: '',
  phase: '',
  reason: '',
  request: '',
  role: '',
  roles: '',
  run: '',
  state: '',
  text: '',
  total: 0,
  until: '',
  weekly: 'false',
} as const;

/** Entries that one act wrote: how many, and whether others of them were left out by a search. */
export interface ManyEntries {
  readonly count: number;
  readonly filtered: boolean;
}

/** An entry as one sentence: who did what to what. `names`: of profiles and people, by id. `many`: it stands for others of its act. */
export function auditSentence(
  locale: string,
  entry: AuditEntry,
  names: Readonly<Record<string, string>> = {},
  many: ManyEntries = { count: 1, filtered: false },
): string {
  const say = speaker({ locale, now: 0, roles: [] });
  const [first = ''] = entry.subjects;
  const details: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(entry.details))
    if (value !== null) details[name] = auditDetail(locale, value);
  for (const name of ['before', 'after'] as const) if (details[name] === '') details[name] = say('role.none');
  const isMany = many.count > 1;
  const key = isMany ? `audit.many.${entry.kind.split('.').at(-1)}` : `audit.${entry.kind}`;
  return translate(locale, hasText(key) ? key : 'audit.unknown', {
    ...blank,
    ...details,
    ...(isMany ? { count: many.count, filtered: String(many.filtered) } : {}),
    kind: entry.kind,
    who: entry.actorId === systemActor.aadObjectId ? systemActor.name : personName(say, entry.actorName),
    subject: plainText(Object.hasOwn(names, first) ? (names[first] ?? '') : first, 120),
    subjects: entry.subjects.length,
    changes: plainText(auditChanges(locale, entry, names), 300) || 'none',
  });
}
