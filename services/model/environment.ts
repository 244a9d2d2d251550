import type { ApproverSet } from './approver-set.ts';
import { vendorBlockedAttachments } from './blocked-attachments.ts';
import type { ActDeliveryMethod, IncomingDeliveryMethod, OutgoingDeliveryMethod } from './mailbox.ts';

/** Where the truth of an environment lives. `local`: Mailroom itself keeps profiles and mailboxes and runs the tests. */
export type PlatformKind = 'local';

/**
 * Organization-level email settings (learn.microsoft.com/power-platform/admin/settings-email). The defaults are the
 * platform's own: both approval requirements are on.
 */
export interface EmailSettings {
  /** `emailconnectionchannel`: 0 = Server-Side Synchronization, 1 = Email Router, which Mailroom does not run: nothing is tested then. */
  readonly emailConnectionChannel: 0 | 1;
  readonly defaultProfileId: string | null;
  readonly incomingMethod: IncomingDeliveryMethod;
  readonly outgoingMethod: OutgoingDeliveryMethod;
  readonly actMethod: ActDeliveryMethod;
  readonly requireApprovalForUsers: boolean;
  readonly requireApprovalForQueues: boolean;
  /** Whoever asked for an approval does not decide about it. Mailroom's own: the platform has no such switch. */
  readonly fourEyes: boolean;
  /** Who decides about which mailboxes; about those of no set every approver does. Mailroom's own. */
  readonly approverSets: readonly ApproverSet[];
  /** People approve their own user mailbox (`RequirePrivilegeToSelfApproveEmailAddress` is false; learn.microsoft.com/power-platform/admin/connect-exchange-online). */
  readonly selfApproval: boolean;
  /** `AllowADBasedAuthenticationProtocols`: profiles may sign in by NTLM. Off for online organizations by default. */
  readonly allowAdBasedAuthenticationProtocols: boolean;
  /** `generatealertsforerrors` and its twins: levels of which alerts are made at all. */
  readonly alertsForErrors: boolean;
  readonly alertsForWarnings: boolean;
  readonly alertsForInformation: boolean;
  /** `notifymailboxownerofemailserverlevelalerts`: owners of mailboxes hear of faults of the server too. */
  readonly notifyMailboxOwner: boolean;
  /** `maxuploadfilesize`, in KB, 1…131072. */
  readonly maxUploadFileSizeKb: number;
  /** `blockedattachments`: file extensions with semicolons, in the form that `readBlockedAttachments` gives. Kept for the platform, as is the size. */
  readonly blockedAttachments: string;
  /** ACT writes into each mailbox whose it is, and refuses the mailbox of another organization. */
  readonly organizationStamp: boolean;
}

export interface Environment {
  readonly environmentId: string;
  readonly name: string;
  readonly platform: PlatformKind;
  /** What mailboxes are stamped with: unique in the world. Made when stamping is switched on first, and kept. */
  readonly organizationId: string | null;
  readonly settings: EmailSettings;
  readonly revision: number;
}

/** Limits of the columns (dynamics facts §5). */
export const settingsLimits = { maxUploadFileSizeKb: { least: 1, most: 131_072 }, blockedAttachments: 4000 } as const;

/** The settings a new environment starts with: server-side synchronization for everything, approval required. */
export const initialEmailSettings: EmailSettings = {
  emailConnectionChannel: 0,
  defaultProfileId: null,
  incomingMethod: 2,
  outgoingMethod: 2,
  actMethod: 1,
  requireApprovalForUsers: true,
  requireApprovalForQueues: true,
  fourEyes: true,
  approverSets: [],
  selfApproval: false,
  allowAdBasedAuthenticationProtocols: false,
  alertsForErrors: true,
  alertsForWarnings: true,
  alertsForInformation: true,
  notifyMailboxOwner: false,
  maxUploadFileSizeKb: 5120,
  blockedAttachments: vendorBlockedAttachments,
  organizationStamp: false,
};

/** The settings that differ, in the order of the record. */
export function changedSettings(before: EmailSettings, after: EmailSettings): (keyof EmailSettings)[] {
  const text = (value: unknown): string => JSON.stringify(value);
  return (Object.keys(after) as (keyof EmailSettings)[]).filter((field) => text(before[field]) !== text(after[field]));
}
