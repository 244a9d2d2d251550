import { sendMessage } from '../mailbox/send.ts';
import { SEND_ITEM } from '../soap/request-shapes.ts';
import { child, isTrue } from '../xml/read.ts';
import { targetFolder } from './create-item.ts';
import { resolveItem } from './folder-ids.ts';
import type { Operation } from './operation.ts';

/** Sends a draft; it leaves the folder it lay in. */
export const sendItem: Operation = {
  shape: SEND_ITEM,
  onError: [],
  parts: (request) => child(request, 'ItemIds')?.children ?? [],
  answer(part, request, context) {
    const item = resolveItem(part, context, 'require');
    const keepsCopy = isTrue(request.attributes.get('SaveItemToFolder'));
    const saveTo = keepsCopy ? targetFolder(request, 'sentitems', context) : undefined;
    sendMessage(context.organization, context.mailbox, item.content, saveTo);
    context.mailbox.remove(item);
    return { content: [] };
  },
};
