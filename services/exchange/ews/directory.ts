import type { EmailAddress } from 'ews-javascript-api';
import type { DirectoryEntry, DirectoryKind } from '../../model/directory.ts';
import type { DirectoryReport, DirectoryRequest } from '../exchange-port.ts';
import type { Called, EwsSession } from './session.ts';

/** ResolveNames found nobody, which is an answer. ExpandDL says the same of an address that is no list: that is a fault. */
const noResults = 'ErrorNameResolutionNoResults';

/** Of the names of other people's directory; what is longer is cut, since it is kept with an import. */
const longestName = 200;
const longestAddress = 320;

interface Found {
  readonly entries: readonly DirectoryEntry[];
  readonly isComplete: boolean;
}

/** One question to the address book: ResolveNames in the directory alone, or ExpandDL, which goes one level deep. */
export async function askDirectory(
  session: EwsSession,
  { operation, text }: Pick<DirectoryRequest, 'operation' | 'text'>,
): Promise<DirectoryReport> {
  const called = operation === 'resolve-names' ? await resolveNames(session, text) : await expandMembers(session, text);
  if (called.fault === null) return { ...called.value, fault: null };
  const isNobody = operation === 'resolve-names' && called.fault.raw === noResults;
  return { entries: [], isComplete: true, fault: isNobody ? null : called.fault };
}

function resolveNames(session: EwsSession, name: string): Promise<Called<Found>> {
  const { library } = session;
  return session.call(async (service) => {
    // Not in the contacts of the mailbox that asks: they are its owner's, and no mailboxes.
    const found = await service.ResolveName(name, library.ResolveNameSearchLocation.DirectoryOnly, false);
    const items = found.GetEnumerator();
    return { entries: items.map(({ Mailbox }) => entryOf(session, Mailbox)), isComplete: found.IncludesAllResolutions };
  });
}

function expandMembers(session: EwsSession, address: string): Promise<Called<Found>> {
  return session.call(async (service) => {
    const found = await service.ExpandGroup(address);
    return {
      entries: found.GetEnumerator().map((member) => entryOf(session, member)),
      isComplete: found.IncludesAllMembers,
    };
  });
}

function entryOf({ library }: EwsSession, { Name, Address, RoutingType, MailboxType }: EmailAddress): DirectoryEntry {
  const { MailboxType: types } = library;
  const kinds: Readonly<Partial<Record<number, DirectoryKind>>> = {
    [types.Mailbox]: 'mailbox',
    [types.PublicGroup]: 'group',
    [types.ContactGroup]: 'private-group',
    [types.GroupMailbox]: 'group-mailbox',
    [types.Contact]: 'contact',
    [types.PublicFolder]: 'public-folder',
    [types.OneOff]: 'one-off',
  };
  // Without SMTP the address is a path of the directory (EX), which nothing can be sent to.
  const isSmtp = (text(RoutingType) || 'SMTP').toUpperCase() === 'SMTP';
  return {
    name: text(Name).slice(0, longestName),
    address: isSmtp ? text(Address).slice(0, longestAddress) : '',
    kind: kinds[MailboxType] ?? 'unknown',
  };
}

/** The library leaves out what the answer leaves out, and makes an object of an element with attributes. */
const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');
