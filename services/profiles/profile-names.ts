import { MailroomError } from '../model/error.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { keyOf, type Store, type Stored } from '../storage/store.ts';

/** Profiles of an environment, at most a thousand, ordered by name. */
export async function listProfiles(store: Store, environmentId: string): Promise<EmailServerProfile[]> {
  const found = await store.query('profile', { prefix: keyOf(environmentId, ''), limit: 1000 });
  return found.map((stored) => stored.value).sort((a, b) => a.name.localeCompare(b.name));
}

/** Names that are taken; that of `exceptId` is not, for whoever changes that profile. */
export async function profileNames(
  store: Store,
  environmentId: string,
  exceptId: string | null = null,
): Promise<string[]> {
  return (await listProfiles(store, environmentId)).filter(({ id }) => id !== exceptId).map(({ name }) => name);
}

/** Names are compared without case. */
export function isNameTaken(names: readonly string[], name: string): boolean {
  return names.some((taken) => taken.toLowerCase() === name.trim().toLowerCase());
}

/**
 * The profile that a person means: by its name without case, and where none has exactly that name, without quotes.
 * @throws MailroomError `profile.unknown` {name}
 */
export async function findProfileByName(
  store: Store,
  environmentId: string,
  name: string,
): Promise<EmailServerProfile> {
  const wanted = name.trim().toLowerCase();
  const unquoted = wanted.replaceAll('"', '');
  const profiles = await listProfiles(store, environmentId);
  const found =
    profiles.find(({ name: known }) => known.toLowerCase() === wanted) ??
    profiles.find(({ name: known }) => known.toLowerCase().replaceAll('"', '') === unquoted);
  if (found === undefined) throw new MailroomError('profile.unknown', { name: name.slice(0, 100) });
  return found;
}

/** @throws MailroomError `profile.unknown` */
export async function getProfile(store: Store, environmentId: string, id: string): Promise<Stored<EmailServerProfile>> {
  const found = await store.get('profile', keyOf(environmentId, id));
  if (found === undefined) throw new MailroomError('profile.unknown', { name: id.slice(0, 100) });
  return found;
}
