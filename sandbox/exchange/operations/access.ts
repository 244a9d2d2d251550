import { ewsMessageError } from '../soap/ews-error.ts';
import type { OperationContext } from './operation.ts';

/** What may be done in a folder. */
export type Rights = 'all' | 'read' | 'none';

/** A fault rule can take all rights away; a delegate may have been given reading only. */
export function rightsIn(folder: string, { conditions, access }: OperationContext): Rights {
  if (conditions.readOnly.has(folder)) return 'none';
  return access === 'reviewer' ? 'read' : 'all';
}

/** Throws where nothing may be changed in the folder. */
export function mustBeWritable(folder: string, context: OperationContext, code = 'ErrorAccessDenied'): void {
  if (rightsIn(folder, context) !== 'all') throw ewsMessageError(code);
}
