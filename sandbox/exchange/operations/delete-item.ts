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
