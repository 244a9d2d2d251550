import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../bot/commands.ts';
import { OBJECT_IDS } from '../../sandbox/teams/people.ts';
import { hasRight, rolesWithRight, type Role } from '../../services/model/access.ts';
import { verbs, rightOf } from '../../cards/verbs.ts';
import { alerts, approvals, goodMailboxes, personal, Stage, wordsOf } from './stage.ts';

let stage: Stage;
const addresses = goodMailboxes(3).map(({ address }) => address);

/** Who may do what in this file; Cleo has no role at all. */
const rolesOf: Readonly<Record<string, readonly Role[]>> = { ada: ['admin'], ben: ['approver'], cleo: [] };

beforeAll(async () => {
  stage = await Stage.open();
  await stage.createProfile();
  await stage.importMailboxes(undefined, 'false');
});

afterAll(() => stage?.close());

/** A sentence that names the roles and the person to ask. */
function refusalFor(right: Parameters<typeof rolesWithRight>[0]): string {
  const roles = rolesWithRight(right).join(', ');
  const needed = roles.includes(',') ? `one of the roles ${roles}` : `the role ${roles}`;
  return `You do not have the role for this. It needs ${needed}. Ask a Mailroom admin`;
}

// Before the many commands: an answer that waits for its turn would come too late for this.
test('broken rows are shown each with its line and its reason, beside those that are fine', async () => {
  const rows = [
    'address,type,owner',
    'new.person@contoso.test,user,New Person',
    'not an address,user,',
    'x@contoso.test,robot,',
    ',user,Nobody',
    'new.person@contoso.test,user,',
    'y@contoso.test,user,Owner,and,more',
    `${addresses[0]},queue,Somebody else`,
    `${addresses[1]},user,${addresses[1]}`,
  ];
  await stage.ask('ada', personal, `import mailboxes\n${rows.join('\n')}`);
  const { seen } = await stage.find('ada', personal, 'import.confirm');
  const text = seen.text.replaceAll('\\', '');
  expect(text).toContain('5 lines are refused');
  expect(text).toContain('Line 3: “not an address” is not an email address. The valid form is name@contoso.com.');
  expect(text).toContain('Line 4: “robot” is no type of mailbox. Write user or queue.');
  expect(text).toContain('Line 5: The address is missing. Put the email address into the first column.');
  expect(text).toContain('Line 6: new.person@contoso.test is there a second time. Keep one of the lines.');
  expect(text).toContain('Line 7: The line has too many cells. Keep three: address, type, owner.');
  expect(text).toMatch(/New\n1\n/);
  expect(text).toMatch(/Changed\n1\n/);
  expect(text).toMatch(/Unchanged\n1\n/);
  expect(wordsOf(await stage.press('ada', personal, 'import.cancel'))).toContain('Nothing has changed');
  expect(await stage.ask('ada', personal, 'mailboxes new.person')).toContain('No mailbox fits');
});

