import type { Activity } from 'botbuilder';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rightOf, verbs, type Verb } from '../../cards/verbs.ts';
import { newMailbox, type Mailbox } from '../../services/model/mailbox.ts';
import { keyOf } from '../../services/storage/store.ts';
import { profile as sample, normal } from '../cards/card-fixtures.ts';
import { textOf } from '../cards/card-client.ts';
import { ada, ben, openStage, type Person, type Stage } from './stage.ts';

const kim = 'kim@contoso.test';
const support = 'support@contoso.test';
const works = { status: 1, enabled: true, fault: null } as const;

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
  for (const [id, name] of [
    ['one', 'Contoso'],
    ['two', 'Branch'],
  ] as const) {
    const value = { ...sample(normal), environmentId: stage.environmentId, id, name, revision: 1 };
    await commit('profile', id, value);
  }
  for (const [address, type] of [
    [kim, 'user'],
    [support, 'queue'],
  ] as const) {
    const fresh = newMailbox(
      { environmentId: stage.environmentId, id: address, address, type, owner: 'Kim', importedBy: 'x', createdAt: 0 },
      { profileId: 'one', incomingMethod: 2, outgoingMethod: 2, actMethod: type === 'queue' ? 2 : 1, approval: 1 },
    );
    await commit('mailbox', address, { ...fresh, incoming: works, outgoing: works, status: 1 });
  }
});
afterEach(() => stage.dispose());

async function commit(collection: 'profile' | 'mailbox', id: string, value: object): Promise<void> {
  const key = keyOf(stage.environmentId, id);
  await stage.services.store.commit([{ kind: 'put', collection, key, value: value as never }]);
}

interface Answer {
  /** All that the reader sees. */
  readonly text: string;
  readonly card: unknown;
}

async function send(person: Person, activity: Partial<Activity>): Promise<Answer> {
  const chat = stage.talk(person);
  chat.activeQueue.length = 0;
  await chat.send(activity).startTest();
  const seen = chat.activeQueue.flatMap(({ text, attachments = [], value }) => {
    const body = (value as { body?: { value: unknown } } | undefined)?.body?.value;
    const cards = [
      ...(typeof body === 'object' ? [body] : []),
      ...attachments.map(({ content }) => content as unknown),
    ];
    return [{ text: [text ?? '', typeof body === 'string' ? body : ''].join(' '), cards }];
  });
  const cards = seen.flatMap((one) => one.cards);
  const text = [...seen.map((one) => one.text), ...cards.map((card) => textOf(card))].join('\n').replaceAll('\\', '');
  return { text, card: cards };
}

const say = (words: string, person = ada): Promise<Answer> => send(person, { type: 'message', text: words });
const act = (verb: Verb, id: string, revision: number, inputs: object = {}, person = ada): Promise<Answer> => {
  const action = { type: 'Action.Execute', verb, data: { ...inputs, id, revision } };
  return send(person, { type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } });
};

/** The data of the button with this verb on a card that came back. */
function button({ card }: Answer, verb: Verb): { id: string; revision: number } {
  const found = JSON.stringify(card).match(new RegExp(`"data":\\{"verb":"${verb}","id":"([^"]*)","revision":(\\d+)`));
  if (found === null) throw new Error(`no button ${verb}`);
  return { id: found[1] ?? '', revision: Number(found[2]) };
}

/** Clicks the button of a card that came back. */
function press(answer: Answer, verb: Verb, inputs: object = {}, person = ada): Promise<Answer> {
  const { id, revision } = button(answer, verb);
  return act(verb, id, revision, inputs, person);
}

const stored = async (address: string): Promise<Mailbox> => {
  const found = await stage.services.store.get('mailbox', keyOf(stage.environmentId, address));
  if (found === undefined) throw new Error('no mailbox');
  return found.value;
};

