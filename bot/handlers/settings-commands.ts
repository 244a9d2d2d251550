import { settingsAtFirst, settingsCard, type SettingsCardState } from '../../cards/settings-card.ts';
import { settingsProposalCard } from '../../cards/settings-proposal-card.ts';
import { settingsReviewCard } from '../../cards/settings-review-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import {
  confirmSettings,
  leaveSettingsReview,
  reviewSettings,
  type SettingsAnswer,
} from '../../services/mailboxes/change-email-settings.ts';
import { answerProposal } from '../../services/mailboxes/settings-proposals.ts';
import type { EmailSettings, Environment } from '../../services/model/environment.ts';
import { noProfileChoice } from '../../services/model/settings-input.ts';
import { formSectionOf, sectionFields, sectionOf, type FormSection } from '../../services/model/settings-section.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { listProfiles } from '../../services/profiles/profile-names.ts';
import { settingsNames } from '../../services/mailboxes/settings-names.ts';
import { cardContext } from '../card-context.ts';
import type { CardData } from '../card-data.ts';
import type { ActionAnswer, CardAction, RenderedCard, Reply, TurnInput } from '../turn-input.ts';
import { backToSets, renderApproverSets } from './approver-sets.ts';

/** `email settings`: everybody who may read sees them; the form is for whoever may change them. */
export async function showSettings(input: TurnInput): Promise<Reply[]> {
  const environment = (await getEnvironment(input.services.store, input.environmentId)).value;
  return [await form(input, environment, settingsAtFirst)];
}

export const settingsActions = {
  'settings.open': async (input, data) => {
    const environment = (await getEnvironment(input.services.store, input.environmentId)).value;
    const section = sectionOf(data.id);
    if (section === 'approvers') return renderApproverSets(input, 'current');
    return form(input, environment, { ...settingsAtFirst, section });
  },
  'settings.save': review,
  'settings.confirm': async (input, { id }) =>
    answered(input, await confirmSettings(input.services, input.environmentId, input.actor, id)),
  'settings.back': async (input, { id }) =>
    answered(input, await leaveSettingsReview(input.services, input.environmentId, input.actor, id)),
  'proposal.agree': (input, data) => answerQuestion(input, data, true),
  'proposal.refuse': (input, data) => answerQuestion(input, data, false),
} satisfies Partial<Record<Verb, CardAction>>;

/** What was typed is judged, and its effect shown; nothing is saved yet. */
async function review(input: TurnInput, data: CardData): Promise<ActionAnswer> {
  const { services, environmentId, actor } = input;
  const section = formSectionOf(data.id);
  const found = await reviewSettings(services, environmentId, actor, data.revision, section, data.inputs);
  const { environment, kind } = found;
  switch (kind) {
    case 'asked':
      return settingsReviewCard(
        found.draft,
        environment.settings,
        found.effects,
        await settingsNames(services, environmentId),
        cardContext(input),
      );
    case 'refused':
      return form(input, environment, {
        section,
        word: 'current',
        problems: found.problems,
        typed: data.inputs,
      });
    case 'stale':
    case 'unchanged':
      return form(input, environment, { ...settingsAtFirst, section, word: kind });
  }
}

/** The form after a yes, or after the way back. What weakens a control has a card of its own, for all whom it concerns. */
function answered(input: TurnInput, { environment, draft }: SettingsAnswer): Promise<RenderedCard> {
  const { section } = draft;
  if (section === 'approvers' && draft.state === 'left') return backToSets(input, environment, draft);
  const words = { asked: 'current', left: 'current', saved: 'saved', proposed: 'waiting', void: 'stale' } as const;
  if (section === 'approvers') return renderApproverSets(input, words[draft.state]);
  const typed = draft.state === 'left' ? typedIn(section, draft.settings) : {};
  return form(input, environment, { section, word: words[draft.state], problems: {}, typed });
}

function typedIn(section: FormSection, settings: EmailSettings): Record<string, string> {
  return Object.fromEntries(sectionFields[section].map((field) => [field, String(settings[field] ?? noProfileChoice)]));
}

async function form(input: TurnInput, environment: Environment, state: SettingsCardState): Promise<RenderedCard> {
  const profiles = await listProfiles(input.services.store, input.environmentId);
  return settingsCard(environment, profiles, state, cardContext(input));
}

async function answerQuestion(input: TurnInput, data: CardData, agrees: boolean): Promise<ActionAnswer> {
  const { services, environmentId, actor } = input;
  const proposal = await answerProposal(services, environmentId, actor, data.id, agrees);
  return settingsProposalCard(proposal, await settingsNames(services, environmentId), cardContext(input));
}
