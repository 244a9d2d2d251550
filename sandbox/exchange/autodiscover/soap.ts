import { SOAP } from '../namespaces.ts';
import type { Product } from '../products.ts';
import { child, childText, descend, readXml, XmlReadError } from '../xml/read.ts';
import { element, renderXml, textElement, type XmlNode } from '../xml/write.ts';
import { soapVersionName, type UserSettings } from './settings.ts';

/** SOAP Autodiscover, MS-OXWSADISC: GetUserSettings. */
const AUTODISCOVER = 'http://schemas.microsoft.com/exchange/2010/Autodiscover';
const ADDRESSING = 'http://www.w3.org/2005/08/addressing';
const INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';
const DECLARATION = '<?xml version="1.0" encoding="utf-8"?>';

export interface SoapRequest {
  readonly addresses: readonly string[];
  readonly settings: readonly string[];
}

/** What becomes of one address. */
export type SoapOutcome =
  | { readonly kind: 'settings'; readonly settings: UserSettings }
  | { readonly kind: 'redirect'; readonly to: 'RedirectAddress' | 'RedirectUrl'; readonly target: string }
  | { readonly kind: 'error'; readonly code: string; readonly text: string };

const MAX_USERS = 90;

/** Undefined for what is no GetUserSettings call; such a call without user or setting is an InvalidRequest. */
export function readSoapRequest(text: string): SoapRequest | undefined {
  try {
    const envelope = readXml(text);
    const request = descend(envelope, 'Body', 'GetUserSettingsRequestMessage', 'Request');
    if (envelope.namespace !== SOAP || request?.namespace !== AUTODISCOVER) return undefined;
    const users = child(request, 'Users')?.children ?? [];
    const settings = child(request, 'RequestedSettings')?.children ?? [];
    return {
      addresses: users.map((user) => childText(user, 'Mailbox') ?? ''),
      settings: settings.map((setting) => setting.text.trim()),
    };
  } catch (error) {
    if (error instanceof XmlReadError) return undefined;
    throw error;
  }
}

/** True where the service refuses the call as a whole. */
export function isInvalid({ addresses, settings }: SoapRequest): boolean {
  return addresses.length === 0 || addresses.length > MAX_USERS || settings.length === 0;
}

export function soapAnswer(product: Product, request: SoapRequest, outcomes: readonly SoapOutcome[]): string {
  const responses = outcomes.map((outcome) => userResponse(outcome, request.settings));
  return envelope(
    product,
    textElement('ErrorCode', 'NoError'),
    element('ErrorMessage'),
    element('UserResponses', {}, ...responses),
  );
}

/** The call as a whole is refused: InvalidRequest, ServerBusy. */
export function soapError(product: Product, code: string, text: string): string {
  return envelope(product, textElement('ErrorCode', code), textElement('ErrorMessage', text), element('UserResponses'));
}

export function soapFault(text: string): string {
  const fault = element(
    's:Fault',
    {},
    element(
      'faultcode',
      { 'xmlns:a': 'http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher' },
      'a:DeserializationFailed',
    ),
    element('faultstring', { 'xml:lang': 'en-US' }, text),
  );
  return DECLARATION + renderXml(element('s:Envelope', { 'xmlns:s': SOAP }, element('s:Body', {}, fault)));
}

function userResponse(outcome: SoapOutcome, wanted: readonly string[]): XmlNode {
  const response = (code: string, text: string, target: XmlNode, errors: XmlNode, settings: XmlNode): XmlNode =>
    element(
      'UserResponse',
      {},
      textElement('ErrorCode', code),
      textElement('ErrorMessage', text),
      target,
      errors,
      settings,
    );
  const noTarget = element('RedirectTarget', { 'i:nil': 'true' });
  const noErrors = element('UserSettingErrors');
  const noSettings = element('UserSettings');
  if (outcome.kind === 'error') return response(outcome.code, outcome.text, noTarget, noErrors, noSettings);
  if (outcome.kind === 'redirect') {
    return response(outcome.to, 'Redirect.', textElement('RedirectTarget', outcome.target), noErrors, noSettings);
  }
  const names = [...new Set(wanted)];
  const missing = names.filter((name) => !outcome.settings.has(name));
  const found = names.filter((name) => outcome.settings.has(name));
  return response(
    'NoError',
    'No error.',
    noTarget,
    element('UserSettingErrors', {}, ...missing.map(settingError)),
    element('UserSettings', {}, ...found.map((name) => setting(name, outcome.settings.get(name) ?? ''))),
  );
}

function settingError(name: string): XmlNode {
  return element(
    'UserSettingError',
    {},
    textElement('ErrorCode', 'SettingIsNotAvailable'),
    textElement('ErrorMessage', `User setting '${name}' is not available.`),
    textElement('SettingName', name),
  );
}

function setting(name: string, value: string): XmlNode {
  return element('UserSetting', { 'i:type': 'StringSetting' }, textElement('Name', name), textElement('Value', value));
}

/** ServerVersionInfo has child elements here, and attributes in Exchange Web Services (shared facts, exchange.md §6.2). */
function envelope(product: Product, ...response: readonly XmlNode[]): string {
  const version = element(
    'h:ServerVersionInfo',
    { 'xmlns:h': AUTODISCOVER, 'xmlns:i': INSTANCE },
    textElement('h:MajorVersion', product.major),
    textElement('h:MinorVersion', product.minor),
    textElement('h:MajorBuildNumber', product.build),
    textElement('h:MinorBuildNumber', product.revision),
    textElement('h:Version', soapVersionName(product)),
  );
  const header = element(
    's:Header',
    {},
    element('a:Action', { 's:mustUnderstand': '1' }, `${AUTODISCOVER}/Autodiscover/GetUserSettingsResponse`),
    version,
  );
  const message = element(
    'GetUserSettingsResponseMessage',
    { xmlns: AUTODISCOVER },
    element('Response', { 'xmlns:i': INSTANCE }, ...response),
  );
  const whole = element(
    's:Envelope',
    { 'xmlns:s': SOAP, 'xmlns:a': ADDRESSING },
    header,
    element('s:Body', {}, message),
  );
  return DECLARATION + renderXml(whole);
}
