/* oxlint-disable unicorn/no-thenable -- a fault rule reads "for this mailbox, then that"; its `then` is data */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import {
  all,
  attribute,
  call,
  createItem,
  extendedProperty,
  findFolder,
  findItem,
  getItem,
  itemIds,
  MARKER_URI,
  message,
  texts,
  type WireAnswer,
} from './ews-client.ts';
import {
  appointment,
  createFolder,
  deleteField,
  deleteFolder,
  distinguished,
  moveItem,
  setField,
  updateItem,
} from './ews-requests.ts';

const ONE = 'user1@contoso.test';
const TWO = 'user2@contoso.test';

describe('changes in a mailbox of the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  beforeEach(async () => {
    exchange = await startExchange({ mailboxes: 2 });
  });
  afterEach(() => exchange.close());
  const run = (body: string, as = ONE): Promise<WireAnswer> => call(exchange, body, { as });
  const codes = (answer: WireAnswer): string[] => texts(answer, 'ResponseCode');
  const draft = async (subject = 'draft'): Promise<string> =>
    itemIds(await run(createItem(message(subject, [TWO]), 'SaveOnly')))[0] ?? '';

  it('set, add to and delete properties, and give a new change key for the same id', async () => {
    const id = await draft();
    const changed = await run(
      updateItem(
        id,
        setField('item:Subject', '<t:Subject>new &amp; better</t:Subject>') +
          setField('item:Body', '<t:Body BodyType="Text"> and more</t:Body>', 'Message', 'AppendToItemField') +
          setField('item:Importance', '<t:Importance>High</t:Importance>', 'Item') +
          setField('message:IsRead', '<t:IsRead>false</t:IsRead>') +
          setField(MARKER_URI, extendedProperty(MARKER_URI, 'm')) +
          deleteField('message:ToRecipients'),
      ),
    );
    expect(codes(changed)).toEqual(['NoError']);
    const [next = ''] = itemIds(changed);
    expect(next).not.toBe(id);
    expect(next.slice(0, 160)).toBe(id.slice(0, 160));
    const item = await run(getItem([next], `<t:AdditionalProperties>${MARKER_URI}</t:AdditionalProperties>`));
    expect(texts(item, 'Subject')).toEqual(['new & better']);
    expect(all(item, 'Body').at(-1)?.text).toBe('Hello <world> and more');
    expect([texts(item, 'Importance')[0], texts(item, 'IsRead')[0], texts(item, 'Value')[0]]).toEqual([
      'High',
      'false',
      'm',
    ]);
    expect(all(item, 'ToRecipients')).toEqual([]);
    await run(updateItem(next, deleteField(MARKER_URI)));
    const without = await run(getItem([next], `<t:AdditionalProperties>${MARKER_URI}</t:AdditionalProperties>`));
    expect(texts(without, 'Value')).toEqual([]);
  });

  it('are refused where somebody else was faster, or nothing is said of what to do', async () => {
    const id = await draft();
    const subject = setField('item:Subject', '<t:Subject>x</t:Subject>');
    await run(updateItem(id, subject));
    const never = updateItem(id, subject).replace('AutoResolve', 'NeverOverwrite');
    expect(codes(await run(never))).toEqual(['ErrorIrresolvableConflict']);
    const withoutKey = id.replace(/ ChangeKey="[^"]*"/, '');
    expect(codes(await run(updateItem(withoutKey, subject)))).toEqual(['ErrorChangeKeyRequired']);
    expect(codes(await run(updateItem(withoutKey, subject).replace('AutoResolve', 'AlwaysOverwrite')))).toEqual([
      'NoError',
    ]);
    expect(codes(await run(updateItem(id, subject, '')))).toEqual(['ErrorMessageDispositionRequired']);
    const [event = ''] = itemIds(await run(appointment('p', '2026-11-24T10:00:00Z', '2026-11-24T11:00:00Z')));
    expect(codes(await run(updateItem(event, subject)))).toEqual([
      'ErrorSendMeetingInvitationsOrCancellationsRequired',
    ]);
  });

  it('move an appointment, and one address of a contact', async () => {
    const [event = ''] = itemIds(await run(appointment('p', '2026-11-24T10:00:00Z', '2026-11-24T11:00:00Z')));
    await run(
      updateItem(
        event,
        setField('calendar:Start', '<t:Start>2026-11-24T09:00:00Z</t:Start>', 'CalendarItem'),
        'SendMeetingInvitationsOrCancellations="SendToNone"',
      ),
    );
    expect(texts(await run(getItem([event])), 'Start')).toEqual(['2026-11-24T09:00:00Z']);
    const entry = (key: number, value: string): string => `<t:Entry Key="EmailAddress${key}">${value}</t:Entry>`;
    const addresses = (...entries: string[]): string => `<t:EmailAddresses>${entries.join('')}</t:EmailAddresses>`;
    const [contact = ''] = itemIds(
      await run(
        `<m:CreateItem><m:Items><t:Contact>${addresses(entry(1, 'a@b.test'), entry(2, 'c@d.test'))}</t:Contact></m:Items></m:CreateItem>`,
      ),
    );
    const path = '<t:IndexedFieldURI FieldURI="contacts:EmailAddress" FieldIndex="EmailAddress1"/>';
    await run(updateItem(contact, setField(path, addresses(entry(1, 'new@b.test')), 'Contact'), ''));
    expect(texts(await run(getItem([contact])), 'Entry').toSorted()).toEqual(['c@d.test', 'new@b.test']);
    await run(updateItem(contact, deleteField(path), ''));
    expect(texts(await run(getItem([contact])), 'Entry')).toEqual(['c@d.test']);
  });

  it('send a draft with the last change', async () => {
    const id = await draft();
    const sent = await run(
      updateItem(id, setField('item:Subject', '<t:Subject>final</t:Subject>'), 'MessageDisposition="SendAndSaveCopy"'),
    );
    expect(codes(sent)).toEqual(['NoError']);
    expect(exchange.mail().map(({ subject }) => subject)).toEqual(['final']);
    expect(texts(await run(findItem('drafts')), 'Subject')).toEqual([]);
    expect(texts(await run(findItem('sentitems')), 'Subject')).toEqual(['final']);
  });

  it('move and copy items under new ids', async () => {
    const id = await draft('m');
    const copied = await run(moveItem('Copy', [id], distinguished('notes')));
    const moved = await run(moveItem('Move', [id], distinguished('junkemail')));
    expect(new Set([id, ...itemIds(copied), ...itemIds(moved)]).size).toBe(3);
    for (const [folder, expected] of [
      ['drafts', []],
      ['notes', ['m']],
      ['junkemail', ['m']],
    ] as const) {
      expect(texts(await run(findItem(folder)), 'Subject')).toEqual(expected);
    }
    expect(codes(await run(moveItem('Move', [id], distinguished('inbox'))))).toEqual(['ErrorItemNotFound']);
  });

  it('make folders, fill them and take them away', async () => {
    const made = await run(
      createFolder(
        distinguished('inbox'),
        '<t:Folder><t:DisplayName>Projects</t:DisplayName></t:Folder><t:CalendarFolder><t:DisplayName>Trips</t:DisplayName></t:CalendarFolder>',
      ),
    );
    expect(codes(made)).toEqual(['NoError', 'NoError']);
    const [projects = '', trips = ''] = all(made, 'FolderId').map(
      ({ attributes }) => `<t:FolderId Id="${attributes.get('Id')}"/>`,
    );
    const again = createFolder(distinguished('inbox'), '<t:Folder><t:DisplayName>projects</t:DisplayName></t:Folder>');
    expect(codes(await run(again))).toEqual(['ErrorFolderExists']);
    await run(createFolder(projects, '<t:Folder><t:DisplayName>2026</t:DisplayName></t:Folder>'));
    await run(moveItem('Move', [await draft('in it')], projects));
    const listed = await run(findFolder('inbox', '', 'Deep'));
    expect(texts(listed, 'DisplayName')).toEqual(['Projects', '2026', 'Trips']);
    expect(texts(listed, 'FolderClass')).toEqual(['IPF.Note', 'IPF.Note', 'IPF.Appointment']);
    expect(texts(listed, 'DistinguishedFolderId')).toEqual([]);
    const inIt = findItem('inbox').replace(
      /<m:ParentFolderIds>.*<\/m:ParentFolderIds>/,
      `<m:ParentFolderIds>${projects}</m:ParentFolderIds>`,
    );
    expect(texts(await run(inIt), 'Subject')).toEqual(['in it']);
    expect(codes(await run(deleteFolder(trips, 'MoveToDeletedItems')))).toEqual(['NoError']);
    expect(texts(await run(findFolder('deleteditems')), 'DisplayName')).toEqual(['Trips']);
    expect(codes(await run(deleteFolder(projects)))).toEqual(['NoError']);
    expect(attribute(await run(findFolder('inbox', '', 'Deep')), 'RootFolder', 'TotalItemsInView')).toBe('0');
    expect(codes(await run(inIt))).toEqual(['ErrorFolderNotFound']);
    expect(codes(await run(deleteFolder(distinguished('inbox'))))).toEqual(['ErrorDeleteDistinguishedFolder']);
  });
});