describe('every command, once by somebody who may and once by each who may not', () => {
  /**
   * What a person types after the command, and what the answer must say, or the card of the outbox that comes a moment after it.
   * A command without a line here fails its test.
   */
  const examples: Readonly<Record<string, { rest: string; says: RegExp } | { rest: string; shows: RegExp }>> = {
    help: { rest: '', says: /What you can do here/ },
    language: { rest: '', says: /Language|I write to you in this language/ },
    'create profile': { rest: '', shows: /New email server profile/ },
    profiles: { rest: '', says: /Contoso on-premises/ },
    profile: { rest: 'contoso on-premises', says: /Set by Ada Admin/ },
    'edit profile': { rest: 'Contoso on-premises', shows: /Change the email server profile[^]*Contoso on-premises/ },
    'copy profile': { rest: 'Contoso on-premises', shows: /Copy an email server profile/ },
    'default profile': { rest: 'Contoso on-premises', says: /Yes, for new mailboxes/ },
    'activate profile': { rest: 'Contoso on-premises', says: /Contoso on-premises\nActive/ },
    'deactivate profile': { rest: 'Contoso on-premises', says: /Deactivate Contoso on-premises\?/ },
    maintenance: { rest: 'Contoso on-premises', says: /Plan a maintenance/ },
    'delete profile': { rest: 'Contoso on-premises', says: /3 mailboxes use this profile/ },
    'email settings': { rest: '', says: /Process email using/ },
    'import mailboxes': { rest: '', says: /Choose a way/ },
    mailboxes: { rest: '', says: /3 mailboxes/ },
    'export mailboxes': { rest: 'contoso', says: /3 mailboxes/ },
    mailbox: { rest: addresses[0] ?? '', says: /Pending Approval/ },
    'edit mailboxes': { rest: 'all', says: /Choose what shall be the same for all 3 mailboxes/ },
    'activate mailboxes': { rest: 'all', says: /All 3 mailboxes are active already/ },
    'deactivate mailboxes': { rest: 'all', says: /Deactivate 3 mailboxes\?/ },
    undo: { rest: '', says: /no bulk change of yours/ },
    'apply defaults': { rest: '', says: /Apply defaults to 3 mailboxes\?/ },
    pending: { rest: '', says: /The request comes below/ },
    approve: { rest: 'all', says: /3 pending mailboxes match/ },
    reject: { rest: 'all because the owner left', says: /Reason: the owner left/ },
    ask: { rest: addresses[0] ?? '', says: /The question is missing/ },
    withdraw: { rest: 'all', says: /Withdraw the request for 3 mailboxes\?/ },
    approvers: { rest: '', says: /1 approver/ },
    test: { rest: addresses[0] ?? '', says: /1 mailbox is not approved/ },
    runs: { rest: '', says: /There has been no run yet/ },
    run: { rest: 'NOSUCH', says: /I do not know a run NOSUCH/ },
    'pause run': { rest: 'NOSUCH', says: /I do not know a run NOSUCH/ },
    'resume run': { rest: 'NOSUCH', says: /I do not know a run NOSUCH/ },
    'cancel run': { rest: 'NOSUCH', says: /I do not know a run NOSUCH/ },
    status: { rest: '', says: /3 mailboxes/ },
    roles: { rest: '', says: /Ada Admin[^]*admin, since[^]*Ben Brandt/ },
    grant: { rest: 'viewer @Cleo Clark', says: /Make Cleo Clark viewer\?/ },
    revoke: { rest: 'approver @Ben Brandt', says: /Nobody else holds the role approver/ },
    history: { rest: 'profile.created', says: /Ada Admin created the server profile Contoso on-premises/ },
    'export history': { rest: '', says: /The trail is complete/ },
    alerts: { rest: '', says: /No alerts/ },
    ack: { rest: 'NOSUCH23', says: /does not exist any more/ },
    assign: { rest: 'NOSUCH23 me', says: /does not exist any more/ },
    snooze: { rest: 'NOSUCH23 4h', says: /does not exist any more/ },
    mute: { rest: 'NOSUCH23', says: /does not exist any more/ },
    retest: { rest: 'NOSUCH23', says: /does not exist any more/ },
    subscribe: { rest: 'errors', says: /Errors come to this conversation/ },
    unsubscribe: { rest: '', says: /No alerts come to this conversation/ },
    subscriptions: { rest: '', says: /No conversation receives anything yet/ },
  };

  test.each(commands.map(({ words, right }, index) => ({ words, right, index })))(
    '$words',
    async ({ words, right, index }) => {
      const example = examples[words];
      if (example === undefined) throw new Error(`give "${words}" an example here`);
      const typed = `${words} ${example.rest}`.trim();
      for (const [who, roles] of Object.entries(rolesOf)) {
        // A conversation has so many answers in half a minute, a channel fewer: the admin has some of hers in another place.
        const isElsewhere = who === 'ada' && index > commands.length / 2 && words !== 'export history';
        const where = isElsewhere ? approvals : personal;
        const answer = await stage.ask(who, where, typed);
        if (right !== null && !hasRight(roles, right)) expect(answer, who).toContain(refusalFor(right));
        else if (words === 'help' && roles.length === 0) expect(answer).toContain('You have no role');
        else if ('says' in example) expect(answer, who).toMatch(example.says);
        else await stage.journey.see(who, where, ({ text }) => example.shows.test(text), words);
      }
    },
  );

  // Below, Ada asks in a channel: her own chat has had as many answers as Teams lets through in half a minute.
  test('case and extra spaces do not matter, in a channel neither', async () => {
    expect(await stage.ask('ada', alerts, '  PROFILES  ')).toContain('Contoso on-premises');
    expect(await stage.ask('ada', alerts, 'Email   SETTINGS')).toContain('Process email using');
    expect(await stage.ask('ada', alerts, 'Mailboxes   type:QUEUE')).toContain('No mailbox fits this filter');
  });
});

