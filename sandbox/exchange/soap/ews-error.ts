import { responseText } from './response-texts.ts';

/** Where an error shows: as a SOAP fault (HTTP 500) or inside a response message (HTTP 200). */
export type ErrorPlace = 'fault' | 'message';

/** Where and how a request broke the schema; rendered as LineNumber, LinePosition and Violation. */
export interface SchemaViolation {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

interface EwsErrorDetails {
  /** `t:Value Name="…"` entries of MessageXml. */
  readonly values?: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly violation?: SchemaViolation;
}

/** A refusal with a code of Exchange Web Services. */
export class EwsError extends Error {
  override readonly name = 'EwsError';
  readonly code: string;
  readonly place: ErrorPlace;
  readonly values: Readonly<Record<string, string>>;
  readonly violation: SchemaViolation | undefined;

  constructor(place: ErrorPlace, code: string, details: EwsErrorDetails = {}) {
    super(details.text ?? responseText(code));
    this.code = code;
    this.place = place;
    this.values = details.values ?? {};
    this.violation = details.violation;
  }
}

export function ewsFault(code: string, values: Readonly<Record<string, string>> = {}): EwsError {
  return new EwsError('fault', code, { values });
}

export function ewsMessageError(code: string, values: Readonly<Record<string, string>> = {}): EwsError {
  return new EwsError('message', code, { values });
}

/**
 * An address without a mailbox. As a fault it answers the impersonation header, as a message the Mailbox of a folder id;
 * both name the address that was sent.
 */
export function noSuchMailbox(place: ErrorPlace, address: string): EwsError {
  return new EwsError(place, 'ErrorNonExistentMailbox', { values: { SmtpAddress: address } });
}

export function schemaError(violation: SchemaViolation): EwsError {
  return new EwsError('fault', 'ErrorSchemaValidation', { violation });
}
