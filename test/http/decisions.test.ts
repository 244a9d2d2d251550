import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verbs } from '../../cards/verbs.ts';
import type { DemoMailbox } from '../../sandbox/exchange/index.ts';
import { OBJECT_IDS } from '../../sandbox/teams/people.ts';
import {
  actionOf,
  alerts,
  approvals,
  auditOf,
  goodMailboxes,
  personal,
  Stage,
  wordsOf,
  wordsOfDialog,
} from './stage.ts';

let stage: Stage;
const mailboxes = goodMailboxes(15);
let used = 0;

beforeAll(async () => {
  const { ben, cleo } = OBJECT_IDS;
  stage = await Stage.open({ mailboxes, environment: { MAILROOM_APPROVERS: `${ben},${cleo}` } });
});
afterAll(() => stage?.close());

/** Mailboxes that no other test uses. */
function take(count: number): DemoMailbox[] {
  used += count;
  return mailboxes.slice(used - count, used);
}

/** The approval card of these mailboxes, in a channel. */
function requestFor(where: string, [first]: readonly DemoMailbox[]) {
  return stage.journey.see(
    'ben',
    where,
    ({ card }) =>
      actionOf(card, 'approval.approve-all') !== undefined && JSON.stringify(card).includes(first?.address ?? ''),
    'the request',
  );
}

const audit = () => stage.lookIntoStore(auditOf);

describe('a double click does the work once', () => {
  test('Save', async () => {
    await stage.checkProfile('ada');
    const { seen, action } = await stage.find('ada', personal, 'profile.save');
    const data = { ...action.data };
    const both = await Promise.all([
      stage.forge('ada', seen.message.id, 'profile.save', data),
      stage.forge('ada', seen.message.id, 'profile.save', data),
    ]);
    for (const outcome of both) expect(wordsOf(outcome)).toContain('The profile is saved');
    expect(wordsOf(await stage.forge('ada', seen.message.id, 'profile.save', data))).toContain('The profile is saved');
    expect(await stage.ask('ada', personal, 'profiles')).toContain('1 profile\n');
  });

  test('Import', async () => {
    await stage.ask('ada', approvals, 'approvers here');
    await stage.ask('ada', alerts, 'approvers here');
    const [mailbox] = take(1);
    await stage.ask('ada', personal, `import mailboxes\n${mailbox?.address},user,`);
    const { seen, action } = await stage.find('ada', personal, 'import.confirm');
    const data = { ...action.data, testWhenApproved: 'true' };
    const both = await Promise.all([
      stage.forge('ada', seen.message.id, 'import.confirm', data),
      stage.forge('ada', seen.message.id, 'import.confirm', data),
    ]);
    for (const outcome of both) expect(wordsOf(outcome)).toContain('1 mailbox was imported');
  });

  test('Approve: one decision and one run, and both clicks are told how it stands', async () => {
    const { seen, action } = await stage.find('ben', approvals, 'approval.approve-all');
    const data = { ...action.data };
    const both = await Promise.all([
      stage.forge('ben', seen.message.id, 'approval.approve-all', data),
      stage.forge('ben', seen.message.id, 'approval.approve-all', data),
    ]);
    for (const outcome of both) expect(wordsOf(outcome)).toContain('Approved');
    const [first] = mailboxes;
    await stage.journey.see('ada', personal, ({ text }) => text.includes('All succeeded'), 'the run');
    expect(stage.world.exchange.mail().filter(({ mailbox }) => mailbox === first?.address)).toHaveLength(1);
  });

  test('and the audit trail has each of them once', async () => {
    const kinds = (await audit()).map(({ kind }) => kind);
    for (const kind of [
      'profile.created',
      'mailboxes.imported',
      'approval.requested',
      'approval.approved',
      'run.started',
    ])
      expect(
        kinds.filter((entry) => entry === kind),
        kind,
      ).toHaveLength(1);
  });
});

