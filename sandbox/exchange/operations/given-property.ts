import type { StoredItem } from '../mailbox/item.ts';
import { copyXml } from '../xml/copy.ts';
import { textElement, type XmlNode } from '../xml/write.ts';

/** A property as the client set it. */
export function given(name: string, item: StoredItem): XmlNode | undefined {
  const source = item.content.others.get(name);
  return source && copyXml(source);
}

/** As the client set it, else what the server takes where nothing is said. */
export function givenOr(name: string, item: StoredItem, otherwise: string | number | boolean): XmlNode {
  return given(name, item) ?? textElement(`t:${name}`, otherwise);
}

export function givenText(name: string, item: StoredItem): string | undefined {
  return item.content.others.get(name)?.text.trim();
}
