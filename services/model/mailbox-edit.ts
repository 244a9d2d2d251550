import { isDay } from './draft-advanced.ts';
import { natureOf } from './fault.ts';
import {
  deliveryMethods,
  directions,
  mailboxLimits,
  methodNone,
  methodOf,
  normalizeOwner,
  rollUp,
  serverSideDirections,
  untested,
  type Direction,
  type DirectionState,
  type Mailbox,
  type MailboxType,
} from './mailbox.ts';

/** What an admin may change about a mailbox. A field that is left out stays as it is; the address is another matter. */
export type MailboxEdit = Partial<
  Pick<
    Mailbox,
    'profileId' | 'incomingMethod' | 'outgoingMethod' | 'actMethod' | 'processEmailsReceivedAfter' | 'owner' | 'type'
  >
> & { readonly state?: Mailbox['state'] };

export type EditField = Exclude<keyof MailboxEdit, 'state'> | 'address' | 'form';

/** What is wrong, by the field that it stands beside: codes for `error.*`. */
export type EditErrors = Readonly<Partial<Record<EditField, string>>>;

/** How a choice says that there is to be no profile, and that a field stays as it is: a choice needs a value. */
export const noProfileChoice = 'none';
export const keepChoice = 'keep';

type Inputs = Readonly<Record<string, string>>;

/**
 * Reads the delivery methods of a form: each is right and stored exactly, or refused beside its field. `mailbox`: null for
 * a form about many, whose queues are left without ACT whatever is chosen.
 */
export function readMethods(inputs: Inputs, mailbox: Mailbox | null, type: MailboxType | null): Reading {
  const edit: { -readonly [F in keyof MailboxEdit]: MailboxEdit[F] } = {};
  const errors: Partial<Record<EditField, string>> = {};
  const { incoming, outgoing, act } = {
    incoming: choice(inputs, 'incomingMethod', deliveryMethods.incoming),
    outgoing: choice(inputs, 'outgoingMethod', deliveryMethods.outgoing),
    act: choice(inputs, 'actMethod', deliveryMethods.act),
  };
  if (incoming === 'unknown') errors.incomingMethod = 'mailbox.method-unknown';
  else if (incoming !== undefined) edit.incomingMethod = incoming;
  if (outgoing === 'unknown') errors.outgoingMethod = 'mailbox.method-unknown';
  else if (outgoing !== undefined) edit.outgoingMethod = outgoing;
  if (act === 'unknown') errors.actMethod = 'mailbox.method-unknown';
  // What a form still shows while the type is being changed to a queue is no wish for ACT.
  else if (type === 'queue' && act !== undefined && act !== methodNone.act && act !== mailbox?.actMethod)
    errors.actMethod = 'mailbox.act-of-queue';
  else if (act !== undefined) edit.actMethod = act;
  return { edit, errors };
}

export interface Reading {
  readonly edit: MailboxEdit;
  readonly errors: EditErrors;
}

/** Reads the form of one mailbox but for its profile, which the store has to know. */
export function readMailboxForm(inputs: Inputs, mailbox: Mailbox): Reading {
  const errors: Partial<Record<EditField, string>> = {};
  const edit: { -readonly [F in keyof MailboxEdit]: MailboxEdit[F] } = {};
  const { type: typedType, owner, processEmailsReceivedAfter: day } = inputs;
  if (typedType === 'user' || typedType === 'queue') edit.type = typedType;
  else if (typedType !== undefined) errors.type = 'mailbox.type-unknown';
  const type = edit.type ?? mailbox.type;
  if (owner !== undefined) {
    const trimmed = normalizeOwner(owner);
    if (trimmed.length > mailboxLimits.owner) errors.owner = 'mailbox.owner-too-long';
    else if (/\p{Cc}/u.test(trimmed)) errors.owner = 'mailbox.owner-invalid';
    // As with an import: a user's mailbox without an owner belongs to its user.
    else edit.owner = trimmed === '' && type === 'user' ? mailbox.address : trimmed;
  }
  if (day !== undefined) {
    const trimmed = day.trim();
    if (trimmed !== '' && !isDay(trimmed)) errors.processEmailsReceivedAfter = 'profile.received-after-invalid';
    else edit.processEmailsReceivedAfter = trimmed === '' ? null : trimmed;
  }
  const methods = readMethods(inputs, mailbox, type);
  return { edit: { ...edit, ...methods.edit }, errors: { ...errors, ...methods.errors } };
}

