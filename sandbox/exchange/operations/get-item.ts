import { GET_ITEM } from '../soap/request-shapes.ts';
import { child } from '../xml/read.ts';
import { element } from '../xml/write.ts';
import { resolveItem } from './folder-ids.ts';
import { writeItem } from './item-view.ts';
import type { Operation } from './operation.ts';
import { readShape } from './response-shape.ts';

export const getItem: Operation = {
  shape: GET_ITEM,
  onError: [element('m:Items')],
  parts: (request) => child(request, 'ItemIds')?.children ?? [],
  answer(part, request, context) {
    const found = resolveItem(part, context, 'ignore');
    const shape = readShape(child(request, 'ItemShape'));
    return {
      content: [element('m:Items', {}, writeItem(found.item, shape, 'full', found.context))],
    };
  },
};
