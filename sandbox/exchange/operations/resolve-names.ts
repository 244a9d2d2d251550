import { ewsMessageError } from '../soap/ews-error.ts';
import { RESOLVE_NAMES } from '../soap/request-shapes.ts';
import { isTrue } from '../xml/read.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import { mailboxNode } from './mailbox-node.ts';
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
/** The schema has keys for three. */
const MAX_ADDRESSES = 3;

/** Finds mailboxes by the beginning of a name, of one of its words, or of an address. */
export const resolveNames: Operation = {
  shape: RESOLVE_NAMES,
  onError: [],
  parts: (request) => request.children.filter(({ name }) => name === 'UnresolvedEntry'),
  answer(part, request, { organization }) {
    const isFull = isTrue(request.attributes.get('ReturnFullContactData'));
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
      ...organization.entries().map((entry) => ({ ...entry, aliases: [] })),
    ];
    const found = entries.filter(({ address, aliases, displayName }) => {
      const names = [displayName, ...displayName.split(' '), address, ...aliases];
      return names.some((name) => name.toLowerCase().startsWith(wanted));
    });
    if (found.length === 0) throw ewsMessageError('ErrorNameResolutionNoResults');
    const resolutions = found
      .slice(0, LIMIT)
      .map((entry) =>
        element(
          't:Resolution',
          {},
          mailboxNode({ name: entry.displayName, address: entry.address }, entry.type),
          isFull ? contact(entry) : undefined,
        ),
      );
    const attributes = {
      TotalItemsInView: String(resolutions.length),
      IncludesLastItemInRange: String(found.length <= LIMIT),
    };
    const content = [element('m:ResolutionSet', attributes, ...resolutions)];
    return found.length === 1 ? { content } : { content, warning: 'ErrorNameResolutionMultipleResults' };
  },
};

/** The entry of the directory as a contact. */
function contact({ displayName, address, aliases }: Entry): XmlNode {
  const [givenName = displayName, ...rest] = displayName.split(' ');
  const addresses = [address, ...aliases]
    .slice(0, MAX_ADDRESSES)
    .map((each, index) => element('t:Entry', { Key: `EmailAddress${index + 1}` }, `SMTP:${each}`));
  return element(
    't:Contact',
    {},
    textElement('t:Culture', 'en-US'),
    textElement('t:DisplayName', displayName),
    textElement('t:GivenName', givenName),
    element('t:EmailAddresses', {}, ...addresses),
    textElement('t:ContactSource', 'ActiveDirectory'),
    rest.length === 0 ? undefined : textElement('t:Surname', rest.join(' ')),
  );
}
