import type { StoredItem } from '../mailbox/item.ts';
import { readMoment } from '../mailbox/moment.ts';
import { calendarBetween } from '../mailbox/series.ts';
import { ewsMessageError, schemaError } from '../soap/ews-error.ts';
import { FIND_ITEM } from '../soap/request-shapes.ts';
import { child, childText, type XmlElement } from '../xml/read.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import { resolveFolder } from './folder-ids.ts';
import { groupItems, groupsOnPage, readGrouping } from './group-items.ts';
import { itemSource } from './item-fields.ts';
import { FULL_ONLY, writeItem } from './item-view.ts';
import type { Operation, OperationContext } from './operation.ts';
import { cutPage } from './paging.ts';
import { readQuery } from './query-string.ts';
import { readShape } from './response-shape.ts';
import { order, readProperty, readRestriction } from './restriction.ts';

const PAGED = ['IndexedPageItemView', 'FractionalPageItemView', 'CalendarView', 'ContactsView'] as const;
/** Two years; a longer view is refused. */
const MAX_CALENDAR_VIEW_MS = 2 * 366 * 86_400_000;

export const findItem: Operation = {
  shape: FIND_ITEM,
  onError: [],
  parts: (request) => child(request, 'ParentFolderIds')?.children ?? [],
  answer(part, request, asked) {
    // Saying so is better than an answer that pretends to have sought.
    if (child(request, 'SeekToConditionPageItemView')) throw ewsMessageError('ErrorInvalidOperation');
    const { folder, context } = resolveFolder(part, asked);
    const shape = readShape(child(request, 'ItemShape'));
    for (const uri of shape.fields) {
      if (FULL_ONLY.has(uri.slice(uri.indexOf(':') + 1)) && !uri.endsWith('Recipients')) {
        throw ewsMessageError('ErrorInvalidPropertyRequest');
      }
    }
    const view = PAGED.map((name) => child(request, name)).find((candidate) => candidate !== undefined);
    // A view of a calendar or of contacts is no page: it counts, but has no offset.
    const isPage = view?.name !== 'CalendarView' && view?.name !== 'ContactsView';
    const inRange = itemsInView(view, request, folder.name, context);
    const grouping = readGrouping(request);
    const groups = grouping && groupItems(inRange, grouping, context);
    const page = cutPage(groups?.flatMap(({ items }) => items) ?? inRange, view);
    const { IndexedPagingOffset: offset, ...counts } = page.attributes;
    const attributes = isPage ? { IndexedPagingOffset: offset, ...counts } : counts;
    const written = (items: readonly StoredItem[]): XmlNode =>
      element('t:Items', {}, ...items.map((item) => writeItem(item, shape, 'found', context)));
    const found = groups
      ? element(
          't:Groups',
          {},
          ...groupsOnPage(groups, page.entries).map(({ index, items }) =>
            element('t:GroupedItems', {}, textElement('t:GroupIndex', index), written(items)),
          ),
        )
      : written(page.entries);
    return { content: [element('m:RootFolder', attributes, found)] };
  },
};

function itemsInView(
  view: XmlElement | undefined,
  request: XmlElement,
  folder: string,
  context: OperationContext,
): readonly StoredItem[] {
  if (view?.name === 'CalendarView') return inCalendar(view, folder, context);
  const items = candidates(request, folder, context);
  return view?.name === 'ContactsView' ? inNames(items, view, context) : items;
}

/** Contacts from one name to another, in the order of the alphabet. */
function inNames(items: readonly StoredItem[], view: XmlElement, context: OperationContext): readonly StoredItem[] {
  const [first, last] = ['InitialName', 'FinalName'].map((name) => view.attributes.get(name)?.toLowerCase());
  const named = items.map((item) => ({
    item,
    name: (itemSource(item, context).field('contacts:DisplayName')?.[0] ?? '').toLowerCase(),
  }));
  return named
    .filter(({ name }) => (first === undefined || name >= first) && (last === undefined || name <= last))
    .toSorted((left, right) => order(left.name, right.name))
    .map(({ item }) => item);
}

function candidates(request: XmlElement, folder: string, context: OperationContext): readonly StoredItem[] {
  const { mailbox } = context;
  const traversal = request.attributes.get('Traversal');
  // What is soft-deleted goes to Recoverable Items, so that no folder keeps any.
  if (traversal === 'SoftDeleted') return [];
  const all = traversal === 'Associated' ? mailbox.associatedWith(folder) : mailbox.itemsIn(folder);
  const matches = readRestriction(child(request, 'Restriction'));
  const isNamed = readQuery(childText(request, 'QueryString'));
  const items = all.filter((item) => matches(itemSource(item, context)) && isNamed(item));
  return sortItems(items, child(request, 'SortOrder'), context);
}

/** Without an order of the caller's, the newest come first. */
function sortItems(
  items: readonly StoredItem[],
  sortOrder: XmlElement | undefined,
  context: OperationContext,
): readonly StoredItem[] {
  if (!sortOrder) return items.toReversed();
  const keys = sortOrder.children.flatMap((field) => {
    const path = field.children[0];
    const direction = field.attributes.get('Order') === 'Descending' ? -1 : 1;
    return path ? [{ read: readProperty(path), direction }] : [];
  });
  const rows = items.map((item) => ({
    item,
    values: keys.map(({ read }) => read(itemSource(item, context))?.[0] ?? ''),
  }));
  const sorted = rows.toSorted((left, right) => {
    for (const [index, { direction }] of keys.entries()) {
      const difference = order(left.values[index] ?? '', right.values[index] ?? '');
      if (difference !== 0) return difference * direction;
    }
    return left.item.number - right.item.number;
  });
  return sorted.map(({ item }) => item);
}

/** A calendar view is in the order of time, has each occurrence of a series for itself, and takes no restriction. */
function inCalendar(view: XmlElement, folder: string, { mailbox }: OperationContext): readonly StoredItem[] {
  const from = readMoment(view.attributes.get('StartDate'));
  const until = readMoment(view.attributes.get('EndDate'));
  if (Number.isNaN(from + until)) {
    const { line, column } = view;
    throw schemaError({ line, column, text: "The 'StartDate' or 'EndDate' attribute is invalid: no 'DateTime'." });
  }
  if (until < from) throw ewsMessageError('ErrorCalendarEndDateIsEarlierThanStartDate');
  if (until - from > MAX_CALENDAR_VIEW_MS) throw ewsMessageError('ErrorCalendarViewRangeTooBig');
  return calendarBetween(mailbox.itemsIn(folder), from, until, mailbox.number).map(({ item }) => item);
}
