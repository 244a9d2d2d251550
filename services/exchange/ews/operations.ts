import type { EffectiveRights, ExchangeService, Folder, FolderId, PropertySet } from 'ews-javascript-api';
import type { Fault } from '../../model/fault.ts';
import type { Called, EwsSession } from './session.ts';

/** Mailroom's own property set. The marker is looked for by it, so it never changes. */
export const markerPropertySet = '7c3b0d52-6f0e-4b58-9c1a-2e5d8a4f9b16';
export const markerPropertyName = 'MailroomTestMarker';

/** The subject is the platform's own, so that people and rules recognise the message. */
export const testSubject = 'Your mailbox is now connected to Dynamics 365';

const testBody = [
  'Mailroom sent this message from your mailbox to your mailbox while it checked the connection with Dynamics 365.',
  'There is nothing to do. You may delete it.',
].join('\r\n');

/** Incoming: the call that Dynamics' own Test Connection makes (facts/exchange.md §6.1). */
export async function findInbox(session: EwsSession): Promise<Fault | null> {
  const { library } = session;
  const view = new library.FolderView(1, 0, library.OffsetBasePoint.Beginning);
  view.Traversal = library.FolderTraversal.Shallow;
  view.PropertySet = new library.PropertySet(library.BasePropertySet.FirstClassProperties);
  const called = await session.call((service) =>
    service.FindFolders(session.folder(library.WellKnownFolderName.Inbox), view),
  );
  return called.fault;
}

function markerDefinition({ library }: EwsSession) {
  return new library.ExtendedPropertyDefinition(
    new library.Guid(markerPropertySet),
    markerPropertyName,
    library.MapiPropertyType.String,
  );
}

/** Whether Sent Items holds a message with this marker. */
export async function findMarker(session: EwsSession, marker: string): Promise<Called<boolean>> {
  const { library } = session;
  const view = new library.ItemView(1);
  view.PropertySet = new library.PropertySet(library.BasePropertySet.IdOnly);
  const filter = new library.SearchFilter.IsEqualTo(markerDefinition(session), marker);
  return session.call(async (service) => {
    const found = await service.FindItems(session.folder(library.WellKnownFolderName.SentItems), filter, view);
    // Read in here: an answer without a root folder leaves nothing found, and that is the answer's fault.
    return found.Items.length > 0;
  });
}

/** Outgoing: a message from the mailbox to itself, with a copy in Sent Items that carries the marker. */
export async function sendTestMessage(session: EwsSession, marker: string): Promise<Fault | null> {
  const { library, address } = session;
  const called = await session.call((service) => {
    const message = new library.EmailMessage(service);
    message.Subject = testSubject;
    message.Body = new library.MessageBody(library.BodyType.Text, testBody);
    message.From = new library.EmailAddress(address);
    message.ToRecipients.Add(address);
    message.SetExtendedProperty(markerDefinition(session), marker);
    return message.SendAndSaveCopy(session.folder(library.WellKnownFolderName.SentItems));
  });
  return called.fault;
}

/** The folders of appointments, contacts and tasks. */
export const actFolders = ['calendar', 'contacts', 'tasks'] as const;

/**
 * What the library's `GetFolderRequest` can do. It exports the class, since its own calls ask for one folder only, but its
 * declarations leave the members out (0.15.3, Core/Requests/GetFolderRequest.d.ts).
 */
interface FoldersRequest {
  readonly FolderIds: { Add(folder: FolderId): void };
  PropertySet: PropertySet;
  Execute(): Promise<{ readonly Responses: readonly { readonly Folder: Folder | null }[] }>;
}

type FoldersRequestClass = new (service: ExchangeService, errorHandling: number) => FoldersRequest;

/** `ServiceErrorHandling.ReturnErrors`, which is not declared either: an error of one folder does not end the call. */
const returnErrors = 0;

/**
 * ACT: the folders are there, and the rights that synchronization needs: create, change and read items. One call for the
 * three; a result each, in the order of `actFolders`.
 */
export async function checkActFolders(session: EwsSession): Promise<readonly (Fault | null)[]> {
  const { library } = session;
  const names = library.WellKnownFolderName;
  const wellKnown = { calendar: names.Calendar, contacts: names.Contacts, tasks: names.Tasks };
  const Request = Reflect.get(library, 'GetFolderRequest') as unknown as FoldersRequestClass;
  const answers = await session.callParts(actFolders.length, async (service) => {
    const request = new Request(service, returnErrors);
    for (const folder of actFolders) request.FolderIds.Add(session.folder(wellKnown[folder]));
    request.PropertySet = new library.PropertySet(library.BasePropertySet.IdOnly, library.FolderSchema.EffectiveRights);
    const { Responses } = await request.Execute();
    return Responses.map(({ Folder: found }) => {
      const rights: { outValue: EffectiveRights | null } = { outValue: null };
      return found?.TryGetProperty(library.FolderSchema.EffectiveRights, rights) ? rights.outValue : null;
    });
  });
  const { CreateContents, Modify, Read } = library.EffectiveRights;
  const needed = CreateContents | Modify | Read;
  return actFolders.map((folder, index) => {
    const { value, fault } = answers[index] ?? { value: null, fault: null };
    if (fault?.code === 'ErrorFolderNotFound') return { ...fault, params: { ...fault.params, folder } };
    if (fault !== null) return fault;
    // A server that leaves the element out (Exchange never does) says nothing against it: the folder could be opened.
    if (value === null || (value & needed) === needed) return null;
    return { code: 'FolderRightsMissing', params: { folder, address: session.address } };
  });
}
