import { callOff, isOrganizer } from '../mailbox/meeting.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { DELETE_ITEM } from '../soap/request-shapes.ts';
import { child } from '../xml/read.ts';
import { mustBeWritable } from './access.ts';
import { resolveItem } from './folder-ids.ts';
import type { Operation } from './operation.ts';

export const deleteItem: Operation = {
  shape: DELETE_ITEM,
  onError: [],
  parts: (request) => child(request, 'ItemIds')?.children ?? [],
  answer(part, request, asked) {
    const { item, context } = resolveItem(part, asked, 'ignore');
    mustBeWritable(item.folder, context);
    const { content } = item;
    const cancellations = request.attributes.get('SendMeetingCancellations');
    if (content.kind === 'CalendarItem') {
      if (cancellations === undefined) throw ewsMessageError('ErrorSendMeetingCancellationsRequired');
      const isCalledOff = cancellations !== 'SendToNone' && isOrganizer(context.mailbox, content);
      if (isCalledOff) callOff(context.organization, context.mailbox, content);
    } else if (content.kind === 'Task' && !request.attributes.has('AffectedTaskOccurrences')) {
      throw ewsMessageError('ErrorAffectedTaskOccurrencesRequired');
    }
    // An occurrence has no folder of its own to be moved to; the series remembers that it is gone.
    if (item.occurrence) {
      context.mailbox.remove(item);
      return { content: [] };
    }
    switch (request.attributes.get('DeleteType')) {
      case 'HardDelete':
        context.mailbox.remove(item);
        break;
      case 'SoftDelete':
        context.mailbox.move(item, 'recoverableitemsdeletions');
        break;
      default:
        context.mailbox.move(item, 'deleteditems');
    }
    return { content: [] };
  },
};
