import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import {
  all,
  attribute,
  call,
  createItem,
  deleteItem,
  findItem,
  itemIds,
  itemPage,
  message,
  texts,
  type WireAnswer,
} from './ews-client.ts';
import {
  createFolder,
  deleteFolder,
  distinguished,
  setField,
  syncFolders,
  syncItems,
  updateItem,
} from './ews-requests.ts';

const ONE = 'user1@contoso.test';

describe('synchronisation with the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  let number = 0;
  let mailbox: string;
  const run = (body: string, as = mailbox): Promise<WireAnswer> => call(exchange, body, { as });
  const state = (answer: WireAnswer): string => texts(answer, 'SyncState')[0] ?? '';
  const changes = (answer: WireAnswer): string[] =>
    all(answer, 'Changes').flatMap(({ children }) => children.map(({ name }) => name));
  const draft = (subject: string): Promise<WireAnswer> => run(createItem(message(subject, [ONE]), 'SaveOnly'));

  beforeAll(async () => {
    exchange = await startExchange();
  });
  afterAll(() => exchange.close());
  beforeEach(() => {
    number += 1;
    mailbox = `sync${number}@contoso.test`;
    exchange.addMailboxes([{ address: mailbox }]);
  });

  it('tells a change of the read flag as such, to clients that know it', async () => {
    await draft('a');
    const first = await run(syncItems('drafts'));
    const [id = ''] = itemIds(first);
    await run(updateItem(id, setField('message:IsRead', '<t:IsRead>false</t:IsRead>')));
    const flagged = await run(syncItems('drafts', state(first)));
    expect([changes(flagged), texts(flagged, 'IsRead'), texts(flagged, 'Subject')]).toEqual([
      ['ReadFlagChange'],
      ['false'],
      [],
    ]);
    const old = await call(exchange, syncItems('drafts', state(first)), { as: mailbox, version: 'Exchange2007_SP1' });
    expect([changes(old), texts(old, 'Subject')]).toEqual([['Update'], ['a']]);
    await run(updateItem(id, setField('item:Subject', '<t:Subject>b</t:Subject>')));
    await run(updateItem(id, setField('message:IsRead', '<t:IsRead>true</t:IsRead>')));
    expect(changes(await run(syncItems('drafts', state(flagged))))).toEqual(['Update']);
  });

  it('tells everything at first, then only what changed', async () => {
    await draft('a');
    await draft('b');
    const first = await run(syncItems('drafts'));
    expect(texts(first, 'Subject')).toEqual(['a', 'b']);
    expect(changes(first)).toEqual(['Create', 'Create']);
    expect(texts(first, 'IncludesLastItemInRange')).toEqual(['true']);
    expect(state(first).length).toBeGreaterThan(500);
    const quiet = await run(syncItems('drafts', state(first)));
    expect(changes(quiet)).toEqual([]);
    const [a = '', b = ''] = itemIds(first);
    await run(updateItem(a, setField('item:Subject', '<t:Subject>A</t:Subject>')));
    await run(deleteItem([b]));
    await draft('c');
    await draft('gone');
    await run(deleteItem([itemIds(await run(findItem('drafts')))[0] ?? '']));
    const second = await run(syncItems('drafts', state(quiet)));
    expect(changes(second)).toEqual(['Update', 'Delete', 'Create']);
    expect(texts(second, 'Subject')).toEqual(['A', 'c']);
    expect(b).toContain(
      all(second, 'Delete')
        .find(({ children }) => children.length > 0)
        ?.children[0]?.attributes.get('Id'),
    );
  });

  it('goes in steps and loses nothing on the way', async () => {
    await run(
      createItem(
        'abcde'
          .split('')
          .map((subject) => message(subject, [ONE]))
          .join(''),
        'SaveOnly',
      ),
    );
    const seen: string[] = [];
    const lasts: string[] = [];
    let at = '';
    do {
      const step = await run(syncItems('drafts', at, 2));
      at = state(step);
      seen.push(...texts(step, 'Subject'));
      lasts.push(...texts(step, 'IncludesLastItemInRange'));
    } while (lasts.at(-1) === 'false');
    expect(seen.join('')).toBe('abcde');
    expect(lasts).toEqual(['false', 'false', 'true']);
  });

  it('takes only a state it gave out for that folder', async () => {
    const good = state(await run(syncItems('drafts')));
    for (const bad of ['abc', `${good.slice(0, -4)}AAAA`, state(await run(syncFolders()))]) {
      expect(texts(await run(syncItems('drafts', bad)), 'ResponseCode')).toEqual(['ErrorInvalidSyncStateData']);
    }
    expect(texts(await run(syncItems('inbox', good)), 'ResponseCode')).toEqual(['ErrorInvalidSyncStateData']);
    expect(texts(await run(syncItems('drafts', '', 513)), 'ResponseCode')).toEqual(['ErrorSchemaValidation']);
  });

  it('tells the folders, and those that come and go', async () => {
    const first = await run(syncFolders('', 'msgfolderroot'));
    expect(texts(first, 'DisplayName')).toContain('Inbox');
    expect(texts(first, 'DisplayName')).not.toContain('Finder');
    const made = await run(
      createFolder(distinguished('inbox'), '<t:Folder><t:DisplayName>Projects</t:DisplayName></t:Folder>'),
    );
    const second = await run(syncFolders(state(first), 'msgfolderroot'));
    expect(texts(second, 'DisplayName')).toEqual(['Projects']);
    await run(deleteFolder(`<t:FolderId Id="${attribute(made, 'FolderId', 'Id')}"/>`));
    const third = await run(syncFolders(state(second), 'msgfolderroot'));
    expect(changes(third)).toEqual(['Delete']);
    expect(changes(await run(syncFolders(state(third), 'msgfolderroot')))).toEqual([]);
  });

  it('pages through 1,000 items, each once', async () => {
    const items = Array.from({ length: 1000 }, (_unused, index) => message(`n${index}`, [ONE])).join('');
    await run(createItem(items, 'SaveOnly'));
    const seen = new Set<string>();
    let offset = 0;
    let isLast: string | undefined;
    while (isLast !== 'true') {
      const page = await run(findItem('drafts', { view: itemPage(300, offset), shape: 'Default' }));
      for (const subject of texts(page, 'Subject')) seen.add(subject);
      expect(attribute(page, 'RootFolder', 'TotalItemsInView')).toBe('1000');
      offset = Number(attribute(page, 'RootFolder', 'IndexedPagingOffset'));
      isLast = attribute(page, 'RootFolder', 'IncludesLastItemInRange');
    }
    expect(offset).toBe(1000);
    expect(seen.size).toBe(1000);
  });
});
