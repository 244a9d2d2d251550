import { readBlockedAttachments } from './blocked-attachments.ts';
import { settingsLimits, type EmailSettings } from './environment.ts';
import type { Params } from './error.ts';

/** What is wrong with the value of a field: a code of the catalogue of sentences (`error.CODE`), and its figures. */
export interface FieldProblem {
  readonly code: string;
  readonly params: Params;
}

/** Fields that the form has; the others keep what they have. Approver sets have a form of their own (`readApproverSet`). */
export type SettingsField = Exclude<keyof EmailSettings, 'approverSets'>;

export type SettingsProblems = Readonly<Partial<Record<SettingsField, FieldProblem>>>;

/** How the choice of the default profile says that there is to be none: a choice needs a value. */
export const noProfileChoice = 'none';

type Inputs = Readonly<Record<string, unknown>>;
type Reading<T> = { readonly value: T } | { readonly problem: FieldProblem };

const read = <T>(value: T): Reading<T> => ({ value });
const refused = (code: string, params: Params): Reading<never> => ({ problem: { code, params } });

/**
 * Reads the inputs of the form over the settings of now: each value is right and stored exactly, or refused beside its own
 * field. A field that is left out keeps what it has, as does one that is refused. `profileIds`: those that may be the default.
 */
export function readSettings(
  before: EmailSettings,
  inputs: Inputs,
  profileIds: ReadonlySet<string>,
): { readonly settings: EmailSettings; readonly problems: SettingsProblems } {
  const problems: Partial<Record<SettingsField, FieldProblem>> = {};
  const settings = { ...before };
  for (const [field, reader] of Object.entries(readers(profileIds))) {
    const typed = Object.hasOwn(inputs, field) ? inputs[field] : undefined;
    if (typed === undefined) continue;
    const reading = reader(typed, field);
    if ('problem' in reading) problems[field as SettingsField] = reading.problem;
    else Object.assign(settings, { [field]: reading.value });
  }
  return { settings, problems };
}

type Reader<T> = (typed: unknown, field: string) => Reading<T>;

function readers(profileIds: ReadonlySet<string>): { readonly [F in SettingsField]: Reader<EmailSettings[F]> } {
  return {
    emailConnectionChannel: oneOf([0, 1]),
    defaultProfileId: (typed, field) => {
      if (typed === '' || typed === noProfileChoice) return read(null);
      return typeof typed === 'string' && profileIds.has(typed) ? read(typed) : refused('settings.invalid', { field });
    },
    incomingMethod: oneOf([0, 1, 2, 3]),
    outgoingMethod: oneOf([0, 1, 2]),
    actMethod: oneOf([0, 1, 2]),
    requireApprovalForUsers: toggle,
    requireApprovalForQueues: toggle,
    fourEyes: toggle,
    selfApproval: toggle,
    allowAdBasedAuthenticationProtocols: toggle,
    alertsForErrors: toggle,
    alertsForWarnings: toggle,
    alertsForInformation: toggle,
    notifyMailboxOwner: toggle,
    maxUploadFileSizeKb: size,
    blockedAttachments: (typed) => {
      if (typeof typed !== 'string') return refused('settings.extension-invalid', { extension: '' });
      const reading = readBlockedAttachments(typed, settingsLimits.blockedAttachments);
      return reading.kind === 'read' ? read(reading.list) : refused(reading.code, reading.params);
    },
    organizationStamp: toggle,
  };
}

function oneOf<T extends number>(allowed: readonly T[]): Reader<T> {
  return (typed, field) => {
    const found = allowed.find((candidate) => candidate === typed || String(candidate) === typed);
    return found === undefined ? refused('settings.invalid', { field }) : read(found);
  };
}

function toggle(typed: unknown, field: string): Reading<boolean> {
  if (typed === true || typed === 'true') return read(true);
  if (typed === false || typed === 'false') return read(false);
  return refused('settings.invalid', { field });
}

/** Whole kilobytes. Clients send a number as its digits, some with `.0`; nothing else of what JavaScript takes for a number. */
function size(typed: unknown): Reading<number> {
  const { least, most } = settingsLimits.maxUploadFileSizeKb;
  const text = typeof typed === 'number' ? String(typed) : typed;
  if (typeof text !== 'string' || !/^\s*-?\d{1,12}(?:\.0+)?\s*$/.test(text))
    return refused('settings.size-not-a-number', { least, most });
  const value = Number(text);
  return value < least || value > most ? refused('settings.size-out-of-range', { least, most }) : read(value);
}