describe('delegate access to the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  const SELF = 'svc-mailroom@contoso.test';
  beforeAll(async () => {
    exchange = await startExchange({
      mailboxes: 4,
      impersonationScope: 'none',
      delegates: [
        { mailbox: ONE, rights: 'editor' },
        { mailbox: TWO, rights: 'reviewer' },
        { mailbox: 'user3@contoso.test', rights: 'editor', folders: ['calendar'] },
      ],
    });
  });
  afterAll(() => exchange.close());
  const open = (address: string, folder = 'inbox'): string =>
    `<m:GetFolder><m:FolderShape><t:BaseShape>AllProperties</t:BaseShape></m:FolderShape><m:FolderIds>${distinguished(folder, address)}</m:FolderIds></m:GetFolder>`;
  const rights = async (address: string, folder?: string): Promise<string> => {
    const answer = await call(exchange, open(address, folder));
    const code = texts(answer, 'ResponseCode')[0] ?? '';
    return code === 'NoError' ? `${texts(answer, 'CreateContents')[0]} ${texts(answer, 'Read')[0]}` : code;
  };

  it('opens the folders that were opened, with the rights that were given', async () => {
    expect(await rights(SELF)).toBe('true true');
    expect(await rights(ONE)).toBe('true true');
    expect(await rights(TWO)).toBe('false true');
    expect(await rights('user3@contoso.test')).toBe('ErrorFolderNotFound');
    expect(await rights('user3@contoso.test', 'calendar')).toBe('true true');
    expect(await rights('user4@contoso.test')).toBe('ErrorFolderNotFound');
    expect(await rights('nobody@contoso.test')).toBe('ErrorNonExistentMailbox');
  });

  it('logs and strikes by the mailbox that is opened', async () => {
    exchange.setFaults([{ mailbox: ONE, then: { message: 'ErrorAccessDenied' } }]);
    exchange.resetLog();
    expect(await rights(ONE)).toBe('ErrorAccessDenied');
    expect(await rights(TWO)).toBe('false true');
    expect(exchange.requests().map(({ mailbox }) => mailbox)).toEqual([ONE, TWO]);
    exchange.setFaults([]);
  });

  it('sends as an editor and writes where it may, by ids as well', async () => {
    const asOne = createItem(message('as one', [TWO], { from: ONE })).replace(
      '<m:Items>',
      `<m:SavedItemFolderId>${distinguished('sentitems', ONE)}</m:SavedItemFolderId><m:Items>`,
    );
    expect(texts(await call(exchange, asOne), 'ResponseCode')).toEqual(['NoError']);
    expect(exchange.mail().at(-1)?.from).toBe(ONE);
    const opened = (folder: string, address: string): string =>
      findItem(folder).replace(/<t:DistinguishedFolderId Id="\w+"\/>/, distinguished(folder, address));
    const sent = await call(exchange, opened('sentitems', ONE));
    expect(texts(sent, 'Subject')).toEqual(['as one']);
    expect(texts(await call(exchange, getItem(itemIds(sent))), 'ResponseCode')).toEqual(['NoError']);
    const received = itemIds(await call(exchange, opened('inbox', TWO)));
    const subject = setField('item:Subject', '<t:Subject>x</t:Subject>');
    expect(texts(await call(exchange, updateItem(received[0] ?? '', subject)), 'ResponseCode')).toEqual([
      'ErrorAccessDenied',
    ]);
    const asTwo = await call(exchange, createItem(message('as two', [ONE], { from: TWO })));
    expect(texts(asTwo, 'ResponseCode')).toEqual(['ErrorSendAsDenied']);
  });
});
