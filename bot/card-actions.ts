import { cancelRunCard } from '../cards/cancel-run-card.ts';
import { rightOf, type Verb } from '../cards/verbs.ts';
import { decideMailboxes, type Decision } from '../services/approvals/decide-mailboxes.ts';
import { answerRoleChange, cancelRoleChange, confirmRoleChange } from '../services/access/change-roles.ts';
import { requireRight } from '../services/access/roles.ts';
import { cancelImport, confirmImport } from '../services/mailboxes/confirm-import.ts';
import { getMailbox } from '../services/mailboxes/find-mailboxes.ts';
import { isMailroomError, MailroomError } from '../services/model/error.ts';
import type { Mailbox } from '../services/model/mailbox.ts';
import { isOver } from '../services/model/run.ts';
import type { Incident } from '../services/model/alert.ts';
import { answerDraft, type PersonAnswer } from '../services/profiles/answer-draft.ts';
import { confirmCode } from '../services/profiles/confirm-code.ts';
import { getProfile } from '../services/profiles/profile-names.ts';
import { saveProfile } from '../services/profiles/save-profile.ts';
import { keyOf } from '../services/storage/store.ts';
import { cancelRun, getRun } from '../services/testing/cancel-run.ts';
import { pauseRun, resumeRun } from '../services/testing/pause-run.ts';
import { retestIncident, retestProfile, retestRun } from '../services/testing/retest.ts';
import { getRunWithResults } from '../services/testing/run-results.ts';
import { cardContext } from './card-context.ts';
import type { CardData } from './card-data.ts';
import { renderDraft, renderImport, renderIncident } from './deliver/render-intent.ts';
import { approvalSetupActions } from './handlers/approval-setup.ts';
import { approverSetActions } from './handlers/approver-sets.ts';
import { ownMailboxActions } from './handlers/own-mailbox.ts';
import { alertActions } from './handlers/alert-commands.ts';
import { approvalActions } from './handlers/approval-actions.ts';
import { approvalViewActions } from './handlers/approval-view.ts';
import { bulkActions } from './handlers/bulk-actions.ts';
import { changeActions } from './handlers/bulk-changes.ts';
import { digestActions } from './handlers/digest-actions.ts';
import { changeHistoryView, offerExport, searchHistory } from './handlers/history-commands.ts';
import { importActions } from './handlers/import-commands.ts';
import { incidentActions } from './handlers/incident-actions.ts';
import { languageActions } from './handlers/language-command.ts';
import { maintenanceActions } from './handlers/maintenance-actions.ts';
import { statusActions } from './handlers/status-commands.ts';
import { subscriptionActions } from './handlers/subscription-commands.ts';
import { mailboxActions } from './handlers/mailbox-changes.ts';
import { renderMailbox } from './handlers/mailbox-commands.ts';
import { mailboxSearchActions } from './handlers/mailbox-search.ts';
import { mailboxesOfProfileList, mailboxListActions, showMailboxes } from './handlers/mailbox-list.ts';
import { activate, askAbout, confirmDeactivate, confirmDelete, makeDefault } from './handlers/profile-changes.ts';
import { renderProfile } from './handlers/profile-commands.ts';
import { ownerActions } from './handlers/owner-actions.ts';
import { profileOwnerActions } from './handlers/profile-owner.ts';
import { offerReport, renderRun, runStarted, testMailboxes, testProfile } from './handlers/run-commands.ts';
import { grantChosen, renderRoleChange, revokeChosen, turnRoles } from './handlers/role-commands.ts';
import { runbookActions } from './handlers/runbook-actions.ts';
import { settingsActions } from './handlers/settings-commands.ts';
import type { ActionAnswer, CardAction, Reply, TurnInput } from './turn-input.ts';

/** Verbs that stand for a command: the turn gives them to the command table. */
export type CommandVerb = 'command.run' | 'profile.edit' | 'profile.copy';

const isCommandVerb = (verb: Verb): verb is CommandVerb =>
  verb === 'command.run' || verb === 'profile.edit' || verb === 'profile.copy';

