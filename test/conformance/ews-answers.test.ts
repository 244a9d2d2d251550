/* oxlint-disable unicorn/no-thenable -- a fault rule reads "for this mailbox, then that"; its `then` is data */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../sandbox/exchange/index.ts';
import { WELL_KNOWN_NAMES } from '../../sandbox/exchange/mailbox/well-known-folders.ts';
import { OPERATIONS } from '../../sandbox/exchange/operations/table.ts';
import * as ews from '../sandbox/exchange/ews-client.ts';
import * as more from '../sandbox/exchange/ews-requests.ts';

const SCHEMA_FOLDER = join(import.meta.dirname, '../../../shared/ews-schema');
const ONE = 'user1@contoso.test';
const TWO = 'user2@contoso.test';

interface Verdict {
  readonly ok: boolean;
  readonly output: string;
}

/** One run over many documents, since loading the schema takes most of the time. */
function validate(files: readonly string[]): Promise<Verdict> {
  const args = ['--noout', '--nonet', '--schema', 'soap-driver.xsd', ...files];
  return new Promise((resolve, reject) => {
    execFile('xmllint', args, { cwd: SCHEMA_FOLDER }, (error, _stdout, stderr) => {
      if (error && error.code === 'ENOENT')
        reject(new Error('xmllint or the schema folder is missing', { cause: error }));
      else resolve({ ok: error === null, output: stderr });
    });
  });
}

