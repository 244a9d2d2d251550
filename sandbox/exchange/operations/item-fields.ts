import type { StoredItem } from '../mailbox/item.ts';
import { ITEM_ORDER } from '../mailbox/property-order.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import type { XmlNode } from '../xml/write.ts';
import { findExtended, itemProperty } from './item-view.ts';
import type { OperationContext } from './operation.ts';
import type { PropertySource } from './restriction.ts';

type ReadField = (item: StoredItem) => string | undefined;

/** Properties that are compared by something else than what they are written as: an empty one, or an address alone. */
const FIELDS: ReadonlyMap<string, ReadField> = new Map<string, ReadField>([
  ['item:Subject', (item) => item.content.subject],
  ['item:Body', (item) => item.content.body?.text],
  ['message:ConversationTopic', (item) => item.content.subject],
  ['item:ConversationId', (item) => item.conversationId],
  ['item:ParentFolderId', (item) => item.folder],
]);
const NAMES: ReadonlySet<string> = new Set(Object.values(ITEM_ORDER).flat());
/** What the store cannot search by. */
const UNSEARCHABLE = new Set(['MimeContent', 'EffectiveRights', 'ResponseObjects', 'InternetMessageHeaders']);

/** An item, seen as something a restriction or a sort order can look at. */
export function itemSource(item: StoredItem, context: OperationContext): PropertySource {
  return {
    field(uri) {
      const read = FIELDS.get(uri);
      if (read) return single(read(item));
      const name = uri.slice(uri.indexOf(':') + 1);
      if (!NAMES.has(name) || UNSEARCHABLE.has(name)) throw ewsMessageError('ErrorUnsupportedPathForQuery');
      const node = itemProperty(name, item, context);
      return node && texts(node);
    },
    indexed({ property, part, index }) {
      const list = item.content.others.get(property);
      const entry = list?.children.find(({ attributes }) => attributes.get('Key') === index);
      return single(part === undefined ? entry?.text : entry?.children.find(({ name }) => name === part)?.text);
    },
    extended: (path) => findExtended(item, path.key)?.values,
  };
}

function single(value: string | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : [value];
}

/** The texts in a property: one of a simple one, one an entry of a list, names and addresses of people. */
function texts({ content }: XmlNode): readonly string[] {
  const inner = content.filter((part) => part !== undefined);
  if (inner.length === 0) return [''];
  return inner.flatMap((part) => (typeof part === 'string' ? part.trim() : texts(part)));
}
