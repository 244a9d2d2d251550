import type { ActDeliveryMethod, IncomingDeliveryMethod, OutgoingDeliveryMethod } from './mailbox.ts';

/** Where the truth of an environment lives. `local`: Mailroom itself keeps profiles and mailboxes and runs the tests. */
export type PlatformKind = 'local';

/**
 * Organization-level email settings (learn.microsoft.com/power-platform/admin/settings-email). The defaults are the
 * platform's own: both approval requirements are on.
 */
export interface EmailSettings {
  readonly defaultProfileId: string | null;
  readonly incomingMethod: IncomingDeliveryMethod;
  readonly outgoingMethod: OutgoingDeliveryMethod;
  readonly actMethod: ActDeliveryMethod;
  readonly requireApprovalForUsers: boolean;
  readonly requireApprovalForQueues: boolean;
  /** `AllowADBasedAuthenticationProtocols`: profiles may sign in by NTLM. Off for online organizations by default. */
  readonly allowAdBasedAuthenticationProtocols: boolean;
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

/** The settings a new environment starts with: server-side synchronization for everything, approval required. */
export const initialEmailSettings: EmailSettings = {
  defaultProfileId: null,
  incomingMethod: 2,
  outgoingMethod: 2,
  actMethod: 1,
  requireApprovalForUsers: true,
  requireApprovalForQueues: true,
  allowAdBasedAuthenticationProtocols: false,
  organizationStamp: false,
};
