import { request, type Agent } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { readXml, type XmlElement } from '../../../sandbox/exchange/xml/read.ts';

/** What came back over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Header names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly text: string;
}

export interface WireRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
}

/** Sends a request over TLS that trusts the stand-in's authority alone. */
export function send(exchange: ExchangeStandIn, wire: WireRequest): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      exchange.ews,
      {
        method: wire.method ?? 'POST',
        ca: exchange.caCertificate,
        agent: wire.agent ?? false,
        ...(wire.signal ? { signal: wire.signal } : {}),
        ...(wire.path === undefined ? {} : { path: wire.path }),
        headers: {
          ...(wire.body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(wire.body)) }),
          ...wire.headers,
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            rawHeaders: incoming.rawHeaders,
            text: Buffer.concat(chunks).toString('utf8'),
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(wire.body);
  });
}

export function basic(userName: string, password: string): string {
  return `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`;
}

export interface CallOptions {
  /** The impersonated address; the account's own mailbox without it. */
  readonly as?: string;
  readonly kind?: string;
  /** RequestServerVersion; none where null. */
  readonly version?: string | null;
  readonly authorization?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
}

/** The envelope of a request, as a client sends it. */
export function envelope(
  body: string,
  { as, kind = 'SmtpAddress', version = 'Exchange2013_SP1' }: CallOptions,
): string {
  const versionHeader = version === null ? '' : `<t:RequestServerVersion Version="${version}"/>`;
  const impersonation =
    as === undefined
      ? ''
      : `<t:ExchangeImpersonation><t:ConnectingSID><t:${kind}>${as}</t:${kind}></t:ConnectingSID></t:ExchangeImpersonation>`;
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><soap:Header>${versionHeader}${impersonation}</soap:Header><soap:Body>${body}</soap:Body></soap:Envelope>`;
}

/** Calls an operation with the service account's credentials. */
export function call(exchange: ExchangeStandIn, body: string, options: CallOptions = {}): Promise<WireAnswer> {
  const { userName, password } = exchange.serviceAccount;
  return send(exchange, {
    body: envelope(body, options),
    headers: {
      'Content-Type': 'text/xml; charset=utf-8',
      Authorization: options.authorization ?? basic(userName, password),
      ...options.headers,
    },
    ...(options.agent ? { agent: options.agent } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
}

/** Every element of that name in an answer. */
export function all(answer: WireAnswer, name: string): XmlElement[] {
  const found: XmlElement[] = [];
  const walk = (element: XmlElement): void => {
    if (element.name === name) found.push(element);
    element.children.forEach(walk);
  };
  walk(readXml(answer.text));
  return found;
}

/** The texts of every element of that name. */
export function texts(answer: WireAnswer, name: string): string[] {
  return all(answer, name).map((element) => element.text);
}

export function attribute(answer: WireAnswer, name: string, attributeName: string): string | undefined {
  return all(answer, name)[0]?.attributes.get(attributeName);
}

export const getFolder = (names: readonly string[], shape = 'AllProperties'): string =>
  `<m:GetFolder><m:FolderShape><t:BaseShape>${shape}</t:BaseShape></m:FolderShape><m:FolderIds>${names
    .map((name) => `<t:DistinguishedFolderId Id="${name}"/>`)
    .join('')}</m:FolderIds></m:GetFolder>`;

export const findFolder = (parent: string, view = '', traversal = 'Shallow', shape = 'AllProperties'): string =>
  `<m:FindFolder Traversal="${traversal}"><m:FolderShape><t:BaseShape>${shape}</t:BaseShape></m:FolderShape>${view}<m:ParentFolderIds><t:DistinguishedFolderId Id="${parent}"/></m:ParentFolderIds></m:FindFolder>`;

export const folderPage = (max: number, offset: number): string =>
  `<m:IndexedPageFolderView MaxEntriesReturned="${max}" Offset="${offset}" BasePoint="Beginning"/>`;

export const itemPage = (max: number, offset: number): string =>
  `<m:IndexedPageItemView MaxEntriesReturned="${max}" Offset="${offset}" BasePoint="Beginning"/>`;

export interface FindItemParts {
  readonly view?: string;
  readonly restriction?: string;
  readonly sort?: string;
  readonly extra?: string;
  readonly shape?: string;
  readonly query?: string;
}

export const findItem = (folder: string, parts: FindItemParts = {}): string =>
  `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>${parts.shape ?? 'AllProperties'}</t:BaseShape>${
    parts.extra === undefined ? '' : `<t:AdditionalProperties>${parts.extra}</t:AdditionalProperties>`
  }</m:ItemShape>${parts.view ?? ''}${
    parts.restriction === undefined ? '' : `<m:Restriction>${parts.restriction}</m:Restriction>`
  }${parts.sort ?? ''}<m:ParentFolderIds><t:DistinguishedFolderId Id="${folder}"/></m:ParentFolderIds>${
    parts.query === undefined ? '' : `<m:QueryString>${parts.query}</m:QueryString>`
  }</m:FindItem>`;

export const MARKER_URI =
  '<t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="mailroom-run" PropertyType="String"/>';
export const HEADER_URI =
  '<t:ExtendedFieldURI DistinguishedPropertySetId="InternetHeaders" PropertyName="X-Mailroom-Run" PropertyType="String"/>';

export const isEqualTo = (path: string, value: string): string =>
  `<t:IsEqualTo>${path}<t:FieldURIOrConstant><t:Constant Value="${value}"/></t:FieldURIOrConstant></t:IsEqualTo>`;

/** A message as CreateItem takes it; `to` may be several addresses. */
export const message = (
  subject: string,
  to: readonly string[],
  extra: { properties?: string; from?: string } = {},
): string =>
  `<t:Message><t:Subject>${subject}</t:Subject><t:Body BodyType="Text">Hello &lt;world&gt;</t:Body>${
    extra.properties ?? ''
  }<t:ToRecipients>${to
    .map((address) => `<t:Mailbox><t:EmailAddress>${address}</t:EmailAddress></t:Mailbox>`)
    .join('')}</t:ToRecipients>${
    extra.from === undefined
      ? ''
      : `<t:From><t:Mailbox><t:EmailAddress>${extra.from}</t:EmailAddress></t:Mailbox></t:From>`
  }</t:Message>`;

export const createItem = (items: string, disposition = 'SendAndSaveCopy', folder?: string): string =>
  `<m:CreateItem MessageDisposition="${disposition}">${
    folder === undefined ? '' : `<m:SavedItemFolderId><t:DistinguishedFolderId Id="${folder}"/></m:SavedItemFolderId>`
  }<m:Items>${items}</m:Items></m:CreateItem>`;

export const extendedProperty = (uri: string, value: string): string =>
  `<t:ExtendedProperty>${uri}<t:Value>${value}</t:Value></t:ExtendedProperty>`;

export const itemIds = (answer: WireAnswer): string[] =>
  all(answer, 'ItemId').map(
    ({ attributes }) => `<t:ItemId Id="${attributes.get('Id')}" ChangeKey="${attributes.get('ChangeKey')}"/>`,
  );

export const getItem = (ids: readonly string[], shapeParts = '', base = 'AllProperties'): string =>
  `<m:GetItem><m:ItemShape><t:BaseShape>${base}</t:BaseShape>${shapeParts}</m:ItemShape><m:ItemIds>${ids.join('')}</m:ItemIds></m:GetItem>`;

export const deleteItem = (ids: readonly string[], how = 'HardDelete'): string =>
  `<m:DeleteItem DeleteType="${how}"><m:ItemIds>${ids.join('')}</m:ItemIds></m:DeleteItem>`;

export const sendItem = (ids: readonly string[], saves = true): string =>
  `<m:SendItem SaveItemToFolder="${saves}"><m:ItemIds>${ids.join('')}</m:ItemIds></m:SendItem>`;

export const resolveNames = (entry: string): string =>
  `<m:ResolveNames ReturnFullContactData="true"><m:UnresolvedEntry>${entry}</m:UnresolvedEntry></m:ResolveNames>`;

export const convertId = (id: string, mailbox: string, from = 'EwsId', to = 'EwsId'): string =>
  `<m:ConvertId DestinationFormat="${to}"><m:SourceIds><t:AlternateId Format="${from}" Id="${id}" Mailbox="${mailbox}"/></m:SourceIds></m:ConvertId>`;
