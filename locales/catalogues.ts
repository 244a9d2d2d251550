import alertHandling from './en/alert-handling.json' with { type: 'json' };
import approvalRequests from './en/approval-requests.json' with { type: 'json' };
import auditChanges from './en/audit-changes.json' with { type: 'json' };
import cards from './en/cards.json' with { type: 'json' };
import chat from './en/chat.json' with { type: 'json' };
import elements from './en/elements.json' with { type: 'json' };
import engine from './en/engine.json' with { type: 'json' };
import errors from './en/errors.json' with { type: 'json' };
import faults from './en/faults.json' with { type: 'json' };
import form from './en/form.json' with { type: 'json' };
import importSources from './en/import-sources.json' with { type: 'json' };
import language from './en/language.json' with { type: 'json' };
import mailboxChanges from './en/mailbox-changes.json' with { type: 'json' };
import mailboxList from './en/mailbox-list.json' with { type: 'json' };
import maintenance from './en/maintenance.json' with { type: 'json' };
import outgoing from './en/outgoing.json' with { type: 'json' };
import report from './en/report.json' with { type: 'json' };
import settings from './en/settings.json' with { type: 'json' };
import status from './en/status.json' with { type: 'json' };
import deAlertHandling from './de/alert-handling.json' with { type: 'json' };
import deApprovalRequests from './de/approval-requests.json' with { type: 'json' };
import deAuditChanges from './de/audit-changes.json' with { type: 'json' };
import deCards from './de/cards.json' with { type: 'json' };
import deChat from './de/chat.json' with { type: 'json' };
import deElements from './de/elements.json' with { type: 'json' };
import deEngine from './de/engine.json' with { type: 'json' };
import deErrors from './de/errors.json' with { type: 'json' };
import deFaults from './de/faults.json' with { type: 'json' };
import deForm from './de/form.json' with { type: 'json' };
import deImportSources from './de/import-sources.json' with { type: 'json' };
import deLanguage from './de/language.json' with { type: 'json' };
import deMailboxChanges from './de/mailbox-changes.json' with { type: 'json' };
import deMailboxList from './de/mailbox-list.json' with { type: 'json' };
import deMaintenance from './de/maintenance.json' with { type: 'json' };
import deOutgoing from './de/outgoing.json' with { type: 'json' };
import deReport from './de/report.json' with { type: 'json' };
import deStatus from './de/status.json' with { type: 'json' };
import deSettings from './de/settings.json' with { type: 'json' };

/** Sentences by key; a file has one subject, and a key is in exactly one of them. */
export type Catalogue = Readonly<Record<string, string>>;

/** The languages that Mailroom speaks; English, the first, has every key. */
export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];

const en = {
  alertHandling,
  approvalRequests,
  auditChanges,
  cards,
  chat,
  elements,
  engine,
  errors,
  faults,
  form,
  importSources,
  language,
  mailboxChanges,
  mailboxList,
  maintenance,
  outgoing,
  report,
  settings,
  status,
};

const de: Readonly<Record<keyof typeof en, Catalogue>> = {
  alertHandling: deAlertHandling,
  approvalRequests: deApprovalRequests,
  auditChanges: deAuditChanges,
  cards: deCards,
  chat: deChat,
  elements: deElements,
  engine: deEngine,
  errors: deErrors,
  faults: deFaults,
  form: deForm,
  importSources: deImportSources,
  language: deLanguage,
  mailboxChanges: deMailboxChanges,
  mailboxList: deMailboxList,
  report: deReport,
  maintenance: deMaintenance,
  outgoing: deOutgoing,
  status: deStatus,
  settings: deSettings,
};

/** The files of each language, by subject. */
export const catalogues: Readonly<Record<Language, Readonly<Record<string, Catalogue>>>> = { en, de };
