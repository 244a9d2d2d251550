import type { Product } from '../products.ts';
import { childText, descend, readXml, XmlReadError } from '../xml/read.ts';
import { element, renderXml, textElement, type XmlNode } from '../xml/write.ts';
import { serverVersionHex, type UserSettings } from './settings.ts';

/** Plain old XML Autodiscover, MS-OXDSCLI. */
const RESPONSE = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';
const OUTLOOK = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';
const DECLARATION = '<?xml version="1.0" encoding="utf-8"?>';

/** What a request asks for, or the code it is refused with. */
export type PoxRequest = { readonly address: string } | { readonly refusal: PoxErrorCode };

export type PoxErrorCode = 500 | 600 | 601;

/** The server's words (shared facts, exchange.md §6.5; that of 500 and 601 is recalled, not on record). */
const TEXTS: Readonly<Record<number, string>> = {
  500: "The email address can't be found.",
  600: 'Invalid Request',
  601: 'Provider is not available',
  603: 'The server is too busy',
};

export function readPoxRequest(text: string): PoxRequest {
  let address: string | undefined;
  let schema: string | undefined;
  try {
    const root = readXml(text);
    const request = root.name === 'Autodiscover' ? descend(root, 'Request') : undefined;
    address = childText(request, 'EMailAddress');
    schema = childText(request, 'AcceptableResponseSchema');
  } catch (error) {
    if (!(error instanceof XmlReadError)) throw error;
  }
  if (address === undefined || address === '' || schema === undefined) return { refusal: 600 };
  return schema === OUTLOOK ? { address } : { refusal: 601 };
}

export function poxError(code: number, now: Date, text = TEXTS[code] ?? 'Invalid Request'): string {
  const error = element(
    'Error',
    { Time: now.toISOString().slice(11, 23).padEnd(16, '0'), Id: '2477272013' },
    textElement('ErrorCode', code),
    textElement('Message', text),
    element('DebugData'),
  );
  return document(element('Response', {}, error));
}

export function poxRedirect(kind: 'redirectAddr' | 'redirectUrl', target: string): string {
  const account = element(
    'Account',
    {},
    textElement('AccountType', 'email'),
    textElement('Action', kind),
    textElement(kind === 'redirectAddr' ? 'RedirectAddr' : 'RedirectUrl', target),
  );
  return document(element('Response', { xmlns: OUTLOOK }, account));
}

/** The settings of a mailbox: inside the network (EXCH), from outside (EXPR), and in a browser (WEB). */
export function poxSettings(settings: UserSettings, product: Product, host: string): string {
  const value = (name: string): string => settings.get(name) ?? '';
  const user = element(
    'User',
    {},
    textElement('DisplayName', value('UserDisplayName')),
    textElement('LegacyDN', value('UserDN')),
    textElement('AutoDiscoverSMTPAddress', value('AutoDiscoverSMTPAddress')),
    textElement('DeploymentId', value('UserDeploymentId')),
  );
  const inside = element(
    'Protocol',
    {},
    textElement('Type', 'EXCH'),
    textElement('Server', value('InternalMailboxServer')),
    textElement('ServerDN', value('MailboxDN')),
    textElement('ServerVersion', serverVersionHex(product)),
    textElement('MdbDN', `${value('MailboxDN')}/cn=Microsoft Private MDB`),
    textElement('AD', value('ActiveDirectoryServer')),
    ...services(settings.get('InternalEwsUrl')),
    element('CertPrincipalName', {}, 'None'),
  );
  const outside = element(
    'Protocol',
    {},
    textElement('Type', 'EXPR'),
    textElement('Server', host),
    textElement('SSL', 'On'),
    textElement('AuthPackage', 'Ntlm'),
    ...services(settings.get('ExternalEwsUrl')),
    element('CertPrincipalName', {}, 'None'),
  );
  const account = element(
    'Account',
    {},
    textElement('AccountType', 'email'),
    textElement('Action', 'settings'),
    textElement('MicrosoftOnline', 'False'),
    inside,
    outside,
    element('Protocol', {}, textElement('Type', 'WEB'), ...browsers(settings)),
  );
  return document(element('Response', { xmlns: OUTLOOK }, user, account));
}

function services(ews: string | undefined): XmlNode[] {
  if (ews === undefined) return [];
  const names = ['ASUrl', 'EwsUrl', 'EmwsUrl', 'OOFUrl'];
  return names.map((name) => textElement(name, ews));
}

function browsers(settings: UserSettings): XmlNode[] {
  const sides = [
    ['Internal', settings.get('InternalEcpUrl')],
    ['External', settings.get('ExternalEcpUrl')],
  ] as const;
  return sides.flatMap(([side, url]) =>
    url === undefined ? [] : [element(side, {}, element('OWAUrl', { AuthenticationMethod: 'Basic, Fba' }, url))],
  );
}

function document(response: XmlNode): string {
  return DECLARATION + renderXml(element('Autodiscover', { xmlns: RESPONSE }, response));
}
