import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { changedSettings, type EmailSettings, type Environment } from '../model/environment.ts';
import { MailroomError } from '../model/error.ts';
import type { SettingsDraft } from '../model/settings-draft.ts';
import type { SettingsEffect } from '../model/settings-effect.ts';
import { readSettings, type SettingsProblems } from '../model/settings-input.ts';
import type { SettingsProposal } from '../model/settings-proposal.ts';
import { formSectionOf } from '../model/settings-section.ts';
import { weakenedControls } from '../model/weakened-controls.ts';
import { requireRight } from '../access/roles.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type Store, type Stored } from '../storage/store.ts';
import { commitSettings } from './commit-settings.ts';
import { effectsOf } from './settings-effects.ts';
import { proposeSettings } from './settings-proposals.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** What became of a form that was sent: nothing of it is saved yet. */
export type SettingsReview =
  /** The card was older than the settings, or says what they say already. */
  | { readonly kind: 'stale' | 'unchanged'; readonly environment: Environment }
  | { readonly kind: 'refused'; readonly environment: Environment; readonly problems: SettingsProblems }
  /** All is right: what it would do, for a yes. */
  | {
      readonly kind: 'asked';
      readonly environment: Environment;
      readonly draft: SettingsDraft;
      readonly effects: readonly SettingsEffect[];
    };

/** A change of settings after its yes, or after it could not be saved any more. */
export interface SettingsAnswer {
  /** As it is now. */
  readonly environment: Environment;
  readonly draft: SettingsDraft;
  /** Set when the change weakens a control: it waits for a second person, or was done alone and announced. */
  readonly proposal: SettingsProposal | null;
}

/**
 * Reads a form of email settings and says what the change would do to how many mailboxes; `confirmSettings` saves it.
 * Inputs come from a card: a wrong value is refused beside its field, a missing one keeps what was there. `section` is the
 * page it was typed on, for the way back.
 * @throws MailroomError `access.denied`
 */
export async function reviewSettings(
  context: Context,
  environmentId: string,
  actor: Actor,
  revision: number,
  section: string,
  inputs: Readonly<Record<string, unknown>>,
): Promise<SettingsReview> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store } = context;
  const environment = (await getEnvironment(store, environmentId)).value;
  if (environment.revision !== revision) return { kind: 'stale', environment };
  const before = environment.settings;
  const { settings, problems } = readSettings(before, inputs, await profileIds(store, environmentId));
  if (Object.keys(problems).length > 0) return { kind: 'refused', environment, problems };
  if (changedSettings(before, settings).length === 0) return { kind: 'unchanged', environment };
  const asked = await proposeDraft(context, environment, actor, settings, { section: formSectionOf(section) });
  return { kind: 'asked', environment, ...asked };
}

/** Keeps a change of the settings for a yes, and says what it would do. */
export async function proposeDraft(
  { store, clock }: Context,
  { environmentId, revision, settings: before }: Environment,
  actor: Actor,
  settings: EmailSettings,
  typedOn: Pick<SettingsDraft, 'section' | 'approverSetId'>,
): Promise<{ readonly draft: SettingsDraft; readonly effects: readonly SettingsEffect[] }> {
  const draft: SettingsDraft = {
    environmentId,
    id: randomUUID(),
    actorId: actor.aadObjectId,
    ...typedOn,
    settings,
    baseRevision: revision,
    state: 'asked',
    createdAt: clock.now(),
    revision: 1,
  };
  const key = keyOf(environmentId, draft.id);
  const effects = await effectsOf(store, environmentId, actor, before, settings);
  await store.commit(
    [{ kind: 'put', collection: 'settingsDraft', key, value: draft }],
    [{ collection: 'settingsDraft', key, version: 0 }],
  );
  return { draft, effects };
}

