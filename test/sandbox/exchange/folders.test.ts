import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import {
  all,
  attribute,
  call,
  convertId,
  findFolder,
  folderPage,
  getFolder,
  resolveNames,
  texts,
} from './ews-client.ts';

describe('folders of the Exchange stand-in', () => {
  const as = 'user1@contoso.test';
  let exchange: ExchangeStandIn;
  beforeAll(async () => {
    exchange = await startExchange({ mailboxes: 12 });
  });
  afterAll(() => exchange.close());

  it('answers the call of Dynamics itself: one folder below the inbox, which has none', async () => {
    const answer = await call(exchange, findFolder('inbox', folderPage(1, 0)), { as, version: 'Exchange2010' });
    expect(answer.status).toBe(200);
    expect(texts(answer, 'ResponseCode')).toEqual(['NoError']);
    expect(attribute(answer, 'RootFolder', 'IncludesLastItemInRange')).toBe('true');
    expect(attribute(answer, 'RootFolder', 'TotalItemsInView')).toBe('0');
  });

  it('writes each well-known folder as the element of its class', async () => {
    const names = ['inbox', 'calendar', 'contacts', 'tasks', 'sentitems', 'root', 'msgfolderroot', 'journal', 'notes'];
    const answer = await call(exchange, getFolder(names), { as });
    expect(all(answer, 'Folders').map((folders) => folders.children[0]?.name)).toEqual([
      'Folder',
      'CalendarFolder',
      'ContactsFolder',
      'TasksFolder',
      'Folder',
      'Folder',
      'Folder',
      'Folder',
      'Folder',
    ]);
    expect(new Set(texts(answer, 'CreateContents'))).toEqual(new Set(['true']));
    expect(attribute(answer, 'FolderId', 'Id')).toHaveLength(120);
    expect(attribute(answer, 'FolderId', 'ChangeKey')).toHaveLength(40);
  });

  it('brings what the shape asks for and no more', async () => {
    const idOnly = await call(exchange, getFolder(['inbox'], 'IdOnly'), { as });
    expect(all(idOnly, 'Folder')[0]?.children.map(({ name }) => name)).toEqual(['FolderId']);
    const withRights = getFolder(['inbox'], 'IdOnly').replace(
      '</m:FolderShape>',
      '<t:AdditionalProperties><t:FieldURI FieldURI="folder:EffectiveRights"/></t:AdditionalProperties></m:FolderShape>',
    );
    const answer = await call(exchange, withRights, { as });
    expect(all(answer, 'Folder')[0]?.children.map(({ name }) => name)).toEqual(['FolderId', 'EffectiveRights']);
  });

  it('finds a folder again by the id it gave, but not from another mailbox', async () => {
    const first = await call(exchange, getFolder(['calendar']), { as });
    const id = attribute(first, 'FolderId', 'Id');
    const byId = `<m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:FolderIds><t:FolderId Id="${id}"/></m:FolderIds></m:GetFolder>`;
    expect(texts(await call(exchange, byId, { as }), 'DisplayName')).toEqual(['Calendar']);
    const stranger = await call(exchange, byId, { as: 'user2@contoso.test' });
    expect(texts(stranger, 'ResponseCode')).toEqual(['ErrorFolderNotFound']);
    const altered = byId.replace('Id="AAMk', 'Id="AAMl');
    expect(texts(await call(exchange, altered, { as }), 'ResponseCode')).toEqual(['ErrorInvalidIdMalformed']);
  });

  it('answers each id on its own and gives the text before the code', async () => {
    const answer = await call(exchange, getFolder(['archiveroot', 'inbox']), { as });
    expect(answer.status).toBe(200);
    expect(texts(answer, 'ResponseCode')).toEqual(['ErrorFolderNotFound', 'NoError']);
    const failed = all(answer, 'GetFolderResponseMessage')[0];
    expect(failed?.attributes.get('ResponseClass')).toBe('Error');
    expect(failed?.children.map(({ name }) => name)).toEqual([
      'MessageText',
      'ResponseCode',
      'DescriptiveLinkKey',
      'Folders',
    ]);
  });

  it('names the address of a Mailbox in the body that does not exist', async () => {
    const body = getFolder(['inbox']).replace(
      '<t:DistinguishedFolderId Id="inbox"/>',
      '<t:DistinguishedFolderId Id="inbox"><t:Mailbox><t:EmailAddress>nobody@contoso.test</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>',
    );
    const answer = await call(exchange, body, { as });
    expect(answer.status).toBe(200);
    expect(texts(answer, 'ResponseCode')).toEqual(['ErrorNonExistentMailbox']);
    expect(texts(answer, 'Value')).toEqual(['nobody@contoso.test']);
  });

  it('pages through all folders and ends', async () => {
    const seen: string[] = [];
    let offset = 0;
    for (let last = false; !last;) {
      const answer = await call(exchange, findFolder('msgfolderroot', folderPage(5, offset), 'Deep'), { as });
      seen.push(...texts(answer, 'DisplayName'));
      offset = Number(attribute(answer, 'RootFolder', 'IndexedPagingOffset'));
      last = attribute(answer, 'RootFolder', 'IncludesLastItemInRange') === 'true';
    }
    const whole = await call(exchange, findFolder('msgfolderroot', '', 'Deep'), { as });
    expect(seen).toEqual(texts(whole, 'DisplayName'));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toContain('Calendar');
  });

  it('refuses impossible pages', async () => {
    const none = await call(exchange, findFolder('root', folderPage(0, 0)), { as });
    expect(texts(none, 'ResponseCode')).toEqual(['ErrorInvalidPagingMaxRows']);
    const before = await call(exchange, findFolder('root', folderPage(1, -1)), { as });
    expect(texts(before, 'ResponseCode')).toEqual(['ErrorInvalidIndexedPagingParameters']);
  });

  it('acts in the mailbox of the account when nobody is impersonated', async () => {
    const answer = await call(exchange, convertId('abc', 'made.up@contoso.test'));
    expect(attribute(answer, 'AlternateId', 'Mailbox')).toBe('svc-mailroom@contoso.test');
  });

  it('tells the true mailbox to a client that converts an id under a made-up one', async () => {
    const answer = await call(exchange, convertId('abc', 'made.up@contoso.test'), { as });
    expect(attribute(answer, 'AlternateId', 'Mailbox')).toBe(as);
  });

  it('resolves names: one, several, none', async () => {
    const one = await call(exchange, resolveNames('user2@contoso.test'), { as });
    expect(texts(one, 'EmailAddress')).toEqual(['user2@contoso.test']);
    const several = await call(exchange, resolveNames('user1'), { as });
    expect(texts(several, 'ResponseCode')).toEqual(['ErrorNameResolutionMultipleResults']);
    expect(attribute(several, 'ResolveNamesResponseMessage', 'ResponseClass')).toBe('Warning');
    expect(texts(several, 'EmailAddress')).toHaveLength(4);
    const none = await call(exchange, resolveNames('zzz'), { as });
    expect(texts(none, 'ResponseCode')).toEqual(['ErrorNameResolutionNoResults']);
  });
});
