import type { Activity } from 'botbuilder';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderIntent } from '../../bot/deliver/render-intent.ts';
import type { Verb } from '../../cards/verbs.ts';
import { formatMoment } from '../../locales/format-time.ts';
import { approvalStatus, newMailbox } from '../../services/model/mailbox.ts';
import type { MaintenanceWindow } from '../../services/model/maintenance.ts';
import { localTimeOf } from '../../services/model/local-time.ts';
import { keyOf } from '../../services/storage/store.ts';
import { normal, profile as sample } from '../cards/card-fixtures.ts';
import { nodesOf, textOf, type CardNode } from '../cards/card-client.ts';
import { ada, ben, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;
const zone = 'Europe/Zurich';
const hour = 3_600_000;

beforeEach(async () => {
  stage = await openStage();
  const { environmentId, services } = stage;
  for (const [id, name] of [
    ['one', 'Contoso'],
    ['two', 'Branch'],
  ] as const) {
    const serverLocation = 'https://mail.contoso.test/EWS/Exchange.asmx';
    const value = { ...sample(normal), environmentId, id, name, serverLocation, revision: 1 };
    await services.store.commit([{ kind: 'put', collection: 'profile', key: keyOf(environmentId, id), value }]);
  }
});
afterEach(() => stage.dispose());

interface Seen {
  readonly words: string;
  readonly nodes: readonly CardNode[];
}

async function send(person: Person, activity: Partial<Activity>, where?: 'personal' | 'channel'): Promise<Seen> {
  const chat = stage.talk(person, where);
  chat.activeQueue.length = 0;
  const entities = [{ type: 'clientInfo', timezone: zone }];
  await chat.send({ entities, ...activity }).startTest();
  const answers = chat.activeQueue.flatMap(({ text, attachments = [], value }) => {
    const body = (value as { body?: { value: unknown } } | undefined)?.body?.value;
    return [text, body, ...attachments.map(({ content }) => content as unknown)];
  });
  const words = answers.map((answer) => (typeof answer === 'string' ? answer : textOf(answer))).join('\n');
  return { words: words.replaceAll('\\', ''), nodes: answers.flatMap((answer) => nodesOf(answer)) };
}

const say = (words: string, person = ada): Promise<Seen> => send(person, { type: 'message', text: words });
const click = (verb: Verb, id: string, inputs: object = {}, revision = 1, person = ada): Promise<Seen> => {
  const action = { type: 'Action.Execute', verb, data: { ...inputs, id, revision } };
  return send(person, { type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } });
};
const idOf = ({ nodes }: Seen, verb: Verb): string => {
  const data = nodes.find((node) => node['verb'] === verb)?.['data'] as { id?: string } | undefined;
  return data?.id ?? '';
};
const verbs = ({ nodes }: Seen): unknown[] =>
  nodes.flatMap(({ type, verb }) => (type === 'Action.Execute' ? [verb] : []));

async function windows(): Promise<MaintenanceWindow[]> {
  return (await stage.services.store.query('maintenance', { limit: 100 })).map(({ value }) => value);
}

const form = { start: 'now', length: '120', reason: 'Cumulative update 14' };

test('an admin plans a maintenance from the card of a profile, sees what it does, and announces it', async () => {
  const card = await say('profile contoso');
  expect(verbs(card)).toContain('maintenance.plan');
  const asked = await click('maintenance.plan', 'one');
  expect(asked.words).toContain('Maintenance of mail.contoso.test');
  expect(asked.words).toContain('in your time zone, Europe/Zurich');
  const review = await click('maintenance.review', 'one', form);
  expect(review.words).toContain('This server is shared by 2 profiles');
  expect(review.words).toContain('Branch (0 mailboxes), Contoso (0 mailboxes)');
  const until = formatMoment('en-US', (await windows())[0]?.endsAt ?? 0, zone);
  expect(review.words).toContain(`now to ${until}, Europe/Zurich`);
  expect((await windows())[0]?.state).toBe('asked');

  const id = idOf(review, 'maintenance.announce');
  expect((await click('maintenance.announce', id)).words).toContain('Its card comes below');
  expect((await windows())[0]).toMatchObject({ state: 'announced', shown: 'running', plannedByName: 'Ada Admin' });
  // Twice is once.
  await click('maintenance.announce', id);
  const intents = (await stage.services.store.query('intent', { limit: 10 })).map(({ value }) => value);
  expect(intents.map(({ kind, subjectId }) => [kind, subjectId])).toEqual([['maintenance', id]]);
  expect((await say('profile branch')).words).toContain('Its server is under maintenance until');
  expect((await say('profiles')).words).toContain('Under maintenance');
  expect((await say('status')).words).toContain('Maintenance of mail.contoso.test');
});

