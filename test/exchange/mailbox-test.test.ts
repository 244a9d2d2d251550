import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startExchange, type ExchangeStandIn, type FaultAction } from '../../sandbox/exchange/index.ts';
import { createExchange, type GatedExchange } from '../../services/exchange/exchange.ts';
import type { ServerAccess } from '../../services/exchange/exchange-port.ts';
import { markerPropertyName, testSubject } from '../../services/exchange/ews/operations.ts';
import { accessTo, allowList, basic, codesOf, requestFor, rule } from './access.ts';
import { FakeClock } from './fake-clock.ts';

const user = 'user1@contoso.test';
const deadlineMs = 1000;
const clock = new FakeClock();
let standIn: ExchangeStandIn;
let exchange: GatedExchange;
let access: ServerAccess;

beforeAll(async () => {
  standIn = await startExchange({ impersonationScope: 'u*' });
  exchange = createExchange({ allowList, clock, deadlineMs, extraCa: standIn.caCertificate });
  access = accessTo(standIn);
  // The library is loaded in the worker at the first call.
  await exchange.testMailbox(access, requestFor('user10@contoso.test', { directions: ['incoming'] }));
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

const operations = (): (string | null)[] => standIn.requests().map(({ operation }) => operation);

describe('a mailbox in order', () => {
  test('passes in all directions with one call, one message found again, and three folders in one call', async () => {
    standIn.resetLog();
    const report = await exchange.testMailbox(access, requestFor(user));
    expect(codesOf(report)).toEqual([null, null, null]);
    expect(report).toMatchObject({ markerFound: false, calls: 4 });
    expect(report.phases.every(({ durationMs }) => durationMs >= 0)).toBe(true);
    expect(operations()).toEqual(['FindFolder', 'CreateItem', 'FindItem', 'GetFolder']);
    expect(standIn.requests().every(({ anchorMailbox, mailbox }) => anchorMailbox === user && mailbox === user)).toBe(
      true,
    );
    // One connection is enough for one mailbox.
    expect(new Set(standIn.requests().map(({ connection }) => connection)).size).toBe(1);
    const [mail, ...more] = standIn.mail();
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ from: user, to: [user], deliveredTo: [user], subject: testSubject });
    expect(testSubject).toBe('Your mailbox is now connected to Dynamics 365');
    expect(JSON.stringify(mail?.extendedProperties)).toContain(markerPropertyName);
  });

  test('gets no second message when the first is found by its marker', async () => {
    const request = requestFor('user2@contoso.test', { marker: 'task-7 <&>"' });
    await exchange.testMailbox(access, request);
    const again = await exchange.testMailbox(access, { ...request, lookForMarker: true });
    expect(codesOf(again)).toEqual([null, null, null]);
    expect(again).toMatchObject({ markerFound: true, calls: 3 });
    expect(standIn.mail()).toHaveLength(1);
  });

  test('gets its message when the marker is another task’s', async () => {
    await exchange.testMailbox(access, requestFor('user3@contoso.test', { marker: 'task-1' }));
    const other = requestFor('user3@contoso.test', { marker: 'task-2', lookForMarker: true });
    expect(await exchange.testMailbox(access, other)).toMatchObject({ markerFound: false, calls: 5 });
    expect(standIn.mail()).toHaveLength(2);
  });

  test('a message whose answer was lost is found afterwards', async () => {
    standIn.setFaults(rule(user, 'lost', { operation: 'CreateItem', nth: 1 }));
    const request = requestFor(user, { directions: ['outgoing'], marker: 'task-lost' });
    expect(codesOf(await exchange.testMailbox(access, request))).toEqual(['ConnectionReset']);
    const again = await exchange.testMailbox(access, { ...request, lookForMarker: true });
    expect(again).toMatchObject({ markerFound: true });
    expect(standIn.mail()).toHaveLength(1);
  });

  test('only the asked directions are tested', async () => {
    const report = await exchange.testMailbox(access, requestFor(user, { directions: ['act'] }));
    expect(report.phases.map(({ direction }) => direction)).toEqual(['act']);
    expect(operations()).toEqual(['GetFolder']);
  });
});

describe('a fault of the mailbox as a whole ends its test', () => {
  test.each([
    ['ErrorNonExistentMailbox', 'unknown@contoso.test'],
    ['ErrorImpersonateUserDenied', 'svc-mailroom@contoso.test'],
  ])('%s', async (code, address) => {
    const report = await exchange.testMailbox(access, requestFor(address));
    expect(codesOf(report)).toEqual([code, code, code]);
    expect(report.phases[0]?.fault?.params).toMatchObject({ address, host: '127.0.0.1' });
    expect(report.calls).toBe(1);
    expect(standIn.requests()).toHaveLength(1);
  });
});

