import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { auditEntry, type AuditEntry } from '../model/audit.ts';
import { advancedSettings } from '../model/draft-advanced.ts';
import { advancedFields, type ProfileDraft } from '../model/draft.ts';
import { reduceDraft } from '../model/draft-reducer.ts';
import type { EmailSettings } from '../model/environment.ts';
import { MailroomError } from '../model/error.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { modernAuthenticationOf, outgoingLocationOf } from '../model/secret-target.ts';
import { requireRight } from '../access/roles.ts';
import { getEnvironment } from '../platform/environments.ts';
import { rebindCredential } from '../secrets/rebind-credential.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Stored } from '../storage/store.ts';
import { accountTrigger } from '../testing/refused-account.ts';
import { loadOwnDraft } from './answer-draft.ts';
import { commitDraftStep } from './commit-draft-step.ts';
import { rulesWithoutValues } from './draft-rules.ts';
import { getProfile, isNameTaken, profileNames } from './profile-names.ts';
import { profilesOfSameAccount, shareSecret } from './same-account.ts';

/**
 * Turns a reviewed draft into a profile, or into the new state of the profile that it changes: record, credential (bound
 * anew to the profile), default, audit and the final card in one commit. A second click returns the saved draft. `shareWith`:
 * ids of profiles that were shown as those of the same account; of them those that still are get the secret too.
 * @throws MailroomError `access.denied`, `draft.*`, `profile.name-taken`, `profile.ntlm-not-allowed`, `profile.unknown`
 */
export async function saveProfile(
  context: Pick<ServiceContext, 'store' | 'clock' | 'keys' | 'checkServerLocation' | 'checkVaultUrl'>,
  environmentId: string,
  actor: Actor,
  draftId: string,
  revision: number,
  shareWith: readonly string[] = [],
): Promise<{ draft: ProfileDraft; stale: boolean }> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock, keys } = context;
  return retryConflict(async () => {
    const stored = await loadOwnDraft(context, environmentId, actor, draftId);
    const draft = stored.value;
    if (draft.step !== 'review' || draft.revision !== revision) return { draft, stale: draft.step !== 'saved' };
    if (isNameTaken(await profileNames(store, environmentId, draft.editsProfileId), draft.values.name)) {
      throw new MailroomError('profile.name-taken', { name: draft.values.name });
    }
    const environment = await getEnvironment(store, environmentId);
    // It may have been forbidden since the first card, a day ago at most.
    if (draft.values.authentication === 'ntlm' && !environment.value.settings.allowAdBasedAuthenticationProtocols)
      throw new MailroomError('profile.ntlm-not-allowed');
    const credential =
      draft.credentialId === null ? undefined : await store.get('credential', keyOf(environmentId, draft.credentialId));
    if (credential === undefined || draft.credential !== 'confirmed') throw new MailroomError('draft.not-checked');
    const before = draft.editsProfileId === null ? null : await getProfile(store, environmentId, draft.editsProfileId);

    const now = clock.now();
    const profile = profileOf(draft, credential.value.id, before?.value ?? null, actor, now);
    const profileKey = keyOf(environmentId, profile.id);
    const settings = withDefault(environment.value.settings, profile.id, draft.values.isDefault);
    const { name, serverLocation, isDefault } = draft.values;
    const { userName, modernAuthentication } = profile;
    const others =
      shareWith.length === 0
        ? []
        : (await profilesOfSameAccount(store, draft)).filter(({ value }) => shareWith.includes(value.id));
    const shared = shareSecret(keys, credential.value, profile, others, actor, now);
    const changes: Change[] = [
      { kind: 'put', collection: 'profile', key: profileKey, value: profile },
      {
        kind: 'put',
        collection: 'credential',
        key: credential.key,
        value: rebindCredential(keys, credential.value, { ...credential.value.binding, ownerRecord: profileKey }),
      },
      ...(before === null ? [] : replaced(before, now)),
      // Written in any case: two admins who save the same name at once meet here, and one of them is told.
      {
        kind: 'put',
        collection: 'environment',
        key: environment.key,
        value: {
          ...environment.value,
          settings,
          revision: environment.value.revision + (settings === environment.value.settings ? 0 : 1),
        },
      },
      {
        kind: 'append',
        log: 'audit',
        entry: auditEntry(
          environmentId,
          now,
          actor,
          before === null ? 'profile.created' : 'profile.changed',
          [profile.id],
          {
            name,
            serverLocation,
            ...(profile.outgoingServerLocation === null
              ? {}
              : { outgoingServerLocation: profile.outgoingServerLocation }),
            userName,
            authentication: draft.values.authentication,
            ...(modernAuthentication === null
              ? {}
              : { tenant: modernAuthentication.tenant, clientId: modernAuthentication.clientId }),
            default: isDefault,
            ...(draft.copiesProfileId === null ? {} : { copyOf: draft.copiesProfileId }),
            ...(before === null ? {} : changedDetails(before.value, profile)),
          },
        ),
      },
      ...shared.changes,
    ];
    const expected: ExpectedVersion[] = [
      { collection: 'environment', key: environment.key, version: environment.version },
      { collection: 'credential', key: credential.key, version: credential.version },
      { collection: 'profile', key: profileKey, version: before?.version ?? 0 },
      ...shared.expected,
    ];
    const answer = { kind: 'saved', profileId: profile.id, sharedWith: others.length } as const;
    const result = reduceDraft(draft, answer, rulesWithoutValues(context));
    return { draft: await commitDraftStep(context, stored, result, now, changes, expected), stale: false };
  });
}

