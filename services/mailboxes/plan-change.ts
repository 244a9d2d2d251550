import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import type { EmailSettings } from '../model/environment.ts';
import { MailroomError } from '../model/error.ts';
import {
  changeLimit,
  changeSampleSize,
  noEffect,
  type ChangeEffect,
  type ChangeKind,
  type MailboxChange,
} from '../model/mailbox-change.ts';
import {
  applyEdit,
  configurationOf,
  isSameMailbox,
  readMethods,
  Shared,
  stoppedDirections,
  type EditErrors,
  type MailboxConfiguration,
  type MailboxEdit,
} from '../model/mailbox-edit.ts';
import { approvalStatus, normalizeAddress, type Mailbox } from '../model/mailbox.ts';
import { requireRight } from '../access/roles.ts';
import { filterReader } from '../approvals/requests-to-decide.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Store, type Stored } from '../storage/store.ts';
import { needsApproval } from './approval-requirement.ts';
import { readProfile } from './edit-mailbox.ts';
import { selectMailboxes } from './find-mailboxes.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** Mailboxes by a filter as typed, or those that were counted already: `text` is then only the title. */
export interface ChangeSubjects {
  readonly text: string;
  readonly ids?: readonly string[];
}

/**
 * Counts what a bulk command would change and keeps exactly those mailboxes, as they are, until the answer. An edit asks
 * for its values first. The platform's command for the defaults is one of active mailboxes, and so is this.
 * @throws MailroomError `access.denied`, `filter.*`, `mailbox.*`, `bulk.nothing`, `bulk.too-many` {limit},
 * `bulk.all-so` {kind}: there is nothing to switch
 */
export async function planMailboxChange(
  context: Context,
  environmentId: string,
  actor: Actor,
  kind: ChangeKind,
  { text, ids }: ChangeSubjects,
): Promise<MailboxChange> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  const reader = filterReader(context, environmentId, actor);
  const selected =
    ids === undefined
      ? (await selectMailboxes(store, environmentId, text, reader)).map(({ value }) => value)
      : await loadMailboxes(store, environmentId, ids);
  if (selected.length === 0) throw new MailroomError('bulk.nothing', { filter: text.slice(0, 100) });
  const wanted = { edit: null, 'apply-defaults': 'active', activate: 'inactive', deactivate: 'active' } as const;
  const state = wanted[kind];
  const mailboxes = selected.filter((mailbox) => state === null || mailbox.state === state);
  if (mailboxes.length === 0) throw new MailroomError('bulk.all-so', { kind, count: selected.length });
  if (mailboxes.length > changeLimit) throw new MailroomError('bulk.too-many', { limit: changeLimit });
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const seen = new Shared<MailboxConfiguration>();
  const edit = editOf(kind, settings);
  const change: MailboxChange = {
    environmentId,
    id: randomUUID(),
    actorId: actor.aadObjectId,
    kind,
    filter: text.slice(0, 200),
    items: mailboxes.map((mailbox) => [mailbox.id, seen.place(configurationOf(mailbox))]),
    seen: seen.values,
    edit,
    effect:
      kind === 'edit'
        ? { ...noEffect, matching: mailboxes.length, sample: mailboxes.slice(0, changeSampleSize).map(addressOf) }
        : await effectOf(store, settings, edit, mailboxes),
    state: kind === 'edit' ? 'form' : 'waiting',
    result: null,
    createdAt: clock.now(),
    revision: 1,
  };
  const key = keyOf(environmentId, change.id);
  await store.commit(
    [{ kind: 'put', collection: 'mailboxChange', key, value: change }],
    [{ collection: 'mailboxChange', key, version: 0 }],
  );
  return change;
}

/**
 * The form of a bulk edit: each field is left as it is unless another value is chosen. What is right becomes the question,
 * with its effect in numbers; a form of before gets the change as it is now.
 * @throws MailroomError `access.denied`, `bulk.unknown`, `bulk.not-yours`
 */
export async function fillMailboxChange(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
  revision: number,
  inputs: Readonly<Record<string, string>>,
): Promise<{ change: MailboxChange; errors: EditErrors }> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store } = context;
  return retryConflict(async () => {
    const stored = await loadChange(store, environmentId, actor, id);
    const { value } = stored;
    if (value.state !== 'form' || value.revision !== revision) return { change: value, errors: {} };
    const { edit, errors } = readMethods(inputs, null, null);
    const profile = await readProfile(store, environmentId, inputs['profileId'], null);
    const wrong: EditErrors = { ...errors, ...(profile.error === undefined ? {} : { profileId: profile.error }) };
    if (Object.keys(wrong).length > 0) return { change: value, errors: wrong };
    const wanted: MailboxEdit = { ...edit, ...profile.edit };
    if (Object.keys(wanted).length === 0) return { change: value, errors: { form: 'mailbox.nothing-chosen' } };
    const { settings } = (await getEnvironment(store, environmentId)).value;
    const ids = value.items.map(([mailboxId]) => mailboxId);
    const effect = await effectOf(store, settings, wanted, await loadMailboxes(store, environmentId, ids));
    if (effect.changing === 0) return { change: value, errors: { form: 'mailbox.all-same' } };
    const change = await put(store, stored, { edit: wanted, effect, state: 'waiting' });
    return { change, errors: {} };
  });
}

