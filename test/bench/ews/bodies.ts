import { checkActFolders, findInbox, findMarker, sendTestMessage } from '../../../services/exchange/ews/operations.ts';
import { loadLibrary } from '../../../services/exchange/ews/library.ts';
import { EwsSession } from '../../../services/exchange/ews/session.ts';
import type { Transport } from '../../../services/exchange/transport.ts';

const address = 'somebody@contoso.test';
const marker = 'some-marker';

/** The four requests of one mailbox as Mailroom sends them, for the raw client to send the same. */
export async function recordBodies(): Promise<(forAddress: string, forMarker: string) => string[]> {
  const bodies: string[] = [];
  const transport: Transport = {
    async send({ body = '' }) {
      bodies.push(body);
      return { answer: null, fault: { code: 'ConnectionReset', params: {} }, errorCode: '' };
    },
    close: () => Promise.resolve(),
  };
  const session = new EwsSession({
    library: await loadLibrary(),
    transport,
    serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
    authentication: { scheme: 'bearer', token: '' },
    access: 'impersonation',
    address,
    deadlineMs: 1000,
    signal: new AbortController().signal,
  });
  await findInbox(session);
  await sendTestMessage(session, marker);
  await findMarker(session, marker);
  await checkActFolders(session);
  return (forAddress, forMarker) =>
    bodies.map((body) => body.replaceAll(address, forAddress).replaceAll(marker, forMarker));
}
