import { SaxesParser } from 'saxes';

/** An element of a request. Names are local names; attributes in a namespace are kept as `{uri}local`. */
export interface XmlElement {
  readonly name: string;
  readonly namespace: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The character data directly inside this element, joined. */
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** Thrown for anything that is not a well-formed, reasonable document. */
export class XmlReadError extends Error {
  override readonly name = 'XmlReadError';
}

interface OpenElement {
  name: string;
  namespace: string;
  attributes: Map<string, string>;
  children: XmlElement[];
  text: string;
  line: number;
  column: number;
}

const XMLNS = 'http://www.w3.org/2000/xmlns/';
/** Far above any real request, far below what exhausts the stack or the memory. */
const MAX_DEPTH = 200;
const MAX_ELEMENTS = 300_000;

/**
 * Reads a document into a tree. A document type declaration is refused, as Exchange refuses it, so no entity but the
 * five of XML itself is ever expanded.
 */
export function readXml(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true });
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let count = 0;

  const append = (data: string): void => {
    const current = open.at(-1);
    if (current) current.text += data;
  };
  parser.on('error', (error) => {
    throw new XmlReadError(error.message);
  });
  parser.on('doctype', () => {
    throw new XmlReadError('A document type declaration is not allowed.');
  });
  parser.on('opentag', (tag) => {
    count += 1;
    if (count > MAX_ELEMENTS) throw new XmlReadError('The document has too many elements.');
    if (open.length >= MAX_DEPTH) throw new XmlReadError('The document is nested too deeply.');
    const attributes = new Map<string, string>();
    for (const attribute of Object.values(tag.attributes)) {
      if (attribute.uri === XMLNS || attribute.name === 'xmlns') continue;
      attributes.set(attribute.uri === '' ? attribute.local : `{${attribute.uri}}${attribute.local}`, attribute.value);
    }
    const { line, column } = parser;
    open.push({ name: tag.local, namespace: tag.uri, attributes, children: [], text: '', line, column });
  });
  parser.on('text', append);
  parser.on('cdata', append);
  parser.on('closetag', () => {
    const closed = open.pop();
    if (!closed) return;
    const parent = open.at(-1);
    if (parent) parent.children.push(closed);
    else root = closed;
  });

  parser.write(text).close();
  if (!root) throw new XmlReadError('The document is empty.');
  return root;
}

/** The first child of that name, whatever its namespace. */
export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((candidate) => candidate.name === name);
}

/** Follows a path of child names. */
export function descend(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((current, name) => child(current, name), element);
}

/** The trimmed text of a child, or undefined where the child is missing. */
export function childText(element: XmlElement | undefined, name: string): string | undefined {
  return child(element, name)?.text.trim();
}

/** An XML Schema boolean: `true` and `1`. */
export function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1';
}