describe('a fault of one direction lets the others go on', () => {
  test.each<[string, string, FaultAction, (string | null)[]]>([
    ['CreateItem', 'quota', { message: 'ErrorSubmissionQuotaExceeded' }, [null, 'ErrorSubmissionQuotaExceeded', null]],
    ['CreateItem', 'send as', { message: 'ErrorSendAsDenied' }, [null, 'ErrorSendAsDenied', null]],
    ['GetFolder', 'rights', { readOnly: ['contacts'] }, [null, null, 'FolderRightsMissing']],
    ['GetFolder', 'no folder', { missing: ['tasks'] }, [null, null, 'ErrorFolderNotFound']],
    ['FindFolder', 'denied', { message: 'ErrorAccessDenied' }, ['ErrorAccessDenied', null, null]],
  ])('%s: %s', async (operation, _name, action, codes) => {
    standIn.setFaults(rule(user, action, { operation }));
    const report = await exchange.testMailbox(access, requestFor(user));
    expect(codesOf(report)).toEqual(codes);
  });

  test('missing rights name the folder', async () => {
    standIn.setFaults(rule(user, { readOnly: ['contacts'] }));
    const { phases } = await exchange.testMailbox(access, requestFor(user, { directions: ['act'] }));
    expect(phases[0]?.fault).toEqual({ code: 'FolderRightsMissing', params: { folder: 'contacts', address: user } });
  });

  test('a folder that is not there is named, and does not hide what is wrong with one before it', async () => {
    const act = requestFor(user, { directions: ['act'] });
    standIn.setFaults(rule(user, { missing: ['tasks'] }));
    expect((await exchange.testMailbox(access, act)).phases[0]?.fault).toMatchObject({
      code: 'ErrorFolderNotFound',
      params: { folder: 'tasks', address: user },
    });
    standIn.setFaults([...rule(user, { missing: ['tasks'] }), ...rule(user, { readOnly: ['calendar'] })]);
    expect((await exchange.testMailbox(access, act)).phases[0]?.fault).toMatchObject({
      code: 'FolderRightsMissing',
      params: { folder: 'calendar' },
    });
  });
});

describe('what a server may do instead of answering', () => {
  test.each<[FaultAction, string]>([
    ['html200', 'AnswerNotSoap'],
    ['empty500', 'HttpStatus'],
    ['text500', 'HttpStatus'],
    ['reset', 'ConnectionReset'],
    ['cut', 'ConnectionReset'],
    ['hang', 'DeadlineExceeded'],
    [{ status: 403 }, 'HttpForbidden'],
    [{ status: 404 }, 'HttpNotFound'],
    [{ status: 440 }, 'HttpSignInPage'],
    [{ status: 449 }, 'HttpStatus'],
    [{ status: 503, retryAfter: 9 }, 'HttpUnavailable'],
    [{ redirect: 'https://evil.example/EWS/Exchange.asmx' }, 'HttpRedirect'],
    [{ huge: 2 * 1024 * 1024 }, 'AnswerTooLarge'],
    [{ gzipBomb: 8 * 1024 * 1024 }, 'AnswerNotSoap'],
    [{ fault: 'ErrorServerBusy', backOffMilliseconds: 4711 }, 'ErrorServerBusy'],
    [{ message: 'ErrorMailboxMoveInProgress' }, 'ErrorMailboxMoveInProgress'],
    [{ fault: 'ErrorSomethingNew' }, 'EwsOther'],
  ])('%j is %s, and the next test passes', async (action, code) => {
    standIn.setFaults(rule(user, action, { operation: 'FindFolder', nth: 1 }));
    const request = requestFor(user, { directions: ['incoming'] });
    expect(codesOf(await exchange.testMailbox(access, request))).toEqual([code]);
    await clock.advance(5 * 60_000);
    expect(codesOf(await exchange.testMailbox(access, request))).toEqual([null]);
  });

  test('is waited for as long as the profile says, within the limit of the engine', async () => {
    const patient = createExchange({ allowList, clock, deadlineMs: 30_000, extraCa: standIn.caCertificate });
    onTestFinished(() => patient.close());
    const request = requestFor(user, { directions: ['incoming'] });
    standIn.setFaults(rule(user, 'hang', { operation: 'FindFolder' }));
    const short = await patient.testMailbox(accessTo(standIn, { timeoutMs: 50 }), request);
    const long = await exchange.testMailbox(accessTo(standIn, { timeoutMs: 100_000 }), request);
    standIn.setFaults([]);
    for (const report of [short, long]) {
      expect(codesOf(report)).toEqual(['DeadlineExceeded']);
      expect(report.phases[0]?.fault?.params).toMatchObject({ seconds: 1 });
    }
  });

  test('every broken answer at every call leaves nothing behind in the worker', async () => {
    const actions: FaultAction[] = ['html200', 'empty500', 'text500', 'reset', 'cut'];
    for (const operation of ['CreateItem', 'GetFolder', 'FindItem']) {
      for (const action of actions) {
        standIn.setFaults(rule(user, action, { operation }));
        const report = await exchange.testMailbox(access, requestFor(user, { lookForMarker: true }));
        expect(codesOf(report)).not.toContain('WorkerFailed');
        await clock.advance(5 * 60_000);
      }
    }
    standIn.setFaults([]);
    expect(codesOf(await exchange.testMailbox(access, requestFor(user)))).toEqual([null, null, null]);
  });

  test('a back-off time holds everybody back, and the report tells it', async () => {
    standIn.setFaults(rule(user, { fault: 'ErrorServerBusy', backOffMilliseconds: 60_000 }, { nth: 1 }));
    const report = await exchange.testMailbox(access, requestFor(user));
    expect(report.phases[0]?.fault?.params).toMatchObject({ backOffMs: 60_000 });
    expect(report.calls).toBe(1);
    const next = exchange.testMailbox(access, requestFor('user2@contoso.test'));
    await clock.advance(59_999);
    expect(standIn.requests()).toHaveLength(1);
    await clock.advance(1);
    expect(codesOf(await next)).toEqual([null, null, null]);
  });
});