/** What each verb does; the right it needs stands in `cards/verbs.ts`. The card's data is only ids. */
export const cardActions: Readonly<Record<Exclude<Verb, CommandVerb>, CardAction>> = {
  'profile.answer': (input, data) => draftAnswer(input, data, { kind: 'values', inputs: data.inputs }),
  'profile.back': (input, data) => draftAnswer(input, data, { kind: 'back' }),
  'profile.cancel': (input, data) => draftAnswer(input, data, { kind: 'cancel' }),
  'profile.new-link': (input, data) => draftAnswer(input, data, { kind: 'new-link' }),
  'profile.confirm-host': (input, data) => draftAnswer(input, data, { kind: 'judge-host', agrees: true }),
  'profile.decline-host': (input, data) => draftAnswer(input, data, { kind: 'judge-host', agrees: false }),
  'profile.use-server': (input, data) => draftAnswer(input, data, { kind: 'use-server' }),
  'profile.search-again': (input, data) => draftAnswer(input, data, { kind: 'search-again' }),
  'profile.check': (input, data) => draftAnswer(input, data, { kind: 'check-again' }),
  'profile.confirm-code': async (input, data) =>
    renderDraft(
      renderInput(input),
      await confirmCode(input.services, input.environmentId, input.actor, data.id, data.inputs['code'] ?? ''),
      input.conversation,
    ),
  'profile.save': async (input, data) => {
    const { services, environmentId, actor } = input;
    const shareWith = (data.inputs['shareWith'] ?? '').split(',').filter((id) => id !== '');
    const { draft } = await saveProfile(services, environmentId, actor, data.id, data.revision, shareWith);
    return renderDraft(renderInput(input), draft, input.conversation);
  },
  'profile.show': async (input, data) =>
    renderProfile(input, (await getProfile(input.services.store, input.environmentId, data.id)).value),
  'profile.advanced': (input, data) => draftAnswer(input, data, { kind: 'advanced' }),
  'profile.default': (input, data) => makeDefault(input, data.id),
  'profile.activate': (input, data) => activate(input, data.id),
  'profile.deactivate': (input, data) => askAbout(input, 'deactivate', data.id),
  'profile.confirm-deactivate': confirmDeactivate,
  'profile.delete': (input, data) => askAbout(input, 'delete', data.id),
  'profile.confirm-delete': confirmDelete,
  'profile.mailboxes': async (input, data) => {
    const { id } = (await getProfile(input.services.store, input.environmentId, data.id)).value;
    return { below: await mailboxesOfProfileList(input, id) };
  },
  'profile.test': async (input, data) => asCard(await testProfile(input, data.id)),
  'profile.retest': async (input, data) =>
    asNotice(
      await runStarted(
        input,
        await retestProfile(
          input.services,
          input.environmentId,
          input.actor,
          data.id,
          input.conversation.conversationId,
        ),
      ),
    ),
  'import.confirm': async (input, data) => {
    const { services, environmentId, actor } = input;
    // A toggle that a client leaves out means its default: on.
    const testWhenApproved = data.inputs['testWhenApproved'] !== 'false';
    try {
      const { batch } = await confirmImport(services, environmentId, actor, data.id, testWhenApproved);
      return await renderImport(renderInput(input), batch);
    } catch (error) {
      return currentImport(input, data.id, error);
    }
  },
  'import.cancel': async (input, data) => {
    try {
      return await renderImport(
        renderInput(input),
        await cancelImport(input.services, input.environmentId, input.actor, data.id),
      );
    } catch (error) {
      return currentImport(input, data.id, error);
    }
  },
  ...mailboxListActions,
  ...mailboxSearchActions,
  ...mailboxActions,
  ...changeActions,
  'mailbox.show': async (input, data) =>
    renderMailbox(input, (await getMailbox(input.services.store, input.environmentId, data.id)).value),
  'mailbox.test': async (input, data) => {
    const mailbox = (await getMailbox(input.services.store, input.environmentId, data.id)).value;
    return asCard(await testMailboxes(input, mailbox.address));
  },
  'mailbox.approve': async (input, data) => {
    const { services, environmentId, actor } = input;
    const { value } = await getMailbox(services.store, environmentId, data.id);
    // What was seen is what is approved: an owner or a type that changed since is shown first.
    const isAsShown = ({ revision }: Mailbox): boolean => revision === data.revision;
    if (isAsShown(value)) {
      const meant = { takes: 'pending or rejected', isAsShown } as const;
      await decideMailboxes(services, environmentId, actor, [value.id], approved, undefined, meant);
    }
    return renderMailbox(input, (await getMailbox(services.store, environmentId, data.id)).value);
  },
  ...settingsActions,
  ...approverSetActions,
  ...approvalSetupActions,
  ...ownMailboxActions,
  'run.pause': (input, data) => changeRun(input, data, pauseRun),
  'run.resume': (input, data) => changeRun(input, data, resumeRun),
  'run.cancel': askToCancelRun,
  'run.confirm-cancel': async (input, data) => {
    const run = await cancelRun(input.services, input.environmentId, input.actor, data.id);
    return cancelRunCard(run, { answered: true }, cardContext(input));
  },
  'run.keep': async (input, data) => {
    const run = (await getRun(input.services.store, input.environmentId, data.id)).value;
    return cancelRunCard(run, { answered: true }, cardContext(input));
  },
  'run.show': (input, data) => showCurrentRun(input, data),
  'run.report': (input, data) => offerReport(input, data.id),
  'run.failures': async (input, data) => {
    const { id } = await getRunWithResults(input.services.store, input.environmentId, data.id);
    return below(await showMailboxes(input, `status:failure run:${id}`));
  },
  'run.retest-failed': async (input, data) =>
    asNotice(
      await runStarted(
        input,
        await retestRun(input.services, input.environmentId, input.actor, data.id, input.conversation.conversationId),
      ),
    ),
  'role.confirm': async (input, data) =>
    renderRoleChange(input, await confirmRoleChange(input.services, input.environmentId, input.actor, data.id)),
  'role.cancel': async (input, data) =>
    renderRoleChange(input, await cancelRoleChange(input.services, input.environmentId, input.actor, data.id)),
  'role.agree': (input, data) => answerForRole(input, data, true),
  'role.refuse': (input, data) => answerForRole(input, data, false),
  'roles.grant': (input, data) => grantChosen(input, data.inputs['role'] ?? '', data.inputs['person'] ?? ''),
  'roles.revoke': (input, data) => revokeChosen(input, data.inputs['assignment'] ?? ''),
  'roles.next': (input, data) => turnRoles(input, data, 1),
  'roles.previous': (input, data) => turnRoles(input, data, -1),
  'history.filter': searchHistory,
  'history.next': (input, data) => changeHistoryView(input, data, (view) => ({ page: view.page + 1 })),
  'history.previous': (input, data) => changeHistoryView(input, data, (view) => ({ page: Math.max(0, view.page - 1) })),
  'history.export': offerExport,
  'incident.show': showIncident,
  'incident.retest': async (input, data) =>
    asNotice(
      await runStarted(
        input,
        await retestIncident(
          input.services,
          input.environmentId,
          input.actor,
          data.id,
          input.conversation.conversationId,
        ),
      ),
    ),
  ...approvalActions,
  ...approvalViewActions,
  ...bulkActions,
  ...languageActions,
  ...maintenanceActions,
  ...ownerActions,
  ...profileOwnerActions,
  ...statusActions,
  ...subscriptionActions,
  ...digestActions,
  ...importActions,
  ...incidentActions,
  ...alertActions,
  ...runbookActions,
  'incident.mailboxes': async (input, data) => {
    const { id } = await getIncident(input, data.id);
    return below(await showMailboxes(input, `incident:${id}`));
  },
};

