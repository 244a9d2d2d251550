import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { createExchange, type GatedExchange } from '../../../services/exchange/exchange.ts';
import type { Authentication, ServerAccess } from '../../../services/exchange/exchange-port.ts';
import { Secret } from '../../../services/secrets/secret.ts';
import { accessTo, allowList, basic, codesOf, requestFor } from '../access.ts';

const user = 'user1@contoso.test';
let standIn: ExchangeStandIn;
let exchange: GatedExchange;

beforeAll(async () => {
  standIn = await startExchange({ schemes: ['Negotiate', 'NTLM'], lockout: 3, extendedProtection: 'require' });
  exchange = createExchange({ allowList, deadlineMs: 5000, extraCa: standIn.caCertificate });
});
afterAll(async () => {
  await exchange.close();
  await standIn.close();
});
beforeEach(() => standIn.resetLog());

const ntlm = (password: string, userName = standIn.serviceAccount.userName): Authentication => ({
  scheme: 'ntlm',
  userName,
  password: new Secret(password),
});
const access = (changes: Partial<ServerAccess> = {}): ServerAccess =>
  accessTo(standIn, { authentication: ntlm(standIn.serviceAccount.password), ...changes });
const signIns = (): string[] => standIn.signIns().map(({ outcome }) => outcome);

describe('a mailbox over NTLM', () => {
  test.each(['userName', 'principalName'] as const)(
    'passes with the account’s %s, on a bound channel',
    async (name) => {
      const authentication = ntlm(standIn.serviceAccount.password, standIn.serviceAccount[name]);
      const report = await exchange.testMailbox(access({ authentication }), requestFor(user, { marker: name }));
      expect(codesOf(report)).toEqual([null, null, null]);
      expect(report).toMatchObject({ calls: 4, circuitOpen: false });
      expect(signIns()).toEqual(['accepted']);
      expect(new Set(standIn.requests().map(({ connection }) => connection)).size).toBe(1);
    },
  );

  test('needs a handshake a connection, however many mailboxes there are', async () => {
    const five = access({ maxConnections: 5 });
    const reports = await Promise.all(
      Array.from({ length: 50 }, (_unused, index) =>
        exchange.testMailbox(five, requestFor(`user${(index % 10) + 1}@contoso.test`, { marker: `many-${index}` })),
      ),
    );
    expect(new Set(reports.flatMap(codesOf))).toEqual(new Set([null]));
    expect(new Set(standIn.requests().map(({ connection }) => connection)).size).toBe(5);
    expect(signIns()).toEqual(Array.from({ length: 5 }, () => 'accepted'));
  });

  test('fails with a wrong password after one try in all, and the account is not locked', async () => {
    const wrong = access({ authentication: ntlm('Wrong!Pass1'), maxConnections: 300 });
    const reports = await Promise.all(
      Array.from({ length: 5000 }, (_unused, index) =>
        exchange.testMailbox(wrong, requestFor(`user${index}@contoso.test`)),
      ),
    );
    expect(new Set(reports.flatMap(codesOf))).toEqual(new Set(['CredentialRefused']));
    const check = await exchange.checkConnection(wrong, user, () => undefined);
    expect(check.fault?.code).toBe('CredentialRefused');
    expect(signIns()).toEqual(['wrong-password']);
    expect(codesOf(await exchange.testMailbox(access(), requestFor(user, { marker: 'after' })))).toEqual([
      null,
      null,
      null,
    ]);
  });
});

describe('delegate access', () => {
  test('names the mailbox in each folder and sends no impersonation', async () => {
    const own = standIn.serviceAccount.principalName;
    const report = await exchange.testMailbox(access({ access: 'delegate' }), requestFor(own));
    expect(codesOf(report)).toEqual([null, null, null]);
    expect(report.calls).toBe(4);
    expect(standIn.requests().every(({ anchorMailbox }) => anchorMailbox === own)).toBe(true);
    const [mail] = standIn.mail();
    expect(mail).toMatchObject({ from: own, to: [own] });
  });

  test('to a mailbox that gave no rights is its own fault, and not the account’s mailbox by mistake', async () => {
    const report = await exchange.testMailbox(access({ access: 'delegate' }), requestFor(user));
    expect(codesOf(report).every((code) => code !== null)).toBe(true);
    expect(standIn.mail()).toEqual([]);
  });
});

describe('the check of a connection', () => {
  test('passes over NTLM with one sign-in', async () => {
    const report = await exchange.checkConnection(access(), user, () => undefined);
    expect(report.fault).toBeNull();
    expect(report.checks[3]?.seen).toEqual({ schemes: 'Negotiate, NTLM' });
    expect(signIns()).toEqual(['accepted']);
  });

  test('with Basic: BasicNotOffered, and nobody signs in', async () => {
    const authentication = basic('svc', standIn.serviceAccount.password);
    const report = await exchange.checkConnection(access({ authentication }), user, () => undefined);
    expect(report.fault).toMatchObject({
      code: 'BasicNotOffered',
      params: { host: '127.0.0.1', schemes: 'Negotiate, NTLM' },
    });
    expect(signIns().filter((outcome) => outcome === 'accepted')).toEqual([]);
  });

  test('with NTLM where only Basic is offered: NtlmNotOffered', async () => {
    const basicOnly = await startExchange({ schemes: ['Basic'] });
    const own = createExchange({ allowList, deadlineMs: 5000, extraCa: basicOnly.caCertificate });
    try {
      const report = await own.checkConnection(access({ serverLocation: basicOnly.ews }), user, () => undefined);
      expect(report.fault?.code).toBe('NtlmNotOffered');
      expect(basicOnly.signIns()).toEqual([]);
      const tested = await own.testMailbox(access({ serverLocation: basicOnly.ews }), requestFor(user));
      expect(codesOf(tested)[0]).toBe('NtlmNotOffered');
    } finally {
      await own.close();
      await basicOnly.close();
    }
  });
});
