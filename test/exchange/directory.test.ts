import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../sandbox/exchange/index.ts';
import { createExchange, type GatedExchange } from '../../services/exchange/exchange.ts';
import type { DirectoryReport, DirectoryRequest } from '../../services/exchange/exchange-port.ts';
import { accessTo, allowList, basic, rule } from './access.ts';
import { FakeClock } from './fake-clock.ts';

const clock = new FakeClock();
let standIn: ExchangeStandIn;
let exchange: GatedExchange;

const many = Array.from({ length: 10_000 }, (_, index) => `somebody-with-a-long-name-${index}@contoso.test`);
const hostileName = `R&D </t:Mailbox><t:EmailAddress>victim@contoso.test</t:EmailAddress> "x" {{DATE(x)}}`;

beforeAll(async () => {
  standIn = await startExchange({
    mailboxes: [
      { address: 'kim@contoso.test', displayName: 'Kim Abercrombie' },
      { address: 'rd@contoso.test', displayName: hostileName },
    ],
    distributionLists: [
      {
        address: 'team@contoso.test',
        displayName: 'Team',
        members: ['kim@contoso.test', 'inner@contoso.test', 'pat@fabrikam.test', 'news@contoso.test', 'x@other.test'],
      },
      { address: 'inner@contoso.test', displayName: 'Inner team', members: [] },
      { address: 'everybody@contoso.test', displayName: 'Everybody', members: many },
    ],
    directoryEntries: [
      { address: 'pat@fabrikam.test', displayName: 'Pat of Fabrikam', type: 'Contact' },
      { address: 'news@contoso.test', displayName: 'News', type: 'PublicFolder' },
    ],
  });
  exchange = createExchange({ allowList, clock, extraCa: standIn.caCertificate });
});
afterAll(async () => {
  await exchange.close();
  await standIn.close();
});
afterEach(async () => {
  standIn.setFaults([]);
  standIn.resetLog();
  await clock.advance(5 * 60_000);
});

const ask = (
  operation: DirectoryRequest['operation'],
  text: string,
  asMailbox: string | null = 'kim@contoso.test',
): Promise<DirectoryReport> => exchange.askDirectory(accessTo(standIn), { operation, text, asMailbox });

describe('a name in the address book', () => {
  test('is found by its beginning, with what kind of entry it is', async () => {
    expect(await ask('resolve-names', 'Kim')).toEqual({
      entries: [{ name: 'Kim Abercrombie', address: 'kim@contoso.test', kind: 'mailbox' }],
      isComplete: true,
      fault: null,
    });
    expect((await ask('resolve-names', 'pat@fabrikam.test')).entries).toEqual([
      { name: 'Pat of Fabrikam', address: 'pat@fabrikam.test', kind: 'contact' },
    ]);
  });

  test('of several is answered with all of them', async () => {
    const { entries } = await ask('resolve-names', 'team');
    expect(entries.map(({ address, kind }) => [address, kind])).toEqual([
      ['team@contoso.test', 'group'],
      ['inner@contoso.test', 'group'],
    ]);
  });

  test('that nobody has is no fault', async () => {
    expect(await ask('resolve-names', 'nobody of that name')).toEqual({ entries: [], isComplete: true, fault: null });
  });

  test('comes back as it is, and goes out as text, whatever it is made of', async () => {
    const [entry, ...more] = (await ask('resolve-names', hostileName)).entries;
    expect(more).toEqual([]);
    expect(entry).toEqual({ name: hostileName, address: 'rd@contoso.test', kind: 'mailbox' });
  });
});

describe('a distribution list', () => {
  test('has its members of every kind, and lists within it are named', async () => {
    const { entries, isComplete } = await ask('expand-members', 'team@contoso.test');
    expect(entries.map(({ address, kind }) => [address, kind])).toEqual([
      ['kim@contoso.test', 'mailbox'],
      ['inner@contoso.test', 'group'],
      ['pat@fabrikam.test', 'contact'],
      ['news@contoso.test', 'public-folder'],
      ['x@other.test', 'one-off'],
    ]);
    expect(isComplete).toBe(true);
  });

  test('may be empty', async () => {
    expect(await ask('expand-members', 'inner@contoso.test')).toMatchObject({ entries: [], fault: null });
  });

  test('of ten thousand is read whole', async () => {
    const { entries, fault } = await ask('expand-members', 'everybody@contoso.test');
    expect([entries.length, entries.at(-1)?.address, fault]).toEqual([10_000, many.at(-1), null]);
  });

  test('that is none is a fault that says so', async () => {
    expect((await ask('expand-members', 'kim@contoso.test')).fault).toMatchObject({
      code: 'EwsOther',
      raw: 'ErrorNameResolutionNoResults',
    });
  });
});

describe('who asks', () => {
  test('is the mailbox that was named, or the account itself', async () => {
    await ask('resolve-names', 'Kim');
    await ask('resolve-names', 'Kim', null);
    const { principalName } = standIn.serviceAccount;
    expect(standIn.requests().map(({ operation, mailbox }) => [operation, mailbox])).toEqual([
      ['ResolveNames', 'kim@contoso.test'],
      ['ResolveNames', principalName],
    ]);
    // DOMAIN\account is no address that a request could be routed by.
    expect(standIn.requests().map(({ anchorMailbox }) => anchorMailbox)).toEqual(['kim@contoso.test', null]);
  });

  test('with a wrong password is tried once, and then no more', async () => {
    const access = accessTo(standIn, { authentication: basic('CONTOSO\\svc-mailroom', 'wrong') });
    const request = { operation: 'resolve-names', text: 'Kim', asMailbox: null } as const;
    for (let tries = 0; tries < 2; tries += 1)
      expect((await exchange.askDirectory(access, request)).fault?.code).toBe('CredentialRefused');
    expect(standIn.signIns().filter(({ outcome }) => outcome !== 'accepted')).toHaveLength(1);
  });

  test('hears of a server that is busy', async () => {
    standIn.setFaults(rule('*', { message: 'ErrorServerBusy' }));
    expect((await ask('expand-members', 'team@contoso.test')).fault?.code).toBe('ErrorServerBusy');
  });
});
