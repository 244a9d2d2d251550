import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import {
  all,
  attribute,
  call,
  createItem,
  findItem,
  getFolder,
  getItem,
  itemIds,
  message,
  sendItem,
  texts,
  type WireAnswer,
} from './ews-client.ts';
import { createAttachment, deleteAttachment, fileAttachment, getAttachment, itemAttachment } from './ews-requests.ts';

const ONE = 'user1@contoso.test';
const TWO = 'user2@contoso.test';

describe('attachments of the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  beforeEach(async () => {
    exchange = await startExchange({ mailboxes: 2 });
  });
  afterEach(() => exchange.close());
  const run = (body: string, as = ONE): Promise<WireAnswer> => call(exchange, body, { as });
  const codes = (answer: WireAnswer): string[] => texts(answer, 'ResponseCode');
  const attachmentIds = (answer: WireAnswer): string[] =>
    all(answer, 'AttachmentId').map(({ attributes }) => attributes.get('Id') ?? '');
  const draft = async (properties = ''): Promise<string> =>
    itemIds(await run(createItem(message('with files', [TWO], { properties }), 'SaveOnly')))[0] ?? '';
  const bytes = (answer: WireAnswer): string[] =>
    texts(answer, 'Content').map((text) => Buffer.from(text, 'base64').toString('utf8'));

  it('come with an item, and are fetched by their ids', async () => {
    const id = await draft(`<t:Attachments>${fileAttachment('a &amp; b.txt', 'ünïcode')}</t:Attachments>`);
    const item = await run(getItem([id]));
    expect([texts(item, 'HasAttachments')[0], texts(item, 'Name')[0], texts(item, 'Content')]).toEqual([
      'true',
      'a & b.txt',
      [],
    ]);
    const fetched = await run(getAttachment(attachmentIds(item)));
    expect([bytes(fetched), texts(fetched, 'Size'), texts(fetched, 'IsInline')]).toEqual([
      ['ünïcode'],
      ['9'],
      ['false'],
    ]);
  });

  it('are added one by one, each with a new change key of the item, and taken away again', async () => {
    const id = await draft();
    const added = await run(
      createAttachment(
        id,
        fileAttachment('a.txt', 'a') +
          fileAttachment('b.png', 'b', '<t:ContentId>cid</t:ContentId><t:IsInline>1</t:IsInline>'),
      ),
    );
    expect(codes(added)).toEqual(['NoError', 'NoError']);
    const keys = all(added, 'AttachmentId').map(({ attributes }) => attributes.get('RootItemChangeKey'));
    const item = await run(getItem([id]));
    expect([new Set(keys).size, keys[1]]).toEqual([2, attribute(item, 'ItemId', 'ChangeKey')]);
    const [first = '', second = ''] = attachmentIds(item);
    expect(texts(await run(getAttachment([second])), 'ContentId')).toEqual(['cid']);
    const deleted = await run(deleteAttachment([first]));
    expect(attribute(deleted, 'RootItemId', 'RootItemId')).toBe(attribute(item, 'ItemId', 'Id'));
    const left = await run(getItem([id]));
    // What is left is shown by the body.
    expect([texts(left, 'ContentId'), texts(left, 'HasAttachments')]).toEqual([['cid'], ['false']]);
    expect(codes(await run(getAttachment([first, second])))).toEqual(['ErrorItemNotFound', 'NoError']);
  });

  it('may be items, which are read with the shape that is asked for', async () => {
    const inner =
      '<t:Message><t:Subject>inner</t:Subject><t:Body BodyType="HTML">&lt;b&gt;in&lt;/b&gt;</t:Body></t:Message>';
    const added = await run(createAttachment(await draft(), itemAttachment('inner item', inner)));
    const fetched = await run(getAttachment(attachmentIds(added), '<t:BodyType>Text</t:BodyType>'));
    expect([texts(fetched, 'Subject'), texts(fetched, 'Body').filter((text) => text !== '')]).toEqual([
      ['inner'],
      ['in'],
    ]);
  });

  it('travel with the message, also when it was given as MIME', async () => {
    await run(sendItem([await draft(`<t:Attachments>${fileAttachment('a.txt', 'sent')}</t:Attachments>`)]));
    const mime = [
      `From: ${ONE}\r\nTo: ${TWO}\r\nSubject: mime\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="X"\r\n`,
      '--X\r\nContent-Type: text/plain\r\n\r\nbody\r\n',
      '--X\r\nContent-Type: application/pdf; name="m.pdf"\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nbWltZQ==\r\n',
      '--X--\r\n',
    ].join('\r\n');
    const byMime = `<t:Message><t:MimeContent>${Buffer.from(mime).toString('base64')}</t:MimeContent></t:Message>`;
    await run(createItem(byMime, 'SendOnly'));
    const received = await run(getItem(itemIds(await run(findItem('inbox'), TWO))), TWO);
    expect(texts(received, 'Name').filter((name) => /\.(?:txt|pdf)$/.test(name))).toEqual(['m.pdf', 'a.txt']);
    expect(bytes(await run(getAttachment(attachmentIds(received)), TWO))).toEqual(['mime', 'sent']);
  });

  it('are written into the MIME of the message', async () => {
    const id = await draft(`<t:Attachments>${fileAttachment('a.txt', 'file')}</t:Attachments>`);
    const item = await run(getItem([id], '<t:IncludeMimeContent>true</t:IncludeMimeContent>'));
    const mime = Buffer.from(texts(item, 'MimeContent')[0] ?? '', 'base64').toString('utf8');
    expect(mime).toContain('Content-Type: multipart/mixed;');
    expect(mime).toContain(
      `filename="a.txt"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from('file').toString('base64')}\r\n`,
    );
  });

  it('are nobody else’s, and an id of something else is refused', async () => {
    const added = await run(createAttachment(await draft(), fileAttachment('a.txt', 'secret')));
    const ids = attachmentIds(added);
    const other = await run(getAttachment(ids), TWO);
    expect([codes(other), texts(other, 'Content')]).toEqual([['ErrorItemNotFound'], []]);
    expect(codes(await run(deleteAttachment(ids), TWO))).toEqual(['ErrorItemNotFound']);
    const folder = attribute(await run(getFolder(['inbox'])), 'FolderId', 'Id') ?? '';
    expect(codes(await run(getAttachment([folder, 'AAAA'])))).toEqual([
      'ErrorInvalidAttachmentId',
      'ErrorInvalidAttachmentId',
    ]);
    expect(codes(await run(getItem([`<t:ItemId Id="${ids[0]}"/>`])))).toEqual(['ErrorInvalidIdMalformed']);
    const broken = fileAttachment('a.txt', 'x').replace(/<t:Content>.*<\/t:Content>/, '<t:Content>%%%</t:Content>');
    expect(codes(await run(createAttachment(await draft(), broken)))).toEqual(['ErrorSchemaValidation']);
  });
});
