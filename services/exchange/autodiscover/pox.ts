import { childrenOf, escapeXml, find, readXml, textAt, type XmlElement } from './bounded-xml.ts';
import {
  addressUnknown,
  invalidAnswer,
  otherError,
  type AnswerContext,
  type SettingsAnswer,
} from './settings-answer.ts';

const requestSchema = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006';
const responseSchema = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';

/** Plain-XML Autodiscover (MS-OXDSCLI): the language that every product and most other servers speak. */
export const poxQuestion = (address: string): string =>
  `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="${requestSchema}"><Request>` +
  `<EMailAddress>${escapeXml(address)}</EMailAddress>` +
  `<AcceptableResponseSchema>${responseSchema}</AcceptableResponseSchema></Request></Autodiscover>`;

export const poxHeaders: Readonly<Record<string, string>> = { 'Content-Type': 'text/xml; charset=utf-8' };

/** Outside the network, inside it, and the newer spelling of either; EWS has two names, ASUrl is the older one. */
const protocols = ['EXPR', 'EXCH', 'EXHTTP'];
const urlNames = ['EwsUrl', 'ASUrl'];

/** Reads the answer. An `Error` may stand below either of the two `Response` elements, whose namespaces differ. */
export function readPox(text: string, context: AnswerContext): SettingsAnswer {
  const root = readXml(text);
  if (root?.name !== 'Autodiscover') return invalidAnswer(context);
  const response = find(root, 'Response');
  const account = find(response, 'Account');
  const error = find(response, 'Error') ?? find(account, 'Error') ?? find(root, 'Error');
  if (error !== null) {
    // 500: "The email address can't be found."
    const code = textAt(error, 'ErrorCode');
    return code === '500' ? addressUnknown(context) : otherError(context, code);
  }
  if (account === null) return invalidAnswer(context);
  const action = textAt(account, 'Action').toLowerCase();
  if (action === 'redirectaddr') return { kind: 'redirect-address', address: textAt(account, 'RedirectAddr') };
  if (action === 'redirecturl') return { kind: 'redirect-url', url: textAt(account, 'RedirectUrl') };
  return settingsOf(account);
}

function settingsOf(account: XmlElement): SettingsAnswer {
  const sections = childrenOf(account, 'Protocol');
  const ordered = protocols.flatMap((type) => sections.filter((section) => textAt(section, 'Type') === type));
  const urls = ordered.flatMap((section) => urlNames.map((name) => textAt(section, name)));
  return { kind: 'settings', ewsUrls: [...new Set(urls)].filter((url) => url !== '') };
}
