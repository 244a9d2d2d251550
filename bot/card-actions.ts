import { cancelRunCard } from '../cards/cancel-run-card.ts';
import { rightOf, type Verb } from '../cards/verbs.ts';
import { translate } from '../locales/translate.ts';
import { decideMailboxes, decideRequest, getRequest, type Decision } from '../services/approvals/decide-mailboxes.ts';
import { answerRoleChange, cancelRoleChange, confirmRoleChange } from '../services/access/change-roles.ts';
import { requireRight } from '../services/access/roles.ts';
import { cancelBulkAction, confirmBulkAction } from '../services/mailboxes/bulk-actions.ts';
import { cancelImport, confirmImport } from '../services/mailboxes/confirm-import.ts';
import { getMailbox } from '../services/mailboxes/find-mailboxes.ts';
import { isMailroomError, MailroomError } from '../services/model/error.ts';
import { isOver } from '../services/model/run.ts';
import { serverOfCause, type Incident } from '../services/model/alert.ts';
import { formatFilter } from '../services/model/filter.ts';
import type { ListView } from '../services/model/list-view.ts';
import { answerDraft, type PersonAnswer } from '../services/profiles/answer-draft.ts';
import { confirmCode } from '../services/profiles/confirm-code.ts';
import { getProfile } from '../services/profiles/profile-names.ts';
import { saveProfile } from '../services/profiles/save-profile.ts';
import { keyOf } from '../services/storage/store.ts';
import { cancelRun, getRun } from '../services/testing/cancel-run.ts';
import { pauseRun, resumeRun } from '../services/testing/pause-run.ts';
import { retestIncident, retestProfile, retestRun } from '../services/testing/retest.ts';
import { getRunWithResults } from '../services/testing/run-results.ts';
import { cardContext, onCard } from './card-context.ts';
import type { CardData } from './card-data.ts';
import { renderDraft, renderImport, renderIncident } from './deliver/render-intent.ts';
import { approvalActions } from './handlers/approval-actions.ts';
import { postRequest, renderApproval } from './handlers/approval-commands.ts';
import { changeActions } from './handlers/bulk-changes.ts';
import { changeHistoryView, offerExport, searchHistory } from './handlers/history-commands.ts';
import { importActions } from './handlers/import-commands.ts';
import { incidentActions } from './handlers/incident-actions.ts';
import { languageActions } from './handlers/language-command.ts';
import { maintenanceActions } from './handlers/maintenance-actions.ts';
import { statusActions } from './handlers/status-commands.ts';
import { mailboxActions } from './handlers/mailbox-changes.ts';
import { renderBulkAction, renderMailbox } from './handlers/mailbox-commands.ts';
import { mailboxSearchActions } from './handlers/mailbox-search.ts';
import { mailboxesOfProfileList, mailboxListActions, showMailboxes } from './handlers/mailbox-list.ts';
import { activate, askAbout, confirmDeactivate, confirmDelete, makeDefault } from './handlers/profile-changes.ts';
import { renderProfile } from './handlers/profile-commands.ts';
import { profileOwnerActions } from './handlers/profile-owner.ts';
import {
  offerReport,
  renderRun,
  runBegun,
  runStarted,
  startedText,
  testMailboxes,
  testProfile,
} from './handlers/run-commands.ts';
import { grantChosen, renderRoleChange, revokeChosen, turnRoles } from './handlers/role-commands.ts';
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
    const { key, version, value } = await getMailbox(input.services.store, input.environmentId, data.id);
    // What was seen is what is approved: an owner or a type that changed since is shown first.
    if (value.revision === data.revision)
      await decideMailboxes(input.services, input.environmentId, input.actor, [value.id], approved, {
        changes: [],
        expected: [{ collection: 'mailbox', key, version }],
      });
    return renderMailbox(input, (await getMailbox(input.services.store, input.environmentId, data.id)).value);
  },
  ...settingsActions,
  'bulk.confirm': async (input, data) => {
    const { action, count, run, test } = await confirmBulkAction(
      input.services,
      input.environmentId,
      input.actor,
      data.id,
      input.conversation.conversationId,
      data.inputs['takeOver'] === 'true',
    );
    if (test !== undefined)
      return renderBulkAction(input, action, { text: await startedText(onCard(input), test), runId: test.run.id });
    const parts = [translate(cardContext(input).locale, `chat.bulk.${action.kind}.done`, { count })];
    if (run === null) return renderBulkAction(input, action, { text: parts.join(' ') });
    parts.push(await runBegun(onCard(input), run));
    return renderBulkAction(input, action, { text: parts.join(' '), runId: run.id });
  },
  'bulk.cancel': async (input, data) =>
    renderBulkAction(input, await cancelBulkAction(input.services, input.environmentId, input.actor, data.id)),
  'approval.show': async (input, data) => {
    const { id } = (await getRequest(input.services.store, input.environmentId, data.id)).value;
    await postRequest(input, id);
    return { notice: translate(input.locale, 'chat.request-below') };
  },
  'approval.next': (input, data) => turnApprovalPage(input, data, 1),
  'approval.previous': (input, data) => turnApprovalPage(input, data, -1),
  'approval.approve-all': (input, data) => decide(input, data, 'all', approved),
  'approval.approve-selected': (input, data) => decide(input, data, selected(data), approved),
  'approval.reject-all': (input, data) => decide(input, data, 'all', rejected(data)),
  'approval.reject-selected': (input, data) => decide(input, data, selected(data), rejected(data)),
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
  ...languageActions,
  ...maintenanceActions,
  ...profileOwnerActions,
  ...statusActions,
  ...importActions,
  ...incidentActions,
  'incident.mailboxes': async (input, data) => {
    const { causeId, code, profileName } = await getIncident(input, data.id);
    // The trouble of a server hits whichever profiles lead to it.
    const where = serverOfCause(causeId) === null ? { profile: profileName } : {};
    return below(await showMailboxes(input, formatFilter({ words: [], cause: code, ...where })));
  },
};

