import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import {
  all,
  attribute,
  call,
  createItem,
  deleteItem,
  extendedProperty,
  findItem,
  getItem,
  HEADER_URI,
  isEqualTo,
  itemIds,
  itemPage,
  MARKER_URI,
  message,
  sendItem,
  texts,
  type WireAnswer,
} from './ews-client.ts';

const ONE = 'user1@contoso.test';
const TWO = 'user2@contoso.test';

describe('items of the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  beforeEach(async () => {
    exchange = await startExchange({ mailboxes: 3 });
  });
  afterEach(() => exchange.close());

  const run = (body: string, as = ONE): Promise<WireAnswer> => call(exchange, body, { as });
  const subjects = async (folder: string, as: string): Promise<string[]> =>
    texts(await run(findItem(folder), as), 'Subject');

  it('delivers a message and keeps a copy in Sent Items', async () => {
    const answer = await run(createItem(message('R&amp;D &lt;b&gt;', [TWO, 'elsewhere@example.org'])));
    expect(texts(answer, 'ResponseCode')).toEqual(['NoError']);
    expect(all(answer, 'ItemId')).toEqual([]);
    expect(await subjects('sentitems', ONE)).toEqual(['R&D <b>']);
    expect(await subjects('inbox', TWO)).toEqual(['R&D <b>']);
    expect(exchange.mail()).toMatchObject([
      {
        mailbox: ONE,
        from: ONE,
        to: [TWO, 'elsewhere@example.org'],
        subject: 'R&D <b>',
        body: 'Hello <world>',
        deliveredTo: [TWO],
      },
    ]);
  });

  it('keeps no copy with SendOnly and sends nothing with SaveOnly', async () => {
    await run(createItem(message('sent only', [TWO]), 'SendOnly'));
    const saved = await run(createItem(message('draft', [TWO]), 'SaveOnly'));
    expect(attribute(saved, 'ItemId', 'Id')).toHaveLength(152);
    expect(await subjects('sentitems', ONE)).toEqual([]);
    expect(await subjects('drafts', ONE)).toEqual(['draft']);
    expect(await subjects('inbox', TWO)).toEqual(['sent only']);
  });

  it('finds a message by its marker on the sent copy, and by a header on the delivered one', async () => {
    const properties = extendedProperty(MARKER_URI, 'run-7') + extendedProperty(HEADER_URI, 'run-7');
    await run(createItem(message('marked', [TWO], { properties }) + message('other', [TWO])));
    const byMarker = { restriction: isEqualTo(MARKER_URI, 'run-7'), extra: MARKER_URI + HEADER_URI };
    const sent = await run(findItem('sentitems', byMarker));
    expect(texts(sent, 'Subject')).toEqual(['marked']);
    expect(texts(sent, 'Value')).toEqual(['run-7', 'run-7']);
    expect(texts(await run(findItem('inbox', byMarker), TWO), 'Subject')).toEqual([]);
    const byHeader = { restriction: isEqualTo(HEADER_URI.replace('X-Mailroom-Run', 'x-mailroom-run'), 'run-7') };
    expect(texts(await run(findItem('inbox', byHeader), TWO), 'Subject')).toEqual(['marked']);
    expect(exchange.mail()[0]?.extendedProperties).toEqual([
      { name: 'mailroom-run', value: 'run-7' },
      { name: 'X-Mailroom-Run', value: 'run-7' },
    ]);
  });

  it('finds by subject, by a part of it, and by combinations', async () => {
    for (const subject of ['alpha one', 'beta two', 'alpha three']) await run(createItem(message(subject, [TWO])));
    const subject = '<t:FieldURI FieldURI="item:Subject"/>';
    const contains = (value: string): string =>
      `<t:Contains ContainmentMode="Substring" ContainmentComparison="IgnoreCase">${subject}<t:Constant Value="${value}"/></t:Contains>`;
    const found = async (restriction: string): Promise<string[]> =>
      texts(await run(findItem('inbox', { restriction }), TWO), 'Subject').toSorted();
    expect(await found(isEqualTo(subject, 'Beta Two'))).toEqual(['beta two']);
    expect(await found(contains('ALPHA'))).toEqual(['alpha one', 'alpha three']);
    expect(await found(`<t:And>${contains('alpha')}<t:Not>${contains('one')}</t:Not></t:And>`)).toEqual([
      'alpha three',
    ]);
    expect(await found(`<t:Or>${contains('two')}${contains('three')}</t:Or>`)).toEqual(['alpha three', 'beta two']);
    const byQuery = await run(findItem('inbox', { query: 'subject:"beta"' }), TWO);
    expect(texts(byQuery, 'Subject')).toEqual(['beta two']);
  });

  it('pages truly, in the order asked for', async () => {
    for (const letter of 'bdaec') await run(createItem(message(letter, [TWO])));
    const sort =
      '<m:SortOrder><t:FieldOrder Order="Descending"><t:FieldURI FieldURI="item:Subject"/></t:FieldOrder></m:SortOrder>';
    const seen: string[] = [];
    const pages: (string | undefined)[] = [];
    for (let offset = 0; offset < 5; offset += 2) {
      const page = await run(findItem('inbox', { view: itemPage(2, offset), sort }), TWO);
      seen.push(...texts(page, 'Subject'));
      pages.push(attribute(page, 'RootFolder', 'IncludesLastItemInRange'));
      expect(attribute(page, 'RootFolder', 'TotalItemsInView')).toBe('5');
    }
    expect(seen.join('')).toBe('edcba');
    expect(pages).toEqual(['false', 'false', 'true']);
  });

  it('gives the whole item by id, and its body only there', async () => {
    await run(createItem(message('whole', [TWO], { properties: extendedProperty(HEADER_URI, 'h') })));
    const found = await run(findItem('inbox'), TWO);
    expect(all(found, 'Body').filter(({ attributes }) => attributes.has('BodyType'))).toEqual([]);
    const answer = await run(getItem(itemIds(found), '<t:IncludeMimeContent>true</t:IncludeMimeContent>'), TWO);
    expect(all(answer, 'Body').at(-1)?.text).toBe('Hello <world>');
    // Sender, recipient and author; and the mailbox it came to, twice.
    expect(texts(answer, 'EmailAddress')).toEqual([ONE, TWO, ONE, TWO, TWO]);
    const mime = Buffer.from(texts(answer, 'MimeContent')[0] ?? '', 'base64').toString();
    expect(mime).toContain('Subject: whole\r\n');
    expect(mime).toContain('X-Mailroom-Run: h\r\n');
  });

  it('sends a message given as MIME', async () => {
    const mime = [
      'From: user1@contoso.test',
      'To: "Two, User" <user2@contoso.test>',
      'Subject: =?utf-8?B?0J/RgNC40LLQtdGC?= there',
      'X-Marker: m-1',
      'Content-Type: multipart/alternative; boundary="b1"',
      '',
      '--b1',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'caf=C3=A9',
      '--b1--',
      '',
    ].join('\r\n');
    const content = Buffer.from(mime).toString('base64');
    const answer = await run(
      createItem(`<t:Message><t:MimeContent CharacterSet="UTF-8">${content}</t:MimeContent></t:Message>`),
    );
    expect(texts(answer, 'ResponseCode')).toEqual(['NoError']);
    expect(exchange.mail()).toMatchObject([{ subject: 'Привет there', body: 'café', to: [TWO] }]);
    expect(exchange.mail()[0]?.headers).toContainEqual({ name: 'X-Marker', value: 'm-1' });
  });

  it('sends a draft once and takes it out of the drafts', async () => {
    const ids = itemIds(await run(createItem(message('draft', [TWO]), 'SaveOnly')));
    expect(texts(await run(sendItem(ids)), 'ResponseCode')).toEqual(['NoError']);
    expect(await subjects('drafts', ONE)).toEqual([]);
    expect(await subjects('sentitems', ONE)).toEqual(['draft']);
    expect(texts(await run(sendItem(ids)), 'ResponseCode')).toEqual(['ErrorItemNotFound']);
  });

  it('deletes for good or into Deleted Items', async () => {
    await run(createItem(message('a', [TWO]) + message('b', [TWO])));
    const [first = '', second = ''] = itemIds(await run(findItem('inbox'), TWO));
    await run(deleteItem([first], 'MoveToDeletedItems'), TWO);
    await run(deleteItem([second]), TWO);
    expect(await subjects('inbox', TWO)).toEqual([]);
    expect(await subjects('deleteditems', TWO)).toEqual(['b']);
  });

  it('refuses to send as somebody else, to nobody, and without saying what to do', async () => {
    const sendAs = await run(createItem(message('x', [TWO], { from: TWO })));
    expect(texts(sendAs, 'ResponseCode')).toEqual(['ErrorSendAsDenied']);
    const toNobody = await run(createItem('<t:Message><t:Subject>x</t:Subject></t:Message>'));
    expect(texts(toNobody, 'ResponseCode')).toEqual(['ErrorMissingRecipients']);
    const badAddress = await run(createItem(message('x', ['no address'])));
    expect(texts(badAddress, 'ResponseCode')).toEqual(['ErrorInvalidRecipients']);
    const undecided = await run(createItem(message('x', [TWO])).replace(' MessageDisposition="SendAndSaveCopy"', ''));
    expect(texts(undecided, 'ResponseCode')).toEqual(['ErrorMessageDispositionRequired']);
    expect(exchange.mail()).toEqual([]);
  });

  it('keeps appointments, contacts and tasks as they came', async () => {
    const appointment =
      '<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem><t:Subject>Planning</t:Subject><t:Start>2026-11-24T10:00:00Z</t:Start><t:End>2026-11-24T11:00:00Z</t:End></t:CalendarItem></m:Items></m:CreateItem>';
    expect(texts(await run(appointment), 'ResponseCode')).toEqual(['NoError']);
    const view = (day: string): string =>
      `<m:CalendarView StartDate="2026-11-${day}T00:00:00Z" EndDate="2026-11-${day}T23:59:59Z"/>`;
    expect(texts(await run(findItem('calendar', { view: view('24') })), 'Start')).toEqual(['2026-11-24T10:00:00Z']);
    expect(texts(await run(findItem('calendar', { view: view('25') })), 'Start')).toEqual([]);
    const contact =
      '<m:CreateItem><m:Items><t:Contact><t:GivenName>Anna</t:GivenName><t:Surname>Berg</t:Surname></t:Contact></m:Items></m:CreateItem>';
    await run(contact);
    expect(texts(await run(findItem('contacts')), 'Surname')).toEqual(['Berg']);
  });

  it('says so rather than pretend to group or to search by what it cannot', async () => {
    const grouped = findItem('inbox', {
      restriction: isEqualTo('<t:FieldURI FieldURI="item:EffectiveRights"/>', 'x'),
    });
    await run(createItem(message('x', [ONE])));
    expect(texts(await run(grouped), 'ResponseCode')).toEqual(['ErrorUnsupportedPathForQuery']);
    const body = findItem('inbox', { extra: '<t:FieldURI FieldURI="item:Body"/>' });
    expect(texts(await run(body), 'ResponseCode')).toEqual(['ErrorInvalidPropertyRequest']);
  });
});
