/**
 * The English texts the server sends with its response codes, word for word: clients show and log them. Origin: the
 * documentation comments of `ServiceError` in the npm package ews-javascript-api (MIT) and captures (shared facts,
 * exchange.md §6.4). They are localised in real life, so no client may decide on them.
 */
const TEXTS: ReadonlyMap<string, string> = new Map([
  ['ErrorAccessDenied', 'Access is denied. Check credentials and try again.'],
  ['ErrorAccountDisabled', 'Account is disabled. Contact the account administrator.'],
  ['ErrorADUnavailable', 'Active Directory is unavailable. Try again later.'],
  ['ErrorCannotUseFolderIdForItemId', 'Expected an item Id but received a folder Id.'],
  ['ErrorCannotUseItemIdForFolderId', 'Expected a folder Id but received an item Id.'],
  ['ErrorChangeKeyRequired', 'ChangeKey is required if overriding automatic conflict resolution.'],
  ['ErrorConnectionFailed', 'Connection did not succeed. Try again later.'],
  ['ErrorCreateItemAccessDenied', 'Unable to create item. The user account does not have the right to create items.'],
  [
    'ErrorExceededConnectionCount',
    'You have exceeded the available concurrent connections for your account.  Try again once your other requests have completed.',
  ],
  ['ErrorFolderNotFound', 'The specified folder could not be found in the store.'],
  ['ErrorImpersonateUserDenied', 'The account does not have permission to impersonate the requested user.'],
  ['ErrorImpersonationFailed', 'Impersonation failed.'],
  ['ErrorInsufficientResources', 'Resources are unavailable. Try again later.'],
  ['ErrorInternalServerError', 'An internal server error occurred. The operation failed.'],
  ['ErrorInternalServerTransientError', 'An internal server error occurred. Try again later.'],
  [
    'ErrorInvalidExchangeImpersonationHeaderData',
    'An ExchangeImpersonation SOAP header must contain a user principal name, user SID, or primary SMTP address.',
  ],
  ['ErrorInvalidExtendedProperty', 'The extended property attribute combination is invalid.'],
  ['ErrorInvalidFractionalPagingParameters', 'Invalid fractional paging offset values.'],
  ['ErrorInvalidIdMalformed', 'Id is malformed.'],
  ['ErrorInvalidIndexedPagingParameters', 'The specified indexed paging values are invalid.'],
  ['ErrorInvalidPagingMaxRows', 'MaxEntriesReturned must be greater than zero.'],
  ['ErrorInvalidPropertyRequest', 'Property is not valid for this object type.'],
  ['ErrorInvalidRecipients', 'One or more recipients are invalid.'],
  ['ErrorInvalidRequest', 'The request is invalid.'],
  ['ErrorInvalidServerVersion', 'The specified server version is invalid.'],
  ['ErrorInvalidSid', 'A SID with an invalid format was encountered.'],
  ['ErrorInvalidSmtpAddress', 'The SMTP address format is invalid.'],
  ['ErrorInvalidUserPrincipalName', 'The impersonation principal name is invalid.'],
  ['ErrorItemNotFound', 'The specified object was not found in the store.'],
  ['ErrorMailboxConfiguration', 'Unable to access an account or mailbox.'],
  ['ErrorMailboxFailover', 'The mailbox was failed over to another server. Try again later.'],
  ['ErrorMailboxMoveInProgress', 'Mailbox move in progress. Try again later.'],
  ['ErrorMailboxStoreUnavailable', 'The mailbox database is temporarily unavailable.'],
  ['ErrorMessageDispositionRequired', 'MessageDisposition attribute is required.'],
  ['ErrorMessageSizeExceeded', 'The message exceeds the maximum supported size.'],
  ['ErrorMimeContentInvalid', 'Invalid MIME content.'],
  ['ErrorMimeContentInvalidBase64String', 'Invalid base64 string for MIME content.'],
  [
    'ErrorMissingEmailAddress',
    'When making a request as an account that does not have a mailbox, you must specify the mailbox primary SMTP address for any distinguished folder Ids.',
  ],
  ['ErrorMissingRecipients', 'A message needs to have at least one recipient.'],
  ['ErrorNameResolutionMultipleResults', 'Multiple results were found.'],
  ['ErrorNameResolutionNoResults', 'No results were found.'],
  ['ErrorNonExistentMailbox', 'The SMTP address has no mailbox associated with it.'],
  ['ErrorNonPrimarySmtpAddress', 'The primary SMTP address must be specified when referencing a mailbox.'],
  ['ErrorPasswordChangeRequired', 'Password change is required.'],
  ['ErrorPasswordExpired', 'Password has expired. Change password.'],
  ['ErrorQuotaExceeded', 'Mailbox has exceeded maximum mailbox size.'],
  ['ErrorSchemaValidation', 'The request failed schema validation.'],
  [
    'ErrorSendAsDenied',
    'The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.',
  ],
  ['ErrorSendMeetingInvitationsRequired', 'The SendMeetingInvitations attribute is required for calendar items.'],
  ['ErrorServerBusy', 'The server cannot service this request right now. Try again later.'],
  ['ErrorStaleObject', 'The current ChangeKey is required for this operation.'],
  [
    'ErrorSubmissionQuotaExceeded',
    "The message couldn't be sent because the sender's submission quota was exceeded. Please try again later.",
  ],
  ['ErrorTimeoutExpired', 'The request timed out.'],
  ['ErrorTooManyObjectsOpened', 'Too many concurrent connections opened.'],
  ['ErrorUnsupportedPathForQuery', 'The property can not be used with this type of restriction.'],
]);

/** The text of a code; for one that is not in the table the code itself, which is what the server does with some. */
export function responseText(code: string): string {
  return TEXTS.get(code) ?? code;
}