const approved: Decision = { verdict: 'approved', reason: null };
const rejected = (data: CardData): Decision => ({ verdict: 'rejected', reason: data.inputs['reason']?.trim() ?? null });
const selected = (data: CardData): string[] => (data.inputs['selected'] ?? '').split(',').filter((id) => id !== '');

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

async function decide(
  input: TurnInput,
  data: CardData,
  which: 'all' | readonly string[],
  decision: Decision,
): Promise<ActionAnswer> {
  const { request } = await decideRequest(
    input.services,
    input.environmentId,
    input.actor,
    data.id,
    data.revision,
    which,
    decision,
  );
  // A stale click decided nothing: its reader sees the request as it is now.
  return renderApproval(input, request, await approvalPage(input, data.id));
}

const approvalViewKey = (input: TurnInput, requestId: string): string =>
  keyOf(input.environmentId, 'approval', requestId, input.actor.aadObjectId);

async function approvalPage(input: TurnInput, requestId: string): Promise<number> {
  return (await input.services.store.get('listView', approvalViewKey(input, requestId)))?.value.page ?? 0;
}

async function turnApprovalPage(input: TurnInput, data: CardData, step: 1 | -1): Promise<ActionAnswer> {
  const request = (await getRequest(input.services.store, input.environmentId, data.id)).value;
  const page = Math.max(0, (await approvalPage(input, data.id)) + step);
  const view: ListView = {
    environmentId: input.environmentId,
    id: data.id,
    actorId: input.actor.aadObjectId,
    filter: '',
    page,
    createdAt: input.services.clock.now(),
    revision: 1,
  };
  await input.services.store.commit([
    { kind: 'put', collection: 'listView', key: approvalViewKey(input, data.id), value: view },
  ]);
  return renderApproval(input, request, page);
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
 * Carries out a click. The right is checked here, so that a refusal reads the same for every verb, and again by the use case.
 * @throws MailroomError `access.denied`, `card.unreadable`, and what the use case throws
 */
export async function runCardAction(input: TurnInput, data: CardData): Promise<ActionAnswer> {
  if (isCommandVerb(data.verb)) throw new MailroomError('card.unreadable');
  await requireRight(input.services, input.environmentId, input.actor, rightOf(data.verb));
  return cardActions[data.verb](input, data);
}
