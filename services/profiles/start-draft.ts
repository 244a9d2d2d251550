import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { advancedValues } from '../model/draft-advanced.ts';
import { emptyValues } from '../model/draft-values.ts';
import { draftLifetimeMs, openSteps, type DraftValues, type ProfileDraft } from '../model/draft.ts';
import type { ModernAuthentication } from '../model/modern-authentication.ts';
import { profileLimits, schemeOf } from '../model/profile.ts';
import { requireRight } from '../access/roles.ts';
import { intentChange } from '../conversations/intents.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { getEnvironment } from '../platform/environments.ts';
import { getProfile, isNameTaken, profileNames } from './profile-names.ts';

/**
 * Starts the guided creation of a profile in a conversation, or the change of `editsProfileId`; or goes on with the one that
 * this person left there. Its card is posted as the newest message. To change a profile, its password is entered anew:
 * that is how a refused or expired one is replaced, and no edit can turn a stored one to another server. `copiesProfileId`: a
 * new profile begins with the values of that one, and never with its secret.
 * @throws MailroomError `access.denied`, `profile.unknown`
 */
export async function startDraft(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  actor: Actor,
  conversationId: string,
  editsProfileId: string | null = null,
  copiesProfileId: string | null = null,
): Promise<{ draft: ProfileDraft; resumed: boolean }> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  const now = clock.now();
  const purpose = { editsProfileId, copiesProfileId };
  const open = await findOpenDraft(store, environmentId, actor.aadObjectId, conversationId, purpose, now);
  if (open !== undefined) {
    await store.commit([intentChange(environmentId, 'draft', open.id, conversationId, now, 'repost')]);
    return { draft: open, resumed: true };
  }
  const draft: ProfileDraft = {
    environmentId,
    id: randomUUID(),
    ownerId: actor.aadObjectId,
    ownerName: actor.name,
    ownerTenantId: actor.tenantId,
    conversationId,
    step: 'details',
    values: await initialValues(store, environmentId, purpose),
    errors: {},
    secretRequestId: null,
    credential: 'none',
    credentialId: null,
    discovery: null,
    checks: [],
    server: null,
    ...purpose,
    advancedBefore: null,
    sharedWith: 0,
    profileId: null,
    createdAt: now,
    expiresAt: now + draftLifetimeMs,
    revision: 1,
  };
  const key = keyOf(environmentId, draft.id);
  await store.commit(
    [
      { kind: 'put', collection: 'draft', key, value: draft },
      intentChange(environmentId, 'draft', draft.id, conversationId, now, 'repost'),
    ],
    [{ collection: 'draft', key, version: 0 }],
  );
  return { draft, resumed: false };
}

/** What a draft is for: it changes a profile, copies one, or creates one from nothing. */
export type DraftPurpose = Pick<ProfileDraft, 'editsProfileId' | 'copiesProfileId'>;

/** An empty form, or the values of a profile. The first profile is the default unless the admin says otherwise. */
async function initialValues(
  store: Store,
  environmentId: string,
  { editsProfileId, copiesProfileId }: DraftPurpose,
): Promise<DraftValues> {
  if (editsProfileId !== null) return valuesOfProfile(store, environmentId, editsProfileId);
  const names = await profileNames(store, environmentId);
  if (copiesProfileId === null) return { ...emptyValues, isDefault: names.length === 0 };
  const values = await valuesOfProfile(store, environmentId, copiesProfileId);
  return { ...values, name: nameOfCopy(values.name, names), isDefault: false };
}

/** `Contoso copy`, or the first `Contoso copy 2`… that is free; the name is cut where that would be too long. */
export function nameOfCopy(name: string, taken: readonly string[]): string {
  for (let number = 1; ; number += 1) {
    const ending = number === 1 ? ' copy' : ` copy ${number}`;
    const copy = `${cut(name, profileLimits.name - ending.length).trimEnd()}${ending}`;
    if (!isNameTaken(taken, copy)) return copy;
  }
}

/** At most so many units, and no half of a character. */
const cut = (text: string, length: number): string => text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');

async function valuesOfProfile(store: Store, environmentId: string, profileId: string): Promise<DraftValues> {
  const profile = (await getProfile(store, environmentId, profileId)).value;
  const { name, userName, modernAuthentication } = profile;
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const [probe] = await store.query('mailbox', {
    prefix: keyOf(environmentId, ''),
    where: { profileId },
    limit: 1,
  });
  const isDefault = settings.defaultProfileId === profileId;
  return {
    ...emptyValues,
    name,
    isDefault,
    autodiscover: profile.autodiscover === null ? 'inactive' : 'active',
    // With Autodiscover it is found anew: that is how a server that has moved is followed.
    serverLocation: profile.autodiscover === null ? profile.serverLocation : '',
    useSameSettingsForOutgoing: profile.outgoingServerLocation === null,
    outgoingServerLocation: profile.outgoingServerLocation ?? '',
    authentication: schemeOf(profile),
    access: profile.useImpersonation ? 'impersonation' : 'delegate',
    userName,
    probeAddress: probe?.value.address ?? '',
    ...advancedValues(profile),
    ...(modernAuthentication === null ? {} : valuesOf(modernAuthentication)),
  };
}

function valuesOf({ tenant, clientId, resource, certificate }: ModernAuthentication): Partial<DraftValues> {
  const app = { tenant, clientId, resource, certificateSource: certificate.source };
  if (certificate.source === 'file') return app;
  const { vaultUrl, certificateName, clientId: vaultClientId } = certificate;
  return { ...app, vaultUrl, certificateName, vaultClientId };
}

/** The unfinished draft of a person in a conversation, for the same purpose. */
export async function findOpenDraft(
  store: Store,
  environmentId: string,
  ownerId: string,
  conversationId: string,
  { editsProfileId, copiesProfileId }: DraftPurpose,
  now: number,
): Promise<ProfileDraft | undefined> {
  const drafts = await store.query('draft', {
    prefix: keyOf(environmentId, ''),
    where: { ownerId, conversationId, editsProfileId, copiesProfileId, step: [...openSteps] },
    limit: 10,
  });
  return drafts.map((stored) => stored.value).find((draft) => draft.expiresAt > now);
}
