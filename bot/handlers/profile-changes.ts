import { profileChangeCard, type ProfileChange } from '../../cards/profile-change-card.ts';
import { isMailroomError, MailroomError } from '../../services/model/error.ts';
import type { EmailServerProfile } from '../../services/model/profile.ts';
import { requireRight } from '../../services/access/roles.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { activateProfile } from '../../services/profiles/activate-profile.ts';
import { deactivateProfile } from '../../services/profiles/deactivate-profile.ts';
import { deleteProfile } from '../../services/profiles/delete-profile.ts';
import { makeDefaultProfile } from '../../services/profiles/make-default-profile.ts';
import { profileEffect } from '../../services/profiles/profile-effect.ts';
import { findProfileByName, getProfile } from '../../services/profiles/profile-names.ts';
import { cardContext } from '../card-context.ts';
import type { CardData } from '../card-data.ts';
import type { RenderedCard, Reply, TurnInput } from '../turn-input.ts';
import { renderProfile } from './profile-commands.ts';

/** `default profile NAME` */
export async function defaultProfileCommand(input: TurnInput, name: string): Promise<Reply[]> {
  return [await makeDefault(input, (await namedProfile(input, 'default profile', name)).id)];
}

/** `activate profile NAME` */
export async function activateProfileCommand(input: TurnInput, name: string): Promise<Reply[]> {
  return [await activate(input, (await namedProfile(input, 'activate profile', name)).id)];
}

/** `deactivate profile NAME`: says what would stop, and asks. */
export async function deactivateProfileCommand(input: TurnInput, name: string): Promise<Reply[]> {
  return [await askToDeactivate(input, await namedProfile(input, 'deactivate profile', name))];
}

/** `delete profile NAME`: asks, or says who uses it. */
export async function deleteProfileCommand(input: TurnInput, name: string): Promise<Reply[]> {
  return [await askToDelete(input, await namedProfile(input, 'delete profile', name))];
}

async function namedProfile({ services, environmentId }: TurnInput, words: string, name: string) {
  if (name === '') throw new MailroomError('command.argument-missing', { usage: `${words} NAME` });
  return findProfileByName(services.store, environmentId, name);
}

/** The profile as it is, now the default. */
export async function makeDefault(input: TurnInput, id: string): Promise<RenderedCard> {
  return renderProfile(input, await makeDefaultProfile(input.services, input.environmentId, input.actor, id));
}

export async function activate(input: TurnInput, id: string): Promise<RenderedCard> {
  return renderProfile(input, await activateProfile(input.services, input.environmentId, input.actor, id));
}

/** The question of a button, about the profile as it is now. */
export async function askAbout(input: TurnInput, deed: 'deactivate' | 'delete', id: string): Promise<RenderedCard> {
  const profile = (await getProfile(input.services.store, input.environmentId, id)).value;
  return deed === 'deactivate' ? askToDeactivate(input, profile) : askToDelete(input, profile);
}

/** The yes. To a profile that changed since the question it is asked anew. */
export async function confirmDeactivate(input: TurnInput, { id, revision }: CardData): Promise<RenderedCard> {
  const { services, environmentId, actor } = input;
  const { profile, stale } = await deactivateProfile(services, environmentId, actor, id, revision);
  return stale ? askToDeactivate(input, profile) : renderProfile(input, profile);
}

export async function confirmDelete(input: TurnInput, { id, revision }: CardData): Promise<RenderedCard> {
  const { services, environmentId, actor } = input;
  try {
    const { profile, stale } = await deleteProfile(services, environmentId, actor, id, revision);
    return stale ? await askToDelete(input, profile) : await renderChange(input, profile, 'deleted');
  } catch (error) {
    // Somebody gave it to a mailbox between question and answer: the card that offers the list says so.
    if (!isMailroomError(error, 'profile.in-use')) throw error;
    return askAbout(input, 'delete', id);
  }
}

async function askToDeactivate(input: TurnInput, profile: EmailServerProfile): Promise<RenderedCard> {
  await requireRight(input.services, input.environmentId, input.actor, 'manage');
  return profile.state === 'inactive' ? renderProfile(input, profile) : renderChange(input, profile, 'deactivate');
}

async function askToDelete(input: TurnInput, profile: EmailServerProfile): Promise<RenderedCard> {
  await requireRight(input.services, input.environmentId, input.actor, 'manage');
  return renderChange(input, profile, 'delete');
}

async function renderChange(
  input: TurnInput,
  profile: EmailServerProfile,
  kind: ProfileChange['kind'],
): Promise<RenderedCard> {
  const { services, environmentId } = input;
  const effect = await profileEffect(services.store, environmentId, profile.id);
  const { settings } = (await getEnvironment(services.store, environmentId)).value;
  const isDefault = settings.defaultProfileId === profile.id;
  const shown = kind === 'delete' && effect.mailboxes > 0 ? 'in-use' : kind;
  return profileChangeCard(profile, { ...effect, kind: shown, isDefault }, cardContext(input));
}
