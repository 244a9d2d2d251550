import {
  ADD_DELEGATE,
  ARCHIVE_ITEM,
  GET_INBOX_RULES,
  GET_SEARCHABLE_MAILBOXES,
  REMOVE_DELEGATE,
  UPDATE_DELEGATE,
} from '../soap/directory-shapes.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import type { ElementShape } from '../soap/schema.ts';
import { child } from '../xml/read.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import type { Operation, WholeOperation } from './operation.ts';
import { wholeMessage } from './whole-message.ts';

/** Operations a mailbox as it is here has to refuse, with the code a real server has for that. */

/** No mailbox has an archive. */
export const archiveItem: Operation = {
  shape: ARCHIVE_ITEM,
  onError: [element('m:Items')],
  parts: (request) => child(request, 'ItemIds')?.children ?? [],
  answer() {
    throw ewsMessageError('ErrorArchiveMailboxNotEnabled');
  },
};

/** Nobody has the role Discovery Management. */
export const getSearchableMailboxes = refusal(GET_SEARCHABLE_MAILBOXES, 'GetSearchableMailboxes', 'ErrorAccessDenied', [
  element('m:SearchableMailboxes'),
]);

/** Who may open whose mailbox is set when the stand-in starts. */
export const addDelegate = refusal(ADD_DELEGATE, 'AddDelegate', 'ErrorAccessDenied');
export const updateDelegate = refusal(UPDATE_DELEGATE, 'UpdateDelegate', 'ErrorAccessDenied');
export const removeDelegate = refusal(REMOVE_DELEGATE, 'RemoveDelegate', 'ErrorAccessDenied');

/** A mailbox without rules, which is no refusal. */
export const getInboxRules: WholeOperation = {
  shape: GET_INBOX_RULES,
  responseName: 'm:GetInboxRulesResponse',
  respond: (_request, _context, refused) =>
    wholeMessage(refused, () => [textElement('m:OutlookRuleBlobExists', false)]),
};

function refusal(shape: ElementShape, name: string, code: string, onError: readonly XmlNode[] = []): WholeOperation {
  return {
    shape,
    responseName: `m:${name}Response`,
    respond: (_request, _context, refused) => wholeMessage(refused ?? ewsMessageError(code), () => [], onError),
  };
}
