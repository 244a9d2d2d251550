import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { askDirectory } from '../../services/exchange/ews/directory.ts';
import { loadLibrary } from '../../services/exchange/ews/library.ts';
import { checkActFolders, findInbox, findMarker, sendTestMessage } from '../../services/exchange/ews/operations.ts';
import { readStamp, writeStamp } from '../../services/exchange/ews/organization-stamp.ts';
import { EwsSession } from '../../services/exchange/ews/session.ts';
import type { MailboxAccess } from '../../services/exchange/exchange-port.ts';

const schemaFolder = join(import.meta.dirname, '../../../shared/ews-schema');
const run = promisify(execFile);

/** Every request of a mailbox test, and those to the address book, as they would go out. */
async function record(access: MailboxAccess, address: string, marker: string): Promise<string[]> {
  const bodies: string[] = [];
  const session = new EwsSession({
    library: await loadLibrary(),
    transport: {
      async send({ body = '' }) {
        bodies.push(body);
        return { answer: null, fault: { code: 'ConnectionReset', params: {} }, errorCode: '' };
      },
      close: () => Promise.resolve(),
    },
    serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
    authentication: { scheme: 'bearer', token: 'none' },
    access,
    address,
    deadlineMs: 1000,
    signal: new AbortController().signal,
  });
  await findInbox(session);
  await findMarker(session, marker);
  await sendTestMessage(session, marker);
  await checkActFolders(session);
  await writeStamp(session, { organizationId: marker, takeOver: false, at: 0 }, 'CreateUserConfiguration');
  await writeStamp(session, { organizationId: marker, takeOver: false, at: 0 }, 'UpdateUserConfiguration');
  await readStamp(session);
  await askDirectory(session, { operation: 'resolve-names', text: marker });
  await askDirectory(session, { operation: 'expand-members', text: address });
  return bodies;
}

test('every request that Mailroom sends is valid by the schemas of Exchange', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mailroom-requests-'));
  try {
    const files: string[] = [];
    for (const access of ['impersonation', 'delegate'] as const) {
      for (const text of ['user1@contoso.test', 'a&b</t:SmtpAddress><x>"@contoso.test', 'Zoë.Łukasz@contoso.test']) {
        for (const body of await record(access, text, `marker ${text}`)) {
          const file = join(folder, `${files.length}.xml`);
          await writeFile(file, body);
          files.push(file);
        }
      }
    }
    // Rejects, with what is wrong, when one is not.
    await run('xmllint', ['--noout', '--nonet', '--schema', 'soap-driver.xsd', ...files], { cwd: schemaFolder });
    console.log(`${files.length} requests of Mailroom are valid`);
    expect(files).toHaveLength(54);
  } finally {
    await rm(folder, { recursive: true });
  }
});
