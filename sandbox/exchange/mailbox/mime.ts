import { attachmentNumber, isFile } from './attachment.ts';
import type { Attachment, Correspondent, ItemBody, ItemContent } from './item.ts';

/** The parts of a message in Internet format that Exchange turns into properties. */
export interface MimeMessage {
  readonly subject: string;
  readonly from: Correspondent | undefined;
  readonly sender: Correspondent | undefined;
  readonly to: readonly Correspondent[];
  readonly cc: readonly Correspondent[];
  readonly bcc: readonly Correspondent[];
  readonly internetMessageId: string | undefined;
  readonly body: ItemBody;
  readonly attachments: readonly Attachment[];
  /** All header fields in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Reads a message: RFC 5322, and of MIME the first text of each kind and the files; the best text is the body. */
export function readMime(source: Buffer): MimeMessage | undefined {
  const { headers, rest } = splitPart(source.toString('latin1'));
  if (headers.length === 0) return undefined;
  const field = (name: string): string | undefined => fieldOf(headers, name);
  const people = (name: string): Correspondent[] => readAddresses(field(name) ?? '');
  const { texts, attachments } = readContent(headers, rest, 0);
  return {
    subject: decodeWords(field('subject') ?? ''),
    from: people('from')[0],
    sender: people('sender')[0],
    to: people('to'),
    cc: people('cc'),
    bcc: people('bcc'),
    internetMessageId: field('message-id'),
    body: texts.find(({ type }) => type === 'HTML') ?? texts[0] ?? { type: 'Text', text: '' },
    attachments,
    headers,
  };
}

/** Writes a message that was given as properties in Internet format. */
export function writeMime(content: ItemContent, sentAt: Date | undefined): Buffer {
  if (content.mime) return content.mime;
  const list = (people: readonly Correspondent[]): string =>
    people.map(({ name, address }) => `${encodeWord(name)} <${address}>`).join(', ');
  const fields: Field[] = [];
  if (content.from) fields.push(['From', list([content.from])]);
  if (content.to.length > 0) fields.push(['To', list(content.to)]);
  if (content.cc.length > 0) fields.push(['CC', list(content.cc)]);
  fields.push(['Subject', encodeWord(content.subject)]);
  if (sentAt) fields.push(['Date', sentAt.toUTCString().replace('GMT', '+0000')]);
  if (content.internetMessageId !== undefined) fields.push(['Message-ID', content.internetMessageId]);
  for (const { path, values } of content.extendedProperties) {
    if (path.header !== undefined) fields.push([path.header, encodeWord(values.join(', '))]);
  }
  fields.push(['MIME-Version', '1.0']);
  const body = textPart(content);
  const files = content.attachments.filter(isFile);
  if (files.length === 0) return Buffer.from(`${head(fields)}${body}`);
  const boundary = '_000_EX_';
  const parts = [body, ...files.map(filePart)].map((part) => `--${boundary}\r\n${part}`);
  fields.push(['Content-Type', `multipart/mixed; boundary="${boundary}"`]);
  return Buffer.from(`${head(fields)}\r\n${parts.join('')}--${boundary}--\r\n`);
}

type Field = readonly [name: string, value: string];

function head(fields: readonly Field[]): string {
  return fields.map(([name, value]) => `${name}: ${value.replace(/[\r\n]+/g, ' ')}\r\n`).join('');
}

function textPart({ body }: ItemContent): string {
  const kind = body?.type === 'HTML' ? 'html' : 'plain';
  return part([['Content-Type', `text/${kind}; charset="utf-8"`]], Buffer.from(body?.text ?? ''));
}

function filePart(file: Attachment & { readonly content: Buffer }): string {
  const name = encodeWord(file.name).replaceAll('"', "'");
  const disposition = file.isInline ? 'inline' : 'attachment';
  const fields: Field[] = [
    ['Content-Type', `${file.contentType ?? 'application/octet-stream'}; name="${name}"`],
    ['Content-Disposition', `${disposition}; filename="${name}"`],
  ];
  if (file.contentId !== undefined) fields.push(['Content-ID', `<${file.contentId}>`]);
  return part(fields, file.content);
}

function part(fields: readonly Field[], content: Buffer): string {
  return `${head([...fields, ['Content-Transfer-Encoding', 'base64']])}\r\n${wrapBase64(content)}\r\n`;
}

/** Base64 in lines of 76 characters, as MimeContent and message bodies carry it. */
export function wrapBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n');
}

interface Part {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly rest: string;
}

