import { SaxesParser } from 'saxes';

/** An element by its local name: the namespaces differ between products and say nothing that the place does not. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** Its own text, trimmed. */
  readonly text: string;
}

/** Real answers are 2 to 6 kB, 9 deep, with fewer than 200 elements. */
export const xmlLimits = { characters: 1024 * 1024, depth: 32, elements: 5000 } as const;

class Refused extends Error {}

interface OpenElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

/**
 * Reads an answer as a small tree, or null: not well-formed, cut off, HTML, too large, too deep. A document type is
 * refused and with it every entity but XML's own five, so that no answer can grow while it is read.
 */
export function readXml(text: string): XmlElement | null {
  if (text.length > xmlLimits.characters || !/^\uFEFF?\s*</.test(text)) return null;
  const open: OpenElement[] = [];
  let root: OpenElement | null = null;
  let elements = 0;
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw new Refused(error.message);
  });
  parser.on('doctype', () => {
    throw new Refused('document type');
  });
  parser.on('opentag', (tag) => {
    elements += 1;
    if (open.length >= xmlLimits.depth || elements > xmlLimits.elements) throw new Refused('too large');
    const element: OpenElement = { name: localName(tag.name), children: [], text: '' };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const append = (piece: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  };
  parser.on('text', append);
  parser.on('cdata', append);
  parser.on('closetag', () => {
    const element = open.pop();
    if (element !== undefined) element.text = element.text.trim();
  });
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
  return root;
}

/** The first element along a path of names. */
export function find(element: XmlElement | null, ...path: readonly string[]): XmlElement | null {
  let place = element;
  for (const name of path) place = place?.children.find((child) => child.name === name) ?? null;
  return place;
}

/** The text at a path; empty when there is none. */
export const textAt = (element: XmlElement | null, ...path: readonly string[]): string =>
  find(element, ...path)?.text ?? '';

export const childrenOf = (element: XmlElement | null, name: string): readonly XmlElement[] =>
  element?.children.filter((child) => child.name === name) ?? [];

/** Text as XML carries it; what XML cannot carry at all is left out. */
export const escapeXml = (text: string): string =>
  text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);
