import type { Correspondent, ItemBody, ItemContent } from './item.ts';

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
  /** All header fields in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Reads a message (RFC 5322, with as much of MIME as single texts and the first text of a multipart need). */
export function readMime(source: Buffer): MimeMessage | undefined {
  const { headers, rest } = splitPart(source.toString('latin1'));
  if (headers.length === 0) return undefined;
  const field = (name: string): string | undefined => fieldOf(headers, name);
  const people = (name: string): Correspondent[] => readAddresses(field(name) ?? '');
  return {
    subject: decodeWords(field('subject') ?? ''),
    from: people('from')[0],
    sender: people('sender')[0],
    to: people('to'),
    cc: people('cc'),
    bcc: people('bcc'),
    internetMessageId: field('message-id'),
    body: readBody(headers, rest, 0) ?? { type: 'Text', text: '' },
    headers,
  };
}

/** Writes a message that was given as properties in Internet format. */
export function writeMime(content: ItemContent, sentAt: Date | undefined): Buffer {
  if (content.mime) return content.mime;
  const list = (people: readonly Correspondent[]): string =>
    people.map(({ name, address }) => `${encodeWord(name)} <${address}>`).join(', ');
  const fields: [string, string][] = [];
  if (content.from) fields.push(['From', list([content.from])]);
  if (content.to.length > 0) fields.push(['To', list(content.to)]);
  if (content.cc.length > 0) fields.push(['CC', list(content.cc)]);
  fields.push(['Subject', encodeWord(content.subject)]);
  if (sentAt) fields.push(['Date', sentAt.toUTCString().replace('GMT', '+0000')]);
  if (content.internetMessageId !== undefined) fields.push(['Message-ID', content.internetMessageId]);
  for (const { path, values } of content.extendedProperties) {
    if (path.header !== undefined) fields.push([path.header, encodeWord(values.join(', '))]);
  }
  const kind = content.body?.type === 'HTML' ? 'html' : 'plain';
  fields.push(['MIME-Version', '1.0'], ['Content-Type', `text/${kind}; charset="utf-8"`]);
  fields.push(['Content-Transfer-Encoding', 'base64']);
  const head = fields.map(([name, value]) => `${name}: ${value.replace(/[\r\n]+/g, ' ')}\r\n`).join('');
  return Buffer.from(`${head}\r\n${wrapBase64(Buffer.from(content.body?.text ?? ''))}\r\n`);
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

function readBody(headers: Part['headers'], rest: string, depth: number): ItemBody | undefined {
  const type = fieldOf(headers, 'content-type') ?? 'text/plain';
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (/^multipart\//i.test(type) && boundary !== undefined) {
    if (depth > 8) return undefined;
    for (const part of rest.split(`--${boundary}`).slice(1)) {
      const { headers: inner, rest: content } = splitPart(part.replace(/^\r?\n/, ''));
      const body = readBody(inner, content.replace(/\r?\n$/, ''), depth + 1);
      if (body) return body;
    }
    return undefined;
  }
  if (!/^text\//i.test(type)) return undefined;
  const encoding = fieldOf(headers, 'content-transfer-encoding')?.toLowerCase();
  const bytes =
    encoding === 'base64'
      ? Buffer.from(rest, 'base64')
      : Buffer.from(encoding === 'quoted-printable' ? decodeQuoted(rest.replace(/=\r?\n/g, '')) : rest, 'latin1');
  return { type: /^text\/html/i.test(type) ? 'HTML' : 'Text', text: bytes.toString('utf8') };
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
