import type { StoredItem } from '../mailbox/item.ts';
import { child, type XmlElement } from '../xml/read.ts';
import { itemSource } from './item-fields.ts';
import type { OperationContext } from './operation.ts';
import { order, readProperty, type ReadProperty } from './restriction.ts';

/** Items that have the same value of the property they are grouped by. */
export interface ItemGroup {
  readonly index: string;
  readonly items: readonly StoredItem[];
}

interface Grouping {
  readonly by: ReadProperty;
  readonly on: ReadProperty;
  readonly takesMaximum: boolean;
  readonly direction: 1 | -1;
}

/** The one standard grouping: conversations, the one with the newest message first. */
const CONVERSATIONS = ['message:ConversationTopic', 'item:DateTimeReceived'] as const;

/** What GroupBy or DistinguishedGroupBy asks for; undefined where neither is there. */
export function readGrouping(request: XmlElement): Grouping | undefined {
  const free = child(request, 'GroupBy');
  const standard = child(request, 'DistinguishedGroupBy');
  const direction = (free ?? standard)?.attributes.get('Order') === 'Descending' ? -1 : 1;
  if (standard) {
    const [by, on] = CONVERSATIONS.map(
      (uri): ReadProperty =>
        (source) =>
          source.field(uri),
    );
    return by && on && { by, on, takesMaximum: true, direction };
  }
  const [path] = free?.children ?? [];
  const aggregate = child(free, 'AggregateOn');
  const aggregated = aggregate?.children[0];
  if (!path || !aggregated) return undefined;
  return {
    by: readProperty(path),
    on: readProperty(aggregated),
    takesMaximum: aggregate.attributes.get('Aggregate') === 'Maximum',
    direction,
  };
}

/** The groups in the order of the largest or smallest value in them; within a group the items keep their order. */
export function groupItems(
  items: readonly StoredItem[],
  { by, on, takesMaximum, direction }: Grouping,
  context: OperationContext,
): readonly ItemGroup[] {
  const value = (read: ReadProperty, item: StoredItem): string => read(itemSource(item, context))?.[0] ?? '';
  const groups = [...Map.groupBy(items, (item) => value(by, item))].map(([index, members]) => {
    const values = members.map((item) => value(on, item)).toSorted(order);
    return { index, items: members, rank: (takesMaximum ? values.at(-1) : values[0]) ?? '' };
  });
  return groups.toSorted((left, right) => order(left.rank, right.rank) * direction);
}

/** The part of the groups that lies on a page of their items. */
export function groupsOnPage(groups: readonly ItemGroup[], page: readonly StoredItem[]): readonly ItemGroup[] {
  const shown = new Set(page);
  return groups.flatMap(({ index, items }) => {
    const here = items.filter((item) => shown.has(item));
    return here.length === 0 ? [] : [{ index, items: here }];
  });
}
