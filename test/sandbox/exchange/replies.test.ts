import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { all, call, createItem, findItem, getItem, itemIds, message, texts, type WireAnswer } from './ews-client.ts';
import { appointment, fileAttachment, respond } from './ews-requests.ts';

const ONE = 'user1@contoso.test';
const TWO = 'user2@contoso.test';
const THREE = 'user3@contoso.test';

describe('replies in the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  beforeEach(async () => {
    exchange = await startExchange({ mailboxes: 3 });
    const properties = `<t:Attachments>${fileAttachment('a.txt', 'a')}</t:Attachments>`;
    await run(createItem(message('question', [TWO, THREE], { properties })));
  });
  afterEach(() => exchange.close());
  const run = (body: string, as = ONE): Promise<WireAnswer> => call(exchange, body, { as });
  const codes = (answer: WireAnswer): string[] => texts(answer, 'ResponseCode');
  const received = async (as: string): Promise<string> => itemIds(await run(findItem('inbox'), as))[0] ?? '';
  const text = (body: string): string => `<t:NewBodyContent BodyType="Text">${body}</t:NewBodyContent>`;
  const last = () => exchange.mail().at(-1);

  it('go to the author, with what is answered below what is new', async () => {
    const answer = await run(respond('ReplyToItem', await received(TWO), { after: text('answer') }), TWO);
    expect(codes(answer)).toEqual(['NoError']);
    expect([last()?.subject, last()?.to]).toEqual(['RE: question', [ONE]]);
    expect(last()?.body).toMatch(/^answer\s+_+\s+Hello <world>$/);
    const reply = await run(getItem([await received(ONE)]));
    expect([texts(reply, 'HasAttachments'), texts(reply, 'IsRead')]).toEqual([['false'], ['false']]);
  });

  it('go to everybody else, once', async () => {
    await run(respond('ReplyAllToItem', await received(TWO), { after: text('all') }), TWO);
    expect([last()?.to, last()?.deliveredTo.toSorted()]).toEqual([
      [ONE, THREE],
      [ONE, THREE],
    ]);
  });

  it('are forwarded to whom the request names, with the files', async () => {
    const to = `<t:ToRecipients><t:Mailbox><t:EmailAddress>${THREE}</t:EmailAddress></t:Mailbox></t:ToRecipients>`;
    await run(respond('ForwardItem', await received(TWO), { before: `<t:Subject>own</t:Subject>${to}` }), TWO);
    expect([last()?.subject, last()?.to]).toEqual(['own', [THREE]]);
    const forwarded = await run(getItem([await received(THREE)]), THREE);
    expect(texts(forwarded, 'HasAttachments')).toEqual(['true']);
  });

  it('may stay drafts', async () => {
    const draft = await run(respond('ReplyToItem', await received(TWO), { disposition: 'SaveOnly' }), TWO);
    expect(all(draft, 'Message').length).toBe(1);
    expect(exchange.mail().length).toBe(1);
    expect(texts(await run(findItem('drafts'), TWO), 'Subject')).toEqual(['RE: question']);
  });

  it('need a message to answer to', async () => {
    const [event = ''] = itemIds(await run(appointment('x', '2026-12-01T10:00:00Z', '2026-12-01T11:00:00Z')));
    const contact =
      '<m:CreateItem><m:Items><t:Contact><t:GivenName>A</t:GivenName></t:Contact></m:Items></m:CreateItem>';
    const [person = ''] = itemIds(await run(contact));
    expect(codes(await run(respond('ForwardItem', event)))).toEqual(['ErrorMissingRecipients']);
    expect(codes(await run(respond('ReplyToItem', person)))).toEqual(['ErrorInvalidReferenceItem']);
    expect(codes(await run(respond('ReplyToItem', '')))).toEqual(['ErrorMissingInformationReferenceItemId']);
    expect(codes(await run(respond('ReplyToItem', await received(TWO))))).toEqual(['ErrorItemNotFound']);
    expect(codes(await run(respond('SuppressReadReceipt', await received(TWO)), TWO))).toEqual(['NoError']);
  });
});
