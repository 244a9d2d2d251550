import { approverSetFormCard, typedOf, type ApproverSetForm } from '../../cards/approver-set-form-card.ts';
import { approverSetsCard } from '../../cards/approver-sets-card.ts';
import type { SettingsWord } from '../../cards/settings-pages.ts';
import { settingsReviewCard } from '../../cards/settings-review-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import { approvalChannels, approverIds } from '../../services/conversations/approval-audience.ts';
import { changeSubscription } from '../../services/conversations/subscriptions.ts';
import {
  findSet,
  requireRoom,
  reviewApproverSet,
  reviewSetDeletion,
  type ApproverSetReview,
} from '../../services/mailboxes/change-approver-sets.ts';
import { settingsNames } from '../../services/mailboxes/settings-names.ts';
import type { Environment } from '../../services/model/environment.ts';
import { MailroomError } from '../../services/model/error.ts';
import type { SettingsDraft } from '../../services/model/settings-draft.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { listProfiles } from '../../services/profiles/profile-names.ts';
import { cardContext } from '../card-context.ts';

import { chatText } from '../chat-text.ts';
import type { ActionAnswer, CardAction, RenderedCard, Reply, TurnInput } from '../turn-input.ts';

/** `approvers`: who decides about what. `approvers here`: this conversation receives the requests. */
export async function approversCommand(input: TurnInput, rest: string): Promise<Reply[]> {
  const { services, environmentId, actor, conversation, locale } = input;
  if (rest.toLowerCase() === 'here') {
    // People of other organizations may read there whose mailbox waits, and why.
    if (input.inSharedChannel) throw new MailroomError('approval.shared-channel');
    await changeSubscription(services, environmentId, actor, conversation.conversationId, { approvals: true });
    return [{ text: chatText(locale, 'chat.approvers.here') }];
  }
  if (rest !== '') throw new MailroomError('command.argument-unknown', { usage: 'approvers [here]' });
  return [await renderApproverSets(input, 'current')];
}

export const approverSetActions = {
  'approver-set.new': async (input) => {
    const environment = await environmentNow(input);
    requireRoom(environment.settings.approverSets);
    return form(input, environment, { id: '', typed: {}, problems: {} });
  },
  'approver-set.edit': async (input, data) => {
    const environment = await environmentNow(input);
    const set = findSet(environment.settings.approverSets, data.inputs['set'] ?? data.id);
    return form(input, environment, { id: set.id, typed: typedOf(set), problems: {} });
  },
  'approver-set.save': async (input, data) => {
    const { services, environmentId, actor } = input;
    const found = await reviewApproverSet(services, environmentId, actor, data.revision, data.id, data.inputs);
    return found.kind === 'refused'
      ? form(input, found.environment, { id: data.id, typed: data.inputs, problems: found.problems })
      : reviewed(input, found);
  },
  'approver-set.delete': async (input, data) => {
    const { services, environmentId, actor } = input;
    const id = data.inputs['set'] ?? data.id;
    return reviewed(input, await reviewSetDeletion(services, environmentId, actor, data.revision, id));
  },
} satisfies Partial<Record<Verb, CardAction>>;

async function reviewed(input: TurnInput, found: ApproverSetReview): Promise<ActionAnswer> {
  if (found.kind !== 'asked') return renderApproverSets(input, found.kind === 'unchanged' ? 'unchanged' : 'stale');
  return settingsReviewCard(
    found.draft,
    found.environment.settings,
    found.effects,
    await settingsNames(input.services, input.environmentId),
    cardContext(input),
  );
}

/** The way back from the review: to the form with what was typed, or to the list where a set was to be deleted. */
export async function backToSets(
  input: TurnInput,
  environment: Environment,
  draft: SettingsDraft,
): Promise<RenderedCard> {
  const set = draft.settings.approverSets.find(({ id }) => id === draft.approverSetId);
  if (set === undefined) return renderApproverSets(input, 'current');
  const isThere = environment.settings.approverSets.some(({ id }) => id === set.id);
  return form(input, environment, { id: isThere ? set.id : '', typed: typedOf(set), problems: {} });
}

/** Who decides about what, as it is now. */
export async function renderApproverSets(input: TurnInput, word: SettingsWord): Promise<RenderedCard> {
  const { services, environmentId } = input;
  return approverSetsCard(
    {
      environment: await environmentNow(input),
      names: await settingsNames(services, environmentId),
      approvers: await approverIds(services.store, environmentId),
      channels: (await approvalChannels(services.store, environmentId)).length,
      word,
    },
    cardContext(input),
  );
}

const environmentNow = async ({ services, environmentId }: TurnInput): Promise<Environment> =>
  (await getEnvironment(services.store, environmentId)).value;

async function form(
  input: TurnInput,
  environment: Environment,
  state: Pick<ApproverSetForm, 'id' | 'typed' | 'problems'>,
): Promise<RenderedCard> {
  const { services, environmentId } = input;
  return approverSetFormCard(
    {
      environment,
      ...state,
      profiles: await listProfiles(services.store, environmentId),
      approvers: await approverIds(services.store, environmentId),
      names: await settingsNames(services, environmentId),
    },
    cardContext(input),
  );
}
