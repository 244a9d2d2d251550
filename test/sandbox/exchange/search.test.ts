import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import {
  all,
  call,
  createItem,
  findItem,
  getItem,
  isEqualTo,
  itemIds,
  message,
  texts,
  type WireAnswer,
} from './ews-client.ts';
import { BY_CONVERSATION, fileAttachment, groupBy } from './ews-requests.ts';

const ONE = 'user1@contoso.test';
const TWO = 'user2@contoso.test';
const field = (uri: string): string => `<t:FieldURI FieldURI="${uri}"/>`;
const tag = (number: string, type: string): string =>
  `<t:ExtendedFieldURI PropertyTag="${number}" PropertyType="${type}"/>`;
const contains = (path: string, value: string, mode: string): string =>
  `<t:Contains ContainmentMode="${mode}" ContainmentComparison="IgnoreCase">${path}<t:Constant Value="${value}"/></t:Contains>`;

describe('searching in the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  beforeEach(async () => {
    exchange = await startExchange({ mailboxes: 2 });
  });
  afterEach(() => exchange.close());
  const run = (body: string): Promise<WireAnswer> => call(exchange, body, { as: ONE });
  const subjects = async (restriction: string, folder = 'drafts'): Promise<string[]> =>
    texts(await run(findItem(folder, { restriction })), 'Subject').toSorted();
  const save = (subject: string, properties = ''): Promise<WireAnswer> =>
    run(createItem(message(subject, [TWO], { properties }), 'SaveOnly'));

  it('finds by categories, each for itself', async () => {
    const strings = (...names: string[]): string =>
      `<t:Categories>${names.map((name) => `<t:String>${name}</t:String>`).join('')}</t:Categories>`;
    await save('both', strings('red', 'dark blue'));
    await save('one', strings('red'));
    await save('none');
    const categories = field('item:Categories');
    expect(await subjects(isEqualTo(categories, 'red'))).toEqual(['both', 'one']);
    expect(await subjects(contains(categories, 'blue', 'ExactPhrase'))).toEqual(['both']);
    expect(await subjects(contains(categories, 'blu', 'ExactPhrase'))).toEqual([]);
    expect(await subjects(`<t:Not><t:Exists>${categories}</t:Exists></t:Not>`)).toEqual(['none']);
  });

  it('finds by what the server knows, booleans in either spelling', async () => {
    await save('file', `<t:Attachments>${fileAttachment('a', 'a')}</t:Attachments>`);
    await save('plain');
    for (const value of ['true', '1']) {
      expect(await subjects(isEqualTo(field('item:HasAttachments'), value))).toEqual(['file']);
    }
    expect(await subjects(isEqualTo(field('item:ReminderIsSet'), 'false'))).toEqual(['file', 'plain']);
    expect(await subjects(isEqualTo(field('message:ToRecipients'), TWO))).toEqual(['file', 'plain']);
    const refused = await run(findItem('drafts', { restriction: isEqualTo(field('item:MimeContent'), 'x') }));
    expect(texts(refused, 'ResponseCode')).toEqual(['ErrorUnsupportedPathForQuery']);
  });

  it('finds by MAPI properties the store keeps itself, and gives them', async () => {
    await save('first', '<t:Importance>High</t:Importance>');
    await save('second');
    expect(await subjects(isEqualTo(tag('0x0017', 'Integer'), '2'))).toEqual(['first']);
    const flags = (mask: number): string =>
      `<t:Excludes>${tag('0x0E07', 'Integer')}<t:Bitmask Value="${mask}"/></t:Excludes>`;
    expect([await subjects(flags(0x10)), await subjects(flags(0x8))]).toEqual([['first', 'second'], []]);
    const found = await run(
      findItem('drafts', {
        extra: tag('0x37', 'String') + tag('0x0E23', 'Integer') + tag('0x0037', 'Integer'),
        sort: `<m:SortOrder><t:FieldOrder Order="Ascending">${tag('0xe23', 'Integer')}</t:FieldOrder></m:SortOrder>`,
      }),
    );
    expect(texts(found, 'Value')).toEqual(['first', '1', 'second', '2']);
  });

  it('finds and gives single addresses of a contact, and parts of them', async () => {
    const contact = (name: string, address: string, city: string): string =>
      `<t:Contact><t:Subject>${name}</t:Subject><t:DisplayName>${name}</t:DisplayName><t:EmailAddresses><t:Entry Key="EmailAddress1">${address}</t:Entry></t:EmailAddresses><t:PhysicalAddresses><t:Entry Key="Home"><t:Street>S</t:Street><t:City>${city}</t:City></t:Entry></t:PhysicalAddresses></t:Contact>`;
    await run(
      `<m:CreateItem><m:Items>${contact('a', 'a@b.test', 'Ulm')}${contact('c', 'c@d.test', 'Bern')}</m:Items></m:CreateItem>`,
    );
    const indexed = (uri: string, index: string): string =>
      `<t:IndexedFieldURI FieldURI="${uri}" FieldIndex="${index}"/>`;
    const email = indexed('contacts:EmailAddress', 'EmailAddress1');
    const city = indexed('contacts:PhysicalAddress:City', 'Home');
    expect(await subjects(isEqualTo(email, 'c@d.test'), 'contacts')).toEqual(['c']);
    expect(await subjects(isEqualTo(city, 'Ulm'), 'contacts')).toEqual(['a']);
    const ids = itemIds(await run(findItem('contacts', { restriction: isEqualTo(city, 'Ulm') })));
    const extra = `<t:AdditionalProperties>${city}${indexed('contacts:EmailAddress', 'EmailAddress2')}</t:AdditionalProperties>`;
    const shown = await run(getItem(ids, extra, 'IdOnly'));
    expect([texts(shown, 'City'), all(shown, 'Street'), all(shown, 'EmailAddresses')]).toEqual([['Ulm'], [], []]);
  });

  it('groups, with the group of the largest value first, and pages through the items of all groups', async () => {
    for (const [subject, importance] of [
      ['b', 'Low'],
      ['c', 'High'],
      ['a', 'Low'],
    ] as const) {
      await save(subject, `<t:Importance>${importance}</t:Importance>`);
    }
    const groups = (answer: WireAnswer): string[][] =>
      all(answer, 'GroupedItems').map(({ children }) => [
        children[0]?.text ?? '',
        ...(children[1]?.children ?? []).flatMap((item) =>
          item.children.filter(({ name }) => name === 'Subject').map(({ text }) => text),
        ),
      ]);
    const grouped = (view: string, by = groupBy('item:Importance', 'item:Subject')): Promise<WireAnswer> =>
      run(findItem('drafts', { view: view + by }));
    const whole = await grouped('');
    expect(groups(whole)).toEqual([
      ['High', 'c'],
      ['Low', 'a', 'b'],
    ]);
    const smallest = groupBy('item:Importance', 'item:Subject', 'Minimum', 'Ascending');
    expect(groups(await grouped('', smallest)).map(([index]) => index)).toEqual(['Low', 'High']);
    const page = await grouped('<m:IndexedPageItemView MaxEntriesReturned="2" Offset="0" BasePoint="Beginning"/>');
    expect(groups(page)).toEqual([
      ['High', 'c'],
      ['Low', 'a'],
    ]);
    expect(all(page, 'RootFolder')[0]?.attributes.get('TotalItemsInView')).toBe('3');
    expect(
      groups(await grouped('', BY_CONVERSATION))
        .map(([index = '']) => index)
        .toSorted(),
    ).toEqual(['a', 'b', 'c']);
  });

  it('shows contacts from one name to another', async () => {
    for (const name of ['Cora', 'anna', 'Bert']) {
      await run(
        `<m:CreateItem><m:Items><t:Contact><t:DisplayName>${name}</t:DisplayName></t:Contact></m:Items></m:CreateItem>`,
      );
    }
    const names = async (attributes: string): Promise<string[]> =>
      texts(await run(findItem('contacts', { view: `<m:ContactsView ${attributes}/>` })), 'DisplayName');
    expect(await names('')).toEqual(['anna', 'Bert', 'Cora']);
    expect(await names('InitialName="B" FinalName="Bz"')).toEqual(['Bert']);
    expect(await names('MaxEntriesReturned="1" InitialName="b"')).toEqual(['Bert']);
  });

  it('understands queries of several terms, and refuses what it does not understand', async () => {
    await save('red car', `<t:Attachments>${fileAttachment('a', 'a')}</t:Attachments>`);
    await save('red bus');
    const queries = async (query: string): Promise<string[]> => {
      const answer = await run(findItem('drafts', { query }));
      return [
        ...texts(answer, 'Subject').toSorted(),
        ...texts(answer, 'ResponseCode').filter((code) => code !== 'NoError'),
      ];
    };
    expect(await queries('red')).toEqual(['red bus', 'red car']);
    expect(await queries('subject:&quot;red car&quot; AND hasattachments:true')).toEqual(['red car']);
    expect(await queries(`subject:red to:${TWO} body:world`)).toEqual(['red bus', 'red car']);
    expect(await queries('hasattachment:no bus')).toEqual(['red bus']);
    expect(await queries('from:nobody')).toEqual([]);
    expect(await queries('red OR blue')).toEqual(['ErrorUnsupportedPathForQuery']);
    expect(await queries('kind:email')).toEqual(['ErrorUnsupportedPathForQuery']);
  });
});
