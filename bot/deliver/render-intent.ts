import type { CardContext } from '../../cards/card-context.ts';
import { approvalCard } from '../../cards/approval-card.ts';
import { approvalQuestionCard } from '../../cards/approval-question-card.ts';
import { draftCard, type DraftCardContext } from '../../cards/draft-card.ts';
import { importCard } from '../../cards/import-card.ts';
import { incidentCard } from '../../cards/incident-card.ts';
import { secretKind } from '../../cards/secret-kind.ts';
import { roleChangeCard } from '../../cards/role-change-card.ts';
import { settingsProposalCard } from '../../cards/settings-proposal-card.ts';
import { pendingCard } from '../../cards/pending-card.ts';
import { chooseLocale } from '../../locales/choose-locale.ts';
import { decidersOf } from '../../services/approvals/deciders.ts';
import { rolesOf } from '../../services/access/roles.ts';
import { ownerReach } from '../../services/alerts/owner-reach.ts';
import { approvalAudience } from '../../services/conversations/approval-audience.ts';
import { needsApproval } from '../../services/mailboxes/approval-requirement.ts';
import type { ConversationReference } from '../../services/model/conversation.ts';
import type { ProfileDraft } from '../../services/model/draft.ts';
import type { ImportBatch } from '../../services/model/import-batch.ts';
import type { Incident } from '../../services/model/alert.ts';
import type { Intent } from '../../services/model/intent.ts';
import { testStatus } from '../../services/model/mailbox.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { languageOfConversation } from '../../services/people/language.ts';
import { listProfiles } from '../../services/profiles/profile-names.ts';
import { profilesOfSameAccount } from '../../services/profiles/same-account.ts';
import { formToken } from '../../services/secrets/secret-form.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { secretTargetOfProfile } from '../../services/model/secret-target.ts';
import { keyOf } from '../../services/storage/store.ts';
import { waitsForSecret } from '../../services/testing/retest.ts';
import { settingsNames } from '../../services/mailboxes/settings-names.ts';
import { renderApprovalSetup } from '../handlers/approval-setup.ts';
import { renderOwnMailbox } from '../handlers/own-mailbox.ts';
import { openRequests } from '../handlers/approval-commands.ts';
import { approvalViewOf } from '../handlers/approval-view.ts';
import { renderListOf } from '../handlers/mailbox-list.ts';
import { renderLookup } from '../handlers/import-commands.ts';
import { renderMaintenance } from '../handlers/maintenance-actions.ts';
import { renderOwner } from '../handlers/owner-actions.ts';
import { renderRun } from '../handlers/run-commands.ts';
import { renderStatus } from '../handlers/status-commands.ts';
import { renderDigest, renderUnheard } from '../handlers/subscription-commands.ts';
import type { RenderedCard } from '../turn-input.ts';
import { renderDeathNotice } from './render-death-notice.ts';

export interface RenderInput {
  readonly services: ServiceContext;
  readonly environmentId: string;
  readonly context: CardContext;
}

/** A card for the outbox. `final`: it will not change any more, so pacing must not hold it back. */
export interface RenderedIntent extends RenderedCard {
  readonly final: boolean;
}

/**
 * Turns an intent into the card of its subject as it is now, for the conversation it goes to: the one way from state to a
 * message. 'gone': the subject does not exist any more.
 */
export async function renderIntent(
  services: ServiceContext,
  intent: Intent,
  reference: ConversationReference,
): Promise<RenderedIntent | 'gone'> {
  const { store, clock } = services;
  const { environmentId, subjectId } = intent;
  const viewerId = reference.kind === 'personal' ? reference.aadObjectId : null;
  const viewer =
    viewerId === null ? { roles: [] } : { roles: await rolesOf(services, environmentId, viewerId), viewerId };
  const locale = chooseLocale(await languageOfConversation(store, reference), reference.locale);
  const context: CardContext = { locale, now: clock.now(), ...viewer };
  const input: RenderInput = { services, environmentId, context };
  const key = keyOf(environmentId, subjectId);
  switch (intent.kind) {
    case 'draft': {
      const draft = (await store.get('draft', key))?.value;
      return draft === undefined ? 'gone' : { ...(await renderDraft(input, draft, reference)), final: true };
    }
    case 'import': {
      const batch = (await store.get('importBatch', key))?.value;
      return batch === undefined ? 'gone' : { ...(await renderImport(input, batch)), final: true };
    }
    case 'approval': {
      const request = (await store.get('approvalRequest', key))?.value;
      if (request === undefined) return 'gone';
      const view = await approvalViewOf(services, request, reference, context);
      return { ...approvalCard(request, view, context), final: true };
    }
    case 'mailbox-list': {
      const list = await renderListOf(services, environmentId, subjectId, reference, context);
      return list === 'gone' ? list : { ...list, final: true };
    }
    case 'own-mailbox':
      return { ...(await renderOwnMailbox(services, environmentId, subjectId, viewerId, context)), final: true };
    case 'approval-setup':
      return { ...(await renderApprovalSetup(services, environmentId, subjectId, context)), final: true };
    case 'approval-question': {
      const request = (await store.get('approvalRequest', key))?.value;
      return request === undefined ? 'gone' : { ...approvalQuestionCard(request, input.context), final: true };
    }
    case 'pending-list':
      return { ...pendingCard(await openRequests(input), input.context), final: true };
    case 'run': {
      const run = (await store.get('run', key))?.value;
      return run === undefined
        ? 'gone'
        : { ...(await renderRun(services, run, input.context)), final: run.state !== 'running' };
    }
    case 'alert-digest': {
      const digest = (await store.get('alertDigest', keyOf(environmentId, reference.conversationId, subjectId)))?.value;
      return digest === undefined ? 'gone' : { ...(await renderDigest(services, digest, context)), final: true };
    }
    case 'alerts-unheard': {
      const notice = await renderUnheard(services, environmentId, subjectId, context);
      return notice === undefined ? 'gone' : { ...notice, final: true };
    }
    case 'settings-proposal': {
      const proposal = (await store.get('settingsProposal', key))?.value;
      return proposal === undefined
        ? 'gone'
        : {
            ...settingsProposalCard(proposal, await settingsNames(services, environmentId), input.context),
            final: true,
          };
    }
    case 'directory-lookup': {
      const lookup = (await store.get('directoryLookup', key))?.value;
      return lookup === undefined
        ? 'gone'
        : { ...(await renderLookup(services, lookup, input.context)), final: lookup.state !== 'working' };
    }
    case 'maintenance': {
      const window = (await store.get('maintenance', key))?.value;
      return window === undefined
        ? 'gone'
        : { ...(await renderMaintenance(services, window, input.context)), final: true };
    }
    case 'status':
      return { ...(await renderStatus(services, environmentId, reference.conversationId, input.context)), final: true };
    case 'dead-conversation': {
      const view = await renderDeathNotice(services, environmentId, subjectId, input.context);
      return view === 'gone' ? 'gone' : { ...view, final: true };
    }
    case 'role-change': {
      const change = (await store.get('roleChange', key))?.value;
      return change === undefined ? 'gone' : { ...roleChangeCard(change, input.context), final: true };
    }
    case 'owner':
      // Of nobody else, and in no other place.
      return viewerId === subjectId
        ? { ...(await renderOwner(services, environmentId, subjectId, input.context)), final: true }
        : 'gone';
    case 'incident': {
      const incident = (await store.get('incident', key))?.value;
      return incident === undefined
        ? 'gone'
        : { ...(await renderIncident(services, incident, input.context)), final: incident.state === 'resolved' };
    }
  }
}

