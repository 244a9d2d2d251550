import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import {
  all,
  call,
  createItem,
  extendedProperty,
  findFolder,
  findItem,
  getFolder,
  HEADER_URI,
  message,
  texts,
  type WireAnswer,
} from './ews-client.ts';
import {
  createFolder,
  distinguished,
  emptyFolder,
  moveFolder,
  renaming,
  syncFolders,
  updateFolder,
} from './ews-requests.ts';

const ONE = 'user1@contoso.test';
const TWO = 'user2@contoso.test';

describe('folders of the Exchange stand-in, arranged', () => {
  let exchange: ExchangeStandIn;
  beforeEach(async () => {
    exchange = await startExchange({ mailboxes: 2, delegates: [{ mailbox: ONE, to: TWO, rights: 'reviewer' }] });
  });
  afterEach(() => exchange.close());
  const run = (body: string, as = ONE): Promise<WireAnswer> => call(exchange, body, { as });
  const codes = (answer: WireAnswer): string[] => texts(answer, 'ResponseCode');
  const make = async (name: string, parent = distinguished('inbox')): Promise<string> => {
    const made = await run(createFolder(parent, `<t:Folder><t:DisplayName>${name}</t:DisplayName></t:Folder>`));
    return `<t:FolderId Id="${all(made, 'FolderId')[0]?.attributes.get('Id')}"/>`;
  };
  const names = async (parent: string): Promise<string[]> =>
    texts(await run(findFolder('inbox').replace(distinguished('inbox'), parent)), 'DisplayName');
  const filled = async (folder: string, subject: string): Promise<void> => {
    const into = createItem(message(subject, [TWO]), 'SaveOnly', 'inbox').replace(distinguished('inbox'), folder);
    expect(codes(await run(into))).toEqual(['NoError']);
  };
  const subjects = async (folder: string): Promise<string[]> =>
    texts(await run(findItem('inbox').replace(distinguished('inbox'), folder)), 'Subject');

  it('have another name, and who synchronises hears of it', async () => {
    const folder = await make('a');
    await make('b');
    const state = texts(await run(syncFolders()), 'SyncState')[0] ?? '';
    expect(codes(await run(updateFolder(folder, renaming('c'))))).toEqual(['NoError']);
    expect(await names(distinguished('inbox'))).toEqual(['c', 'b']);
    expect(texts(await run(syncFolders(state)), 'DisplayName')).toEqual(['c']);
    expect(codes(await run(updateFolder(folder, renaming('B'))))).toEqual(['ErrorFolderExists']);
    expect(codes(await run(updateFolder(folder, renaming('C'))))).toEqual(['NoError']);
    expect(codes(await run(updateFolder(distinguished('inbox'), renaming('In'))))).toEqual([
      'ErrorFolderSavePropertyError',
    ]);
    expect(codes(await run(updateFolder(folder, renaming('d')), TWO))).toEqual(['ErrorAccessDenied']);
  });

  it('carry extended properties, those every mailbox has too', async () => {
    const set = `<t:SetFolderField>${HEADER_URI}<t:Folder>${extendedProperty(HEADER_URI, 'mark')}</t:Folder></t:SetFolderField>`;
    const tag = '<t:ExtendedFieldURI PropertyTag="0x3613" PropertyType="String"/>';
    const asked = getFolder(['inbox', 'notes']).replace(
      '</t:BaseShape>',
      `</t:BaseShape><t:AdditionalProperties>${HEADER_URI}${tag}</t:AdditionalProperties>`,
    );
    await run(updateFolder(distinguished('inbox'), set));
    expect(texts(await run(asked), 'Value')).toEqual(['mark', 'IPF.Note', 'IPF.StickyNote']);
    expect(texts(await run(asked, TWO), 'Value')).toEqual(['IPF.Note', 'IPF.StickyNote']);
    await run(updateFolder(distinguished('inbox'), `<t:DeleteFolderField>${HEADER_URI}</t:DeleteFolderField>`));
    expect(texts(await run(asked), 'Value')).toEqual(['IPF.Note', 'IPF.StickyNote']);
  });

  it('are moved with what is in them, and copied under new ids', async () => {
    const [outer, other] = [await make('outer'), await make('other', distinguished('notes'))];
    const inner = await make('inner', outer);
    await filled(inner, 'deep');
    expect(codes(await run(moveFolder('Move', outer, other)))).toEqual(['NoError']);
    expect([await names(distinguished('inbox')), await names(other)]).toEqual([[], ['outer']]);
    const copied = await run(moveFolder('Copy', outer, distinguished('inbox')));
    const copy = `<t:FolderId Id="${all(copied, 'FolderId')[0]?.attributes.get('Id')}"/>`;
    expect(copy).not.toBe(outer);
    const [copiedInner] = all(await run(findFolder('inbox').replace(distinguished('inbox'), copy)), 'FolderId');
    expect(await subjects(`<t:FolderId Id="${copiedInner?.attributes.get('Id')}"/>`)).toEqual(['deep']);
    expect(await subjects(inner)).toEqual(['deep']);
  });

  it('go neither into themselves nor where their name is taken', async () => {
    const outer = await make('outer');
    const inner = await make('inner', outer);
    await make('outer', distinguished('notes'));
    for (const [folder, target, code] of [
      [outer, outer, 'ErrorMoveCopyFailed'],
      [outer, inner, 'ErrorMoveCopyFailed'],
      [outer, distinguished('notes'), 'ErrorFolderExists'],
      [distinguished('drafts'), outer, 'ErrorMoveDistinguishedFolder'],
    ] as const) {
      expect(codes(await run(moveFolder('Move', folder, target)))).toEqual([code]);
    }
    const delegated = distinguished('notes', ONE);
    expect(codes(await run(moveFolder('Move', outer, delegated), TWO))).toEqual(['ErrorAccessDenied']);
  });

  it('are emptied, into Deleted Items or for good, with or without the folders below', async () => {
    const folder = await make('full');
    await make('below', folder);
    await filled(folder, 'first');
    expect(codes(await run(emptyFolder(folder, 'MoveToDeletedItems')))).toEqual(['NoError']);
    expect([await subjects(folder), await subjects(distinguished('deleteditems')), await names(folder)]).toEqual([
      [],
      ['first'],
      ['below'],
    ]);
    await filled(folder, 'second');
    await run(emptyFolder(folder, 'HardDelete', true));
    expect([await subjects(folder), await subjects(distinguished('deleteditems')), await names(folder)]).toEqual([
      [],
      ['first'],
      [],
    ]);
    expect(codes(await run(emptyFolder(distinguished('calendar'))))).toEqual(['ErrorCannotEmptyFolder']);
    expect(codes(await run(emptyFolder(distinguished('root'))))).toEqual(['ErrorCannotEmptyFolder']);
  });
});
