import alertHandling from './en/alert-handling.json' with { type: 'json' };
import alertRouting from './en/alert-routing.json' with { type: 'json' };
import alertWall from './en/alert-wall.json' with { type: 'json' };
import approverSets from './en/approver-sets.json' with { type: 'json' };
import approvalRequests from './en/approval-requests.json' with { type: 'json' };
import approvalViews from './en/approval-views.json' with { type: 'json' };
import auditChanges from './en/audit-changes.json' with { type: 'json' };
import cards from './en/cards.json' with { type: 'json' };
import chat from './en/chat.json' with { type: 'json' };
import elements from './en/elements.json' with { type: 'json' };
import engine from './en/engine.json' with { type: 'json' };
import errors from './en/errors.json' with { type: 'json' };
import faults from './en/faults.json' with { type: 'json' };
import form from './en/form.json' with { type: 'json' };
import historyActs from './en/history-acts.json' with { type: 'json' };
import importSources from './en/import-sources.json' with { type: 'json' };
import language from './en/language.json' with { type: 'json' };
import mailboxChanges from './en/mailbox-changes.json' with { type: 'json' };
import mailboxList from './en/mailbox-list.json' with { type: 'json' };
import maintenance from './en/maintenance.json' with { type: 'json' };
import outgoing from './en/outgoing.json' with { type: 'json' };
import owners from './en/owners.json' with { type: 'json' };
import report from './en/report.json' with { type: 'json' };
import runbook from './en/runbook.json' with { type: 'json' };
import settings from './en/settings.json' with { type: 'json' };
import status from './en/status.json' with { type: 'json' };
import unreachable from './en/unreachable.json' with { type: 'json' };
import deAlertHandling from './de/alert-handling.json' with { type: 'json' };
import deAlertRouting from './de/alert-routing.json' with { type: 'json' };
import deAlertWall from './de/alert-wall.json' with { type: 'json' };
import deApproverSets from './de/approver-sets.json' with { type: 'json' };
import deApprovalRequests from './de/approval-requests.json' with { type: 'json' };
import deApprovalViews from './de/approval-views.json' with { type: 'json' };
import deAuditChanges from './de/audit-changes.json' with { type: 'json' };
import deCards from './de/cards.json' with { type: 'json' };
import deChat from './de/chat.json' with { type: 'json' };
import deElements from './de/elements.json' with { type: 'json' };
import deEngine from './de/engine.json' with { type: 'json' };
import deErrors from './de/errors.json' with { type: 'json' };
import deFaults from './de/faults.json' with { type: 'json' };
import deForm from './de/form.json' with { type: 'json' };
import deHistoryActs from './de/history-acts.json' with { type: 'json' };
import deImportSources from './de/import-sources.json' with { type: 'json' };
import deLanguage from './de/language.json' with { type: 'json' };
import deMailboxChanges from './de/mailbox-changes.json' with { type: 'json' };
import deMailboxList from './de/mailbox-list.json' with { type: 'json' };
import deMaintenance from './de/maintenance.json' with { type: 'json' };
import deOutgoing from './de/outgoing.json' with { type: 'json' };
import deOwners from './de/owners.json' with { type: 'json' };
import deReport from './de/report.json' with { type: 'json' };
import deRunbook from './de/runbook.json' with { type: 'json' };
import deStatus from './de/status.json' with { type: 'json' };
import deSettings from './de/settings.json' with { type: 'json' };
import deUnreachable from './de/unreachable.json' with { type: 'json' };

/** Sentences by key; a file has one subject, and a key is in exactly one of them. */
export type Catalogue = Readonly<Record<string, string>>;

/** The languages that Mailroom speaks; English, the first, has every key. */
export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];

const en = {
  alertHandling,
  alertRouting,
  alertWall,
  approvalRequests,
  approverSets,
  approvalViews,
  auditChanges,
  cards,
  chat,
  elements,
  engine,
  errors,
  faults,
  form,
  historyActs,
  importSources,
  language,
  mailboxChanges,
  mailboxList,
  maintenance,
  outgoing,
  owners,
  report,
  runbook,
  settings,
  status,
  unreachable,
};

const de: Readonly<Record<keyof typeof en, Catalogue>> = {
  alertHandling: deAlertHandling,
  alertRouting: deAlertRouting,
  alertWall: deAlertWall,
  approvalRequests: deApprovalRequests,
  approverSets: deApproverSets,
  approvalViews: deApprovalViews,
  auditChanges: deAuditChanges,
  cards: deCards,
  chat: deChat,
  elements: deElements,
  engine: deEngine,
  errors: deErrors,
  faults: deFaults,
  form: deForm,
  historyActs: deHistoryActs,
  importSources: deImportSources,
  language: deLanguage,
  mailboxChanges: deMailboxChanges,
  mailboxList: deMailboxList,
  report: deReport,
  runbook: deRunbook,
  maintenance: deMaintenance,
  outgoing: deOutgoing,
  owners: deOwners,
  status: deStatus,
  settings: deSettings,
  unreachable: deUnreachable,
};

/** The files of each language, by subject. */
export const catalogues: Readonly<Record<Language, Readonly<Record<string, Catalogue>>>> = { en, de };