describe('one mailbox', () => {
  test('Edit shows its values; a wrong one is marked, a right one is saved and what it means is said', async () => {
    const form = await press(await say(`mailbox ${kim}`), 'mailbox.edit');
    expect(form.text).toContain(`Edit ${kim}`);
    expect(JSON.stringify(form.card)).toContain('Branch');
    const wrong = await press(form, 'mailbox.save', { profileId: 'two', actMethod: '7' });
    expect(wrong.text).toContain('The platform has no such delivery method');
    expect((await stored(kim)).profileId).toBe('one');
    const saved = await press(form, 'mailbox.save', { profileId: 'two' });
    expect(saved.text).toContain('✓ Saved');
    expect(saved.text).toContain('It worked in Incoming, Outgoing with the old values');
    expect(button(saved, 'mailbox.test').id).toBe(kim);
    expect((await press(form, 'mailbox.save', { owner: 'Old card' })).text).toContain('has changed since this card');
    expect(await stored(kim)).toMatchObject({ profileId: 'two', owner: 'Kim' });
  });

  test('a queue is offered no ACT', async () => {
    const form = await press(await say(`mailbox ${support}`), 'mailbox.edit');
    expect(JSON.stringify(form.card)).not.toContain('"id":"actMethod"');
    expect(form.text).toContain('a queue has none');
  });

  test('Change address says why the platform does not, renames, and the old one is free', async () => {
    const form = await press(await say(`mailbox ${kim}`), 'mailbox.edit');
    expect(JSON.stringify(form.card)).toContain('0x8005E208');
    expect((await press(form, 'mailbox.rename', { newAddress: support })).text).toContain(
      'Another mailbox has this address',
    );
    const renamed = await press(form, 'mailbox.rename', { newAddress: 'lee@contoso.test' });
    expect(renamed.text).toContain('waits for an approval now');
    expect((await say(`mailbox ${kim}`)).text).toContain('I do not know the mailbox');
    expect((await say('mailbox lee@contoso.test')).text).toContain('Pending');
  });

  test('Deactivate asks, stops it and shows the reason; Activate offers the test', async () => {
    const question = await press(await say(`mailbox ${kim}`), 'mailbox.deactivate');
    expect(question.text).toContain('Deactivate 1 mailbox?');
    expect((await stored(kim)).state).toBe('active');
    const done = await press(question, 'change.confirm');
    expect(done.text).toContain('InactiveMailbox');
    const off = await say(`mailbox ${kim}`);
    expect(off.text).toContain('switched off (InactiveMailbox)');
    const on = await press(await press(off, 'mailbox.activate'), 'change.confirm');
    expect(on.text).toContain('It works only after a test');
    expect((await press(on, 'change.test')).text).toContain('Test');
  });
});

describe('many mailboxes', () => {
  test('edit mailboxes asks for values, says the effect in numbers, does it, and undo takes it back', async () => {
    const form = await say('edit mailboxes all');
    expect(form.text).toContain('all 2 mailboxes');
    expect((await press(form, 'change.fill', { profileId: 'keep' })).text).toContain('Every field stays as it is');
    const question = await press(form, 'change.fill', { profileId: 'two', actMethod: '1' });
    expect(question.text).toContain('Change 2 mailboxes?');
    expect(question.text).toContain('Work now and stop until a test');
    const back = await press(question, 'change.form');
    expect(back.text).toContain('Edit mailboxes');
    const again = await press(back, 'change.fill', { profileId: 'two' });
    const done = await press(again, 'change.confirm');
    expect(done.text).toContain('2 mailboxes were changed');
    expect((await press(again, 'change.confirm')).text).toContain('2 mailboxes were changed');
    expect((await stored(kim)).profileId).toBe('two');
    const undo = await press(done, 'undo.ask');
    expect(undo.text).toContain('Take back: edit mailboxes?');
    expect((await press(undo, 'undo.confirm')).text).toContain('2 mailboxes are as they were');
    expect(await stored(kim)).toMatchObject({ profileId: 'one', incoming: works });
    expect((await say('undo')).text).toContain('There is no bulk change of yours');
  });

  test('apply defaults has the choice not to test', async () => {
    const question = await say('apply defaults');
    expect(JSON.stringify(question.card)).toContain('"id":"test"');
    const done = await press(question, 'change.confirm', { test: 'false' });
    expect(done.text).not.toContain('Are tested now');
    expect(await stage.services.store.query('run', { limit: 10 })).toEqual([]);
  });

  test('each command wants a filter, and undo says that there is nothing', async () => {
    for (const command of ['edit', 'activate', 'deactivate'])
      expect((await say(`${command} mailboxes`)).text).toContain(`${command} mailboxes FILTER`);
    expect((await say('undo')).text).toContain('There is no bulk change of yours');
  });
});

test('nobody but an admin does any of it, by words or by clicks, and nobody answers the question of another', async () => {
  for (const command of [
    'edit mailboxes all',
    'activate mailboxes all',
    'deactivate mailboxes all',
    'apply defaults',
    'undo',
  ])
    expect((await say(command, ben)).text, command).toContain('You do not have the role');
  const question = await say('deactivate mailboxes all');
  const changing = verbs.filter((verb) =>
    /^(change|undo)\.|^mailbox\.(edit|save|rename|activate|deactivate)/.test(verb),
  );
  expect(changing).toHaveLength(12);
  for (const verb of changing) {
    expect(rightOf(verb), verb).not.toBe('read');
    const { id, revision } = verb.startsWith('mailbox') ? { id: kim, revision: 1 } : button(question, 'change.confirm');
    expect((await act(verb, id, revision, {}, ben)).text, verb).toContain('You do not have the role');
  }
  expect((await stored(kim)).state).toBe('active');
});
