import { MARK_AS_JUNK } from '../soap/directory-shapes.ts';
import { child, isTrue } from '../xml/read.ts';
import { element } from '../xml/write.ts';
import { mustBeWritable } from './access.ts';
import { resolveItem } from './folder-ids.ts';
import type { Operation } from './operation.ts';

/** Moves messages to Junk Email or back; no list of blocked senders is kept. */
export const markAsJunk: Operation = {
  shape: MARK_AS_JUNK,
  onError: [],
  parts: (request) => child(request, 'ItemIds')?.children ?? [],
  answer(part, request, asked) {
    const { item, context } = resolveItem(part, asked, 'ignore');
    mustBeWritable(item.folder, context);
    if (!isTrue(request.attributes.get('MoveItem'))) return { content: [] };
    const moved = context.mailbox.move(item, isTrue(request.attributes.get('IsJunk')) ? 'junkemail' : 'inbox');
    return { content: [element('m:MovedItemId', { Id: moved.id, ChangeKey: moved.changeKey })] };
  },
};