function choice<T extends number>(inputs: Inputs, field: EditField, allowed: readonly T[]): T | 'unknown' | undefined {
  const value = inputs[field];
  if (value === undefined || value === keepChoice) return undefined;
  return allowed.find((candidate) => String(candidate) === value) ?? 'unknown';
}

/**
 * The mailbox with the new values, and what follows from them: a direction that changed, or all of them where the profile
 * did, is neither tested nor enabled any more, since what was tested is not what there is now. Queues have no ACT.
 */
export function applyEdit(mailbox: Mailbox, edit: MailboxEdit): Mailbox {
  const wanted: Mailbox = { ...mailbox, ...edit, revision: mailbox.revision + 1 };
  return withVoid(mailbox, wanted.type === 'queue' ? { ...wanted, actMethod: methodNone.act } : wanted);
}

/** Directions in which the test of before says nothing about the mailbox of now. */
export function voidedDirections(before: Mailbox, after: Mailbox): readonly Direction[] {
  if (after.state === 'inactive') return before.state === 'inactive' ? [] : directions;
  if (before.profileId !== after.profileId || before.address !== after.address) return directions;
  return directions.filter((direction) => methodOf(before, direction) !== methodOf(after, direction));
}

/** Directions that worked and do not work any more until they are tested again, or for good. */
export function stoppedDirections(before: Mailbox, after: Mailbox): readonly Direction[] {
  return directions.filter((direction) => before[direction].enabled && !after[direction].enabled);
}

function withVoid(before: Mailbox, after: Mailbox): Mailbox {
  const gone = voidedDirections(before, after);
  if (gone.length === 0) return after;
  const kept = directions.filter((direction) => !gone.includes(direction));
  const states = Object.fromEntries(gone.map((direction) => [direction, untested]));
  const changed: Mailbox = { ...after, ...states };
  // What is tried again by itself goes on being tried, as long as it is not what has changed.
  const goesOn = before.postponedUntil !== null && kept.some((direction) => isRetried(before[direction]));
  const phases = before.lastTest?.phases.filter(({ direction }) => !gone.includes(direction)) ?? [];
  return {
    ...changed,
    status: rollUp(serverSideDirections(changed).map((direction) => changed[direction])),
    transientFailureCount: goesOn ? before.transientFailureCount : 0,
    postponedUntil: goesOn ? before.postponedUntil : null,
    lastTest: before.lastTest === null || phases.length === 0 ? null : { ...before.lastTest, phases },
    lastTestedAt: kept.length === 0 ? null : before.lastTestedAt,
    recoveredAt: kept.length === 0 ? null : before.recoveredAt,
  };
}

const isRetried = ({ fault, enabled }: DirectionState): boolean =>
  fault !== null && (enabled || natureOf(fault) === 'transient');

/** True when nothing but the revision differs. */
export function isSameMailbox(before: Mailbox, after: Mailbox): boolean {
  return JSON.stringify({ ...before, revision: 0 }) === JSON.stringify({ ...after, revision: 0 });
}

/** What a bulk action may change, as a value that can be compared and put back. */
export interface MailboxConfiguration extends Pick<
  Mailbox,
  'profileId' | 'incomingMethod' | 'outgoingMethod' | 'actMethod' | 'type' | 'state'
> {}

export function configurationOf(mailbox: Mailbox): MailboxConfiguration {
  const { profileId, incomingMethod, outgoingMethod, actMethod, type, state } = mailbox;
  return { profileId, incomingMethod, outgoingMethod, actMethod, type, state };
}

export function hasConfiguration(mailbox: Mailbox, wanted: MailboxConfiguration): boolean {
  const own = configurationOf(mailbox);
  return (Object.keys(own) as (keyof MailboxConfiguration)[]).every((field) => own[field] === wanted[field]);
}

/** A list of values in which equal ones are kept once: thousands of mailboxes have a handful of configurations. */
export class Shared<T extends object> {
  readonly values: T[] = [];
  readonly #places = new Map<string, number>();

  /** The place of the value in `values`. */
  place(value: T): number {
    const text = JSON.stringify(value);
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    this.#places.set(text, this.values.length);
    return this.values.push(value) - 1;
  }
}