function splitPart(text: string): Part {
  const gap = /\r?\n\r?\n/.exec(text);
  const head = gap ? text.slice(0, gap.index) : text;
  const rest = gap ? text.slice(gap.index + gap[0].length) : '';
  const headers: [string, string][] = [];
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  return { headers, rest };
}

function fieldOf(headers: Part['headers'], name: string): string | undefined {
  return headers.find(([candidate]) => candidate.toLowerCase() === name)?.[1];
}

interface MimeParts {
  readonly texts: readonly ItemBody[];
  readonly attachments: readonly Attachment[];
}

const NOTHING: MimeParts = { texts: [], attachments: [] };

function readContent(headers: Part['headers'], rest: string, depth: number): MimeParts {
  const type = fieldOf(headers, 'content-type') ?? 'text/plain';
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (/^multipart\//i.test(type) && boundary !== undefined) {
    if (depth > 8) return NOTHING;
    // What comes before the first boundary, and after the last, is for nobody.
    const parts = rest
      .split(`--${boundary}`)
      .slice(1)
      .filter((part) => !part.startsWith('--'));
    return parts.reduce<MimeParts>((sum, part) => {
      const { headers: inner, rest: content } = splitPart(part.replace(/^\r?\n/, ''));
      const { texts, attachments } = readContent(inner, content.replace(/\r?\n$/, ''), depth + 1);
      return { texts: [...sum.texts, ...texts], attachments: [...sum.attachments, ...attachments] };
    }, NOTHING);
  }
  const disposition = fieldOf(headers, 'content-disposition') ?? '';
  const name = /\b(?:file)?name="?([^";]+)"?/i.exec(`${disposition};${type}`)?.[1];
  const bytes = decodeTransfer(rest, fieldOf(headers, 'content-transfer-encoding'));
  if (/^text\//i.test(type) && name === undefined && !/^attachment/i.test(disposition)) {
    return { ...NOTHING, texts: [{ type: /^text\/html/i.test(type) ? 'HTML' : 'Text', text: bytes.toString('utf8') }] };
  }
  if (depth === 0) return NOTHING;
  const file = {
    number: attachmentNumber(),
    name: decodeWords(name ?? 'attachment'),
    contentType: type.replace(/;.*$/s, '').trim(),
    contentId: fieldOf(headers, 'content-id')?.replace(/^<|>$/g, ''),
    contentLocation: fieldOf(headers, 'content-location'),
    isInline: /^inline/i.test(disposition),
    isContactPhoto: false,
    content: bytes,
  };
  return { ...NOTHING, attachments: [file] };
}

function decodeTransfer(text: string, encoding: string | undefined): Buffer {
  switch (encoding?.toLowerCase()) {
    case 'base64':
      return Buffer.from(text, 'base64');
    case 'quoted-printable':
      return Buffer.from(decodeQuoted(text.replace(/=\r?\n/g, '')), 'latin1');
    default:
      return Buffer.from(text, 'latin1');
  }
}

function readAddresses(text: string): Correspondent[] {
  return (text.match(/(?:"[^"]*"|[^,"])+/g) ?? []).flatMap((entry) => {
    const bracketed = /^(.*)<([^<>]+)>\s*$/.exec(entry.trim());
    const address = (bracketed?.[2] ?? entry).trim();
    if (address === '') return [];
    const name = decodeWords((bracketed?.[1] ?? '').trim().replace(/^"(.*)"$/, '$1'));
    return [{ name: name === '' ? address : name, address }];
  });
}

/** RFC 2047 words; the space between two of them is no space. */
function decodeWords(text: string): string {
  return Buffer.from(text, 'latin1')
    .toString('utf8')
    .replace(/(=\?[^?]+\?[bq]\?[^?]*\?=)\s+(?==\?)/gi, '$1')
    .replace(/=\?([^?]+)\?([bq])\?([^?]*)\?=/gi, (_all, charset: string, encoding: string, data: string) => {
      const isBase64 = encoding.toLowerCase() === 'b';
      const bytes = isBase64
        ? Buffer.from(data, 'base64')
        : Buffer.from(decodeQuoted(data.replaceAll('_', ' ')), 'latin1');
      return bytes.toString(/^(?:iso-8859-1|us-ascii|windows-1252)$/i.test(charset) ? 'latin1' : 'utf8');
    });
}

function decodeQuoted(text: string): string {
  return text.replace(/=([0-9A-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function encodeWord(text: string): string {
  const isPlain = /^[\x20-\x7e]*$/.test(text);
  return isPlain ? text : `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
}
