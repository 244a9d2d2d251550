import type { CardContext } from '../../cards/card-context.ts';
import { maintenanceAnnouncedCard, maintenanceCard } from '../../cards/maintenance-card.ts';
import { maintenanceFormCard } from '../../cards/maintenance-form-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import { requireRight } from '../../services/access/roles.ts';
import { MailroomError } from '../../services/model/error.ts';
import {
  maintenanceFields,
  noMaintenanceValues,
  overlapping,
  type MaintenanceErrors,
  type MaintenanceValues,
  type MaintenanceWindow,
} from '../../services/model/maintenance.ts';
import { closeMaintenance, extendMaintenance } from '../../services/profiles/change-maintenance.ts';
import { maintenanceEffect } from '../../services/profiles/maintenance-effect.ts';
import { getWindow, openWindows } from '../../services/profiles/maintenance-windows.ts';
import { announceMaintenance, askMaintenance } from '../../services/profiles/plan-maintenance.ts';
import { findProfileByName, getProfile } from '../../services/profiles/profile-names.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { cardContext } from '../card-context.ts';
import type { CardData } from '../card-data.ts';
import type { ActionAnswer, CardAction, RenderedCard, Reply, TurnInput } from '../turn-input.ts';

/** `maintenance NAME`: the form for an outage of the server of a profile. */
export async function maintenanceCommand(input: TurnInput, name: string): Promise<Reply[]> {
  if (name === '') throw new MailroomError('command.argument-missing', { usage: 'maintenance NAME' });
  const { services, environmentId } = input;
  const profile = await findProfileByName(services.store, environmentId, name);
  return [await renderForm(input, profile.id, noMaintenanceValues, {})];
}

export const maintenanceActions = {
  'maintenance.plan': (input, data) => renderForm(input, data.id, noMaintenanceValues, {}),
  'maintenance.review': review,
  'maintenance.change': async (input, data) => {
    const { profileId, values } = (await getWindow(input.services.store, input.environmentId, data.id)).value;
    return renderForm(input, profileId, values, {});
  },
  'maintenance.announce': async (input, data) => {
    const window = await announceMaintenance(input.services, input.environmentId, input.actor, data.id);
    return maintenanceAnnouncedCard(window, cardContext(input));
  },
  'maintenance.show': async (input, data) =>
    render(input, (await getWindow(input.services.store, input.environmentId, data.id)).value),
  'maintenance.extend': async (input, { id, revision, inputs }) =>
    render(
      input,
      await extendMaintenance(input.services, input.environmentId, input.actor, id, revision, inputs['minutes'] ?? ''),
    ),
  'maintenance.close': async (input, data) =>
    render(input, await closeMaintenance(input.services, input.environmentId, input.actor, data.id)),
} satisfies Partial<Record<Verb, CardAction>>;

/** What the window means in numbers, or the form again with what is wrong beside its field. */
async function review(input: TurnInput, { id, inputs }: CardData): Promise<ActionAnswer> {
  const { services, environmentId, actor, conversation } = input;
  const values = Object.fromEntries(
    maintenanceFields.map((field) => [field, inputs[field] ?? noMaintenanceValues[field]]),
  ) as MaintenanceValues;
  const { conversationId } = conversation;
  const asked = await askMaintenance(services, environmentId, actor, id, values, input.timeZone, conversationId);
  return asked.kind === 'errors' ? renderForm(input, id, values, asked.errors) : render(input, asked.window);
}

async function renderForm(
  input: TurnInput,
  profileId: string,
  values: MaintenanceValues,
  errors: MaintenanceErrors,
): Promise<RenderedCard> {
  const { services, environmentId, actor, timeZone } = input;
  await requireRight(services, environmentId, actor, 'manage');
  const profile = (await getProfile(services.store, environmentId, profileId)).value;
  return maintenanceFormCard(profile, { values, errors, timeZone }, cardContext(input));
}

const render = (input: TurnInput, window: MaintenanceWindow): Promise<RenderedCard> =>
  renderMaintenance(input.services, window, cardContext(input));

/** The card of a window, with whom it hits counted as of now. */
export async function renderMaintenance(
  { store }: Pick<ServiceContext, 'store'>,
  window: MaintenanceWindow,
  context: CardContext,
): Promise<RenderedCard> {
  const { environmentId, host } = window;
  const others = await openWindows(store, environmentId, context.now);
  return maintenanceCard(
    window,
    {
      effect: await maintenanceEffect(store, environmentId, host),
      overlaps: overlapping(window, others, context.now),
    },
    context,
  );
}
