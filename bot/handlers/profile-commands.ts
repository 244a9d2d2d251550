import { profileCard, type ProfileDetails } from '../../cards/profile-card.ts';
import { profilesCard } from '../../cards/profiles-card.ts';
import { alertsOfProfile } from '../../services/alerts/count-alerts.ts';
import type { EmailServerProfile } from '../../services/model/profile.ts';
import { MailroomError } from '../../services/model/error.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { windowsOf } from '../../services/profiles/maintenance-windows.ts';
import { findProfileByName, listProfiles } from '../../services/profiles/profile-names.ts';
import { troubleOf } from '../../services/testing/mailbox-checks.ts';
import { keyOf } from '../../services/storage/store.ts';
import { cardContext } from '../card-context.ts';
import type { RenderedCard, Reply, TurnInput } from '../turn-input.ts';

/** `profiles` */
export async function showProfiles(input: TurnInput): Promise<Reply[]> {
  const { services, environmentId } = input;
  const { settings } = (await getEnvironment(services.store, environmentId)).value;
  const profiles = await listProfiles(services.store, environmentId);
  const counts = await Promise.all(profiles.map(async ({ id }) => [id, await countMailboxesOf(input, id)] as const));
  const troubles = await Promise.all(
    profiles.map(async (profile) => [profile.id, await troubleOf(services, profile)] as const),
  );
  return [
    profilesCard(
      {
        profiles,
        defaultProfileId: settings.defaultProfileId,
        mailboxCounts: Object.fromEntries(counts),
        troubles: Object.fromEntries(troubles),
      },
      cardContext(input),
    ),
  ];
}

function countMailboxesOf({ services, environmentId }: TurnInput, profileId: string): Promise<number> {
  return services.store.count('mailbox', { prefix: keyOf(environmentId, ''), where: { profileId } });
}

/** `profile NAME` */
export async function showProfile(input: TurnInput, name: string): Promise<Reply[]> {
  if (name === '') throw new MailroomError('command.argument-missing', { usage: 'profile NAME' });
  return [await renderProfile(input, await findProfileByName(input.services.store, input.environmentId, name))];
}

/** The card of a profile for this viewer. */
export async function renderProfile(
  input: TurnInput,
  profile: EmailServerProfile,
  news: Pick<ProfileDetails, 'formerOwner'> = {},
): Promise<RenderedCard> {
  const { settings } = (await getEnvironment(input.services.store, input.environmentId)).value;
  const details = await factsOf(input, profile, settings.defaultProfileId);
  return profileCard(profile, { ...details, ...news }, cardContext(input));
}

async function factsOf(input: TurnInput, profile: EmailServerProfile, defaultProfileId: string | null) {
  const { services, environmentId } = input;
  const credential = (await services.store.get('credential', keyOf(environmentId, profile.credentialId)))?.value;
  const setBy =
    credential === undefined
      ? undefined
      : (await services.store.get('role', keyOf(environmentId, credential.setBy)))?.value.name;
  return {
    mailboxCount: await countMailboxesOf(input, profile.id),
    isDefault: profile.id === defaultProfileId,
    pollIntervalMs: services.pollIntervalMs,
    ownerName: (await services.store.get('role', keyOf(environmentId, profile.ownerId)))?.value.name || null,
    credentialSetBy: setBy === undefined || setBy === '' ? null : setBy,
    credentialSetAt: credential?.setAt ?? null,
    certificate: credential?.certificate ?? null,
    trouble: await troubleOf(services, profile),
    windows: await windowsOf(services.store, profile, services.clock.now()),
    alerts: await alertsOfProfile(services.store, environmentId, profile.id),
  };
}
