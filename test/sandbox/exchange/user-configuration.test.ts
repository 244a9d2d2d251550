/* oxlint-disable unicorn/no-thenable -- a fault rule reads "for this mailbox, then that"; its `then` is data */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { all, call, findItem, texts, type WireAnswer } from './ews-client.ts';
import { deleteConfiguration, dictionary, getConfiguration, putConfiguration } from './ews-requests.ts';

const ONE = 'user1@contoso.test';
const XML = `<t:XmlData>${Buffer.from('<a/>').toString('base64')}</t:XmlData>`;

describe('user configurations of the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  beforeAll(async () => {
    exchange = await startExchange({ mailboxes: 2 });
  });
  afterAll(() => exchange.close());
  const run = (body: string, as = ONE): Promise<WireAnswer> => call(exchange, body, { as });
  const code = async (body: string, as = ONE): Promise<string | undefined> =>
    texts(await run(body, as), 'ResponseCode')[0];

  it('are made, read, changed and deleted, and belong to one folder of one mailbox', async () => {
    expect(await code(getConfiguration('Mailroom'))).toBe('ErrorItemNotFound');
    expect(await code(putConfiguration('Create', 'Mailroom', dictionary('org', 'A&amp;B') + XML))).toBe('NoError');
    const read = await run(getConfiguration('MAILROOM'));
    expect(texts(read, 'Value')).toEqual(['org', 'A&B']);
    expect(texts(read, 'XmlData')).toEqual([Buffer.from('<a/>').toString('base64')]);
    expect(all(read, 'ItemId')).toHaveLength(1);
    expect(all(await run(getConfiguration('Mailroom', 'XmlData')), 'Dictionary')).toEqual([]);
    expect(await code(getConfiguration('Mailroom', 'All', 'calendar'))).toBe('ErrorItemNotFound');
    expect(await code(getConfiguration('Mailroom'), 'user2@contoso.test')).toBe('ErrorItemNotFound');
    expect(await code(putConfiguration('Create', 'mailroom', ''))).toBe('ErrorItemSave');

    expect(await code(putConfiguration('Update', 'Mailroom', dictionary('org', 'C')))).toBe('NoError');
    const changed = await run(getConfiguration('Mailroom'));
    expect(texts(changed, 'Value')).toEqual(['org', 'C']);
    expect(texts(changed, 'XmlData')).toHaveLength(1);
    expect(await code(deleteConfiguration('Mailroom'))).toBe('NoError');
    expect(await code(deleteConfiguration('Mailroom'))).toBe('ErrorItemNotFound');
    expect(await code(putConfiguration('Update', 'Mailroom', ''))).toBe('ErrorItemNotFound');
  });

  it('lie behind the folder, not in it', async () => {
    await run(putConfiguration('Create', 'Stamp', dictionary('a', 'b')));
    expect(texts(await run(findItem('inbox')), 'ItemClass')).toEqual([]);
    const associated = await run(findItem('inbox').replace('Traversal="Shallow"', 'Traversal="Associated"'));
    expect(texts(associated, 'ItemClass')).toEqual(['IPM.Configuration.Stamp']);
    expect(texts(associated, 'IsAssociated')).toEqual(['true']);
  });

  it('refuse what is no base64 and no property', async () => {
    expect(await code(putConfiguration('Create', 'X', '<t:XmlData>?</t:XmlData>'))).toBe('ErrorSchemaValidation');
    expect(await code(getConfiguration('X', 'Most'))).toBe('ErrorSchemaValidation');
  });

  it('need rights in the folder', async () => {
    exchange.setFaults([{ mailbox: ONE, then: { readOnly: ['inbox'] } }]);
    expect(await code(putConfiguration('Create', 'Y', ''))).toBe('ErrorAccessDenied');
    exchange.setFaults([]);
  });
});
