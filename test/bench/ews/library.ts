/**
 * ews-javascript-api with its own transport and its own NTLM: a connection, a handshake and two requests a call. Its public
 * API opens one folder a call, so the same test takes it six calls.
 */
import { findInbox, findMarker, sendTestMessage } from '../../../services/exchange/ews/operations.ts';
import { loadLibrary } from '../../../services/exchange/ews/library.ts';
import type { EwsSession } from '../../../services/exchange/ews/session.ts';
import { addressOf, measure, readPlan, spread } from './plan.ts';

const plan = readPlan();
const library = await loadLibrary();
const { Calendar, Contacts, Tasks } = library.WellKnownFolderName;
const actFolders = [Calendar, Contacts, Tasks];
const rights = new library.PropertySet(library.BasePropertySet.IdOnly, library.FolderSchema.EffectiveRights);
const callsOfLibrary = 6;

/** The same operations, on the library as it is; its answers are its own. */
function sessionOf(address: string): EwsSession {
  const service = new library.ExchangeService(library.ExchangeVersion.Exchange2013_SP1);
  service.Url = new library.Uri(plan.ews);
  service.Credentials = new library.WebCredentials(plan.userName, plan.password);
  service.ImpersonatedUserId = new library.ImpersonatedUserId(library.ConnectingIdType.SmtpAddress, address);
  service.HttpHeaders.Add('X-AnchorMailbox', address);
  service.XHRApi = new library.XhrApi().useNtlmAuthentication(plan.userName, plan.password);
  const session = {
    library,
    address,
    folder: (name: number) => new library.FolderId(name),
    call: async (operation: (with_: typeof service) => Promise<unknown>) => ({
      value: await operation(service),
      fault: null,
    }),
  };
  return session as unknown as EwsSession;
}

await measure(
  (from, to) =>
    spread(from, to, plan.connections, async (index) => {
      const marker = `${plan.round}-${index}`;
      const session = sessionOf(addressOf(index));
      try {
        await findInbox(session);
        await sendTestMessage(session, marker);
        const found = await findMarker(session, marker);
        for (const folder of actFolders) await session.call((service) => library.Folder.Bind(service, folder, rights));
        return found.value === true;
      } catch {
        return false;
      }
    }),
  plan,
  callsOfLibrary,
);
