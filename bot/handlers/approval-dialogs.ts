import {
  answerDialog,
  askDialog,
  nothingTyped,
  rejectRequestDialog,
  staleDialog,
  type DialogView,
  type Typed,
} from '../../cards/approval-dialogs.ts';
import type { Verb } from '../../cards/verbs.ts';
import { translate } from '../../locales/translate.ts';
import { answerQuestion, askAboutRequest } from '../../services/approvals/ask-requester.ts';
import { countPending } from '../../services/approvals/count-pending.ts';
import { decideRequest } from '../../services/approvals/decide-mailboxes.ts';
import { hasRight, rolesWithRight } from '../../services/model/access.ts';
import { isLive, openQuestion, type ApprovalRequest } from '../../services/model/approval-request.ts';
import { isMailroomError, MailroomError } from '../../services/model/error.ts';
import { ownView } from '../card-context.ts';
import type { CardData } from '../card-data.ts';
import type { DialogAction, DialogAnswer, TurnInput } from '../turn-input.ts';
import { askedName, requestOf, requireDecider } from './approval-view.ts';
import { profileNamesById } from './mailbox-commands.ts';

/** Opens a dialog for the request as the card showed it; for any other state the dialog says what happened. */
const open =
  (check: (input: TurnInput, request: ApprovalRequest) => Promise<void> | void, show: ShowDialog): DialogAction =>
  async (input, { id, revision }) => {
    const request = await requestOf(input, id);
    await check(input, request);
    const isCurrent = request.revision === revision && isLive(request);
    return { dialog: isCurrent ? await show(input, request, nothingTyped) : staleDialog(request, '', ownView(input)) };
  };

type ShowDialog = (input: TurnInput, request: ApprovalRequest, typed: Typed) => Promise<DialogView> | DialogView;

const showReject: ShowDialog = async (input, request, typed) => {
  const pending = await countPending(input.services.store, request);
  return rejectRequestDialog(request, { pending, profileNames: await profileNamesById(input) }, typed, ownView(input));
};
const showAsk: ShowDialog = (input, request, typed) => askDialog(request, typed, ownView(input));
const showAnswer: ShowDialog = (input, request, typed) => answerDialog(request, typed, ownView(input));

/** Dialogs of a request: what is typed there goes to nobody else, and no edit of a card takes it away. */
export const approvalDialogs = {
  'approval.reject-dialog': open((input, request) => requireDecider(input, request), showReject),
  'approval.ask-dialog': open(async (input, request) => {
    if (request.requestedBy === input.actor.aadObjectId) throw new MailroomError('approval.question-own');
    await requireDecider(input, request);
  }, showAsk),
  'approval.answer-dialog': open(requireAnswerer, (input, request, typed) =>
    openQuestion(request) === null ? staleDialog(request, '', ownView(input)) : showAnswer(input, request, typed),
  ),
} satisfies Partial<Record<Verb, DialogAction>>;

/** The same that the buttons of cards and the commands do, with the answer in the dialog. */
export const approvalSubmits = {
  'approval.reject': (input, data) =>
    submit(input, data, 'reason', showReject, async ({ services, environmentId, actor, locale }, reason) => {
      const { id, revision } = data;
      const decision = { verdict: 'rejected', reason: reason.trim() } as const;
      const decided = await decideRequest(services, environmentId, actor, id, revision, 'all', decision);
      const count = decided.result?.decided.length ?? 0;
      return { ...decided, message: translate(locale, 'chat.dialog.rejected', { count }) };
    }),
  'approval.ask': (input, data) =>
    submit(input, data, 'question', showAsk, async ({ services, environmentId, actor, locale }, text) => {
      const asked = await askAboutRequest(services, environmentId, actor, data.id, data.revision, text);
      const who = await askedName(input, asked.request);
      return { ...asked, message: translate(locale, 'chat.dialog.asked', { who }) };
    }),
  'approval.answer': (input, data) =>
    submit(input, data, 'answer', showAnswer, async ({ services, environmentId, actor, locale }, text) => ({
      ...(await answerQuestion(services, environmentId, actor, data.id, data.revision, text)),
      message: translate(locale, 'chat.dialog.answered'),
    })),
} satisfies Partial<Record<Verb, DialogAction>>;

interface Done {
  readonly request: ApprovalRequest;
  readonly stale: boolean;
  readonly message: string;
}

async function submit(
  input: TurnInput,
  { id, revision, inputs }: CardData,
  field: string,
  show: ShowDialog,
  work: (input: TurnInput, typed: string) => Promise<Done>,
): Promise<DialogAnswer> {
  const text = inputs[field] ?? '';
  try {
    const { request, stale, message } = await work(input, text);
    return stale ? { dialog: staleDialog(request, text, ownView(input)) } : { message };
  } catch (error) {
    const problem = typingProblem(input, error);
    if (problem === null) throw error;
    const request = await requestOf(input, id);
    const isCurrent = request.revision === revision && isLive(request);
    const dialog = isCurrent
      ? await show(input, request, { text, problem })
      : staleDialog(request, text, ownView(input));
    return { dialog };
  }
}

const typingCode = /^approval\.(reason|question|answer)-(missing|too-long)$/;

/** The sentence for what is wrong with what was typed; null: something else is wrong. */
export function typingProblem({ locale }: TurnInput, error: unknown): string | null {
  if (!isMailroomError(error) || !typingCode.test(error.code)) return null;
  return translate(locale, `error.${error.code}`, error.params);
}

function requireAnswerer({ actor, roles }: TurnInput, { requestedBy }: ApprovalRequest): void {
  if (requestedBy === actor.aadObjectId || hasRight(roles, 'manage')) return;
  throw new MailroomError('access.denied', { roles: rolesWithRight('manage').join(', ') });
}
