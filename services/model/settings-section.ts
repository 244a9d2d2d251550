import type { SettingsField } from './settings-input.ts';

/** The pages of the form of the email settings, the one that most people change first. */
export const settingsSections = ['delivery', 'approval', 'approvers', 'alerts', 'attachments', 'sign-in'] as const;
export type SettingsSection = (typeof settingsSections)[number];

/** The pages with fields; that of the approvers has a list of sets, and a form for each. */
export type FormSection = Exclude<SettingsSection, 'approvers'>;
export const formSections = settingsSections.filter((section): section is FormSection => section !== 'approvers');

/** The fields of each page, in the order in which they stand. */
export const sectionFields = {
  delivery: ['defaultProfileId', 'incomingMethod', 'outgoingMethod', 'actMethod', 'emailConnectionChannel'],
  approval: ['requireApprovalForUsers', 'requireApprovalForQueues', 'fourEyes', 'selfApproval'],
  alerts: ['alertsForErrors', 'alertsForWarnings', 'alertsForInformation', 'notifyMailboxOwner'],
  attachments: ['maxUploadFileSizeKb', 'blockedAttachments'],
  'sign-in': ['allowAdBasedAuthenticationProtocols', 'organizationStamp'],
} as const satisfies Readonly<Record<FormSection, readonly SettingsField[]>>;

/** The page that a button names; a button that names none means the first one. */
export function sectionOf(name: string): SettingsSection {
  return settingsSections.find((section) => section === name) ?? 'delivery';
}

/** The same for a page with fields. */
export function formSectionOf(name: string): FormSection {
  return formSections.find((section) => section === name) ?? 'delivery';
}
