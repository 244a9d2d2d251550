import { MailroomError } from '../model/error.ts';
import { initialEmailSettings, type Environment } from '../model/environment.ts';
import { keyOf, type Store, type Stored } from '../storage/store.ts';

/** The environment a new installation starts with. */
export const firstEnvironmentId = 'main';

/** @throws MailroomError `environment.unknown` */
export async function getEnvironment(store: Store, environmentId: string): Promise<Stored<Environment>> {
  const found = await store.get('environment', keyOf(environmentId));
  if (found === undefined) throw new MailroomError('environment.unknown', { environmentId });
  // A field that came later than the record has the value that a new environment starts with.
  const { value } = found;
  const settings = { ...initialEmailSettings, ...value.settings };
  return { ...found, value: { ...unstamped, ...value, settings } };
}

const unstamped = { organizationId: null };

/** Creates the first environment in an empty store. */
export async function ensureEnvironment(store: Store, environmentId: string, name: string): Promise<void> {
  if ((await store.get('environment', keyOf(environmentId))) !== undefined) return;
  const environment: Environment = {
    environmentId,
    name,
    platform: 'local',
    organizationId: null,
    settings: initialEmailSettings,
    revision: 1,
  };
  await store.commit(
    [{ kind: 'put', collection: 'environment', key: keyOf(environmentId), value: environment }],
    [{ collection: 'environment', key: keyOf(environmentId), version: 0 }],
  );
}
