import { MESSAGES, SOAP, TYPES } from '../namespaces.ts';
import type { Product } from '../products.ts';
import { child, readXml, type XmlElement } from '../xml/read.ts';
import { ewsFault } from './ews-error.ts';
import { checkShape, type ElementShape } from './schema.ts';

/** The ways a request may name the mailbox it acts for. */
export type ImpersonationKind = 'PrincipalName' | 'SID' | 'PrimarySmtpAddress' | 'SmtpAddress';

export interface Impersonation {
  readonly kind: ImpersonationKind;
  /** As sent; it goes back into MessageXml. */
  readonly value: string;
}

/** A request, taken out of its envelope but not yet checked against the operation's own shape. */
export interface SoapCall {
  readonly operation: string;
  readonly request: XmlElement;
  readonly header: XmlElement | undefined;
}

const ANY: ElementShape = {};
const IMPERSONATION: ElementShape = {
  sequence: [
    {
      prefix: 't',
      min: 1,
      of: {
        ConnectingSID: {
          sequence: [
            {
              prefix: 't',
              min: 1,
              of: { PrincipalName: ANY, SID: ANY, PrimarySmtpAddress: ANY, SmtpAddress: ANY },
            },
          ],
        },
      },
    },
  ],
};
const KINDS: readonly ImpersonationKind[] = ['PrincipalName', 'SID', 'PrimarySmtpAddress', 'SmtpAddress'];
/** A request without RequestServerVersion is one of Exchange 2007. */
const OLDEST_VERSION = 'Exchange2007';

/** Throws XmlReadError for what is not XML, and ErrorInvalidRequest for XML that is no SOAP call. */
export function readCall(text: string): SoapCall {
  const envelope = readXml(text);
  const body = envelope.children.find((part) => part.name === 'Body' && part.namespace === SOAP);
  const request = body?.children[0];
  const isCall = envelope.name === 'Envelope' && envelope.namespace === SOAP && request?.namespace === MESSAGES;
  if (!isCall || !request || body.children.length !== 1) throw ewsFault('ErrorInvalidRequest');
  const header = envelope.children.find((part) => part.name === 'Header' && part.namespace === SOAP);
  return { operation: request.name, request, header };
}

/** The schema version the request is written for; a fault by product where the server does not know it. */
export function requestVersion(call: SoapCall, product: Product): string {
  const element = call.header?.children.find(
    (part) => part.name === 'RequestServerVersion' && part.namespace === TYPES,
  );
  if (!element) return OLDEST_VERSION;
  const version = element.attributes.get('Version') ?? '';
  if (!product.requestVersions.includes(version)) throw ewsFault(product.unknownVersionCode);
  return version;
}

/** Whom the request acts for, or undefined for the account's own mailbox. */
export function readImpersonation(call: SoapCall): Impersonation | undefined {
  const element = call.header?.children.find(
    (part) => part.name === 'ExchangeImpersonation' && part.namespace === TYPES,
  );
  if (!element) return undefined;
  checkShape(element, IMPERSONATION);
  const connecting = child(element, 'ConnectingSID')?.children[0];
  const kind = KINDS.find((candidate) => candidate === connecting?.name);
  const value = connecting?.text.trim() ?? '';
  if (kind === undefined || value === '') throw ewsFault('ErrorInvalidExchangeImpersonationHeaderData');
  return { kind, value };
}
