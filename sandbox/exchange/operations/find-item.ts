import type { StoredItem } from '../mailbox/item.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { FIND_ITEM } from '../soap/request-shapes.ts';
import { child, childText, type XmlElement } from '../xml/read.ts';
import { element } from '../xml/write.ts';
import { resolveFolder } from './folder-ids.ts';
import { itemSource } from './item-fields.ts';
import { FULL_ONLY, writeItem } from './item-view.ts';
import type { Operation, OperationContext } from './operation.ts';
import { cutPage } from './paging.ts';
import { readShape } from './response-shape.ts';
import { order, readProperty, readRestriction } from './restriction.ts';

const PAGED = ['IndexedPageItemView', 'FractionalPageItemView', 'CalendarView'] as const;
const UNSUPPORTED = ['SeekToConditionPageItemView', 'ContactsView', 'GroupBy', 'DistinguishedGroupBy'] as const;

export const findItem: Operation = {
  shape: FIND_ITEM,
  onError: [],
  parts: (request) => child(request, 'ParentFolderIds')?.children ?? [],
  answer(part, request, asked) {
    // Saying so is better than an answer that pretends to have grouped or sought.
    if (UNSUPPORTED.some((name) => child(request, name))) throw ewsMessageError('ErrorInvalidOperation');
    const { folder, context } = resolveFolder(part, asked);
    const shape = readShape(child(request, 'ItemShape'));
    for (const uri of shape.fields) {
      if (FULL_ONLY.has(uri.slice(uri.indexOf(':') + 1)) && !uri.endsWith('Recipients')) {
        throw ewsMessageError('ErrorInvalidPropertyRequest');
      }
    }
    const view = PAGED.map((name) => child(request, name)).find((candidate) => candidate !== undefined);
    const isCalendar = view?.name === 'CalendarView';
    const items = candidates(request, folder.name, context);
    const inRange = isCalendar ? items.filter((item) => overlaps(item, view)) : items;
    const page = cutPage(inRange, view);
    // A calendar view is no page: it counts, but has no offset.
    const { IndexedPagingOffset: offset, ...counts } = page.attributes;
    const attributes = isCalendar ? counts : { IndexedPagingOffset: offset, ...counts };
    const found = page.entries.map((item) => writeItem(item, shape, 'found', context));
    return { content: [element('m:RootFolder', attributes, element('t:Items', {}, ...found))] };
  },
};

function candidates(request: XmlElement, folder: string, { mailbox }: OperationContext): readonly StoredItem[] {
  const traversal = request.attributes.get('Traversal');
  // What is soft-deleted goes to Recoverable Items, so that no folder keeps any.
  if (traversal === 'SoftDeleted') return [];
  const all = traversal === 'Associated' ? mailbox.associatedWith(folder) : mailbox.itemsIn(folder);
  const matches = readRestriction(child(request, 'Restriction'));
  const isNamed = readQuery(childText(request, 'QueryString'));
  const items = all.filter((item) => matches(itemSource(item)) && isNamed(item));
  return sortItems(items, child(request, 'SortOrder'));
}

/** Without an order of the caller's, the newest come first. */
function sortItems(items: readonly StoredItem[], sortOrder: XmlElement | undefined): readonly StoredItem[] {
  if (!sortOrder) return items.toReversed();
  const keys = sortOrder.children.flatMap((field) => {
    const path = field.children[0];
    const direction = field.attributes.get('Order') === 'Descending' ? -1 : 1;
    return path ? [{ read: readProperty(path), direction }] : [];
  });
  return items.toSorted((left, right) => {
    for (const { read, direction } of keys) {
      const difference = order(read(itemSource(left))?.[0] ?? '', read(itemSource(right))?.[0] ?? '');
      if (difference !== 0) return difference * direction;
    }
    return left.number - right.number;
  });
}

/** Advanced Query Syntax as far as `subject:"words"` and plain words. */
function readQuery(query: string | undefined): (item: StoredItem) => boolean {
  if (query === undefined || query === '') return () => true;
  const [, keyword, quoted, plain] = /^(?:(\w+):)?\s*(?:"([^"]*)"|(.*))$/s.exec(query) ?? [];
  const words = (quoted ?? plain ?? '').toLowerCase();
  const isSubject = keyword?.toLowerCase() === 'subject';
  if (keyword !== undefined && !isSubject) throw ewsMessageError('ErrorUnsupportedPathForQuery');
  return ({ content }) =>
    content.subject.toLowerCase().includes(words) ||
    (!isSubject && (content.body?.text.toLowerCase().includes(words) ?? false));
}

function overlaps(item: StoredItem, view: XmlElement): boolean {
  const time = (text: string | undefined): number => Date.parse(text ?? '');
  const start = time(item.content.others.get('Start')?.text.trim());
  const end = time(item.content.others.get('End')?.text.trim());
  return start < time(view.attributes.get('EndDate')) && end > time(view.attributes.get('StartDate'));
}