/** The card of an incident; it asks for a new password while that is what it waits for. */
export async function renderIncident(
  { store }: Pick<ServiceContext, 'store'>,
  incident: Incident,
  context: CardContext,
): Promise<RenderedCard> {
  const profile = (await waitsForSecret(store, incident))
    ? (await store.get('profile', keyOf(incident.environmentId, incident.profileId)))?.value
    : undefined;
  const refusedSecret = profile === undefined ? null : secretKind(secretTargetOfProfile(profile));
  return incidentCard(incident, context, { refusedSecret, reach: await ownerReach(store, incident) });
}

/** The card of a draft. The link of the one-time form is shown in its owner's 1:1 chat and nowhere else. */
export async function renderDraft(
  input: RenderInput,
  draft: ProfileDraft,
  where: Pick<ConversationReference, 'kind' | 'aadObjectId'>,
): Promise<RenderedCard> {
  const { services, environmentId, context } = input;
  const personal = where.kind === 'personal' && where.aadObjectId === draft.ownerId;
  const request =
    draft.secretRequestId === null
      ? undefined
      : (await services.store.get('secretRequest', keyOf(environmentId, draft.secretRequestId)))?.value;
  const open = request?.state === 'open' && request.expiresAt > context.now;
  const formUrl = personal && open ? `${services.publicUrl}/secrets/${formToken(services.keys, request)}` : null;
  const credential =
    draft.credentialId === null
      ? undefined
      : (await services.store.get('credential', keyOf(environmentId, draft.credentialId)))?.value;
  const sameAccount =
    draft.step === 'review'
      ? (await profilesOfSameAccount(services.store, draft)).map(({ value: { id, name } }) => ({ id, name }))
      : [];
  return draftCard(draft, {
    ...context,
    formUrl,
    personal,
    certificate: credential?.certificate ?? null,
    sameAccount,
    ...(await mailboxesOf(input, draft)),
  });
}

/** Of a profile that was changed: the card of its end says what becomes of them. */
async function mailboxesOf(
  { services: { store }, environmentId }: RenderInput,
  { step, editsProfileId: profileId }: ProfileDraft,
): Promise<Pick<DraftCardContext, 'mailboxes'>> {
  if (step !== 'saved' || profileId === null) return {};
  const prefix = keyOf(environmentId, '');
  const failed = await store.count('mailbox', { prefix, where: { profileId, status: testStatus.failure } });
  return { mailboxes: { failed, checked: await store.count('poll', { prefix, where: { profileId } }) } };
}

export async function renderImport(input: RenderInput, batch: ImportBatch): Promise<RenderedCard> {
  const { services, environmentId, context } = input;
  const { settings } = (await getEnvironment(services.store, environmentId)).value;
  const profileName =
    settings.defaultProfileId === null ? null : ((await profileNames(input))[settings.defaultProfileId] ?? null);
  const fresh = batch.rows.filter((row) => row.verdict === 'new');
  const { channels, chats } = await approvalAudience(services.store, environmentId, null);
  return importCard(
    batch,
    {
      profileName,
      incomingMethod: settings.incomingMethod,
      outgoingMethod: settings.outgoingMethod,
      actMethod: settings.actMethod,
      approvalRequired: fresh.filter((row) => needsApproval(settings, row.type)).length,
      reached: { channels: channels.length, people: chats.length },
      deciders: await decidersOf(services, environmentId, { requestedBy: batch.actorId }),
    },
    context,
  );
}

async function profileNames(input: RenderInput): Promise<Record<string, string>> {
  return Object.fromEntries(
    (await listProfiles(input.services.store, input.environmentId)).map((profile) => [profile.id, profile.name]),
  );
}