describe('approvals', () => {
  test('two approvers at the same instant: one decides, both see the outcome, the audit has it once', async () => {
    const mine = take(2);
    await stage.importMailboxes(mine, 'false');
    const { message, card } = await requestFor(approvals, mine);
    const data = { ...actionOf(card, 'approval.approve-all')?.data };
    const both = await Promise.all(
      ['ben', 'cleo'].map((who) => stage.forge(who, message.id, 'approval.confirm-all', data)),
    );
    for (const outcome of both) expect(wordsOf(outcome)).toContain('2 mailboxes approved by');
    const decisions = (await audit()).filter(
      ({ kind, subjects }) => kind === 'approval.approved' && subjects.includes(mine[0]?.address ?? ''),
    );
    expect(decisions).toHaveLength(1);
  });

  test('a rejection shows its reason on every copy, and to the one who asks later', async () => {
    const mine = take(1);
    await stage.importMailboxes(mine, 'false');
    await requestFor(alerts, mine);
    await requestFor(approvals, mine);
    const reason = 'The owner has left the company';
    const dialog = await stage.openDialog('ben', approvals, 'approval.reject-dialog');
    expect(JSON.stringify(dialog.card)).toContain(mine[0]?.address);
    const done = await stage.submitDialog('ben', dialog, 'approval.reject', { reason });
    expect(wordsOfDialog(done)).toBe('One mailbox is rejected.');
    for (const [who, where] of [
      ['ada', approvals],
      ['cleo', approvals],
      ['ben', alerts],
      ['ada', alerts],
    ] as const) {
      const seen = await stage.journey.see(who, where, ({ text }) => text.includes(reason), 'the reason');
      expect(seen.buttons.filter((title) => /approve|reject/i.test(title))).toEqual([]);
    }
    expect(await stage.ask('ada', personal, `mailbox ${mine[0]?.address}`)).toContain(reason);
  });

  test('a rejection without a reason is refused, by click and by text', async () => {
    const mine = take(1);
    await stage.importMailboxes(mine, 'false');
    const { message, card } = await requestFor(approvals, mine);
    const { dialogs } = stage.world.teams;
    const data = { ...actionOf(card, 'approval.reject-dialog')?.data, verb: 'approval.reject' };
    for (const reason of ['', '   ', undefined]) {
      const outcome = await dialogs.send('ben', message.id, { ...data, reason });
      expect(wordsOfDialog(outcome)).toContain('A rejection needs a reason');
      expect(wordsOf(await stage.forge('ben', message.id, 'approval.reject', { ...data, reason }))).toContain(
        'A rejection needs a reason',
      );
    }
    const long = await dialogs.send('ben', message.id, { ...data, reason: 'x'.repeat(501) });
    expect(wordsOfDialog(long)).toContain('at most 500 characters');
    expect(await stage.ask('ben', personal, `reject ${mine[0]?.address}`)).toContain('because REASON');
    expect(await stage.ask('ben', personal, `reject ${mine[0]?.address} because no`)).toContain('is rejected');
  });

  test('a rejection is no dead end: an approver changes it, or an import asks again', async () => {
    const [one, other, third] = take(3);
    await stage.importMailboxes(
      [one, other, third].flatMap((mailbox) => mailbox ?? []),
      'false',
    );
    for (const mailbox of [one, other, third])
      await stage.ask('ben', personal, `reject ${mailbox?.address} because the owner is not clear`);
    const changed = await stage.ask('cleo', personal, `approve ${one?.address}`);
    expect(changed).toContain(`${one?.address} is approved.`);
    expect(changed).toContain('had been rejected; this changes that decision');
    expect(await stage.ask('ben', personal, `approve ${one?.address}`)).toContain('was not pending');

    await stage.ask('ben', personal, `mailbox ${third?.address}`);
    expect(wordsOf(await stage.press('ben', personal, 'mailbox.approve'))).toContain('Approved by Ben Brandt');

    expect(await stage.ask('ada', personal, `test ${other?.address}`)).toContain('1 mailbox is not approved');
    expect(await stage.ask('ada', personal, `mailbox ${other?.address}`)).toContain('import it again');
    const rows = `${other?.address},user,`;
    await stage.ask('ada', personal, `import mailboxes\n${rows}`);
    const dry = await stage.find('ada', personal, 'import.confirm');
    expect(dry.seen.text).toContain('the owner is not clear');
    await stage.press('ada', personal, 'import.confirm', { testWhenApproved: 'false' });
    expect(await stage.ask('ada', personal, `mailbox ${other?.address}`)).toContain('Pending Approval');
    expect(await stage.ask('ben', personal, `approve ${other?.address}`)).toContain('is approved');
  });

  test('approve by text: an address at once, a filter after a question that only its asker can answer', async () => {
    const mine = take(3);
    await stage.importMailboxes(mine, 'false');
    await requestFor(approvals, mine);
    const [one] = mine;
    expect(await stage.ask('ben', personal, `approve ${one?.address}`)).toContain(`${one?.address} is approved`);
    const [question] = await stage.answers('ben', approvals, 'approve all');
    expect(question).toBeDefined();
    const id = question?.id ?? '';
    expect(wordsOf(await stage.pressOn('cleo', id, 'bulk.confirm'))).toContain('Somebody else started this');
    const data = { ...(await stage.find('ben', approvals, 'bulk.confirm')).action.data };
    const both = await Promise.all([1, 2].map(() => stage.forge('ben', id, 'bulk.confirm', data)));
    const words = both.map(wordsOf).join('\n');
    expect(words).toContain('2 mailboxes are approved');
    expect(words).toContain('This was already done');
    expect(await stage.ask('ben', personal, 'approve all')).toContain('No mailbox matches');
  });

  test('Action.Submit of an old client works like Action.Execute', async () => {
    const mine = take(2);
    await stage.importMailboxes(mine, 'false');
    const { message, card } = await requestFor(approvals, mine);
    const { teams } = stage.world;
    const data = { ...actionOf(card, 'approval.approve-all')?.data };
    const before = teams.state.messages.size;
    const refused = await teams.acts.submit('ada', message.id, data);
    expect(refused.status).toBeLessThan(300);
    expect(
      [...teams.state.messages.values()]
        .slice(before)
        .map(({ versions }) => versions.at(-1)?.activity.text)
        .join(),
    ).toContain('You do not have the role for this');
    // The question comes as a message, since a Submit cannot put a card in the place of another.
    const sent = await teams.acts.submit('ben', message.id, data);
    expect(sent.status).toBeLessThan(300);
    expect(sent.tookMs).toBeLessThan(2000);
    const question = await stage.find('ben', approvals, 'approval.confirm-all');
    await teams.acts.submit('ben', question.seen.message.id, { ...question.action.data });
    const isDecided = ({ text, message: { id } }: { text: string; message: { id: string } }): boolean =>
      id === message.id && text.includes('2 mailboxes approved by Ben Brandt');
    await stage.journey.see('cleo', approvals, isDecided, 'the end');
    await stage.importMailboxes(take(1), 'false');
    // So does a list.
    await stage.answers('ben', personal, 'mailboxes');
    const list = await stage.find('ben', personal, 'mailboxes.filter');
    const known = teams.state.visibleMessages(list.seen.message.conversationId).length;
    await teams.acts.submit('ben', list.seen.message.id, { ...list.action.data }, { filter: 'approval:pending' });
    const newest = teams.state.visibleMessages(list.seen.message.conversationId).slice(known);
    expect(newest).toHaveLength(1);
    expect(stage.journey.cards('ben', personal).at(-1)?.text).toContain('1 mailbox\n');
  });
});