test('the card that the outbox sends lives: extended, ended, and buttons of before do nothing more', async () => {
  const id = idOf(await click('maintenance.review', 'one', form), 'maintenance.announce');
  await click('maintenance.announce', id);
  const [intent] = await stage.services.store.query('intent', { limit: 1 });
  const { key = '', value } = intent ?? {};
  if (value === undefined) throw new Error(`no intent ${key}`);
  const reference = (await stage.services.store.get('conversation', keyOf(stage.environmentId, value.conversationId)))
    ?.value;
  if (reference === undefined) throw new Error('no conversation');
  const sent = await renderIntent(stage.services, value, reference);
  if (sent === 'gone') throw new Error('no card');
  expect(textOf(sent.card)).toContain('⚠ Under maintenance');

  const before = (await windows())[0];
  const extended = await click('maintenance.extend', id, { minutes: '60' }, before?.revision);
  expect((await windows())[0]?.endsAt).toBe((before?.endsAt ?? 0) + hour);
  expect(verbs(extended)).toEqual(['maintenance.close', 'maintenance.extend']);
  await click('maintenance.extend', id, { minutes: '60' }, before?.revision);
  expect((await windows())[0]?.endsAt).toBe((before?.endsAt ?? 0) + hour);
  const ended = await click('maintenance.close', id);
  expect(ended.words).toContain('✓ Ended early');
  expect(ended.words).toContain('Ada Admin');
  expect(verbs(await click('maintenance.extend', id, { minutes: '60' }, 99))).not.toContain('maintenance.close');
  expect((await click('maintenance.close', id)).words).toContain('✓ Ended early');
});

test('the form comes by a command as well, which names what is missing', async () => {
  expect((await say('maintenance contoso')).words).toContain('Maintenance of mail.contoso.test');
  expect((await say('maintenance')).words).toContain('maintenance NAME');
  expect((await say('maintenance nobody')).words).toContain('nobody');
  expect((await say('maintenance contoso', ben)).words).toContain('do not have the role');
});

describe('what is typed', () => {
  test('is read by the clock of the typist, and can be changed before the yes', async () => {
    const tomorrow = localTimeOf(Date.now() + 24 * hour, zone).date;
    const typed = { ...form, start: 'later', startDate: tomorrow, startTime: '20:30' };
    const review = await click('maintenance.review', 'one', typed);
    const { startsAt = 0, endsAt = 0 } = (await windows())[0] ?? {};
    expect([startsAt, endsAt].map((at) => localTimeOf(at, zone))).toEqual([
      { date: tomorrow, time: '20:30' },
      { date: tomorrow, time: '22:30' },
    ]);
    const [from, until] = [startsAt, endsAt].map((at) => formatMoment('en-US', at, zone));
    expect(review.words).toContain(`${from} to ${until}, Europe/Zurich`);
    const back = await click('maintenance.change', idOf(review, 'maintenance.change'));
    const values = Object.fromEntries(
      back.nodes.flatMap(({ id, value }) => (typeof id === 'string' ? [[id, value]] : [])),
    );
    expect(values).toMatchObject(typed);
  });

  test('that is wrong is refused beside its field, and what was typed stays', async () => {
    const typed = { start: 'later', startDate: '2020-01-01', startTime: '10:00', length: 'end', reason: '' };
    const { words, nodes } = await click('maintenance.review', 'one', typed);
    expect(words).toContain('This is past. Choose a later time, or start now.');
    expect(words).toContain('Choose the day.');
    expect(words).toContain('Say why');
    const order = nodes.map(({ id, text }) => (typeof id === 'string' ? id : typeof text === 'string' ? text : ''));
    expect(order.findIndex((one) => one.includes('This is past'))).toBe(order.indexOf('startDate') + 1);
    expect(nodes.find(({ id }) => id === 'startDate')).toMatchObject({ value: '2020-01-01' });
    expect(await windows()).toEqual([]);
  });

  test('without a time zone is read as UTC, which the card says', async () => {
    const { words } = await send(ada, {
      type: 'invoke',
      name: 'adaptiveCard/action',
      entities: [],
      value: { action: { type: 'Action.Execute', verb: 'maintenance.plan', data: { id: 'one', revision: 1 } } },
    });
    expect(words).toContain('are read as UTC');
  });

  test('is harmless, whatever it is', async () => {
    const hostile = { ...form, reason: '[x](https://evil.example) **b** {{DATE(2026-01-01)}}', start: '__proto__' };
    expect((await click('maintenance.review', 'one', hostile)).words).toContain('Choose when it starts.');
    const review = await click('maintenance.review', 'one', { ...hostile, start: 'now' });
    expect(review.words).toContain('[x](https://evil.example) **b** { {DATE');
  });
});

