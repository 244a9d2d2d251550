import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import { approvalStatus, isAddress, normalizeAddress, type Direction, type Mailbox } from '../model/mailbox.ts';
import {
  applyEdit,
  isSameMailbox,
  keepChoice,
  noProfileChoice,
  readMailboxForm,
  stoppedDirections,
  voidedDirections,
  type EditErrors,
  type MailboxEdit,
} from '../model/mailbox-edit.ts';
import { directions, untested, testStatus } from '../model/mailbox.ts';
import { requireRight } from '../access/roles.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { typeAfterImport } from './approval-requirement.ts';
import { getMailbox } from './find-mailboxes.ts';
import { mailboxKey } from './mailbox-key.ts';
import { prepareChanges } from './mailbox-changes.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

export interface MailboxEdited {
  /** As it is now. */
  readonly mailbox: Mailbox;
  /** The card was older than the mailbox, and nothing was changed. */
  readonly stale: boolean;
  readonly errors: EditErrors;
  /** Null: nothing was changed. */
  readonly effect: EditEffect | null;
}

/** What a saved change meant. */
export interface EditEffect {
  /** They have to be tested, since they are not what was tested. */
  readonly voided: readonly Direction[];
  /** Of them: they worked until now. */
  readonly stopped: readonly Direction[];
  /** It waits for an approval that it did not wait for before. */
  readonly asked: boolean;
}

/**
 * Changes one mailbox as its form says, with all that follows in the same commit. Each wrong value is refused beside its
 * field; `revision`: of the mailbox that was shown, another one changes nothing.
 * @throws MailroomError `access.denied`, `mailbox.unknown`
 */
export async function editMailbox(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
  revision: number,
  inputs: Readonly<Record<string, string>>,
  conversationId: string,
): Promise<MailboxEdited> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  return retryConflict(async () => {
    const before = await getMailbox(store, environmentId, id);
    const mailbox = before.value;
    if (mailbox.revision !== revision) return { mailbox, stale: true, errors: {}, effect: null };
    const environment = await getEnvironment(store, environmentId);
    const { settings } = environment.value;
    const reading = readMailboxForm(inputs, mailbox);
    const profile = await readProfile(store, environmentId, inputs['profileId'], mailbox.profileId);
    const type = reading.edit.type ?? mailbox.type;
    // Nobody leads a mailbox around the approvers by another name.
    const escapes = typeAfterImport(settings, mailbox, type) !== type;
    const errors: EditErrors = {
      ...reading.errors,
      ...(profile.error === undefined ? {} : { profileId: profile.error }),
      ...(escapes ? { type: 'mailbox.type-needs-approval' } : {}),
    };
    if (Object.keys(errors).length > 0) return { mailbox, stale: false, errors, effect: null };
    const edited = applyEdit(mailbox, { ...reading.edit, ...profile.edit });
    if (isSameMailbox(mailbox, edited)) return { mailbox, stale: false, errors: {}, effect: null };
    const now = clock.now();
    const prepared = await prepareChanges(
      context,
      environment,
      actor,
      randomUUID(),
      [{ before, after: edited }],
      conversationId,
      now,
    );
    const after = prepared.after[0] ?? edited;
    const entry = auditEntry(environmentId, now, actor, 'mailbox.changed', [after.address], detailsOf(mailbox, after));
    await store.commit([...prepared.changes, { kind: 'append', log: 'audit', entry }], prepared.expected);
    return { mailbox: after, stale: false, errors: {}, effect: effectOf(mailbox, after) };
  });
}

/** A choice of a form: an id, `none`, or nothing where it stays as it is. */
export async function readProfile(
  store: Store,
  environmentId: string,
  typed: string | undefined,
  current: string | null,
): Promise<{ readonly edit: MailboxEdit; readonly error?: string }> {
  if (typed === undefined || typed === keepChoice || typed === current) return { edit: {} };
  if (typed === noProfileChoice || typed === '') return { edit: { profileId: null } };
  const known = (await store.get('profile', keyOf(environmentId, typed)))?.value;
  return known === undefined ? { edit: {}, error: 'mailbox.profile-unknown' } : { edit: { profileId: known.id } };
}

/**
 * Gives a mailbox another address: for Exchange and for the approvers it is another mailbox, so it is tested and approved
 * anew, and the old address is free. All that names it moves in the same commit.
 * @throws MailroomError `access.denied`, `mailbox.unknown`
 */
export async function changeAddress(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
  revision: number,
  typed: string,
  conversationId: string,
): Promise<MailboxEdited> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  return retryConflict(async () => {
    const before = await getMailbox(store, environmentId, id);
    const mailbox = before.value;
    if (mailbox.revision !== revision) return { mailbox, stale: true, errors: {}, effect: null };
    const address = normalizeAddress(typed);
    const refuse = (code: string): MailboxEdited => ({
      mailbox,
      stale: false,
      errors: { address: code },
      effect: null,
    });
    if (!isAddress(address)) return refuse('mailbox.address-invalid');
    if (address === mailbox.address) return refuse('mailbox.address-same');
    const key = mailboxKey(environmentId, address);
    if ((await store.get('mailbox', key)) !== undefined) return refuse('mailbox.address-taken');
    const environment = await getEnvironment(store, environmentId);
    const now = clock.now();
    const owner = mailbox.owner === mailbox.address ? address : mailbox.owner;
    const prepared = await prepareChanges(
      context,
      environment,
      actor,
      randomUUID(),
      [{ before, after: renamed({ ...mailbox, id: address, address, owner, revision: mailbox.revision + 1 }) }],
      conversationId,
      now,
    );
    const [after = mailbox] = prepared.after;
    const entry = auditEntry(environmentId, now, actor, 'mailbox.address-changed', [after.address, mailbox.address], {
      address: after.address,
      'address.before': mailbox.address,
    });
    await store.commit(
      [
        { kind: 'delete', collection: 'mailbox', key: before.key },
        ...prepared.changes,
        { kind: 'append', log: 'audit', entry },
      ],
      [...prepared.expected, { collection: 'mailbox', key, version: 0 }],
    );
    return { mailbox: after, stale: false, errors: {}, effect: effectOf(mailbox, after) };
  });
}

/** Nothing that was seen of the old address is true of the new one. */
function renamed(mailbox: Mailbox): Mailbox {
  const states = Object.fromEntries(directions.map((direction) => [direction, untested]));
  return {
    ...mailbox,
    ...states,
    status: testStatus.notRun,
    transientFailureCount: 0,
    postponedUntil: null,
    lastTestedAt: null,
    lastTest: null,
    recoveredAt: null,
  };
}

function effectOf(before: Mailbox, after: Mailbox): EditEffect {
  const asked =
    after.approval === approvalStatus.pending &&
    (before.approval !== approvalStatus.pending || before.address !== after.address);
  return { voided: voidedDirections(before, after), stopped: stoppedDirections(before, after), asked };
}

const audited = [
  'type',
  'owner',
  'profileId',
  'incomingMethod',
  'outgoingMethod',
  'actMethod',
  'processEmailsReceivedAfter',
  'approval',
] as const;

function detailsOf(before: Mailbox, after: Mailbox): Record<string, string | number | null> {
  return Object.fromEntries(
    audited
      .filter((field) => before[field] !== after[field])
      .flatMap((field) => [
        [field, after[field]],
        [`${field}.before`, before[field]],
      ]),
  );
}
