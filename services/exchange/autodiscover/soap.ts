import { childrenOf, escapeXml, find, readXml, textAt, type XmlElement } from './bounded-xml.ts';
import {
  addressUnknown,
  invalidAnswer,
  otherError,
  type AnswerContext,
  type SettingsAnswer,
} from './settings-answer.ts';

/** SOAP Autodiscover (learn.microsoft.com, EWS:getusersettings-operation-soap). */
const action = 'http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettings';

/** Asks for the EWS addresses of a mailbox. `url` is where the request goes, which SOAP addressing repeats. */
export const soapQuestion = (address: string, url: string): string =>
  '<?xml version="1.0" encoding="utf-8"?>' +
  '<soap:Envelope xmlns:a="http://schemas.microsoft.com/exchange/2010/Autodiscover"' +
  ' xmlns:wsa="http://www.w3.org/2005/08/addressing" xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">' +
  '<soap:Header><a:RequestedServerVersion>Exchange2013_SP1</a:RequestedServerVersion>' +
  `<wsa:Action>${action}</wsa:Action><wsa:To>${escapeXml(url)}</wsa:To></soap:Header>` +
  '<soap:Body><a:GetUserSettingsRequestMessage><a:Request>' +
  `<a:Users><a:User><a:Mailbox>${escapeXml(address)}</a:Mailbox></a:User></a:Users>` +
  '<a:RequestedSettings><a:Setting>ExternalEwsUrl</a:Setting><a:Setting>InternalEwsUrl</a:Setting>' +
  '</a:RequestedSettings>' +
  '</a:Request></a:GetUserSettingsRequestMessage></soap:Body></soap:Envelope>';

export const soapHeaders: Readonly<Record<string, string>> = {
  'Content-Type': 'text/xml; charset=utf-8',
  SOAPAction: `"${action}"`,
};

/** Codes of `ErrorCode (SOAP)` that mean: not one of ours. */
const unknownUser = new Set(['InvalidUser', 'InvalidDomain']);

/** Reads the answer to a question about one user. The user's own code decides before the one of the whole answer. */
export function readSoap(text: string, context: AnswerContext): SettingsAnswer {
  const envelope = readXml(text);
  if (envelope?.name !== 'Envelope') return invalidAnswer(context);
  const body = find(envelope, 'Body');
  if (body === null) return invalidAnswer(context);
  const fault = find(body, 'Fault');
  if (fault !== null) return otherError(context, soapFaultCode(fault));
  const response = find(body, 'GetUserSettingsResponseMessage', 'Response');
  if (response === null) return invalidAnswer(context);
  const user = find(response, 'UserResponses', 'UserResponse');
  const own = textAt(user, 'ErrorCode');
  const code = own === '' || own === 'NoError' ? textAt(response, 'ErrorCode') : own;
  const target = textAt(user, 'RedirectTarget');
  if (code === 'RedirectAddress') return { kind: 'redirect-address', address: target };
  if (code === 'RedirectUrl') return { kind: 'redirect-url', url: target };
  if (unknownUser.has(code)) return addressUnknown(context);
  if (code === 'ServerBusy')
    return { kind: 'error', fault: { code: 'ErrorServerBusy', params: { host: context.host } } };
  if (code !== '' && code !== 'NoError') return otherError(context, code);
  return settingsOf(user);
}

function settingsOf(user: XmlElement | null): SettingsAnswer {
  const settings = new Map(
    childrenOf(find(user, 'UserSettings'), 'UserSetting').map((setting) => [
      textAt(setting, 'Name'),
      textAt(setting, 'Value'),
    ]),
  );
  const urls = ['ExternalEwsUrl', 'InternalEwsUrl'].map((name) => settings.get(name) ?? '');
  return { kind: 'settings', ewsUrls: urls.filter((url) => url !== '') };
}

function soapFaultCode(fault: XmlElement): string {
  // SOAP 1.1, then 1.2. A prefix is a matter of the document, not of the code.
  const code = textAt(fault, 'faultcode') || textAt(fault, 'Code', 'Value');
  return code.slice(code.indexOf(':') + 1);
}
