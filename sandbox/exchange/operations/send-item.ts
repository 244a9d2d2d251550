import { SEND_ITEM } from '../soap/request-shapes.ts';
import { child, isTrue } from '../xml/read.ts';
import { send } from './create-item.ts';
import { resolveItem } from './folder-ids.ts';
import type { Operation } from './operation.ts';

/** Sends a draft; it leaves the folder it lay in. */
export const sendItem: Operation = {
  shape: SEND_ITEM,
  onError: [],
  parts: (request) => child(request, 'ItemIds')?.children ?? [],
  answer(part, request, asked) {
    const { item, context } = resolveItem(part, asked, 'require');
    send(item.content, isTrue(request.attributes.get('SaveItemToFolder')), request, asked);
    context.mailbox.remove(item);
    return { content: [] };
  },
};