/** From the question back to the form, or out of it. A change that is over stays as it is. @throws as fillMailboxChange */
export async function turnMailboxChange(
  { store, clock }: Context,
  environmentId: string,
  actor: Actor,
  id: string,
  revision: number,
  state: 'form' | 'cancelled',
): Promise<MailboxChange> {
  await requireRight({ store, clock }, environmentId, actor, 'manage');
  return retryConflict(async () => {
    const stored = await loadChange(store, environmentId, actor, id);
    const { value } = stored;
    const isOpen = value.state === 'form' || value.state === 'waiting';
    if (!isOpen || value.revision !== revision || (state === 'form' && value.kind !== 'edit')) return value;
    return put(store, stored, state === 'cancelled' ? { state, items: [], seen: [] } : { state });
  });
}

async function put(store: Store, { key, version, value }: Stored<MailboxChange>, changes: Partial<MailboxChange>) {
  const change: MailboxChange = { ...value, ...changes, revision: value.revision + 1 };
  await store.commit(
    [{ kind: 'put', collection: 'mailboxChange', key, value: change }],
    [{ collection: 'mailboxChange', key, version }],
  );
  return change;
}

/** @throws MailroomError `bulk.unknown`, `bulk.not-yours` */
export async function loadChange(
  store: Store,
  environmentId: string,
  actor: Actor,
  id: string,
): Promise<Stored<MailboxChange>> {
  const stored = await store.get('mailboxChange', keyOf(environmentId, id));
  if (stored === undefined) throw new MailroomError('bulk.unknown');
  if (stored.value.actorId !== actor.aadObjectId) throw new MailroomError('bulk.not-yours');
  return stored;
}

async function loadMailboxes(store: Store, environmentId: string, ids: readonly string[]): Promise<Mailbox[]> {
  const named = [...new Set(ids.map(normalizeAddress))];
  const found = await Promise.all(named.map((id) => store.get('mailbox', keyOf(environmentId, id))));
  return found.flatMap((stored) => stored?.value ?? []);
}

/** The defaults of now: whoever says yes has seen them, also where somebody changes them in between. */
function editOf(kind: ChangeKind, settings: EmailSettings): MailboxEdit {
  switch (kind) {
    case 'edit':
      return {};
    case 'apply-defaults': {
      const { defaultProfileId, incomingMethod, outgoingMethod, actMethod } = settings;
      const methods = { incomingMethod, outgoingMethod, actMethod };
      return defaultProfileId === null ? methods : { profileId: defaultProfileId, ...methods };
    }
    case 'activate':
      return { state: 'active' };
    case 'deactivate':
      return { state: 'inactive' };
  }
}

async function effectOf(
  store: Store,
  settings: EmailSettings,
  edit: MailboxEdit,
  mailboxes: readonly Mailbox[],
): Promise<ChangeEffect> {
  const changing: Mailbox[] = [];
  let [stopping, testing, unapproved, withdrawn] = [0, 0, 0, 0];
  for (const mailbox of mailboxes) {
    const after = applyEdit(mailbox, edit);
    if (isSameMailbox(mailbox, after)) continue;
    changing.push(mailbox);
    if (stoppedDirections(mailbox, after).length > 0) stopping += 1;
    if ((await store.get('task', keyOf(mailbox.environmentId, 'test-mailbox', mailbox.id))) !== undefined) testing += 1;
    if (mailbox.approval !== approvalStatus.approved && needsApproval(settings, mailbox.type)) unapproved += 1;
    if (mailbox.approval === approvalStatus.pending && after.state === 'inactive') withdrawn += 1;
  }
  const queues = mailboxes.filter(({ type }) => type === 'queue').length;
  return {
    matching: mailboxes.length,
    changing: changing.length,
    stopping,
    testing,
    queues: edit.actMethod === undefined ? 0 : queues,
    unapproved,
    withdrawn,
    sample: changing.slice(0, changeSampleSize).map(addressOf),
  };
}

const addressOf = ({ address }: Mailbox): string => address;
