import { convertId } from './convert-id.ts';
import { createItem } from './create-item.ts';
import { deleteItem } from './delete-item.ts';
import { findFolder } from './find-folder.ts';
import { findItem } from './find-item.ts';
import { getFolder } from './get-folder.ts';
import { getItem } from './get-item.ts';
import type { Operation } from './operation.ts';
import { resolveNames } from './resolve-names.ts';
import { sendItem } from './send-item.ts';

/** Every operation the stand-in answers, by the name of its request element. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['ConvertId', convertId],
  ['CreateItem', createItem],
  ['DeleteItem', deleteItem],
  ['FindFolder', findFolder],
  ['FindItem', findItem],
  ['GetFolder', getFolder],
  ['GetItem', getItem],
  ['ResolveNames', resolveNames],
  ['SendItem', sendItem],
]);
