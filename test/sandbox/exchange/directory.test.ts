import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import {
  all,
  attribute,
  call,
  createItem,
  findItem,
  getFolder,
  itemIds,
  message,
  resolveNames,
  texts,
  type WireAnswer,
} from './ews-client.ts';
import {
  archiveItem,
  changeDelegates,
  getDelegate,
  getMailTips,
  getRooms,
  markAsJunk,
  setOof,
} from './ews-requests.ts';

const ONE = 'user1@contoso.test';
const TWO = 'user2@contoso.test';

describe('the directory of the Exchange stand-in, and what goes with it', () => {
  let exchange: ExchangeStandIn;
  beforeEach(async () => {
    exchange = await startExchange({
      mailboxes: 2,
      delegates: [{ mailbox: ONE, to: TWO, rights: 'editor', folders: ['calendar'] }],
      distributionLists: [{ address: 'team@contoso.test', members: [ONE, TWO] }],
    });
  });
  afterEach(() => exchange.close());
  const run = (body: string, as = ONE): Promise<WireAnswer> => call(exchange, body, { as });
  const codes = (answer: WireAnswer): string[] => texts(answer, 'ResponseCode');
  const draft = async (): Promise<string> => itemIds(await run(createItem(message('d', [TWO]), 'SaveOnly')))[0] ?? '';

  it('gives the whole entry of a person, where it is asked for', async () => {
    const full = await run(resolveNames('user1@'));
    expect([texts(full, 'GivenName'), texts(full, 'Surname'), texts(full, 'Entry')]).toEqual([
      ['User'],
      ['1'],
      [`SMTP:${ONE}`],
    ]);
    const short = await run(resolveNames('user1@').replace('"true"', '"false"'));
    expect([texts(short, 'EmailAddress'), all(short, 'Contact')]).toEqual([[ONE], []]);
  });

  it('has no rooms', async () => {
    const lists = await run('<m:GetRoomLists/>');
    expect([attribute(lists, 'GetRoomListsResponse', 'ResponseClass'), codes(lists)]).toEqual(['Success', ['NoError']]);
    expect(codes(await run(getRooms('team@contoso.test')))).toEqual(['NoError']);
    const nobody = await run(getRooms('nobody@contoso.test'));
    expect(attribute(nobody, 'GetRoomsResponse', 'ResponseClass')).toBe('Error');
    expect(codes(nobody)).toEqual(['ErrorNameResolutionNoResults']);
  });

  it('tells the owner, and nobody else, who may open the mailbox', async () => {
    const answer = await run(getDelegate(ONE));
    expect(texts(answer, 'PrimarySmtpAddress')).toEqual([TWO]);
    expect([texts(answer, 'CalendarFolderPermissionLevel'), texts(answer, 'InboxFolderPermissionLevel')]).toEqual([
      ['Editor'],
      ['None'],
    ]);
    expect(all(await run(getDelegate(ONE, false)), 'DelegatePermissions')).toEqual([]);
    expect(all(await run(getDelegate(TWO), TWO), 'DelegateUser')).toEqual([]);
    expect(codes(await run(getDelegate(TWO)))).toEqual(['ErrorAccessDenied']);
    for (const change of changeDelegates(ONE)) expect(codes(await run(change))).toEqual(['ErrorAccessDenied']);
  });

  it('tells of a folder who may do what in it, where it is asked for', async () => {
    const asked = getFolder(['calendar', 'inbox'], 'IdOnly').replace(
      '</t:BaseShape>',
      '</t:BaseShape><t:AdditionalProperties><t:FieldURI FieldURI="folder:PermissionSet"/></t:AdditionalProperties>',
    );
    const answer = await run(asked);
    expect(texts(answer, 'CalendarPermissionLevel')).toEqual(['FreeBusyTimeOnly', 'None', 'Editor']);
    expect(texts(answer, 'PermissionLevel')).toEqual(['None', 'None']);
    expect(texts(answer, 'PrimarySmtpAddress')).toEqual([TWO]);
    expect(all(await run(getFolder(['inbox'])), 'PermissionSet')).toEqual([]);
  });

  it('warns before writing to somebody', async () => {
    await run(setOof(TWO, 'away'), TWO);
    const tips = await run(getMailTips([ONE, TWO, 'team@contoso.test', 'nobody@contoso.test', 'far@fabrikam.test']));
    expect(texts(tips, 'Message')).toEqual(['', 'away']);
    expect(texts(tips, 'TotalMemberCount')).toEqual(['1', '1', '2', '1', '1']);
    expect(texts(tips, 'InvalidRecipient')).toEqual(['false', 'false', 'false', 'true', 'false']);
    expect(texts(tips, 'ExternalMemberCount')).toEqual(['0', '0', '0', '0', '1']);
  });

  it('moves what is junk, and back', async () => {
    const junk = await run(markAsJunk(await draft()));
    const moved = `<t:ItemId Id="${attribute(junk, 'MovedItemId', 'Id')}"/>`;
    expect(texts(await run(findItem('junkemail')), 'Subject')).toEqual(['d']);
    await run(markAsJunk(moved, false));
    expect(texts(await run(findItem('inbox')), 'Subject')).toEqual(['d']);
    const stays = await run(markAsJunk(await draft(), true, false));
    expect([codes(stays), all(stays, 'MovedItemId')]).toEqual([['NoError'], []]);
  });

  it('has neither archives nor rules nor the right to search everywhere', async () => {
    expect(codes(await run(archiveItem(await draft())))).toEqual(['ErrorArchiveMailboxNotEnabled']);
    expect(codes(await run('<m:GetSearchableMailboxes/>'))).toEqual(['ErrorAccessDenied']);
    const rules = await run('<m:GetInboxRules/>');
    expect([codes(rules), texts(rules, 'OutlookRuleBlobExists')]).toEqual([['NoError'], ['false']]);
  });
});
