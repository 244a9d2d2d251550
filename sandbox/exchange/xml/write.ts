/** An element to be written. The name carries its prefix (`t:FolderId`); undefined attributes and content are left out. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly content: readonly XmlContent[];
}

export type XmlContent = XmlNode | string | undefined;

export function element(
  name: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...content: readonly XmlContent[]
): XmlNode {
  return { name, attributes, content };
}

/** An element that holds nothing but text. */
export function textElement(name: string, text: string | number | boolean): XmlNode {
  return { name, attributes: {}, content: [String(text)] };
}

/** What XML 1.0 cannot hold even as a character reference, lone surrogates included: it is dropped. */
const FORBIDDEN =
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\r', '&#xD;'],
  ['\n', '&#xA;'],
  ['\t', '&#x9;'],
]);

const escaped = (character: string): string => ESCAPES.get(character) ?? character;

export function escapeText(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/[&<>\r]/g, escaped);
}

export function escapeAttribute(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/[&<>"\r\n\t]/g, escaped);
}

/** Writes a node without any white space of its own, as Exchange does. */
export function renderXml(node: XmlNode): string {
  const parts: string[] = [];
  write(node, parts);
  return parts.join('');
}

function write(node: XmlNode, parts: string[]): void {
  parts.push('<', node.name);
  for (const [name, value] of Object.entries(node.attributes)) {
    if (value !== undefined) parts.push(' ', name, '="', escapeAttribute(value), '"');
  }
  const content = node.content.filter((part) => part !== undefined && part !== '');
  if (content.length === 0) {
    parts.push('/>');
    return;
  }
  parts.push('>');
  for (const part of content) {
    if (typeof part === 'string') parts.push(escapeText(part));
    else if (part !== undefined) write(part, parts);
  }
  parts.push('</', node.name, '>');
}
