import type { AdvancedValues, DraftField, DraftValues, ProfileDraft } from './draft.ts';
import { profileLimits, type EmailServerProfile } from './profile.ts';
import { hasUnseenCharacters } from './visible-text.ts';

/** The platform's defaults: form text and columns (dynamics facts §1.1). */
export const defaultAdvanced: AdvancedValues = {
  description: '',
  minPollingIntervalMinutes: '0',
  maxConcurrentConnections: '10',
  timeoutMailboxConnectionAfterAmount: '100000',
  processEmailsReceivedAfter: '',
  moveUndeliveredEmails: false,
  sendEmailAlert: false,
};

const numbers = [
  'minPollingIntervalMinutes',
  'maxConcurrentConnections',
  'timeoutMailboxConnectionAfterAmount',
] as const satisfies readonly (keyof AdvancedValues)[];

/** The advanced settings among the values of a draft. */
export function advancedOf(values: AdvancedValues): AdvancedValues {
  return {
    description: values.description,
    minPollingIntervalMinutes: values.minPollingIntervalMinutes,
    maxConcurrentConnections: values.maxConcurrentConnections,
    timeoutMailboxConnectionAfterAmount: values.timeoutMailboxConnectionAfterAmount,
    processEmailsReceivedAfter: values.processEmailsReceivedAfter,
    moveUndeliveredEmails: values.moveUndeliveredEmails,
    sendEmailAlert: values.sendEmailAlert,
  };
}

/** Takes the known fields of the card, as the types they have. A number that is left empty becomes its default. */
export function readAdvanced(previous: DraftValues, inputs: Readonly<Record<string, unknown>>): DraftValues {
  const own = (field: DraftField): unknown => (Object.hasOwn(inputs, field) ? inputs[field] : undefined);
  const text = (field: keyof AdvancedValues, before: string): string => {
    const value = own(field);
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' ? value.trim() : before;
  };
  const number = (field: (typeof numbers)[number]): string => text(field, previous[field]) || defaultAdvanced[field];
  const toggle = (field: 'moveUndeliveredEmails' | 'sendEmailAlert'): boolean => {
    const value = own(field);
    return value === undefined ? previous[field] : value === true || value === 'true';
  };
  return {
    ...previous,
    description: text('description', previous.description),
    minPollingIntervalMinutes: number('minPollingIntervalMinutes'),
    maxConcurrentConnections: number('maxConcurrentConnections'),
    timeoutMailboxConnectionAfterAmount: number('timeoutMailboxConnectionAfterAmount'),
    processEmailsReceivedAfter: text('processEmailsReceivedAfter', previous.processEmailsReceivedAfter),
    moveUndeliveredEmails: toggle('moveUndeliveredEmails'),
    sendEmailAlert: toggle('sendEmailAlert'),
  };
}

/** What is wrong with the advanced settings, by field. */
export function advancedErrors(values: AdvancedValues): ProfileDraft['errors'] {
  const errors: Partial<Record<DraftField, string>> = {};
  if (values.description.length > profileLimits.description) errors.description = 'profile.description-too-long';
  // A description may have lines, and nothing else that cannot be shown.
  else if (hasUnseenCharacters(values.description.replaceAll(/[\r\n\t]/g, '')))
    errors.description = 'profile.description-invalid';
  for (const field of numbers) {
    const { least, most } = profileLimits[field];
    const value = wholeNumber(values[field]);
    if (value === null || value < least || value > most) errors[field] = numberErrors[field];
  }
  const { processEmailsReceivedAfter: day } = values;
  if (day !== '' && !isDay(day)) errors.processEmailsReceivedAfter = 'profile.received-after-invalid';
  return errors;
}

const numberErrors = {
  minPollingIntervalMinutes: 'profile.polling-invalid',
  maxConcurrentConnections: 'profile.connections-invalid',
  timeoutMailboxConnectionAfterAmount: 'profile.timeout-invalid',
} as const;

/** What is kept and shown again must fit a card, whatever was sent. */
export function presentableAdvanced(values: AdvancedValues): Partial<AdvancedValues> {
  return {
    description: values.description.slice(0, profileLimits.description + 1),
    minPollingIntervalMinutes: values.minPollingIntervalMinutes.slice(0, 20),
    maxConcurrentConnections: values.maxConcurrentConnections.slice(0, 20),
    timeoutMailboxConnectionAfterAmount: values.timeoutMailboxConnectionAfterAmount.slice(0, 20),
    processEmailsReceivedAfter: values.processEmailsReceivedAfter.slice(0, 40),
  };
}

export type AdvancedSettings = Pick<EmailServerProfile, keyof AdvancedValues>;

/** Right values as a profile has them. */
export function advancedSettings(values: AdvancedValues): AdvancedSettings {
  const { description, moveUndeliveredEmails, sendEmailAlert, processEmailsReceivedAfter: day } = values;
  return {
    description,
    minPollingIntervalMinutes: Number(values.minPollingIntervalMinutes),
    maxConcurrentConnections: Number(values.maxConcurrentConnections),
    timeoutMailboxConnectionAfterAmount: Number(values.timeoutMailboxConnectionAfterAmount),
    processEmailsReceivedAfter: day === '' ? null : day,
    moveUndeliveredEmails,
    sendEmailAlert,
  };
}

/** The settings of a profile as the values of a draft that changes or copies it. */
export function advancedValues(profile: AdvancedSettings): AdvancedValues {
  const { description, moveUndeliveredEmails, sendEmailAlert } = profile;
  return {
    description,
    minPollingIntervalMinutes: String(profile.minPollingIntervalMinutes),
    maxConcurrentConnections: String(profile.maxConcurrentConnections),
    timeoutMailboxConnectionAfterAmount: String(profile.timeoutMailboxConnectionAfterAmount),
    processEmailsReceivedAfter: profile.processEmailsReceivedAfter ?? '',
    moveUndeliveredEmails,
    sendEmailAlert,
  };
}

function wholeNumber(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** A day of the calendar, from the first that the platform's date columns can hold. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < '1753-01-01') return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
