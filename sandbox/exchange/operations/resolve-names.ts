import { ewsMessageError } from '../soap/ews-error.ts';
import { RESOLVE_NAMES } from '../soap/request-shapes.ts';
import { element } from '../xml/write.ts';
import { mailboxNode } from './item-view.ts';
import type { Operation } from './operation.ts';

interface Entry {
  readonly address: string;
  readonly displayName: string;
  readonly aliases: readonly string[];
  /** MailboxType of the schema. */
  readonly type: string;
}

/** More than this a directory search never returns. */
const LIMIT = 100;

/** Finds mailboxes by the beginning of a name, of one of its words, or of an address. */
export const resolveNames: Operation = {
  shape: RESOLVE_NAMES,
  onError: [],
  parts: (request) => request.children.filter(({ name }) => name === 'UnresolvedEntry'),
  answer(part, _request, { organization }) {
    const wanted = part.text
      .trim()
      .replace(/^smtp:/i, '')
      .toLowerCase();
    const entries: readonly Entry[] = [
      ...organization
        .all()
        .map(({ address, displayName, aliases }) => ({ address, displayName, aliases, type: 'Mailbox' })),
      ...organization.lists().map(({ address, displayName = address }) => ({
        address,
        displayName,
        aliases: [],
        type: 'PublicDL',
      })),
    ];
    const found = entries.filter(({ address, aliases, displayName }) => {
      const names = [displayName, ...displayName.split(' '), address, ...aliases];
      return names.some((name) => name.toLowerCase().startsWith(wanted));
    });
    if (found.length === 0) throw ewsMessageError('ErrorNameResolutionNoResults');
    const resolutions = found
      .slice(0, LIMIT)
      .map(({ displayName, address, type }) =>
        element('t:Resolution', {}, mailboxNode({ name: displayName, address }, type)),
      );
    const attributes = {
      TotalItemsInView: String(resolutions.length),
      IncludesLastItemInRange: String(found.length <= LIMIT),
    };
    const content = [element('m:ResolutionSet', attributes, ...resolutions)];
    return found.length === 1 ? { content } : { content, warning: 'ErrorNameResolutionMultipleResults' };
  },
};