describe('a wrong password', () => {
  const wrong = (): ServerAccess =>
    accessTo(standIn, {
      authentication: basic(standIn.serviceAccount.userName, 'Wrong!Pass1'),
      maxConnections: 300,
    });

  test('is one sign-in, however many mailboxes were asked for', async () => {
    const bad = wrong();
    const reports = await Promise.all(
      Array.from({ length: 200 }, (_, index) => exchange.testMailbox(bad, requestFor(`user${index}@contoso.test`))),
    );
    expect(reports.every((report) => codesOf(report).every((code) => code === 'CredentialRefused'))).toBe(true);
    expect(codesOf(await exchange.testMailbox(bad, requestFor(user)))[0]).toBe('CredentialRefused');
    const report = await exchange.checkConnection(bad, user, () => undefined);
    expect(report.fault?.code).toBe('CredentialRefused');
    expect(standIn.signIns()).toHaveLength(1);
  });

  test('does not stand in the way of the next credential', async () => {
    await exchange.testMailbox(wrong(), requestFor(user));
    expect(codesOf(await exchange.testMailbox(accessTo(standIn), requestFor(user)))).toEqual([null, null, null]);
  });

  test('that was given up half way is still one sign-in', async () => {
    const bad = wrong();
    const controller = new AbortController();
    const first = exchange.testMailbox(bad, requestFor(user), controller.signal);
    setImmediate(() => controller.abort(new Error('cancelled')));
    await expect(first).rejects.toThrow('cancelled');
    expect(codesOf(await exchange.testMailbox(bad, requestFor(user)))[0]).toBe('CredentialRefused');
    expect(standIn.signIns()).toHaveLength(1);
  });

  test('that is known from before the restart is not tried', async () => {
    const bad = wrong();
    exchange.holdCredential(bad.credentialId, { code: 'CredentialRefused', params: {} });
    expect(codesOf(await exchange.testMailbox(bad, requestFor(user)))[0]).toBe('CredentialRefused');
    expect(standIn.signIns()).toHaveLength(0);
  });

  test('that stops working during a run costs as many sign-ins as calls were under way, no more', async () => {
    const good = accessTo(standIn, { maxConnections: 5 });
    await exchange.testMailbox(good, requestFor(user, { directions: ['incoming'] }));
    standIn.setPassword('Changed!Pass1');
    standIn.resetLog();
    const reports = await Promise.all(
      Array.from({ length: 50 }, (_, index) => exchange.testMailbox(good, requestFor(`unknown${index}@contoso.test`))),
    );
    standIn.setPassword(standIn.serviceAccount.password);
    expect(reports.every((report) => codesOf(report).every((code) => code === 'CredentialRefused'))).toBe(true);
    expect(standIn.signIns().length).toBeLessThanOrEqual(5);
  });
});

describe('many mailboxes', () => {
  test('never more calls in flight than the profile allows', async () => {
    const limited = accessTo(standIn, { maxConnections: 4 });
    const reports = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        exchange.testMailbox(limited, requestFor(`user${(index % 10) + 1}@contoso.test`)),
      ),
    );
    expect(new Set(reports.flatMap(codesOf))).toEqual(new Set([null]));
    // Calls that the test before broke off may be noted late.
    const requests = standIn.requests().filter(({ mailbox }) => mailbox?.startsWith('user'));
    expect(requests).toHaveLength(240);
    expect(Math.max(...requests.map(({ inFlight }) => inFlight))).toBeLessThanOrEqual(4);
    expect(new Set(requests.map(({ connection }) => connection)).size).toBeLessThanOrEqual(8);
  });
});

describe('a signal', () => {
  test('ends a call that hangs, with its own reason, and the worker goes on', async () => {
    standIn.setFaults(rule(user, 'hang'));
    const controller = new AbortController();
    const call = exchange.testMailbox(access, requestFor(user), controller.signal);
    setImmediate(() => controller.abort(new Error('cancelled')));
    await expect(call).rejects.toThrow('cancelled');
    standIn.setFaults([]);
    expect(codesOf(await exchange.testMailbox(access, requestFor(user)))).toEqual([null, null, null]);
  });
});
