import type { StoredItem } from '../mailbox/item.ts';
import { wireTime } from '../mailbox/moment.ts';
import { textElement, type XmlNode } from '../xml/write.ts';
import { given, givenOr, givenText } from './given-property.ts';
import type { OperationContext } from './operation.ts';

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  NotStarted: 'Not Started',
  InProgress: 'In Progress',
  Completed: 'Completed',
  WaitingOnOthers: 'Waiting on someone else',
  Deferred: 'Deferred',
};
const COMPLETE_PERCENT = 100;

/** The properties of TaskType: what was set, and what follows from it. A task is complete by its status or its percentage. */
export function taskProperty(name: string, item: StoredItem, { mailbox }: OperationContext): XmlNode | undefined {
  const text = (value: string | number | boolean): XmlNode => textElement(`t:${name}`, value);
  switch (name) {
    case 'ChangeCount':
      return text(item.version + 1);
    case 'DelegationState':
      return text('NoMatch');
    case 'IsAssignmentEditable':
      return text(0);
    case 'IsComplete':
      return text(isComplete(item));
    case 'CompleteDate':
      return isComplete(item) ? (given(name, item) ?? text(wireTime(item.modifiedAt))) : undefined;
    case 'IsRecurring':
      return text(item.content.others.has('Recurrence'));
    case 'IsTeamTask':
      return text(false);
    case 'Owner':
      return givenOr(name, item, mailbox.displayName);
    case 'PercentComplete':
      return isComplete(item) ? text(COMPLETE_PERCENT) : givenOr(name, item, 0);
    case 'Status':
      return text(status(item));
    case 'StatusDescription':
      return text(DESCRIPTIONS[status(item)] ?? status(item));
    default:
      return given(name, item);
  }
}

function status(item: StoredItem): string {
  return isComplete(item) ? 'Completed' : (givenText('Status', item) ?? 'NotStarted');
}

function isComplete(item: StoredItem): boolean {
  return givenText('Status', item) === 'Completed' || Number(givenText('PercentComplete', item)) === COMPLETE_PERCENT;
}
