/* oxlint-disable unicorn/no-thenable -- a fault rule reads "for this mailbox, then that"; its `then` is data */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { all, call, createItem, findItem, message, resolveNames, texts, type WireAnswer } from './ews-client.ts';
import { appointment, availability, expandDl, getOof, setOof, timeZones } from './ews-requests.ts';

const ONE = 'user1@contoso.test';
const TWO = 'user2@contoso.test';

describe('the services of the Exchange stand-in beside folders', () => {
  let exchange: ExchangeStandIn;
  beforeAll(async () => {
    exchange = await startExchange({
      mailboxes: 3,
      distributionLists: [
        { address: 'team@contoso.test', displayName: 'Team', members: [ONE, TWO, 'all@contoso.test'] },
        { address: 'all@contoso.test', members: ['team@contoso.test', 'user3@contoso.test', 'outside@fabrikam.test'] },
      ],
    });
  });
  afterAll(() => exchange.close());
  const run = (body: string, as = ONE): Promise<WireAnswer> => call(exchange, body, { as });

  it('know time zones, briefly or in full', async () => {
    const brief = await run(timeZones());
    expect(all(brief, 'TimeZoneDefinition').length).toBeGreaterThan(5);
    expect(all(brief, 'Period')).toEqual([]);
    const unsaid = await run(timeZones(['UTC']).replace(' ReturnFullTimeZoneData="false"', ''));
    expect(all(unsaid, 'Period')).toHaveLength(1);
    const full = await run(timeZones(['W. Europe Standard Time', 'Nowhere'], true));
    expect(all(full, 'TimeZoneDefinition').map(({ attributes }) => attributes.get('Id'))).toEqual([
      'W. Europe Standard Time',
    ]);
    expect(all(full, 'Period').map(({ attributes }) => attributes.get('Bias'))).toEqual(['-PT1H', '-PT2H']);
    expect(all(full, 'RecurringDayTransition')).toHaveLength(2);
  });

  it('know who is free and who is not', async () => {
    const busy = '<t:LegacyFreeBusyStatus>Tentative</t:LegacyFreeBusyStatus>';
    await run(appointment('p', '2026-11-24T10:00:00Z', '2026-11-24T11:30:00Z'));
    await run(appointment('q', '2026-11-24T13:00:00Z', '2026-11-24T14:00:00Z', busy));
    const answer = await run(
      availability([ONE, 'nobody@contoso.test'], '2026-11-24T09:00:00', '2026-11-24T15:00:00'),
      TWO,
    );
    expect(texts(answer, 'MergedFreeBusy')).toEqual(['022010']);
    expect(texts(answer, 'BusyType')).toEqual(['Busy', 'Tentative']);
    expect(texts(answer, 'ResponseCode')).toEqual(['NoError', 'ErrorMailRecipientNotFound']);
    expect(exchange.requests().at(-1)?.code).toBe('ErrorMailRecipientNotFound');
    const backwards = await run(availability([ONE], '2026-11-24T15:00:00', '2026-11-24T09:00:00'));
    expect(texts(backwards, 'ResponseCode')).toEqual(['ErrorInvalidTimeInterval']);
  });

  it('know who is out of office, for the owner alone', async () => {
    expect(texts(await run(getOof(ONE)), 'OofState')).toEqual(['Disabled']);
    expect(texts(await run(setOof(ONE, 'away &amp; gone')), 'ResponseCode')).toEqual(['NoError']);
    const answer = await run(getOof(ONE));
    expect([texts(answer, 'OofState'), texts(answer, 'Message')]).toEqual([['Enabled'], ['away & gone', '']]);
    expect(texts(await run(getOof(ONE), TWO), 'ResponseCode')).toEqual(['ErrorAccessDenied']);
  });

  it('know distribution lists, by name, by member and as recipients', async () => {
    const resolved = await run(resolveNames('team'));
    expect([texts(resolved, 'MailboxType'), texts(resolved, 'EmailAddress')]).toEqual([
      ['PublicDL'],
      ['team@contoso.test'],
    ]);
    const expanded = await run(expandDl('TEAM@contoso.test'));
    expect(texts(expanded, 'EmailAddress')).toEqual([ONE, TWO, 'all@contoso.test']);
    expect(texts(expanded, 'MailboxType')).toEqual(['Mailbox', 'Mailbox', 'PublicDL']);
    expect(texts(await run(expandDl(ONE)), 'ResponseCode')).toEqual(['ErrorNameResolutionNoResults']);
    await run(createItem(message('to all', ['all@contoso.test'])));
    for (const as of [ONE, TWO, 'user3@contoso.test']) {
      expect(texts(await run(findItem('inbox'), as), 'Subject')).toEqual(['to all']);
    }
  });

  it('report in their own way what a fault rule wants', async () => {
    exchange.setFaults([{ mailbox: '*', then: { message: 'ErrorMailboxMoveInProgress' } }]);
    for (const body of [getOof(ONE), availability([ONE], '2026-11-24T09:00:00', '2026-11-24T15:00:00'), timeZones()]) {
      const answer = await run(body);
      expect([answer.status, texts(answer, 'ResponseCode')]).toEqual([200, ['ErrorMailboxMoveInProgress']]);
    }
    exchange.setFaults([]);
  });
});