describe('a card that was tampered with changes nothing and is answered in words', () => {
  test('stale, forged, huge, of wrong types, with __proto__', async () => {
    const mine = take(1);
    await stage.importMailboxes(mine, 'false');
    const { message, card } = await requestFor(approvals, mine);
    const { id, revision } = { ...actionOf(card, 'approval.approve-all')?.data };
    const verb = 'approval.approve-all';
    const send = async (data: Record<string, unknown>, of = verb): Promise<string> =>
      wordsOf(await stage.forge('ben', message.id, of, data));

    expect(await send({ verb, id: 'ZZZZZZ', revision: 1 })).toContain('This request does not exist any more');
    expect(await send({ verb, id, revision: Number(revision) + 5 })).toContain(mine[0]?.address);
    expect(await send({ verb, id, revision: 0 })).toContain(mine[0]?.address);
    const unreadable = 'I could not read that click, so I did nothing';
    for (const data of [
      {},
      { id, revision: 'soon' },
      { id, revision: -1 },
      { id, revision: 1e99 },
      { id: { $ne: null }, revision },
      { id: ['a'], revision },
      { id: 'x'.repeat(201), revision },
      { id: null, revision: null },
    ]) {
      expect(await send(data), JSON.stringify(data).slice(0, 60)).toContain(unreadable);
    }
    expect(await send({ id, revision }, 'approval.explode')).toContain(unreadable);
    expect(await send({ id, revision }, 'constructor')).toContain(unreadable);
    for (const name of verbs) {
      const outcome = await stage.forge('ben', message.id, name, { id: '../../../etc/passwd', revision: 1 });
      expect(wordsOf(outcome), name).not.toMatch(/reference|at .*\.ts|Error:/);
    }
    expect(await stage.ask('ada', personal, `mailbox ${mine[0]?.address}`)).toContain('Pending Approval');
  });

  test('what cannot be an activity of Teams at all is refused at the door', async () => {
    const { teams, entra } = stage.world;
    const authorization = `Bearer ${await entra.issueConnectorToken({ audience: teams.bot.id.slice(3), serviceUrl: teams.serviceUrl })}`;
    const person = teams.state.getPerson('ben');
    const chat = teams.state.personalChat('ben');
    const good = {
      type: 'invoke',
      name: 'adaptiveCard/action',
      id: 'f:1',
      channelId: 'msteams',
      serviceUrl: teams.serviceUrl,
      from: { id: person.mri, name: person.name, aadObjectId: person.aadObjectId },
      recipient: { ...teams.bot },
      conversation: { id: chat.id, conversationType: 'personal', tenantId: chat.tenantId },
      channelData: { tenant: { id: chat.tenantId } },
      value: { action: { type: 'Action.Execute', verb: 'mailboxes.next', data: { id: 'x', revision: 1 } } },
    };
    const post = async (body: string): Promise<number> =>
      (
        await fetch(`${stage.bot.url}/api/messages`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization },
          body,
        })
      ).status;
    expect(await post(JSON.stringify(good)), 'the activity that all others are made of').toBe(200);
    const text = JSON.stringify(good);
    const nested = (depth: number): unknown => (depth === 0 ? {} : { a: nested(depth - 1) });
    const refused: readonly (readonly [string, string])[] = [
      ['__proto__ in the data', text.replace('"data":{', '"data":{"__proto__":{"roles":["admin"]},')],
      ['no object id', JSON.stringify({ ...good, from: { id: person.mri } })],
      ['an object id that is none', JSON.stringify({ ...good, from: { ...good.from, aadObjectId: 'ben' } })],
      ['two tenants', JSON.stringify({ ...good, channelData: { tenant: { id: OBJECT_IDS.fay } } })],
      ['another channel', JSON.stringify({ ...good, channelId: 'emulator' })],
      ['a value that is a list', JSON.stringify({ ...good, value: [] })],
      ['a value that is deep', JSON.stringify({ ...good, value: nested(10) })],
      ['a value that is huge', JSON.stringify({ ...good, value: { a: 'x'.repeat(70_000) } })],
      ['a list', '[]'],
      ['null', 'null'],
      ['no JSON', '{"type":'],
    ];
    for (const [what, body] of refused) expect(await post(body), what).toBe(400);
    expect(await post(JSON.stringify({ ...good, text: 'x'.repeat(2_000_000) })), 'too large').toBe(413);
    const elsewhere = JSON.stringify({ ...good, serviceUrl: 'https://attacker.example/' });
    expect([401, 403]).toContain(await post(elsewhere));
    expect(stage.output()).not.toContain('"level":60');
  });
});

