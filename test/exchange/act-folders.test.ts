import { beforeAll, describe, expect, test } from 'vitest';
import { loadLibrary, type Library } from '../../services/exchange/ews/library.ts';
import { checkActFolders } from '../../services/exchange/ews/operations.ts';
import { EwsSession } from '../../services/exchange/ews/session.ts';
import type { MailboxAccess } from '../../services/exchange/exchange-port.ts';
import { envelope, errorMessage, namespaces, soapFault } from './soap-samples.ts';

let library: Library;
beforeAll(async () => {
  library = await loadLibrary();
});

const good = (modify = true): string =>
  `<m:GetFolderResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Folders><t:Folder><t:FolderId Id="AAA=" ChangeKey="CQ=="/><t:EffectiveRights><t:CreateAssociated>true</t:CreateAssociated><t:CreateContents>true</t:CreateContents><t:CreateHierarchy>true</t:CreateHierarchy><t:Delete>true</t:Delete><t:Modify>${modify}</t:Modify><t:Read>true</t:Read></t:EffectiveRights></t:Folder></m:Folders></m:GetFolderResponseMessage>`;
const bad = (code: string, more = ''): string =>
  `<m:GetFolderResponseMessage ResponseClass="Error"><m:MessageText>Text.</m:MessageText><m:ResponseCode>${code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>${more}<m:Folders/></m:GetFolderResponseMessage>`;
const answer = (...messages: string[]): string =>
  envelope(
    `<m:GetFolderResponse ${namespaces}><m:ResponseMessages>${messages.join('')}</m:ResponseMessages></m:GetFolderResponse>`,
  );

/** The three folders against a server that answers so. */
async function folders(body: string, status = 200, access: MailboxAccess = 'impersonation') {
  const sent: string[] = [];
  const session = new EwsSession({
    library,
    transport: {
      async send({ body: request = '' }) {
        sent.push(request);
        return { answer: { status, headers: {}, body }, fault: null, errorCode: null };
      },
      close: () => Promise.resolve(),
    },
    serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
    authentication: { scheme: 'bearer', token: 't' },
    access,
    address: 'r&d</t:EmailAddress>@contoso.test',
    deadlineMs: 10_000,
    signal: new AbortController().signal,
  });
  const faults = await checkActFolders(session);
  return { faults, codes: faults.map((fault) => fault?.code ?? null), sent, calls: session.calls };
}

describe('the three folders of ACT', () => {
  test('are asked for in one call, in each way of access, with every text escaped', async () => {
    const { codes, sent, calls } = await folders(answer(good(), good(), good()), 200, 'delegate');
    expect([codes, calls]).toEqual([[null, null, null], 1]);
    expect([...(sent[0] ?? '').matchAll(/DistinguishedFolderId Id="(\w+)"/g)].map(([, id]) => id)).toEqual([
      'calendar',
      'contacts',
      'tasks',
    ]);
    expect(
      sent[0]?.match(/<t:EmailAddress>r&amp;d&lt;\/t:EmailAddress&gt;@contoso\.test<\/t:EmailAddress>/g),
    ).toHaveLength(3);
  });

  test('keep their faults apart', async () => {
    const { faults } = await folders(answer(good(false), bad('ErrorFolderNotFound'), good()));
    expect(faults).toMatchObject([
      { code: 'FolderRightsMissing', params: { folder: 'calendar' } },
      { code: 'ErrorFolderNotFound', params: { folder: 'contacts', host: 'mail.contoso.test' } },
      null,
    ]);
  });

  test('keep the values of each fault with it', async () => {
    const values = '<m:MessageXml><t:Value Name="BackOffMilliseconds">4711</t:Value></m:MessageXml>';
    const { faults } = await folders(answer(bad('ErrorServerBusy', values), bad('ErrorAccessDenied'), good()));
    expect(faults[0]?.params).toMatchObject({ backOffMs: 4711 });
    expect(faults[1]?.code).toBe('ErrorAccessDenied');
    expect(faults[1]?.params).not.toHaveProperty('backOffMs');
  });

  test.each([
    ['a SOAP fault', soapFault('ErrorServerBusy'), 500, 'ErrorServerBusy'],
    ['one message for all of them', errorMessage('ErrorNonExistentMailbox'), 200, 'ErrorNonExistentMailbox'],
    ['an error status', answer(bad('ErrorAccessDenied'), good(), good()), 500, 'ErrorAccessDenied'],
    ['less than was asked for', answer(good()), 200, 'AnswerNotSoap'],
    ['no message at all', answer(), 200, 'AnswerNotSoap'],
    ['more than was asked for', answer(good(), good(), good(), bad('ErrorAccessDenied')), 200, 'ErrorAccessDenied'],
    ['HTML', '<html/>', 200, 'AnswerNotSoap'],
  ])('share what goes wrong with the whole call: %s', async (_what, body, status, code) => {
    expect((await folders(body, status)).codes).toEqual([code, code, code]);
  });
});
