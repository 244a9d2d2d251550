import type { Actor } from '../model/access.ts';
import type { EmailSettings } from '../model/environment.ts';
import { MailroomError } from '../model/error.ts';
import { requireRight } from '../access/roles.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf } from '../storage/store.ts';
import { commitSettings, type SettingsChange } from './commit-settings.ts';
import { proposeSettings, switchedOff } from './settings-proposals.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/**
 * Saves the organization's email settings. Inputs come from a card: an unknown value is refused, a missing one keeps what
 * was there. Existing mailboxes keep their profile and methods (the platform's rule); `apply defaults` carries the defaults
 * to them. Switching an approval requirement off needs a second person (DESIGN, law 10).
 * @throws MailroomError `access.denied`, `settings.invalid` {field}
 */
export async function changeEmailSettings(
  context: Context,
  environmentId: string,
  actor: Actor,
  revision: number,
  inputs: Readonly<Record<string, unknown>>,
): Promise<SettingsChange> {
  await requireRight(context, environmentId, actor, 'manage');
  // Two who save at once: the second one reads again and is told that its card is stale.
  return retryConflict(() => save(context, environmentId, actor, revision, inputs));
}

async function save(
  context: Context,
  environmentId: string,
  actor: Actor,
  revision: number,
  inputs: Readonly<Record<string, unknown>>,
): Promise<SettingsChange> {
  const { store } = context;
  const stored = await getEnvironment(store, environmentId);
  if (stored.value.revision !== revision) return { environment: stored.value, stale: true, proposal: null };
  const before = stored.value.settings;
  const settings: EmailSettings = {
    ...before,
    defaultProfileId: await profileOf(store, environmentId, inputs['defaultProfileId'], before.defaultProfileId),
    incomingMethod: choice('incomingMethod', inputs, [0, 1, 2, 3] as const, before.incomingMethod),
    outgoingMethod: choice('outgoingMethod', inputs, [0, 1, 2] as const, before.outgoingMethod),
    actMethod: choice('actMethod', inputs, [0, 1, 2] as const, before.actMethod),
    requireApprovalForUsers: toggle('requireApprovalForUsers', inputs, before.requireApprovalForUsers),
    requireApprovalForQueues: toggle('requireApprovalForQueues', inputs, before.requireApprovalForQueues),
    allowAdBasedAuthenticationProtocols: toggle(
      'allowAdBasedAuthenticationProtocols',
      inputs,
      before.allowAdBasedAuthenticationProtocols,
    ),
    organizationStamp: toggle('organizationStamp', inputs, before.organizationStamp),
  };
  if (switchedOff(before, settings).length > 0) return proposeSettings(context, stored, actor, settings);
  const environment = await commitSettings(context, stored, actor, settings);
  return { environment, stale: false, proposal: null };
}

function choice<T extends number>(
  field: keyof EmailSettings,
  inputs: Readonly<Record<string, unknown>>,
  allowed: readonly T[],
  before: T,
): T {
  const value = inputs[field];
  if (value === undefined) return before;
  const found = allowed.find((candidate) => candidate === value || String(candidate) === value);
  if (found === undefined) throw new MailroomError('settings.invalid', { field });
  return found;
}

function toggle(field: keyof EmailSettings, inputs: Readonly<Record<string, unknown>>, before: boolean): boolean {
  const value = inputs[field];
  if (value === undefined) return before;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new MailroomError('settings.invalid', { field });
}

async function profileOf(
  store: ServiceContext['store'],
  environmentId: string,
  value: unknown,
  before: string | null,
): Promise<string | null> {
  if (value === undefined) return before;
  if (value === '' || value === 'none') return null;
  const known = typeof value === 'string' ? await store.get('profile', keyOf(environmentId, value)) : undefined;
  if (known === undefined) throw new MailroomError('settings.invalid', { field: 'defaultProfileId' });
  return known.value.id;
}