const approved: Decision = { verdict: 'approved', reason: null };

function renderInput(input: TurnInput) {
  return { services: input.services, environmentId: input.environmentId, context: cardContext(input) };
}

async function draftAnswer(input: TurnInput, data: CardData, answer: PersonAnswer): Promise<ActionAnswer> {
  const { draft } = await answerDraft(input.services, input.environmentId, input.actor, data.id, answer, data.revision);
  return renderDraft(renderInput(input), draft, input.conversation);
}

/** A click on a card of before finds the run over: its reader sees it as it is now. */
async function changeRun(input: TurnInput, data: CardData, change: typeof pauseRun): Promise<ActionAnswer> {
  try {
    const run = await change(input.services, input.environmentId, input.actor, data.id);
    return await renderRun(input.services, run, cardContext(input));
  } catch (error) {
    if (isMailroomError(error, 'run.over')) return showCurrentRun(input, data);
    throw error;
  }
}

/** Only the question: the run's own card stays, and goes on telling how it stands. */
async function askToCancelRun(input: TurnInput, data: CardData): Promise<ActionAnswer> {
  const run = (await getRun(input.services.store, input.environmentId, data.id)).value;
  // On a card of before there is nothing to ask any more.
  if (isOver(run)) return renderRun(input.services, run, cardContext(input));
  return { below: cancelRunCard(run, { answered: false }, cardContext(input)) };
}

