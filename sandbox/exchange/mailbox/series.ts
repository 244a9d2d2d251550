import { madeElement } from '../xml/make.ts';
import { changeKey, occurrenceId } from './ids.ts';
import type { ItemContent, StoredItem } from './item.ts';
import { readMoment, wireTime } from './moment.ts';
import { recurrenceDays } from './recurrence.ts';

const DAY_MS = 86_400_000;

/** A time an appointment takes place. */
export interface Appointment {
  readonly item: StoredItem;
  readonly start: number;
  readonly end: number;
}

/** What takes place between two times, each occurrence of a series for itself, in the order of time. */
export function calendarBetween(
  items: readonly StoredItem[],
  from: number,
  until: number,
  mailbox: number,
): readonly Appointment[] {
  const found = items.flatMap((item): Appointment[] => {
    if (!isSeries(item)) return [timed(item)];
    const occurrences: Appointment[] = [];
    for (const slot of scheduled(item.content)) {
      // An exception may take place up to a day before it was planned.
      if (slot.start - DAY_MS >= until) break;
      const occurrence = occurrenceAt(item, slot, mailbox);
      if (occurrence) occurrences.push(timed(occurrence));
    }
    return occurrences;
  });
  return found
    .filter(({ start, end }) => start < until && (end > from || (start === end && start >= from)))
    .toSorted((left, right) => left.start - right.start);
}

/** True for the item that stands for a whole series. */
export function isSeries({ content, occurrence }: StoredItem): boolean {
  return content.kind === 'CalendarItem' && occurrence === undefined && content.others.has('Recurrence');
}

/** One occurrence of a series as an item, or why there is none. */
export function occurrenceOf(master: StoredItem, index: number, mailbox: number): StoredItem | 'deleted' | 'none' {
  const slot = slotAt(master.content, index);
  return slot ? (occurrenceAt(master, slot, mailbox) ?? 'deleted') : 'none';
}

function occurrenceAt(master: StoredItem, slot: Slot, mailbox: number): StoredItem | undefined {
  const { exceptions } = master.content;
  const { index, start: plannedStart } = slot;
  const exception = exceptions?.get(index);
  if (!exception && exceptions?.has(index) === true) return undefined;
  return {
    ...master,
    id: occurrenceId(mailbox, master.number, index),
    changeKey: changeKey(mailbox, 'item', master.number, master.version),
    content: exception ?? planned(master.content, slot),
    occurrence: { index, isException: exception !== undefined, originalStart: plannedStart },
  };
}

/** First and last occurrence that are left; the last is unknown where a series has no end. */
export function endsOf(master: StoredItem, mailbox: number): { first?: StoredItem; last?: StoredItem } {
  const { others } = master.content;
  const range = others.get('Recurrence')?.children[1];
  const isEndless = !range || range.name === 'NoEndRecurrence';
  let first: StoredItem | undefined;
  let last: StoredItem | undefined;
  for (const slot of scheduled(master.content)) {
    const occurrence = occurrenceAt(master, slot, mailbox);
    if (!occurrence) continue;
    first ??= occurrence;
    last = occurrence;
    if (isEndless) break;
  }
  return { ...(first ? { first } : {}), ...(last && !isEndless ? { last } : {}) };
}

/** When an occurrence was to be, whatever became of it. */
export function originalStart(content: ItemContent, index: number): number | undefined {
  return slotAt(content, index)?.start;
}

export function timed(item: StoredItem): Appointment {
  const text = (name: string): string | undefined => item.content.others.get(name)?.text;
  return { item, start: readMoment(text('Start')), end: readMoment(text('End')) };
}

interface Slot {
  readonly index: number;
  readonly start: number;
}

/** The plan of a series: the time of the first occurrence, on the days of the pattern. */
function* scheduled(content: ItemContent): Generator<Slot> {
  const recurrence = content.others.get('Recurrence');
  const start = readMoment(content.others.get('Start')?.text);
  if (!recurrence || Number.isNaN(start)) return;
  let firstDay: number | undefined;
  let index = 0;
  for (const day of recurrenceDays(recurrence)) {
    firstDay ??= day;
    index += 1;
    yield { index, start: start + (day - firstDay) * DAY_MS };
  }
}

function slotAt(content: ItemContent, index: number): Slot | undefined {
  for (const slot of scheduled(content)) if (slot.index === index) return slot;
  return undefined;
}

function planned(content: ItemContent, { start }: Slot): ItemContent {
  const length = readMoment(content.others.get('End')?.text) - readMoment(content.others.get('Start')?.text);
  const others = new Map(content.others);
  others.delete('Recurrence');
  others.set('Start', madeElement('Start', wireTime(start)));
  others.set('End', madeElement('End', wireTime(start + length)));
  const { exceptions: _ofTheSeries, ...rest } = content;
  return { ...rest, others };
}
