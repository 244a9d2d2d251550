import { GET_FOLDER } from '../soap/request-shapes.ts';
import { child } from '../xml/read.ts';
import { element } from '../xml/write.ts';
import { resolveFolder } from './folder-ids.ts';
import { writeFolder } from './folder-view.ts';
import type { Operation } from './operation.ts';
import { readShape } from './response-shape.ts';

export const getFolder: Operation = {
  shape: GET_FOLDER,
  onError: [element('m:Folders')],
  parts: (request) => child(request, 'FolderIds')?.children ?? [],
  answer(part, request, context) {
    const found = resolveFolder(part, context);
    const shape = readShape(child(request, 'FolderShape'));
    return {
      content: [element('m:Folders', {}, writeFolder(found.folder, shape, found.context))],
    };
  },
};