async function showCurrentRun(input: TurnInput, data: CardData): Promise<ActionAnswer> {
  const run = (await getRun(input.services.store, input.environmentId, data.id)).value;
  return renderRun(input.services, run, cardContext(input));
}

/** A second click on an import finds it done or cancelled: that is an answer, not an error. */
async function currentImport(input: TurnInput, id: string, error: unknown): Promise<ActionAnswer> {
  const batch = isMailroomError(error, 'import.over')
    ? (await input.services.store.get('importBatch', keyOf(input.environmentId, id)))?.value
    : undefined;
  if (batch === undefined) throw error;
  return renderImport(renderInput(input), batch);
}

async function showIncident(input: TurnInput, data: CardData): Promise<ActionAnswer> {
  return renderIncident(input.services, await getIncident(input, data.id), cardContext(input));
}

async function getIncident(input: TurnInput, id: string): Promise<Incident> {
  const incident = (await input.services.store.get('incident', keyOf(input.environmentId, id)))?.value;
  if (incident === undefined) throw new MailroomError('incident.unknown');
  return incident;
}

async function answerForRole(input: TurnInput, data: CardData, agrees: boolean): Promise<ActionAnswer> {
  const { services, environmentId, actor } = input;
  return renderRoleChange(input, await answerRoleChange(services, environmentId, actor, data.id, agrees));
}

function asNotice(replies: readonly Reply[]): ActionAnswer {
  return { notice: replies.map((reply) => ('text' in reply ? reply.text : reply.summary)).join(' ') };
}

/** As a message of its own: a list in place of the card it was opened from would leave no way back to that card. */
function below(replies: readonly Reply[]): ActionAnswer {
  const answer = asCard(replies);
  return 'card' in answer ? { below: answer } : answer;
}

function asCard(replies: readonly Reply[]): ActionAnswer {
  const [reply] = replies;
  if (reply === undefined || 'text' in reply) return asNotice(replies);
  return reply;
}

/**
 * Carries out a click. The right is checked here, so that a refusal reads the same for every verb, and again by the use case;
 * a refresh, which shows everybody no more than is theirs, says itself who may see what.
 * @throws MailroomError `access.denied`, `card.unreadable`, and what the use case throws
 */
export async function runCardAction(input: TurnInput, data: CardData): Promise<ActionAnswer> {
  if (isCommandVerb(data.verb)) throw new MailroomError('card.unreadable');
  const right = data.verb === 'approval.refresh' ? null : rightOf(data.verb);
  if (right !== null) await requireRight(input.services, input.environmentId, input.actor, right);
  return cardActions[data.verb](input, data);
}
