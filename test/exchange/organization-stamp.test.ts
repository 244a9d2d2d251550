import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../sandbox/exchange/index.ts';
import { createExchange, type GatedExchange } from '../../services/exchange/exchange.ts';
import { mostCalls, type OrganizationStamp, type ServerAccess } from '../../services/exchange/exchange-port.ts';
import { loadLibrary } from '../../services/exchange/ews/library.ts';
import { testMailbox } from '../../services/exchange/ews/mailbox-test.ts';
import { stampName } from '../../services/exchange/ews/organization-stamp.ts';
import { EwsSession } from '../../services/exchange/ews/session.ts';
import { natureOf } from '../../services/model/fault.ts';
import { call, texts } from '../sandbox/exchange/ews-client.ts';
import {
  deleteConfiguration,
  dictionary,
  getConfiguration,
  putConfiguration,
} from '../sandbox/exchange/ews-requests.ts';
import { accessTo, allowList, codesOf, requestFor, rule } from './access.ts';
import { FakeClock } from './fake-clock.ts';
import { envelope, errorMessage, namespaces } from './soap-samples.ts';

const user = 'user1@contoso.test';
const delegated = 'user9@contoso.test';
const ours = '6a0d2c1e-5f0b-4a57-8f0e-0c8f6a5d1b11';
const theirs = '0f3c9f1a-77aa-4b51-9f6e-1d2c3b4a5f66';
const at = Date.UTC(2026, 10, 24, 12, 30, 5);
const clock = new FakeClock();
let standIn: ExchangeStandIn;
let exchange: GatedExchange;
let access: ServerAccess;

beforeAll(async () => {
  standIn = await startExchange({
    delegates: [{ mailbox: delegated, rights: 'editor', folders: ['calendar', 'contacts', 'tasks'] }],
  });
  exchange = createExchange({ allowList, clock, deadlineMs: 10_000, extraCa: standIn.caCertificate });
  access = accessTo(standIn);
});
afterAll(async () => {
  await exchange.close();
  await standIn.close();
});
afterEach(async () => {
  standIn.setFaults([]);
  for (const address of [user, delegated])
    await call(standIn, deleteConfiguration(stampName, 'calendar'), { as: address });
  standIn.resetLog();
  await clock.advance(5 * 60_000);
});

const stampWith = (changes: Partial<OrganizationStamp> = {}): OrganizationStamp => ({
  organizationId: ours,
  takeOver: false,
  at,
  ...changes,
});

/** ACT alone, with a stamp. */
const act = (changes: Partial<OrganizationStamp> = {}, address = user, from = access) =>
  exchange.testMailbox(from, requestFor(address, { directions: ['act'], stamp: stampWith(changes) }));

/** What a look from outside finds behind the calendar: key, value, key, value; nothing: no stamp. */
const stampIn = async (address = user): Promise<string[]> =>
  texts(await call(standIn, getConfiguration(stampName, 'Dictionary', 'calendar'), { as: address }), 'Value');

const plant = async (data: string, address = user): Promise<void> => {
  const answer = await call(standIn, putConfiguration('Create', stampName, data, 'calendar'), { as: address });
  expect(texts(answer, 'ResponseCode')).toEqual(['NoError']);
  standIn.resetLog();
};

const operations = (): (string | null)[] => standIn.requests().map(({ operation }) => operation);