describe('what the Exchange stand-in says, by the schemas of Exchange', () => {
  let exchange: ExchangeStandIn;
  let folder: string;
  const operations = new Map<string, number>();
  const requests: string[] = [];
  const answers: string[] = [];

  const exchangeOne = async (body: string, options: ews.CallOptions = { as: ONE }): Promise<ews.WireAnswer> => {
    const answer = await ews.call(exchange, body, options);
    const number = answers.length;
    const operation = /<m:(\w+)/.exec(body)?.[1] ?? '';
    operations.set(operation, (operations.get(operation) ?? 0) + 1);
    const requestFile = join(folder, `request-${number}.xml`);
    const answerFile = join(folder, `answer-${number}.xml`);
    await writeFile(requestFile, ews.envelope(body, options));
    await writeFile(answerFile, answer.text);
    requests.push(requestFile);
    answers.push(answerFile);
    return answer;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ews-answers-'));
    exchange = await startExchange({
      mailboxes: 12,
      streamingMs: 1,
      delegates: [
        { mailbox: TWO, rights: 'reviewer' },
        { mailbox: TWO, to: 'user3@contoso.test', rights: 'editor', folders: ['calendar'] },
      ],
      distributionLists: [{ address: 'team@contoso.test', members: [ONE, TWO] }],
    });
  });
  afterAll(async () => {
    await exchange.close();
    await rm(folder, { recursive: true });
  });

  const folders = async (): Promise<void> => {
    for (const shape of ['IdOnly', 'Default', 'AllProperties']) {
      for (const version of ['Exchange2007_SP1', 'Exchange2010', 'Exchange2013_SP1', 'Exchange2016']) {
        await exchangeOne(ews.getFolder(WELL_KNOWN_NAMES, shape), { as: ONE, version });
      }
      await exchangeOne(ews.findFolder('root', ews.folderPage(4, 3), 'Deep', shape));
    }
    await exchangeOne(ews.findFolder('inbox', ews.folderPage(1, 0)), { as: ONE, version: 'Exchange2010' });
    await exchangeOne(ews.findFolder('root', ews.folderPage(0, 0)));
    await exchangeOne(ews.getFolder(['inbox']), { version: null });
    for (const kind of ['PrimarySmtpAddress', 'PrincipalName', 'SID']) {
      await exchangeOne(ews.getFolder(['inbox']), { as: ONE, kind });
    }
  };

  const items = async (): Promise<void> => {
    const properties = `${ews.extendedProperty(ews.MARKER_URI, 'a &amp; b')}${ews.extendedProperty(ews.HEADER_URI, 'h')}`;
    const mime = Buffer.from(`From: ${ONE}\r\nTo: ${TWO}\r\nSubject: mime\r\nX-A: b\r\n\r\nbody`).toString('base64');
    const byMime = `<t:Message><t:MimeContent CharacterSet="UTF-8">${mime}</t:MimeContent></t:Message>`;
    const subjects =
      ews.message('R&amp;D &#x1F600;', [TWO], { properties }) + ews.message('plain', [TWO, ONE]) + byMime;
    for (const disposition of ['SendAndSaveCopy', 'SendOnly', 'SaveOnly']) {
      await exchangeOne(ews.createItem(subjects, disposition));
    }
    await exchangeOne(
      '<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem><t:Subject>p</t:Subject><t:ReminderIsSet>false</t:ReminderIsSet><t:Start>2026-11-24T10:00:00Z</t:Start><t:End>2026-11-24T11:00:00Z</t:End><t:IsAllDayEvent>false</t:IsAllDayEvent><t:LegacyFreeBusyStatus>Busy</t:LegacyFreeBusyStatus><t:Location>here</t:Location></t:CalendarItem><t:Contact><t:FileAs>Berg</t:FileAs><t:GivenName>Anna</t:GivenName><t:CompanyName>C</t:CompanyName><t:EmailAddresses><t:Entry Key="EmailAddress1">a@b.test</t:Entry></t:EmailAddresses><t:Surname>Berg</t:Surname></t:Contact><t:Task><t:Subject>t</t:Subject><t:DueDate>2026-11-24T10:00:00Z</t:DueDate><t:Status>NotStarted</t:Status></t:Task></m:Items></m:CreateItem>',
    );
    await exchangeOne(ews.createItem(ews.message('x', [TWO], { from: TWO })));
    for (const name of ['inbox', 'sentitems', 'drafts', 'calendar', 'contacts', 'tasks']) {
      for (const shape of ['IdOnly', 'Default', 'AllProperties']) {
        const view = ews.itemPage(3, 0);
        const found = await exchangeOne(ews.findItem(name, { shape, view, extra: ews.MARKER_URI + ews.HEADER_URI }));
        const ids = ews.itemIds(found);
        const extra = `<t:IncludeMimeContent>true</t:IncludeMimeContent><t:BodyType>HTML</t:BodyType><t:AdditionalProperties><t:FieldURI FieldURI="item:InternetMessageHeaders"/><t:FieldURI FieldURI="item:TextBody"/>${ews.HEADER_URI}${ews.MARKER_URI}</t:AdditionalProperties>`;
        if (ids.length > 0) await exchangeOne(ews.getItem(ids, extra, shape));
      }
    }
    await exchangeOne(
      ews.findItem('inbox', {
        view: ews.itemPage(10, 0),
        restriction: `<t:And>${ews.isEqualTo(ews.HEADER_URI, 'h')}<t:Contains ContainmentMode="Substring" ContainmentComparison="IgnoreCase"><t:FieldURI FieldURI="item:Subject"/><t:Constant Value="r"/></t:Contains></t:And>`,
        sort: '<m:SortOrder><t:FieldOrder Order="Descending"><t:FieldURI FieldURI="item:DateTimeReceived"/></t:FieldOrder></m:SortOrder>',
      }),
      { as: TWO },
    );
    const view = '<m:CalendarView StartDate="2026-11-24T00:00:00Z" EndDate="2026-11-25T00:00:00Z"/>';
    await exchangeOne(ews.findItem('calendar', { view }));
    const draft = ews.itemIds(await exchangeOne(ews.createItem(ews.message('draft', [TWO]), 'SaveOnly', 'inbox')));
    await exchangeOne(ews.sendItem(draft));
    await exchangeOne(ews.sendItem(draft));
    const inbox = ews.itemIds(await exchangeOne(ews.findItem('inbox'), { as: TWO }));
    const deletions = ['HardDelete', 'SoftDelete', 'MoveToDeletedItems', 'HardDelete'];
    for (const [index, how] of deletions.entries()) {
      await exchangeOne(ews.deleteItem([inbox[index % 3] ?? ''], how), { as: TWO });
    }
  };

  const synchronisation = async (): Promise<void> => {
    const state = (answer: ews.WireAnswer): string => ews.texts(answer, 'SyncState')[0] ?? '';
    const ids = ews.itemIds(await exchangeOne(ews.createItem(ews.message('a', [TWO]).repeat(3), 'SaveOnly')));
    const [first = '', second = ''] = ids;
    const items = state(await exchangeOne(more.syncItems('drafts')));
    const partly = await exchangeOne(more.syncItems('drafts', '', 2));
    await exchangeOne(more.syncItems('drafts', state(partly), 2));
    const folders = state(await exchangeOne(more.syncFolders()));
    await exchangeOne(more.syncItems('calendar'));
    await exchangeOne(more.syncItems('contacts'));
    const update =
      more.setField('item:Subject', '<t:Subject>b</t:Subject>') +
      more.setField(ews.MARKER_URI, ews.extendedProperty(ews.MARKER_URI, 'm')) +
      more.setField('item:Body', '<t:Body BodyType="Text">more</t:Body>', 'Message', 'AppendToItemField') +
      more.deleteField('message:ToRecipients');
    await exchangeOne(more.updateItem(first, update));
    await exchangeOne(more.updateItem(second, more.setField('message:IsRead', '<t:IsRead>false</t:IsRead>')));
    await exchangeOne(more.syncItems('drafts', items));
    await exchangeOne(more.updateItem(first, update, ''));
    await exchangeOne(more.moveItem('Copy', [second], more.distinguished('notes')));
    await exchangeOne(more.moveItem('Move', [second, second], more.distinguished('junkemail')));
    await exchangeOne(
      more.updateItem(
        ids[2] ?? '',
        '<t:DeleteItemField><t:FieldURI FieldURI="item:Body"/></t:DeleteItemField>',
        'MessageDisposition="SendAndSaveCopy"',
      ),
    );
    const parts = ['Folder', 'CalendarFolder', 'ContactsFolder', 'TasksFolder', 'SearchFolder'];
    const made = await exchangeOne(
      more.createFolder(
        more.distinguished('inbox'),
        parts.map((name) => `<t:${name}><t:DisplayName>${name}</t:DisplayName></t:${name}>`).join(''),
      ),
    );
    const [folder, calendar] = ews
      .all(made, 'FolderId')
      .map(({ attributes }) => `<t:FolderId Id="${attributes.get('Id')}"/>`);
    await exchangeOne(ews.findFolder('inbox'));
    await exchangeOne(more.syncFolders(folders));
    await exchangeOne(more.deleteFolder(folder ?? ''));
    await exchangeOne(more.deleteFolder(calendar ?? '', 'MoveToDeletedItems'));
    await exchangeOne(more.deleteFolder(more.distinguished('inbox')));
    await exchangeOne(more.syncFolders(folders, 'root'));
    await exchangeOne(more.syncItems('drafts', items));
    await exchangeOne(more.syncItems('drafts', 'none'));
    await exchangeOne(more.syncFolders('none'));
  };

  const services = async (): Promise<void> => {
    const data = `${more.dictionary('k', 'v')}<t:XmlData>PGEvPg==</t:XmlData><t:BinaryData>AAECAw==</t:BinaryData>`;
    await exchangeOne(more.putConfiguration('Create', 'Mailroom', data));
    await exchangeOne(more.putConfiguration('Create', 'Mailroom', data));
    await exchangeOne(more.putConfiguration('Update', 'Mailroom', more.dictionary('k', 'w')));
    await exchangeOne(more.getConfiguration('Mailroom'));
    await exchangeOne(more.getConfiguration('Mailroom', 'Id Dictionary'));
    await exchangeOne(ews.findItem('inbox').replace('"Shallow"', '"Associated"'));
    await exchangeOne(more.deleteConfiguration('Mailroom'));
    await exchangeOne(more.deleteConfiguration('Mailroom'));
    await exchangeOne(more.getConfiguration('Mailroom'));
    await exchangeOne(more.putConfiguration('Update', 'Mailroom', ''));
    await exchangeOne(more.timeZones());
    await exchangeOne(more.timeZones(['UTC', 'Eastern Standard Time'], true));
    const [start, end] = ['2026-11-24T08:00:00', '2026-11-24T18:00:00'];
    for (const view of ['None', 'MergedOnly', 'FreeBusy', 'FreeBusyMerged', 'Detailed', 'DetailedMerged']) {
      await exchangeOne(more.availability([ONE, TWO, 'nobody@contoso.test'], start, end, view));
    }
    await exchangeOne(more.availability([ONE], end, start));
    await exchangeOne(more.getOof(ONE));
    await exchangeOne(more.setOof(ONE, 'away &amp; gone'));
    await exchangeOne(more.setOof(TWO, 'x'));
    await exchangeOne(more.getOof(ONE));
    await exchangeOne(more.getOof(TWO));
    await exchangeOne(more.expandDl('team@contoso.test'));
    await exchangeOne(more.expandDl(ONE));
    await exchangeOne(ews.resolveNames('team'));
    for (const address of [TWO, ONE, 'nobody@contoso.test']) {
      const own = ews
        .getFolder(['inbox'])
        .replace('<t:DistinguishedFolderId Id="inbox"/>', more.distinguished('inbox', address));
      await exchangeOne(own, {});
    }
    for (const then of [{ message: 'ErrorAccessDenied' }, { fault: 'ErrorServerBusy' }]) {
      exchange.setFaults([{ mailbox: '*', then }]);
      for (const body of [
        more.timeZones(),
        more.getOof(ONE),
        more.setOof(ONE, ''),
        more.availability([ONE], start, end),
      ]) {
        await exchangeOne(body);
      }
      for (const body of [
        more.syncItems('inbox'),
        more.syncFolders(),
        more.expandDl(ONE),
        more.getConfiguration('x'),
      ]) {
        await exchangeOne(body);
      }
    }
    exchange.setFaults([]);
  };

  const files = async (): Promise<void> => {
    const inner = '<t:Message><t:Subject>i</t:Subject><t:Body BodyType="HTML">b</t:Body></t:Message>';
    const about = '<t:ContentType>text/plain</t:ContentType><t:ContentId>c</t:ContentId><t:IsInline>true</t:IsInline>';
    const properties = `<t:Attachments>${more.fileAttachment('a', 'a')}</t:Attachments>`;
    const made = await exchangeOne(ews.createItem(ews.message('files', [TWO], { properties }), 'SaveOnly'));
    const [id = ''] = ews.itemIds(made);
    const added = await exchangeOne(
      more.createAttachment(id, more.fileAttachment('b', 'b', about) + more.itemAttachment('i', inner)),
    );
    const ids = ews.all(added, 'AttachmentId').map(({ attributes }) => attributes.get('Id') ?? '');
    await exchangeOne(ews.getItem([id], '<t:IncludeMimeContent>true</t:IncludeMimeContent>'));
    await exchangeOne(more.getAttachment([...ids, 'none']));
    await exchangeOne(more.getAttachment(ids, '<t:IncludeMimeContent>true</t:IncludeMimeContent>'));
    await exchangeOne(more.deleteAttachment([...ids, 'none']));
    await exchangeOne(more.createAttachment('<t:ItemId Id="none"/>', more.fileAttachment('a', 'a')));
  };

  const calendar = async (): Promise<void> => {
    const view = more.calendarView('2026-11-01', '2027-12-01');
    const everything =
      '<t:IncludeMimeContent>true</t:IncludeMimeContent><t:AdditionalProperties><t:FieldURI FieldURI="item:UniqueBody"/><t:FieldURI FieldURI="item:Preview"/><t:FieldURI FieldURI="item:DisplayBcc"/><t:FieldURI FieldURI="calendar:RecurrenceId"/></t:AdditionalProperties>';
    const [planned = ''] = ews.itemIds(await exchangeOne(more.meeting('plan', [TWO, 'user3@contoso.test'])));
    await exchangeOne(ews.getItem([planned], everything));
    for (const [as, response] of [
      [TWO, 'AcceptItem'],
      ['user3@contoso.test', 'TentativelyAcceptItem'],
    ] as const) {
      const inbox = ews.itemIds(await exchangeOne(ews.findItem('inbox'), { as }));
      await exchangeOne(ews.getItem(inbox, everything), { as });
      await exchangeOne(more.respond(response, inbox[0] ?? ''), { as });
      await exchangeOne(ews.getItem(ews.itemIds(await exchangeOne(ews.findItem('calendar'), { as }))), { as });
    }
    await exchangeOne(ews.getItem(ews.itemIds(await exchangeOne(ews.findItem('inbox'))), everything));
    await exchangeOne(more.respond('AcceptItem', planned));
    await exchangeOne(more.respond('CancelCalendarItem', planned));
    const [cancelled = ''] = ews.itemIds(await exchangeOne(ews.findItem('inbox'), { as: TWO }));
    await exchangeOne(ews.getItem([cancelled], everything), { as: TWO });
    await exchangeOne(more.respond('RemoveItem', cancelled), { as: TWO });
    const weekly =
      '<t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Tuesday Friday</t:DaysOfWeek></t:WeeklyRecurrence>';
    const five = '<t:NumberOfOccurrences>5</t:NumberOfOccurrences>';
    const [master = ''] = ews.itemIds(await exchangeOne(more.series(weekly, 'NumberedRecurrence', five)));
    const changed = ews.itemIds(await exchangeOne(ews.getItem([more.occurrence(master, 3)], everything)))[0] ?? '';
    const place = more.setField('calendar:Location', '<t:Location>there</t:Location>', 'CalendarItem');
    await exchangeOne(more.updateItem(changed, place, 'SendMeetingInvitationsOrCancellations="SendToNone"'));
    await exchangeOne(more.deleteAppointment(more.occurrence(master, 2)));
    await exchangeOne(ews.getItem([master, more.occurrence(master, 2), more.recurringMaster(changed)], everything));
    await exchangeOne(ews.findItem('calendar', { view }));
    await exchangeOne(more.availability([ONE], '2026-12-01T08:00:00', '2026-12-20T18:00:00', 'Detailed'));
  };

  const replies = async (): Promise<void> => {
    await exchangeOne(ews.createItem(ews.message('question', [ONE])), { as: TWO });
    const [question = ''] = ews.itemIds(await exchangeOne(ews.findItem('inbox')));
    const after = '<t:NewBodyContent BodyType="HTML">new</t:NewBodyContent>';
    const before = `<t:ToRecipients><t:Mailbox><t:EmailAddress>${TWO}</t:EmailAddress></t:Mailbox></t:ToRecipients>`;
    await exchangeOne(more.respond('ReplyToItem', question, { after }));
    await exchangeOne(more.respond('ReplyAllToItem', question, { after, disposition: 'SaveOnly' }));
    await exchangeOne(more.respond('ForwardItem', question, { before, after }));
    await exchangeOne(more.respond('ForwardItem', question));
    await exchangeOne(more.respond('SuppressReadReceipt', question));
    const others =
      '<t:DistributionList><t:DisplayName>dl</t:DisplayName><t:Members><t:Member><t:Mailbox><t:EmailAddress>a@b.test</t:EmailAddress></t:Mailbox></t:Member></t:Members></t:DistributionList><t:PostItem><t:Subject>post</t:Subject></t:PostItem><t:Contact><t:GivenName>A</t:GivenName><t:PhysicalAddresses><t:Entry Key="Home"><t:Street>S</t:Street><t:City>C</t:City></t:Entry></t:PhysicalAddresses><t:Surname>B</t:Surname></t:Contact><t:Task><t:Subject>t</t:Subject><t:PercentComplete>100</t:PercentComplete></t:Task>';
    const made = await exchangeOne(ews.createItem(others, 'SaveOnly'));
    const city = '<t:IndexedFieldURI FieldURI="contacts:PhysicalAddress:City" FieldIndex="Home"/>';
    await exchangeOne(ews.getItem(ews.itemIds(made), '<t:IncludeMimeContent>true</t:IncludeMimeContent>'));
    await exchangeOne(
      ews.getItem(ews.itemIds(made), `<t:AdditionalProperties>${city}</t:AdditionalProperties>`, 'IdOnly'),
    );
    await exchangeOne(more.updateItem(ews.itemIds(made)[2] ?? '', more.deleteField(city), ''));
    for (const view of [
      more.groupBy('item:Importance', 'item:DateTimeReceived'),
      ews.itemPage(1, 0) + more.BY_CONVERSATION,
      ews.itemPage(1, 1) + more.groupBy('item:Subject', 'item:Size', 'Minimum', 'Ascending'),
    ]) {
      await exchangeOne(ews.findItem('inbox', { view }));
    }
    await exchangeOne(ews.findItem('contacts', { view: '<m:ContactsView InitialName="a" FinalName="z"/>' }));
    await exchangeOne(ews.findItem('inbox', { query: 'subject:question from:user2' }));
    const tags = ['0x0e23', '0x0e07'].map((tag) => `<t:ExtendedFieldURI PropertyTag="${tag}" PropertyType="Integer"/>`);
    await exchangeOne(
      ews.findItem('inbox', {
        extra: tags.join(''),
        restriction: `<t:Excludes>${tags[1]}<t:Bitmask Value="8"/></t:Excludes>`,
      }),
    );
  };

  const arrangement = async (): Promise<void> => {
    const names = ['one', 'two'].map((name) => `<t:Folder><t:DisplayName>${name}</t:DisplayName></t:Folder>`).join('');
    const made = await exchangeOne(more.createFolder(more.distinguished('notes'), names));
    const [one = '', two = ''] = ews
      .all(made, 'FolderId')
      .map(({ attributes }) => `<t:FolderId Id="${attributes.get('Id')}"/>`);
    const property = `<t:SetFolderField>${ews.MARKER_URI}<t:Folder>${ews.extendedProperty(ews.MARKER_URI, 'x')}</t:Folder></t:SetFolderField>`;
    await exchangeOne(more.updateFolder(one, more.renaming('three') + property));
    await exchangeOne(more.updateFolder(one, more.renaming('two')));
    await exchangeOne(
      ews
        .findFolder('notes')
        .replace(
          '</t:BaseShape>',
          `</t:BaseShape><t:AdditionalProperties>${ews.MARKER_URI}<t:ExtendedFieldURI PropertyTag="0x670a" PropertyType="SystemTime"/></t:AdditionalProperties>`,
        ),
    );
    await exchangeOne(more.moveFolder('Move', one, two));
    await exchangeOne(more.moveFolder('Move', two, one));
    await exchangeOne(more.moveFolder('Copy', two, more.distinguished('inbox')));
    await exchangeOne(more.emptyFolder(two, 'SoftDelete', true));
    await exchangeOne(more.emptyFolder(more.distinguished('calendar')));
  };

  const notifications = async (): Promise<void> => {
    const pull = await exchangeOne(more.subscribe('Pull'));
    const stream = await exchangeOne(more.subscribe('Streaming', 'inbox'));
    const [id = '', streamed = ''] = [pull, stream].map((answer) => ews.texts(answer, 'SubscriptionId')[0] ?? '');
    const watermark = ews.texts(pull, 'Watermark')[0] ?? '';
    await exchangeOne(more.getEvents(id, watermark));
    await exchangeOne(ews.createItem(ews.message('news', [ONE])), { as: TWO });
    const [news = ''] = ews.itemIds(await exchangeOne(ews.findItem('inbox')));
    await exchangeOne(more.updateItem(news, more.setField('message:IsRead', '<t:IsRead>true</t:IsRead>')));
    await exchangeOne(more.getEvents(id, watermark));
    await exchangeOne(ews.deleteItem([news]));
    await exchangeOne(more.getEvents(id, watermark));
    await exchangeOne(more.getEvents(id, 'none'));
    await exchangeOne(more.getStreamingEvents(streamed));
    await exchangeOne(more.getStreamingEvents(streamed));
    await exchangeOne(more.unsubscribe(id));
    await exchangeOne(more.unsubscribe(id));
    await exchangeOne(more.getEvents(id, watermark));
  };

  const directory = async (): Promise<void> => {
    const [draft = ''] = ews.itemIds(await exchangeOne(ews.createItem(ews.message('junk', [TWO]), 'SaveOnly')));
    const permissions =
      '</t:BaseShape><t:AdditionalProperties><t:FieldURI FieldURI="folder:PermissionSet"/></t:AdditionalProperties>';
    const opened = ews.getFolder(['calendar', 'contacts', 'tasks', 'inbox']).replace('</t:BaseShape>', permissions);
    await exchangeOne(opened, { as: TWO });
    const requests = [
      '<m:GetRoomLists/>',
      more.getRooms('team@contoso.test'),
      more.getRooms('nobody@contoso.test'),
      more.getDelegate(ONE),
      more.getDelegate(TWO),
      ...more.changeDelegates(ONE),
      more.getMailTips([ONE, TWO, 'team@contoso.test', 'nobody@contoso.test', 'a@b.test']),
      more.archiveItem(draft),
      more.markAsJunk(draft, true, false),
      more.markAsJunk(draft),
      more.markAsJunk(draft),
      '<m:GetSearchableMailboxes/>',
      '<m:GetInboxRules/>',
      ews.resolveNames('user2@'),
    ];
    for (const body of requests) await exchangeOne(body);
    await exchangeOne(more.getDelegate(TWO), { as: TWO });
    exchange.setFaults([{ mailbox: '*', then: { message: 'ErrorAccessDenied' } }]);
    for (const body of requests) await exchangeOne(body);
    exchange.setFaults([]);
  };

  const others = async (): Promise<void> => {
    for (const name of ['user1', 'user2@contoso.test', 'nobody']) await exchangeOne(ews.resolveNames(name));
    await exchangeOne(ews.convertId('abc', 'made.up@contoso.test'));
    await exchangeOne(ews.convertId('abc', 'made.up@contoso.test', 'EwsId', 'HexEntryId'));
    await exchangeOne(ews.getFolder(['inbox']), { as: 'nobody@contoso.test' });
    for (const place of ['fault', 'message'] as const) {
      for (const code of ['ErrorServerBusy', 'ErrorNonExistentMailbox', 'ErrorQuotaExceeded', 'ErrorMailboxFailover']) {
        const action = place === 'fault' ? { fault: code } : { message: code };
        exchange.setFaults([{ mailbox: '*', then: { ...action, backOffMilliseconds: 100 } }]);
        await exchangeOne(ews.getFolder(['inbox']));
        await exchangeOne(ews.findFolder('inbox'));
        await exchangeOne(ews.findItem('inbox'));
        await exchangeOne(ews.createItem(ews.message('x', [TWO])));
      }
    }
    exchange.setFaults([]);
  };

  it('is valid in every operation, shape and refusal', async () => {
    await folders();
    await items();
    await others();
    await synchronisation();
    await services();
    await files();
    await calendar();
    await replies();
    await arrangement();
    await notifications();
    await directory();
    const verdict = await validate(answers);
    expect(
      verdict.output
        .split('\n')
        .filter((line) => !line.endsWith(' validates'))
        .join('\n'),
    ).toBe('');
    expect(verdict.ok).toBe(true);
    expect([...OPERATIONS.keys()].filter((name) => !operations.has(name))).toEqual([]);
    expect(answers.length).toBeGreaterThan(280);
    console.log(`${answers.length} answers of ${operations.size} operations are valid`);
  });

  it('was asked in valid requests', async () => {
    const verdict = await validate(requests);
    expect(
      verdict.output
        .split('\n')
        .filter((line) => !line.endsWith(' validates'))
        .join('\n'),
    ).toBe('');
    expect(verdict.ok).toBe(true);
    expect(requests.length).toBeGreaterThan(0);
    console.log(`${requests.length} requests are valid`);
  });

  it('is a schema fault for what the schemas refuse', async () => {
    const page = ews.folderPage(1, 0);
    const broken = [
      ews.findFolder('inbox', page).replace(/<m:FolderShape>.*<\/m:FolderShape>/, ''),
      ews.findFolder('inbox', page).replace('BasePoint="Beginning"', 'BasePoint="Middle"'),
      ews.findFolder('inbox', page).replace(' Traversal="Shallow"', ''),
      ews.getFolder(['outbox']).replace('outbox', 'mailbox'),
      ews.getFolder([]),
      ews.createItem(''),
      ews.createItem(ews.message('x', [TWO]).replace(/(<t:Subject>.*<\/t:Subject>)(<t:Body.*<\/t:Body>)/, '$2$1')),
      ews.createItem(ews.message('x', [TWO]), 'SendTwice'),
      ews.findItem('inbox', { sort: '<m:SortOrder/>' }),
      ews.deleteItem(['<t:ItemId Id="a"/>'], 'Shred'),
      ews.getItem(['<t:ItemId/>']),
      more.syncItems('inbox', '', 513),
      more.updateItem('<t:ItemId Id="a"/>', more.deleteField('item:Body')).replace(/ConflictResolution="\w+"/, ''),
      more.updateItem('<t:ItemId Id="a"/>', ''),
      more.getConfiguration('x').replace(' Name="x"', ''),
      more.getConfiguration('x', 'Most'),
      more.deleteFolder(more.distinguished('inbox'), 'Shred'),
      more.createFolder(more.distinguished('inbox'), ''),
      more.availability([ONE], '2026-11-24T08:00:00', '2026-11-24T18:00:00').replace('>Required<', '>Guest<'),
      more.createAttachment('<t:ItemId Id="a"/>', ''),
      more.createAttachment('<t:ItemId Id="a"/>', more.fileAttachment('a', 'a', '<t:Content/>')),
      more.getAttachment([]),
      more.respond('ReplyToItem', '<t:ItemId Id="a"/>', {
        before: '<t:NewBodyContent BodyType="Text">x</t:NewBodyContent>',
      }),
      more.respond('AcceptItem', '<t:ItemId Id="a"/>', { before: '<t:Subject>x</t:Subject>' }),
      ews.getItem(['<t:OccurrenceItemId RecurringMasterId="a"/>']),
      more.updateFolder(more.distinguished('inbox'), ''),
      more.emptyFolder(more.distinguished('inbox')).replace(/ DeleteSubFolders="\w+"/, ''),
      more.moveFolder('Move', '', more.distinguished('inbox')),
      more.subscribe('Pull', 'inbox', []),
      more.subscribe('Pull', 'inbox', ['OtherEvent']),
      more.subscribe('Pull', 'inbox', ['NewMailEvent'], 1441),
      more.getEvents('a', 'b').replace(/<m:Watermark>.*<\/m:Watermark>/, ''),
      more.getStreamingEvents('a').replace('>1<', '>31<'),
      more.getDelegate(ONE).replace(/ IncludePermissions="\w+"/, ''),
      more.getMailTips([ONE]).replace(/<m:MailTipsRequested>.*<\/m:MailTipsRequested>/, ''),
      more.markAsJunk('<t:ItemId Id="a"/>').replace(/ IsJunk="\w+"/, ''),
      more.getOof(ONE).replace(/<t:Address>.*<\/t:Address>/, ''),
    ];
    const files = broken.map((_body, index) => join(folder, `broken-${index}.xml`));
    for (const [index, body] of broken.entries()) await writeFile(files[index] ?? '', ews.envelope(body, { as: ONE }));
    const lines = (await validate(files)).output.split('\n');
    for (const [index, body] of broken.entries()) {
      expect({ body, isRefused: lines.includes(`${files[index]} fails to validate`) }).toEqual({
        body,
        isRefused: true,
      });
      const answer = await ews.call(exchange, body, { as: ONE });
      expect({ body, codes: ews.texts(answer, 'ResponseCode') }).toEqual({ body, codes: ['ErrorSchemaValidation'] });
    }
  });
});
