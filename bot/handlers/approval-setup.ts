import { approvalSetupCard } from '../../cards/approval-setup-card.ts';
import type { CardContext } from '../../cards/card-context.ts';
import { roleChangeCard } from '../../cards/role-change-card.ts';
import { settingsReviewCard } from '../../cards/settings-review-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import { planRoleChange } from '../../services/access/change-roles.ts';
import { rolesOf } from '../../services/access/roles.ts';
import { isApprovalRequired } from '../../services/approvals/approval-setup.ts';
import { decidersOf } from '../../services/approvals/deciders.ts';
import { reviewSettings } from '../../services/mailboxes/change-email-settings.ts';
import { settingsNames } from '../../services/mailboxes/settings-names.ts';
import { hasRight } from '../../services/model/access.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { cardContext } from '../card-context.ts';
import type { ActionAnswer, CardAction, RenderedCard, TurnInput } from '../turn-input.ts';

/** Each way out is asked for as its command would ask: with its effect in numbers, and a second person where there is one. */
export const approvalSetupActions = {
  'approval-setup.become-approver': async (input) => {
    const { services, environmentId, actor, account } = input;
    if (hasRight(input.roles, 'decide')) return renderSetupFor(input);
    const person = { aadObjectId: actor.aadObjectId, name: actor.name, account: account ?? '' };
    const change = await planRoleChange(services, environmentId, actor, { deed: 'grant', role: 'approver', person });
    return { below: roleChangeCard(change, cardContext(input)) };
  },
  'approval-setup.decide-alone': (input) => askForSettings(input, { fourEyes: 'false' }),
  'approval-setup.not-required': (input) =>
    askForSettings(input, { requireApprovalForUsers: 'false', requireApprovalForQueues: 'false' }),
} satisfies Partial<Record<Verb, CardAction>>;

/** What is so already needs no question: the card as it is now. */
async function askForSettings(input: TurnInput, inputs: Readonly<Record<string, string>>): Promise<ActionAnswer> {
  const { services, environmentId, actor } = input;
  const { revision } = (await getEnvironment(services.store, environmentId)).value;
  const found = await reviewSettings(services, environmentId, actor, revision, 'approval', inputs);
  if (found.kind !== 'asked') return renderSetupFor(input);
  const names = await settingsNames(services, environmentId);
  return {
    below: settingsReviewCard(found.draft, found.environment.settings, found.effects, names, cardContext(input)),
  };
}

const renderSetupFor = (input: TurnInput): Promise<RenderedCard> =>
  renderApprovalSetup(input.services, input.environmentId, input.actor.aadObjectId, cardContext(input));

/** The question how mailboxes are approved, for whoever asks for it, as it stands now. */
export async function renderApprovalSetup(
  services: ServiceContext,
  environmentId: string,
  personId: string,
  context: CardContext,
): Promise<RenderedCard> {
  const { settings } = (await getEnvironment(services.store, environmentId)).value;
  return approvalSetupCard(
    {
      deciders: await decidersOf(services, environmentId, { requestedBy: personId }),
      isRequired: isApprovalRequired(settings),
      askerDecides: hasRight(await rolesOf(services, environmentId, personId), 'decide'),
    },
    context,
  );
}