describe('a mailbox that nobody has stamped', () => {
  test('gets our stamp, behind the calendar, in two calls', async () => {
    const report = await exchange.testMailbox(access, requestFor(user, { stamp: stampWith() }));
    expect(codesOf(report)).toEqual([null, null, null]);
    expect(report.calls).toBe(6);
    expect(operations().slice(-3)).toEqual(['GetFolder', 'GetUserConfiguration', 'CreateUserConfiguration']);
    expect(await stampIn()).toEqual(['Organization', ours, 'StampedAt', '2026-11-24T12:30:05.000Z']);
    expect(await stampIn('user2@contoso.test')).toEqual([]);
  });

  test('gets none where the organization does not stamp, nor when another direction is tested', async () => {
    await exchange.testMailbox(access, requestFor(user));
    await exchange.testMailbox(access, requestFor(user, { directions: ['incoming'], stamp: stampWith() }));
    expect(operations()).not.toContain('GetUserConfiguration');
    expect(await stampIn()).toEqual([]);
  });

  test('gets none while a folder is not in order', async () => {
    standIn.setFaults(rule(user, { readOnly: ['tasks'] }));
    expect(codesOf(await act())).toEqual(['FolderRightsMissing']);
    standIn.setFaults([]);
    expect(await stampIn()).toEqual([]);
  });

  test('is stamped by a delegate too, in the mailbox itself and with rights in the three folders alone', async () => {
    const delegate = accessTo(standIn, { access: 'delegate' });
    expect(codesOf(await act({}, delegated, delegate))).toEqual([null]);
    expect(await stampIn(delegated)).toEqual(['Organization', ours, 'StampedAt', '2026-11-24T12:30:05.000Z']);
    expect(await stampIn(standIn.serviceAccount.principalName)).toEqual([]);
    expect(codesOf(await act({ organizationId: theirs }, delegated, delegate))).toEqual(['OrganizationStampForeign']);
    expect(codesOf(await act({ organizationId: theirs, takeOver: true }, delegated, delegate))).toEqual([null]);
    expect(await stampIn(delegated)).toContain(theirs);
  });

  test('fails ACT with what Exchange says when it cannot be stamped', async () => {
    standIn.setFaults(rule(user, { message: 'ErrorQuotaExceeded' }, { operation: 'CreateUserConfiguration' }));
    const report = await act();
    expect(codesOf(report)).toEqual(['ErrorQuotaExceeded']);
    expect(report.calls).toBe(5);
  });

  test('is not asked again by a server that is busy', async () => {
    standIn.setFaults(rule(user, { fault: 'ErrorServerBusy' }, { operation: 'CreateUserConfiguration' }));
    expect(codesOf(await act())).toEqual(['ErrorServerBusy']);
    expect(operations()).toEqual(['GetFolder', 'GetUserConfiguration', 'CreateUserConfiguration']);
  });
});

describe('our own stamp', () => {
  test('gets the new time', async () => {
    await act();
    const report = await act({ at: at + 3_600_000 });
    expect(codesOf(report)).toEqual([null]);
    expect(report.calls).toBe(3);
    expect(operations().at(-1)).toBe('UpdateUserConfiguration');
    expect(await stampIn()).toEqual(['Organization', ours, 'StampedAt', '2026-11-24T13:30:05.000Z']);
  });

  test('stays when its time cannot be read, and gets one', async () => {
    await plant(dictionary('Organization', ours));
    expect(codesOf(await act())).toEqual([null]);
    expect(await stampIn()).toEqual(['Organization', ours, 'StampedAt', '2026-11-24T12:30:05.000Z']);
  });
});

describe('the stamp of another organization', () => {
  test('fails ACT, names the other and its time, and stays as it is', async () => {
    await act({ organizationId: theirs });
    const report = await exchange.testMailbox(access, requestFor(user, { stamp: stampWith({ at: at + 1000 }) }));
    expect(codesOf(report)).toEqual([null, null, 'OrganizationStampForeign']);
    expect(report.phases[2]?.fault?.params).toEqual({
      address: user,
      organization: theirs,
      stampedAt: '2026-11-24 12:30 UTC',
    });
    expect(await stampIn()).toContain(theirs);
  });

  test('is overwritten by a run that takes over; from then on the other one fails', async () => {
    await act({ organizationId: theirs });
    const report = await act({ takeOver: true });
    expect(codesOf(report)).toEqual([null]);
    expect(report.calls).toBe(3);
    expect(await stampIn()).toContain(ours);
    expect(codesOf(await act({ organizationId: theirs }))).toEqual(['OrganizationStampForeign']);
    expect(codesOf(await act())).toEqual([null]);
  });
});

