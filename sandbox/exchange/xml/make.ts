import { TYPES } from '../namespaces.ts';
import type { XmlElement } from './read.ts';

/** An element of the types namespace as if a client had sent it: what the server itself decides about an item. */
export function madeElement(
  name: string,
  text: string,
  children: readonly XmlElement[] = [],
  attributes: Readonly<Record<string, string>> = {},
): XmlElement {
  return {
    name,
    namespace: TYPES,
    attributes: new Map(Object.entries(attributes)),
    children,
    text,
    line: 0,
    column: 0,
  };
}
