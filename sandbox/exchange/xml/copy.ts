import { MESSAGES, TYPES } from '../namespaces.ts';
import type { XmlElement } from './read.ts';
import { element, type XmlNode } from './write.ts';

/**
 * Turns what was read into what can be written, with the prefixes the answers declare. Elements of other namespaces are
 * left out: an answer could not declare them.
 */
export function copyXml(source: XmlElement): XmlNode | undefined {
  const prefix = source.namespace === TYPES ? 't' : source.namespace === MESSAGES ? 'm' : undefined;
  if (prefix === undefined) return undefined;
  const attributes = Object.fromEntries([...source.attributes].filter(([name]) => !name.startsWith('{')));
  const content = source.children.length > 0 ? source.children.map(copyXml) : [source.text];
  return element(`${prefix}:${source.name}`, attributes, ...content);
}
