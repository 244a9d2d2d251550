import type { EmailServerProfile } from '../../services/model/profile.ts';

export const location = 'https://mail.contoso.test/EWS/Exchange.asmx';
export const account = 'svc-mailroom@contoso.test';

/** A profile as the dialog saves it: active, with a password and impersonation. */
export const savedProfile = (environmentId: string, id: string, ownerId: string, now = 0): EmailServerProfile => ({
  environmentId,
  id,
  name: `Contoso ${id}`,
  serverType: 2,
  serverLocation: location,
  outgoingServerLocation: null,
  autodiscover: null,
  authenticationProtocol: 3,
  credentialRetrieval: 1,
  useImpersonation: true,
  userName: account,
  modernAuthentication: null,
  credentialId: `credential-${id}`,
  maxConcurrentConnections: 10,
  minPollingIntervalMinutes: 0,
  timeoutMailboxConnectionAfterAmount: 100_000,
  description: '',
  processEmailsReceivedAfter: null,
  moveUndeliveredEmails: false,
  sendEmailAlert: false,
  state: 'active',
  server: null,
  ownerId,
  createdAt: now,
  createdBy: ownerId,
  revision: 1,
});
