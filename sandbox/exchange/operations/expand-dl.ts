import { ewsMessageError } from '../soap/ews-error.ts';
import { EXPAND_DL } from '../soap/directory-shapes.ts';
import { childText } from '../xml/read.ts';
import { element } from '../xml/write.ts';
import { mailboxNode } from './mailbox-node.ts';
import type { Operation } from './operation.ts';

/** The members of a distribution list; a list within it is named, not expanded. Whoever is in no directory is one-off. */
export const expandDl: Operation = {
  shape: EXPAND_DL,
  onError: [],
  parts: (request) => request.children,
  answer(part, _request, { organization }) {
    const list = organization.list(childText(part, 'EmailAddress') ?? '');
    if (!list) throw ewsMessageError('ErrorNameResolutionNoResults');
    const members = list.members.map((address) => {
      const inner = organization.list(address);
      if (inner) return mailboxNode({ name: inner.displayName ?? address, address }, 'PublicDL');
      const mailbox = organization.find(address);
      if (mailbox) return mailboxNode({ name: mailbox.displayName, address: mailbox.address }, 'Mailbox');
      const entry = organization.entry(address);
      return mailboxNode({ name: entry?.displayName ?? address, address }, entry?.type ?? 'OneOff');
    });
    const attributes = { TotalItemsInView: String(members.length), IncludesLastItemInRange: 'true' };
    return { content: [element('m:DLExpansion', attributes, ...members)] };
  },
};
