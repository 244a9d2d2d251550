import type { SettingsField } from './settings-input.ts';

/** The pages of the form of the email settings, the one that most people change first. */
export const settingsSections = ['delivery', 'approval', 'alerts', 'attachments', 'sign-in'] as const;
export type SettingsSection = (typeof settingsSections)[number];

/** The fields of each page, in the order in which they stand. */
export const sectionFields = {
  delivery: ['defaultProfileId', 'incomingMethod', 'outgoingMethod', 'actMethod', 'emailConnectionChannel'],
  approval: ['requireApprovalForUsers', 'requireApprovalForQueues', 'fourEyes'],
  alerts: ['alertsForErrors', 'alertsForWarnings', 'alertsForInformation'],
  attachments: ['maxUploadFileSizeKb', 'blockedAttachments'],
  'sign-in': ['allowAdBasedAuthenticationProtocols', 'organizationStamp'],
} as const satisfies Readonly<Record<SettingsSection, readonly SettingsField[]>>;

/** The page that a button names; a button that names none means the first one. */
export function sectionOf(name: string): SettingsSection {
  return settingsSections.find((section) => section === name) ?? 'delivery';
}