test('a test that is asked for meanwhile says until when it waits, in the answer and on the card of its run', async () => {
  const { environmentId, services } = stage;
  const address = 'user1@contoso.test';
  const mailbox = newMailbox(
    { environmentId, id: address, address, type: 'user', owner: '', importedBy: 'x', createdAt: 0 },
    { profileId: 'one', incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: approvalStatus.approved },
  );
  await services.store.commit([
    { kind: 'put', collection: 'mailbox', key: keyOf(environmentId, address), value: mailbox },
  ]);
  const id = idOf(await click('maintenance.review', 'one', form), 'maintenance.announce');
  await click('maintenance.announce', id);
  const until = formatMoment('en-US', (await windows())[0]?.endsAt ?? 0, zone);
  expect((await say(`mailbox ${address}`)).words).toContain('under maintenance until');
  const { words } = await say(`test ${address}`);
  expect(words).toContain(`One of them waits until ${until}`);
  const [run] = await services.store.query('run', { limit: 1 });
  expect((await say(`run ${run?.value.id ?? ''}`)).words).toContain('One test waits until');
  await stage.work();
  expect((await services.store.query('task', { limit: 5 })).map(({ value }) => value.state)).toEqual(['ready']);
});

test('whoever is no admin plans, announces and ends nothing, and is told so', async () => {
  for (const verb of ['maintenance.plan', 'maintenance.review'] as const)
    expect((await click(verb, 'one', form, 1, ben)).words, verb).toContain('admin');
  const id = idOf(await click('maintenance.review', 'one', form), 'maintenance.announce');
  expect((await click('maintenance.announce', id, {}, 1, ben)).words).toContain('admin');
  await click('maintenance.announce', id);
  for (const verb of ['maintenance.extend', 'maintenance.close'] as const)
    expect((await click(verb, id, { minutes: '60' }, 2, ben)).words, verb).toContain('admin');
  const seen = await click('maintenance.show', id, {}, 1, ben);
  expect(seen.words).toContain('Cumulative update 14');
  expect(verbs(seen)).toEqual([]);
  expect((await click('maintenance.show', 'nope')).words).toContain('I do not know this maintenance');
});

describe('status', () => {
  test('is one card with figures, and help leads to it', async () => {
    expect((await say('status')).words).toContain('Status of Main');
    expect((await say('help')).words).toContain('status [weekly [off]]');
    expect((await say('status nonsense')).words).toContain('status [weekly [off]]');
  });

  test('comes weekly where an admin chooses it, by words or by the button', async () => {
    expect((await say('STATUS  weekly')).words).toContain('every week from now on');
    expect(verbs(await say('status'))).toContain('status.weekly-off');
    expect(verbs(await click('status.weekly-off', 'status'))).toContain('status.weekly');
    await click('status.weekly', 'status');
    expect((await say('subscriptions')).words).toMatch(/Ada Admin\s+the status, every week/);
    expect((await say('status weekly off')).words).toContain('not come here weekly any more');
    expect((await say('status weekly', ben)).words).toContain('admin');
    expect((await click('status.weekly', 'status', {}, 0, ben)).words).toContain('admin');
    expect(await stage.services.store.query('weeklyStatus', { limit: 10 })).toEqual([]);
  });

  test('is drawn for a channel by the outbox, as of the time when it is sent', async () => {
    await send(ada, { type: 'message', text: 'status weekly' }, 'channel');
    const [weekly] = await stage.services.store.query('weeklyStatus', { limit: 1 });
    const conversationId = weekly?.value.conversationId ?? '';
    const reference = (await stage.services.store.get('conversation', keyOf(stage.environmentId, conversationId)))
      ?.value;
    if (reference === undefined) throw new Error('no conversation');
    const intent = {
      environmentId: stage.environmentId,
      kind: 'status',
      subjectId: '2026-01-01',
      conversationId,
    } as const;
    const rendered = await renderIntent(
      stage.services,
      { ...intent, placement: 'refresh', createdAt: 0, notBefore: 0, attempts: 0 },
      reference,
    );
    if (rendered === 'gone') throw new Error('no card');
    expect(textOf(rendered.card)).toContain('Status of Main');
    expect(rendered.summary).toContain('Status');
  });
});