test('help shows each person what they may do and nothing else', async () => {
  const [admin, approver, stranger] = [
    await stage.ask('ada', alerts, 'help'),
    await stage.ask('ben', personal, 'help'),
    await stage.ask('cleo', personal, 'help'),
  ];
  for (const { words, args, right } of commands) {
    const usage = args === '' ? words : `${words} ${args.slice(0, 4)}`;
    for (const [who, shown] of [
      ['ada', admin],
      ['ben', approver],
    ] as const) {
      const may = right === null || hasRight(rolesOf[who] ?? [], right);
      const lines = shown.replaceAll('\\', '').split('\n');
      expect(
        lines.some((line) => line.startsWith(usage) || line === words),
        `${who}: ${usage}`,
      ).toBe(may);
    }
  }
  expect(stranger).toContain('to grant you a role');
  expect(await stage.ask('ada', alerts, 'help mailboxes')).toContain('mailboxes sales status:failure');
  expect(await stage.ask('ben', personal, 'help import mailboxes')).toContain('I do not know');
});

test('a word that is no command gets the nearest one, or help', async () => {
  await stage.ask('ada', alerts, 'cancel');
  await stage.ask('ada', alerts, 'cancel');
  expect(await stage.ask('ada', alerts, 'mailboxs')).toContain('Did you mean “mailboxes”?');
  expect(await stage.ask('ada', alerts, 'aprove all')).toContain('Did you mean “approve”?');
  expect(await stage.ask('ada', alerts, 'sunscribe')).toContain('Did you mean “subscribe”?');
  expect(await stage.ask('ada', alerts, 'what is the weather like')).toContain('Type “help”');
  expect(await stage.ask('ada', alerts, '<script>alert(1)</script>')).toContain('Type “help”');
  expect(await stage.ask('ada', alerts, 'cancel')).toContain('There is nothing to cancel');
  expect(await stage.ask('ada', alerts, 'back')).toContain('There is nothing to cancel');
});

test('a command with something missing or wrong behind it says how to type it', async () => {
  expect(await stage.ask('ada', alerts, 'profile')).toContain('“profile NAME”');
  expect(await stage.ask('ada', alerts, 'profile Nobody')).toContain('Type “profiles”');
  expect(await stage.ask('ada', alerts, 'mailbox')).toContain('“mailbox ADDRESS”');
  expect(await stage.ask('ada', alerts, 'mailbox nobody@contoso.test')).toContain('nobody@contoso.test');
  expect(await stage.ask('ada', alerts, 'mailboxes colour:red')).toContain('I do not know the filter “colour:”');
  expect(await stage.ask('ada', alerts, 'mailboxes status:good')).toContain('use one of: failure');
  expect(await stage.ask('ada', alerts, 'subscribe everything')).toContain(
    '“subscribe [errors|warnings|all] [profile NAME]”',
  );
  expect(await stage.ask('ada', alerts, 'test')).toContain('“test ADDRESS');
  expect(await stage.ask('ben', personal, 'approve')).toContain('Say which mailboxes');
  expect(await stage.ask('ben', personal, `reject ${addresses[0]}`)).toContain('because REASON');
  expect(await stage.ask('ben', personal, 'approve nobody@contoso.test')).toContain('I do not know the mailbox');
});

