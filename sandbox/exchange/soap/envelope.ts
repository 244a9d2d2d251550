import { ERRORS, MESSAGES, SOAP, TYPES } from '../namespaces.ts';
import type { Product } from '../products.ts';
import { element, renderXml, textElement, type XmlNode } from '../xml/write.ts';
import type { EwsError } from './ews-error.ts';

const DECLARATION = '<?xml version="1.0" encoding="utf-8"?>';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const XSD = 'http://www.w3.org/2001/XMLSchema';

/** One response message of an answer, ready but for its envelope. */
export interface ResponseMessage {
  readonly responseClass: 'Success' | 'Warning' | 'Error';
  readonly code: string;
  readonly text: string | undefined;
  readonly values: Readonly<Record<string, string>>;
  readonly content: readonly XmlNode[];
}

/** The envelope of a success, laid out as captures of Exchange show it (shared facts, exchange.md §6.2). */
export function answerEnvelope(product: Product, operation: string, messages: readonly ResponseMessage[]): string {
  const name = `m:${operation}ResponseMessage`;
  const list = element('m:ResponseMessages', {}, ...messages.map((message) => responseMessage(name, message)));
  return wholeEnvelope(product, element(`m:${operation}Response`, {}, list));
}

/** The envelope of an answer that is no list of response messages. */
export function wholeEnvelope(product: Product, response: XmlNode): string {
  const attributes = { ...response.attributes, 'xmlns:m': MESSAGES, 'xmlns:t': TYPES };
  const envelope = element(
    's:Envelope',
    { 'xmlns:s': SOAP },
    element('s:Header', {}, serverVersionInfo(product)),
    element('s:Body', { 'xmlns:xsi': XSI, 'xmlns:xsd': XSD }, { ...response, attributes }),
  );
  return DECLARATION + renderXml(envelope);
}

/** The envelope of a fault: no header, and the code in a namespace of its own. */
export function faultEnvelope(error: EwsError): string {
  const faultText = error.violation ? `${error.message.replace(/\.$/, '')}: ${error.violation.text}` : error.message;
  const envelope = element(
    's:Envelope',
    { 'xmlns:s': SOAP },
    element(
      's:Body',
      {},
      element(
        's:Fault',
        {},
        element('faultcode', { 'xmlns:a': TYPES }, `a:${error.code}`),
        element('faultstring', { 'xml:lang': 'en-US' }, faultText),
        element(
          'detail',
          {},
          element('e:ResponseCode', { 'xmlns:e': ERRORS }, error.code),
          element('e:Message', { 'xmlns:e': ERRORS }, error.message),
          faultDetails(error),
        ),
      ),
    ),
  );
  return DECLARATION + renderXml(envelope);
}

function serverVersionInfo(product: Product): XmlNode {
  return element('h:ServerVersionInfo', {
    MajorVersion: String(product.major),
    MinorVersion: String(product.minor),
    MajorBuildNumber: String(product.build),
    MinorBuildNumber: String(product.revision),
    Version: product.schemaVersion,
    'xmlns:h': TYPES,
    xmlns: TYPES,
    'xmlns:xsd': XSD,
    'xmlns:xsi': XSI,
  });
}

/** The order is the schema's: MessageText, ResponseCode, DescriptiveLinkKey, MessageXml, then what the operation adds. */
export function responseMessage(name: string, message: ResponseMessage): XmlNode {
  const values = valueNodes(message.values);
  const isSuccess = message.responseClass === 'Success';
  return element(
    name,
    { ResponseClass: message.responseClass },
    message.text === undefined ? undefined : textElement('m:MessageText', message.text),
    textElement('m:ResponseCode', message.code),
    isSuccess ? undefined : textElement('m:DescriptiveLinkKey', 0),
    values.length > 0 ? element('m:MessageXml', {}, ...values) : undefined,
    ...message.content,
  );
}

function faultDetails(error: EwsError): XmlNode | undefined {
  const { violation } = error;
  const nodes = violation
    ? [
        textElement('t:LineNumber', violation.line),
        textElement('t:LinePosition', violation.column),
        textElement('t:Violation', violation.text),
      ]
    : valueNodes(error.values);
  return nodes.length > 0 ? element('t:MessageXml', { 'xmlns:t': TYPES }, ...nodes) : undefined;
}

function valueNodes(values: Readonly<Record<string, string>>): XmlNode[] {
  return Object.entries(values).map(([name, value]) => element('t:Value', { Name: name }, value));
}