describe('a stamp that is not written as ours', () => {
  const typed = (key: string, type: string, ...values: string[]): string =>
    `<t:DictionaryEntry><t:DictionaryKey><t:Type>String</t:Type><t:Value>${key}</t:Value></t:DictionaryKey><t:DictionaryValue><t:Type>${type}</t:Type>${values.map((value) => `<t:Value>${value}</t:Value>`).join('')}</t:DictionaryValue></t:DictionaryEntry>`;
  const entries = (...all: string[]): string => `<t:Dictionary>${all.join('')}</t:Dictionary>`;

  test.each([
    ['nothing at all', '', {}],
    ['no dictionary', `<t:XmlData>${Buffer.from('<a/>').toString('base64')}</t:XmlData>`, {}],
    ['another key', dictionary('organization', ours), {}],
    ['a list', entries(typed('Organization', 'StringArray', ours, theirs)), {}],
    ['a number', entries(typed('Organization', 'Integer32', '7')), {}],
    ['a date that is none', entries(typed('Organization', 'DateTime', 'yesterday')), {}],
    [
      'a time that is none',
      entries(typed('Organization', 'String', 'x'), typed('StampedAt', 'String', '9'.repeat(50))),
      { organization: 'x' },
    ],
    ['an empty text', entries(typed('Organization', 'String', '')), {}],
    [
      'white space and marks that turn text round',
      dictionary('Organization', 'a\u202Eb\n\n c&#160;'),
      { organization: 'a b c' },
    ],
    [
      'markup',
      dictionary('Organization', '&lt;/t:Value&gt;&lt;b&gt; [x](https://evil.example)'),
      { organization: '</t:Value><b> [x](https://evil.example)' },
    ],
    ['a name that objects have', dictionary('__proto__', 'polluted'), {}],
    [
      'signs of two halves',
      dictionary('Organization', `a${'😀'.repeat(1000)}`),
      { organization: `a${'😀'.repeat(39)}…` },
    ],
    [
      'a very long text',
      dictionary('Organization', `${ours}${'a'.repeat(100_000)}`),
      { organization: `${ours}${'a'.repeat(43)}…` },
    ],
  ])('%s: counts as another’s, with bounded words, and can be taken over', async (_what, data, said) => {
    await plant(data);
    const report = await act();
    expect(report.phases[0]?.fault).toEqual({ code: 'OrganizationStampForeign', params: { address: user, ...said } });
    expect(codesOf(await act({ takeOver: true }))).toEqual([null]);
    expect(await stampIn()).toEqual(['Organization', ours, 'StampedAt', '2026-11-24T12:30:05.000Z']);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('two who stamp at the same moment', () => {
  const overlooked = rule(user, { message: 'ErrorItemNotFound' }, { operation: 'GetUserConfiguration', nth: 1 });

  test('both pass when they are of one organization', async () => {
    await act();
    standIn.resetLog();
    standIn.setFaults(overlooked);
    expect(codesOf(await act())).toEqual([null]);
    expect(operations().slice(1)).toEqual([
      'GetUserConfiguration',
      'CreateUserConfiguration',
      'GetUserConfiguration',
      'UpdateUserConfiguration',
    ]);
  });

  test('the later one fails, or takes over, when they are not', async () => {
    await act({ organizationId: theirs });
    standIn.setFaults(overlooked);
    expect(codesOf(await act())).toEqual(['OrganizationStampForeign']);
    standIn.setFaults(overlooked);
    expect(codesOf(await act({ takeOver: true }))).toEqual([null]);
    expect(await stampIn()).toContain(ours);
  });

  test('a stamp removed between look and update is made again', async () => {
    await act();
    standIn.setFaults(rule(user, { message: 'ErrorItemNotFound' }, { operation: 'UpdateUserConfiguration', nth: 1 }));
    expect(codesOf(await act({ at: at + 1000 }))).toEqual([null]);
    expect(await stampIn()).toContain('2026-11-24T12:30:06.000Z');
  });

  test('without calls left it is a passing fault, not the end of the mailbox', async () => {
    await act();
    standIn.setFaults(rule(user, { message: 'ErrorItemNotFound' }, { operation: 'UpdateUserConfiguration' }));
    const report = await exchange.testMailbox(
      access,
      requestFor(user, { lookForMarker: true, marker: 'another', stamp: stampWith() }),
    );
    expect(report.calls).toBe(7);
    const fault = report.phases[2]?.fault;
    expect(fault).toMatchObject({ code: 'EwsOther', params: { responseCode: 'ErrorItemNotFound' } });
    expect(fault && natureOf(fault)).toBe('transient');
  });
});

describe('the longest way', () => {
  const success = (operation: string, content = ''): string =>
    envelope(
      `<m:${operation}Response ${namespaces}><m:ResponseMessages><m:${operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${content}</m:${operation}ResponseMessage></m:ResponseMessages></m:${operation}Response>`,
    );
  const folder = `<m:GetFolderResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Folders><t:Folder><t:FolderId Id="AAA=" ChangeKey="CQ=="/><t:EffectiveRights><t:CreateAssociated>true</t:CreateAssociated><t:CreateContents>true</t:CreateContents><t:CreateHierarchy>true</t:CreateHierarchy><t:Delete>true</t:Delete><t:Modify>true</t:Modify><t:Read>true</t:Read></t:EffectiveRights></t:Folder></m:Folders></m:GetFolderResponseMessage>`;
  const folders = envelope(
    `<m:GetFolderResponse ${namespaces}><m:ResponseMessages>${folder.repeat(3)}</m:ResponseMessages></m:GetFolderResponse>`,
  );
  const found = (count: number): string =>
    success(
      'FindItem',
      `<m:RootFolder IndexedPagingOffset="${count}" TotalItemsInView="${count}" IncludesLastItemInRange="true"><t:Items>${'<t:Message><t:ItemId Id="AAA=" ChangeKey="CQ=="/></t:Message>'.repeat(count)}</t:Items></m:RootFolder>`,
    );

  /** A server whose Sent Items are slow: the marker is there at the third look. */
  async function longest(write: string): Promise<{ report: Awaited<ReturnType<typeof testMailbox>>; asked: string[] }> {
    const asked: string[] = [];
    const looks = [0, 0, 1];
    const answers: Record<string, () => string> = {
      FindFolder: () =>
        success(
          'FindFolder',
          '<m:RootFolder TotalItemsInView="0" IncludesLastItemInRange="true"><t:Folders/></m:RootFolder>',
        ),
      FindItem: () => found(looks.shift() ?? 1),
      CreateItem: () => success('CreateItem', '<m:Items/>'),
      GetFolder: () => folders,
      GetUserConfiguration: () => errorMessage('ErrorItemNotFound'),
      CreateUserConfiguration: () => write,
    };
    const session = new EwsSession({
      library: await loadLibrary(),
      transport: {
        async send({ body = '' }) {
          const operation = /Body><m:(\w+)/.exec(body)?.[1] ?? '';
          asked.push(operation);
          return {
            answer: { status: 200, headers: {}, body: answers[operation]?.() ?? '' },
            fault: null,
            errorCode: null,
          };
        },
        close: () => Promise.resolve(),
      },
      serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
      authentication: { scheme: 'bearer', token: 't' },
      access: 'impersonation',
      address: user,
      deadlineMs: 1000,
      signal: new AbortController().signal,
    });
    const request = requestFor(user, { lookForMarker: true, stamp: stampWith() });
    return { report: await testMailbox(session, request, { sentItemsDelayMs: 0 }), asked };
  }

  test('takes eight calls', async () => {
    const { report, asked } = await longest(success('CreateUserConfiguration'));
    expect(codesOf(report)).toEqual([null, null, null]);
    expect(asked).toEqual([
      'FindFolder',
      'FindItem',
      'CreateItem',
      'FindItem',
      'FindItem',
      'GetFolder',
      'GetUserConfiguration',
      'CreateUserConfiguration',
    ]);
    expect(report.calls).toBe(mostCalls);
  });

  test('takes no ninth when somebody else was faster: the fault passes, and the next try reads the stamp', async () => {
    const { report } = await longest(errorMessage('ErrorItemSave'));
    expect(report.calls).toBe(mostCalls);
    expect(codesOf(report)).toEqual([null, null, 'EwsOther']);
    const fault = report.phases[2]?.fault;
    expect(fault && natureOf(fault)).toBe('transient');
  });
});