test('a click without the role is refused for every verb, changes nothing and leaves a trace', async () => {
  await stage.ask('cleo', personal, 'create profile');
  await stage.ask('ada', approvals, 'approvers here');
  const { seen, action } = await stage.find('ben', approvals, 'approval.approve-all');
  const data = { id: 'anything', revision: 1 };
  for (const verb of verbs.filter((name) => name !== 'command.run')) {
    const right = rightOf(verb);
    // About what is the reader's own.
    if (right === null) continue;
    const outcome = await stage.forge('cleo', seen.message.id, verb, { ...data, verb });
    expect(wordsOf(outcome), verb).toContain(refusalFor(right));
  }
  for (const who of ['ada', 'cleo']) {
    const outcome = await stage.forge(who, seen.message.id, 'approval.approve-all', { ...action.data });
    expect(wordsOf(outcome), who).toContain(refusalFor('decide'));
  }
  const outcome = await stage.forge('cleo', seen.message.id, 'command.run', {
    verb: 'command.run',
    id: 'mailboxes',
    revision: 0,
  });
  expect(wordsOf(outcome)).toContain(refusalFor('read'));
  expect(await stage.ask('ada', alerts, 'mailboxes approval:pending')).toContain('3 mailboxes');
  const traces = await stage.lookIntoStore(async (store) => {
    const found: string[] = [];
    for await (const entry of store.readLog('audit')) {
      if (entry.kind === 'access.refused' && entry.actorId === OBJECT_IDS.cleo) found.push(...entry.subjects);
    }
    return found;
  });
  expect(traces).toEqual(
    expect.arrayContaining(['create profile', 'edit profile', 'mailboxes', 'approval.approve-all', 'profile.save']),
  );
});

describe('addresses that Mailroom must not connect to', () => {
  const loopback = 'This address is Mailroom';
  const metadata = 'link-local or cloud metadata address';
  const forbidden: readonly (readonly [string, string])[] = [
    ['http://mail.contoso.com/EWS/Exchange.asmx', 'The address must begin with https://'],
    ['ftp://mail.contoso.com/EWS/Exchange.asmx', 'The address must begin with https://'],
    ['javascript:alert(1)', 'The address must begin with https://'],
    ['mail.contoso.com', 'This is not a web address'],
    ['https://user:secret@mail.contoso.com/EWS', 'Leave the user name and password out'],
    ['https://mail.contoso.com/EWS?x=1', 'Leave out everything after ?'],
    ['https://mail.contoso.com:22/EWS', 'This port is not one that Exchange uses'],
    ['https://127.0.0.1/EWS/Exchange.asmx', loopback],
    ['https://localhost/EWS', loopback],
    ['https://LOCALHOST./EWS', loopback],
    ['https://2130706433/EWS', loopback],
    ['https://0x7f000001/EWS', loopback],
    ['https://0x7f.1/EWS', loopback],
    ['https://017700000001/EWS', loopback],
    ['https://127.1/EWS', loopback],
    ['https://[::1]/EWS', loopback],
    ['https://[::ffff:127.0.0.1]/EWS', loopback],
    ['https://[::ffff:7f00:1]/EWS', loopback],
    ['https://169.254.169.254/latest/meta-data', metadata],
    ['https://2852039166/EWS', metadata],
    ['https://0xa9fea9fe/EWS', metadata],
    ['https://0xa9.0xfe.0xa9.0xfe/EWS', metadata],
    ['https://0251.0376.0251.0376/EWS', metadata],
    ['https://[::ffff:169.254.169.254]/EWS', metadata],
    ['https://[::ffff:a9fe:a9fe]/EWS', metadata],
    ['https://[64:ff9b::a9fe:a9fe]/EWS', metadata],
    ['https://[2002:a9fe:a9fe::]/EWS', metadata],
    ['https://[fe80::1]/EWS', metadata],
    ['https://[fd00:ec2::254]/EWS', metadata],
    ['https://100.100.100.200/EWS', metadata],
    ['https://168.63.129.16/EWS', metadata],
  ];
  /** A bot of an operator who lists nothing: loopback is not allowed either. */
  let open: Stage;

  beforeAll(async () => {
    open = await Stage.open({ environment: { MAILROOM_EXCHANGE_HOSTS: '' } });
    await open.ask('ada', personal, 'create profile');
  });
  afterAll(() => open?.close());

  test.each(forbidden)('%s', async (serverLocation, sentence) => {
    const outcome = await open.press('ada', personal, 'profile.answer', open.details({ serverLocation }));
    expect(outcome.kind).toBe('card');
    expect(wordsOf(outcome)).toContain(sentence);
    expect(wordsOf(outcome)).toContain('1 value to correct');
    expect(open.world.exchange.signIns()).toEqual([]);
  });

  test('with a list, only what is on it', async () => {
    await stage.ask('ada', alerts, 'create profile');
    const elsewhere = { serverLocation: 'https://192.0.2.10/EWS/Exchange.asmx', name: 'Elsewhere' };
    const outcome = await stage.press('ada', personal, 'profile.answer', stage.details(elsewhere));
    expect(wordsOf(outcome)).toContain('Ask its operator to add it to MAILROOM_EXCHANGE_HOSTS');
    await stage.ask('ada', alerts, 'cancel');
  });
});