function profileOf(
  draft: ProfileDraft,
  credentialId: string,
  before: EmailServerProfile | null,
  actor: Actor,
  now: number,
): EmailServerProfile {
  const { name, serverLocation, userName, authentication } = draft.values;
  const given = {
    name,
    serverLocation,
    outgoingServerLocation: outgoingLocationOf(draft.values),
    userName: authentication === 'oauth' ? '' : userName,
    credentialId,
    server: draft.server,
    autodiscover: discoveryOf(draft),
    authenticationProtocol: protocolOf[authentication],
    credentialRetrieval: authentication === 'oauth' ? 6 : 1,
    modernAuthentication: authentication === 'oauth' ? modernAuthenticationOf(draft.values) : null,
    useImpersonation: draft.values.access === 'impersonation',
    ...advancedSettings(draft.values),
  } as const;
  if (before !== null) return { ...before, ...given, revision: before.revision + 1 };
  return {
    environmentId: draft.environmentId,
    id: randomUUID(),
    ...given,
    serverType: 2,
    state: 'active',
    ownerId: actor.aadObjectId,
    createdAt: now,
    createdBy: actor.aadObjectId,
    revision: 1,
  };
}

/** The platform's numbers (`incomingauthenticationprotocol`). */
const protocolOf = { ntlm: 2, basic: 3, oauth: 4 } as const;

/** Who named the address; null when it was typed, also where Autodiscover had been tried before. */
function discoveryOf({ values, discovery }: ProfileDraft): EmailServerProfile['autodiscover'] {
  const found = discovery?.found ?? null;
  if (values.autodiscover === 'inactive' || found === null || discovery === null) return null;
  return { source: found.source, host: found.host, foundAt: found.foundAt, trace: discovery.trace };
}

/** The settings themselves when nothing changes about the default. */
function withDefault(settings: EmailSettings, profileId: string, isDefault: boolean): EmailSettings {
  const isNow = settings.defaultProfileId === profileId;
  if (isDefault === isNow) return settings;
  return { ...settings, defaultProfileId: isDefault ? profileId : null };
}

/** The password that the profile had is destroyed. Where it was refused, its mailboxes do not wait for another one any more. */
function replaced({ value }: Stored<EmailServerProfile>, now: number): Change[] {
  return [
    { kind: 'delete', collection: 'credential', key: keyOf(value.environmentId, value.credentialId) },
    accountTrigger(value, now),
  ];
}

/** For the audit trail: the fields that changed, as they are and as they were. A long text is cut. */
function changedDetails(before: EmailServerProfile, after: EmailServerProfile): AuditEntry['details'] {
  const text = (value: unknown): string => String(value).slice(0, 200);
  const fields = ['name', 'serverLocation', 'outgoingServerLocation', 'userName', ...advancedFields] as const;
  return Object.fromEntries(
    fields
      .filter((field) => before[field] !== after[field])
      .flatMap((field) => [
        [field, text(after[field])],
        [`${field}.before`, text(before[field])],
      ]),
  );
}