/**
 * Saves what was reviewed. Existing mailboxes keep their profile and methods (the platform's rule); `apply defaults` carries
 * the defaults to them. What weakens a control needs a second person (DESIGN, law 10). Settings that were changed since the
 * review make it void; a second yes finds it answered.
 * @throws MailroomError `access.denied`, `access.alone-too-soon` {hours}, `settings.draft-unknown`, `settings.draft-not-yours`
 */
export async function confirmSettings(
  context: Context,
  environmentId: string,
  actor: Actor,
  draftId: string,
): Promise<SettingsAnswer> {
  await requireRight(context, environmentId, actor, 'manage');
  return retryConflict(() => confirm(context, environmentId, actor, draftId));
}

async function confirm(
  context: Context,
  environmentId: string,
  actor: Actor,
  draftId: string,
): Promise<SettingsAnswer> {
  const { store } = context;
  const stored = await getDraft(store, environmentId, actor, draftId);
  const environment = await getEnvironment(store, environmentId);
  if (stored.value.state !== 'asked') return { environment: environment.value, draft: stored.value, proposal: null };
  const { settings, baseRevision } = stored.value;
  const before = environment.value.settings;
  // A profile that was deleted since has changed the environment too, so that nobody's default is one that is gone.
  if (environment.value.revision !== baseRevision) {
    const draft = closed(stored.value, 'void');
    await store.commit([put(stored, draft)], [expected(stored)]);
    return { environment: environment.value, draft, proposal: null };
  }
  if (weakenedControls(before, settings).length === 0) {
    const draft = closed(stored.value, 'saved');
    const saved = await commitSettings(context, environment, actor, settings, [put(stored, draft)], [expected(stored)]);
    return { environment: saved, draft, proposal: null };
  }
  const answered = (state: 'saved' | 'proposed'): SettingsDraft => closed(stored.value, state);
  const proposed = await proposeSettings(context, environment, actor, settings, (state) => ({
    changes: [put(stored, answered(state))],
    expected: [expected(stored)],
  }));
  const draft = answered(proposed.proposal.state === 'alone' ? 'saved' : 'proposed');
  return { ...proposed, draft };
}

/**
 * Back from the review to the form, with what was typed.
 * @throws MailroomError `access.denied`, `settings.draft-unknown`, `settings.draft-not-yours`
 */
export async function leaveSettingsReview(
  context: Context,
  environmentId: string,
  actor: Actor,
  draftId: string,
): Promise<SettingsAnswer> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store } = context;
  return retryConflict(async () => {
    const stored = await getDraft(store, environmentId, actor, draftId);
    const environment = (await getEnvironment(store, environmentId)).value;
    if (stored.value.state !== 'asked') return { environment, draft: stored.value, proposal: null };
    const draft = closed(stored.value, environment.revision === stored.value.baseRevision ? 'left' : 'void');
    await store.commit([put(stored, draft)], [expected(stored)]);
    return { environment, draft, proposal: null };
  });
}

async function getDraft(
  store: Store,
  environmentId: string,
  actor: Actor,
  draftId: string,
): Promise<Stored<SettingsDraft>> {
  const stored = await store.get('settingsDraft', keyOf(environmentId, draftId));
  if (stored === undefined) throw new MailroomError('settings.draft-unknown');
  if (stored.value.actorId !== actor.aadObjectId) throw new MailroomError('settings.draft-not-yours');
  return stored;
}

const closed = (draft: SettingsDraft, state: SettingsDraft['state']): SettingsDraft => ({
  ...draft,
  state,
  revision: draft.revision + 1,
});

const put = ({ key }: Stored<SettingsDraft>, value: SettingsDraft): Change => ({
  kind: 'put',
  collection: 'settingsDraft',
  key,
  value,
});

const expected = ({ key, version }: Stored<SettingsDraft>) => ({ collection: 'settingsDraft', key, version }) as const;

async function profileIds(store: Store, environmentId: string): Promise<Set<string>> {
  const profiles = await store.query('profile', { prefix: keyOf(environmentId, ''), limit: 1000 });
  return new Set(profiles.map(({ value }) => value.id));
}