test('rows come as they may: semicolons, Excel cells, and the links that Teams makes of addresses', async () => {
  const pastes: readonly (readonly [string, boolean])[] = [
    ['a1@contoso.test;queue;Ada Admin\na2@contoso.test;;', false],
    ['Email\tType\tOwner\r\na1@contoso.test\tqueue\tAda, Admin\r\na2@contoso.test\tuser\t', false],
    ['a1@contoso.test,queue,\na2@contoso.test,user,b@contoso.test', true],
  ];
  for (const [rows, htmlPaste] of pastes) {
    await stage.ask('ben', personal, `import mailboxes\n${rows}`, { htmlPaste });
    await stage.ask('ada', approvals, `import mailboxes\n${rows}`, { htmlPaste });
    const { seen } = await stage.find('ada', approvals, 'import.confirm');
    expect(seen.text.replaceAll('\\', ''), rows).toMatch(/New\n2\n/);
    expect(seen.text).not.toContain('refused');
    await stage.press('ada', approvals, 'import.cancel');
  }
});

test('nothing pasted, an open quotation mark and an empty table are each told', async () => {
  const open = '"opened@contoso.test,user\nb@contoso.test,user';
  expect(await stage.ask('ada', alerts, `import mailboxes\n${open}`)).toContain('a quotation mark is opened');
  expect(await stage.ask('ada', alerts, 'import mailboxes')).toContain('Choose a way');
  expect(await stage.ask('ada', alerts, 'import mailboxes\naddress,type,owner')).toContain('I found no rows');
});

test('a paste of 2,000 rows is answered in time, on one card that fits', async () => {
  const rows = Array.from({ length: 2000 }, (_, index) => `p${index}@contoso.test,user`);
  const startedAt = performance.now();
  await stage.ask('ada', approvals, `import mailboxes\n${rows.join('\n')}`);
  expect(performance.now() - startedAt).toBeLessThan(5000);
  const seen = await stage.journey.see('ada', approvals, ({ text }) => /2,000/.test(text), 'the dry run');
  expect(seen.buttons).toContain('Import 2,000 mailboxes');
  expect(JSON.stringify(seen.card).length).toBeLessThan(28_000);
  const outcome = await stage.press('ada', approvals, 'import.confirm', { testWhenApproved: 'false' });
  expect(wordsOf(outcome)).toContain('2,000 mailboxes were imported');
  expect(await stage.ask('ada', approvals, 'mailboxes')).toContain('2,003');
});
