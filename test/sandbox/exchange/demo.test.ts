import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoFaults, demoMailboxes, startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { all, call, createItem, getFolder, message, texts } from './ews-client.ts';

describe('the population of the demo', () => {
  const mailboxes = demoMailboxes();
  const troubled = mailboxes.filter(({ trouble }) => trouble?.persists);

  it('is 190 people and 10 queues of contoso.test, each with an address of its own and an owner', () => {
    expect(mailboxes).toHaveLength(200);
    expect(mailboxes.filter(({ type }) => type === 'queue')).toHaveLength(10);
    expect(new Set(mailboxes.map(({ address }) => address)).size).toBe(200);
    const users = new Set(mailboxes.filter(({ type }) => type === 'user').map(({ address }) => address));
    for (const { owner } of mailboxes) expect(users).toContain(owner);
  });

  it('has twelve troubles that stay, each of another kind', () => {
    expect(troubled).toHaveLength(12);
    expect(new Set(troubled.map(({ trouble }) => trouble?.code)).size).toBe(12);
  });

  describe('on a server', () => {
    let exchange: ExchangeStandIn;
    beforeAll(async () => {
      exchange = await startExchange({ mailboxes, faults: demoFaults(mailboxes) });
    });
    afterAll(() => exchange.close());

    /** The test of a mailbox as a client would run it; the first thing wrong, or NoError. */
    const test = async (as: string): Promise<string> => {
      const act = await call(exchange, getFolder(['inbox', 'calendar', 'contacts', 'tasks']), { as });
      if (!act.text.startsWith('<?xml')) return `HTTP ${act.status}`;
      const failed = texts(act, 'ResponseCode').find((code) => code !== 'NoError');
      if (failed !== undefined) return failed;
      if (all(act, 'CreateContents').some(({ text }) => text === 'false')) return 'EffectiveRights';
      const sent = await call(exchange, createItem(message('Test', [as])), { as });
      return texts(sent, 'ResponseCode')[0] ?? '';
    };

    it('shows each trouble the way it is announced, twice', async () => {
      for (const { address, trouble } of [...troubled, ...troubled]) expect(await test(address)).toBe(trouble?.code);
    });

    it('lets the other 188 end well, some after a try or two', async () => {
      const others = mailboxes.filter(({ trouble }) => trouble?.persists !== true);
      const results: string[] = [];
      for (const { address } of others) {
        let result = '';
        for (let tries = 0; tries < 4 && result !== 'NoError'; tries += 1) {
          result = await test(address).catch((error: unknown) => String(error));
        }
        results.push(result);
      }
      expect(results).toHaveLength(188);
      expect(new Set(results)).toEqual(new Set(['NoError']));
    });
  });
});