test('subscriptions say what goes where, and follow what is typed', async () => {
  expect(await stage.ask('ada', 'General', 'subscribe errors')).toContain('Errors come to this conversation');
  const lines = await stage.ask('ada', personal, 'subscriptions');
  expect(lines).toMatch(/General\s+errors/);
  expect(lines).toMatch(/Mailroom approvals\s+approval cards/);
  expect(await stage.ask('ada', 'General', 'unsubscribe')).toContain('No alerts come to this conversation');
  expect(await stage.ask('ada', personal, 'subscriptions')).not.toContain('General');
});

test('guests get a sentence and nothing else, and people of another tenant are not heard', async () => {
  const { acts, state } = stage.world.teams;
  const chat = stage.journey.conversationId('fay', personal);
  const before = state.visibleMessages(chat).filter(({ from }) => from === 'bot').length;
  expect((await acts.send('fay', personal, 'mailboxes')).status).toBe(403);
  expect(state.visibleMessages(chat).filter(({ from }) => from === 'bot')).toHaveLength(before);
  expect(await stage.ask('gus', personal, 'mailboxes')).toContain('Guests cannot use Mailroom');
  expect(await stage.ask('gus', approvals, 'help')).toContain('Guests cannot use Mailroom');
  const { seen, action } = await stage.find('ben', approvals, 'approval.approve-all');
  const outcome = await stage.forge('gus', seen.message.id, 'approval.approve-all', { ...action.data });
  expect(wordsOf(outcome)).toContain('Guests cannot use Mailroom');
});
