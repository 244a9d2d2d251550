import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApprovalRequest } from '../../services/model/approval-request.ts';
import { approvalStatus } from '../../services/model/mailbox.ts';
import { keyOf } from '../../services/storage/store.ts';
import { nodesOf, ofType, textOf, verbsOf } from '../cards/card-client.ts';
import { addresses } from '../support/mailroom-stage.ts';
import { ApprovalChat, type Button } from './approval-chat.ts';
import { ada, ben, cleo, eve, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;
let chat: ApprovalChat;
const three = addresses(3);
const [one = '', two = '', last = ''] = three;

beforeEach(async () => {
  stage = await openStage();
  chat = new ApprovalChat(stage);
  await chat.hold(ben, 'approver');
  await chat.hold(cleo, 'approver');
  for (const person of [ada, ben, cleo]) await chat.say(person, 'help');
  await chat.say(ada, 'approvers here', 'channel');
});
afterEach(() => stage.dispose());

const refusals = async (): Promise<number> => (await chat.trail('access.refused')).length;
const idsOf = (card: object): unknown => (card as { refresh?: { userIds?: unknown } }).refresh?.userIds;
const listed = (card: object | null): string[] =>
  ofType(card, 'Input.Toggle')
    .map(({ label }) => String(label))
    .filter((label) => label.includes('@'));
const buttonOf = (card: object | null, verb: string): Button => {
  const action = nodesOf(card).find(({ data }) => (data as { verb?: string } | undefined)?.verb === verb);
  if (action === undefined) throw new Error(`no button ${verb} on ${textOf(card)}`);
  return action['data'] as Button;
};

describe('the card in a channel', () => {
  test('is neutral, and is fetched anew for those who decide and for whoever asked', async () => {
    await chat.imported(three);
    const card = await chat.posted('channel', 'approval');
    expect(verbsOf(card)).toEqual(['approval.view']);
    expect(textOf(card)).toContain('Ben Brandt, Cleo Clark');
    expect(idsOf(card)).toEqual([ben.id, cleo.id, ada.id]);
  });

  test('names nobody to be fetched for where more decide than Teams does it for, and says what to do', async () => {
    const { store } = stage.services;
    const { environmentId } = stage;
    for (let index = 0; index < 60; index += 1) {
      const aadObjectId = `person-${index}`;
      const person = { environmentId, aadObjectId, teamsId: `29:${index}`, account: null, name: 'P', seenAt: 0 };
      await chat.hold({ aadObjectId, name: `Person ${index}` }, 'approver');
      await store.commit([
        { kind: 'put', collection: 'person', key: keyOf(environmentId, aadObjectId), value: person },
      ]);
    }
    const request = await chat.imported(three);
    const card = await chat.posted('channel', 'approval');
    expect(idsOf(card)).toEqual([]);
    expect(textOf(card)).toContain('… > Refresh card');
    // Each of them has a view all the same, by the button.
    expect(verbsOf((await chat.click(ben, 'approval.view', request)).card)).toContain('approval.approve-all');
  });

  test('is fetched for others once the approvers are others', async () => {
    const request = await chat.imported(three);
    await chat.hold(cleo);
    expect(idsOf(await chat.posted('channel', 'approval'))).toEqual([ben.id, ada.id]);
    expect(idsOf((await chat.refresh(ben, request.id)).card ?? {})).toEqual([ben.id, ada.id]);
  });
});

describe('a refresh, which clients ask for by themselves', () => {
  test('gives each reader their own view', async () => {
    const request = await chat.imported(three);
    await chat.delivered();
    await chat.hold(eve, 'viewer');
    expect(verbsOf((await chat.refresh(ben, request.id)).card)).toEqual([
      'approval.approve-all',
      'approval.choose',
      'approval.reject-dialog',
      'approval.ask-dialog',
    ]);
    expect(verbsOf((await chat.refresh(ada, request.id)).card)).toEqual(['approval.withdraw']);
    expect((await chat.refresh(ada, request.id)).words).toContain(
      'Nothing for you to do: Ben Brandt, Cleo Clark decide.',
    );
    expect(verbsOf((await chat.refresh(eve, request.id)).card)).toEqual([]);
  });

  test('changes nothing, leaves no trace, and shows whoever has no role what all see', async () => {
    const request = await chat.imported(three);
    const neutral = await chat.posted('channel', 'approval');
    await chat.delivered();
    // Whoever speaks for the first time is written down, as ever; after that nothing is.
    await chat.refresh(eve, request.id);
    const { store } = stage.services;
    const commit = store.commit.bind(store);
    const commits: unknown[] = [];
    store.commit = async (...args) => {
      commits.push(args);
      return commit(...args);
    };
    for (const person of [ada, ben, eve]) await chat.refresh(person, request.id);
    expect((await chat.refresh(eve, request.id)).card).toEqual(neutral);
    expect(commits).toEqual([]);
    store.commit = commit;
    expect(await refusals()).toBe(0);
    expect(await chat.states()).toEqual([2, 2, 2]);
  });

  test('looks at the mailboxes of a request once, however many clients ask', async () => {
    const request = await chat.imported(three);
    const { store } = stage.services;
    const query = store.query.bind(store);
    let looks = 0;
    store.query = async (collection, conditions) => {
      if (collection === 'mailbox') looks += 1;
      return query(collection, conditions);
    };
    await Promise.all(Array.from({ length: 60 }, (_, index) => chat.refresh(index % 2 === 0 ? ben : cleo, request.id)));
    expect(looks).toBe(1);
    await chat.say(ben, `approve ${one}`);
    expect((await chat.refresh(cleo, request.id)).words).toContain('2 user mailboxes');
    store.query = query;
  });

  test('does nothing for a verb that acts, whatever a card says', async () => {
    const request = await chat.imported([one]);
    for (const verb of ['approval.approve-all', 'approval.confirm-all', 'approval.withdraw', 'command.run']) {
      const answer = await chat.click(verb === 'approval.withdraw' ? ada : ben, verb, request, {
        trigger: 'automatic',
      });
      expect(answer.words, verb).toContain('I could not read that click');
    }
    expect(await chat.states()).toEqual([2]);
    expect(await refusals()).toBe(0);
  });

  test('tells whoever has no role nothing of a request whose card does not stand there', async () => {
    const request = await chat.imported([one]);
    const elsewhere = await chat.refresh(eve, request.id, 'personal');
    expect(elsewhere.words).toContain('You do not have the role');
    expect((await chat.refresh(eve, 'FORGED')).words).toBe(elsewhere.words);
    expect((await chat.refresh(ben, 'FORGED')).words).toContain('This request does not exist any more');
    expect(await refusals()).toBe(0);
  });

  test('shows the end to everybody, without a button and without another refresh', async () => {
    const request = await chat.imported(three);
    await chat.delivered();
    const final = await chat.click(ben, 'approval.confirm-all', request);
    for (const { card, words } of [final, await chat.refresh(cleo, request.id), await chat.refresh(eve, request.id)]) {
      expect(words).toContain('3 mailboxes approved by Ben Brandt');
      expect(verbsOf(card)).toEqual([]);
      expect(card).not.toHaveProperty('refresh');
    }
    expect(verbsOf(await chat.posted('channel', 'approval'))).toEqual([]);
  });
});

describe('“Show my view”', () => {
  test('refuses whoever has no role in a sentence, and leaves a trace', async () => {
    const request = await chat.imported(three);
    expect((await chat.click(eve, 'approval.view', request)).words).toContain('You do not have the role');
    expect(await refusals()).toBe(1);
  });

  test('comes to the own chat of a client that can put no card in the place of another', async () => {
    const request = await chat.imported(three);
    await chat.delivered();
    const answer = await chat.submit(ben, 'approval.view', request);
    expect(answer.words).toContain('The request is in your own chat with Mailroom.');
    expect(answer.card).toBeNull();
    expect(verbsOf(await chat.posted(ben, 'approval'))).toContain('approval.approve-all');
  });
});

describe('approve all', () => {
  test('asks once more with the numbers, and decides about exactly those that it counted', async () => {
    const request = await chat.imported(three);
    const question = await chat.click(ben, 'approval.approve-all', request);
    expect(question.words).toContain('Approve all 3 mailboxes?');
    expect(question.words).toContain('3 user mailboxes');
    expect(question.words).toContain(`${one}, ${two}, ${last}`);
    expect(await chat.states()).toEqual([2, 2, 2]);
    await chat.say(cleo, `reject ${two} because not ours`);
    const late = await chat.click(ben, 'approval.confirm-all', buttonOf(question.card, 'approval.confirm-all'));
    expect(late.words).toContain('2 mailboxes');
    expect(await chat.states()).toEqual([2, 3, 2]);
    const again = await chat.click(ben, 'approval.approve-all', buttonOf(late.card, 'approval.approve-all'));
    const done = await chat.click(ben, 'approval.confirm-all', buttonOf(again.card, 'approval.confirm-all'));
    expect(done.words).toContain('⚠ Partly approved');
    // The last decision does not hide the reason of one before.
    expect(done.words).toContain('Cleo Clark: not ours');
    expect(await chat.states()).toEqual([1, 3, 1]);
  });

  test('approves one mailbox at once', async () => {
    const request = await chat.imported([one]);
    expect((await chat.click(ben, 'approval.approve-all', request)).words).toContain('✓ Approved');
    expect(await chat.states()).toEqual([1]);
  });

  test('goes back to the view', async () => {
    const request = await chat.imported(three);
    const question = await chat.click(ben, 'approval.approve-all', request);
    const view = await chat.click(ben, 'approval.view', buttonOf(question.card, 'approval.view'));
    expect(verbsOf(view.card)).toContain('approval.approve-all');
  });

  test('asks an old client in a message, and refuses whoever may not before it asks', async () => {
    const request = await chat.imported(three);
    expect((await chat.submit(ben, 'approval.approve-all', request)).words).toContain('Approve all 3 mailboxes?');
    await chat.hold(ada, 'admin', 'approver');
    expect((await chat.click(ada, 'approval.approve-all', request)).words).toContain('whoever asks does not decide');
    expect((await chat.click(eve, 'approval.approve-all', request)).words).toContain('You do not have the role');
    expect(await chat.states()).toEqual([2, 2, 2]);
  });

  test('two at the same instant: one decides, and both see the end', async () => {
    const request = await chat.imported(three);
    const both = await Promise.all([ben, cleo].map((who) => chat.click(who, 'approval.confirm-all', request)));
    for (const { words } of both) expect(words).toMatch(/3 mailboxes approved by (Ben|Cleo)/);
    expect((await chat.trail('approval.approved')).flatMap(({ subjects }) => subjects)).toEqual(three);
  });
});

describe('a dialog', () => {
  test('rejects with the reason that is typed there, and nobody else sees it before', async () => {
    const request = await chat.imported(three);
    const dialog = await chat.open(ben, 'approval.reject-dialog', request);
    expect(dialog.words).toContain('Reject 3 mailboxes?');
    expect(dialog.words).toContain(one);
    const done = await chat.type(ben, 'approval.reject', request, { reason: '  Not ours  ' });
    expect(done).toEqual({ card: null, title: '', words: '3 mailboxes are rejected.' });
    expect(await chat.states()).toEqual([3, 3, 3]);
    expect((await chat.trail('approval.rejected'))[0]?.details).toMatchObject({ reason: 'Not ours' });
  });

  test('comes back with what is wrong, and with what was typed', async () => {
    const request = await chat.imported(three);
    const empty = await chat.type(ben, 'approval.reject', request, { reason: '   ' });
    expect(empty.words).toContain('✗ A rejection needs a reason');
    const typed = 'x'.repeat(501);
    const long = await chat.type(ben, 'approval.reject', request, { reason: typed });
    expect(long.words).toContain('at most 500 characters');
    expect(ofType(long.card, 'Input.Text')[0]).toMatchObject({ value: typed });
    const question = await chat.type(ben, 'approval.ask', request, {});
    expect(question.words).toContain('✗ The question is missing');
    expect(await chat.states()).toEqual([2, 2, 2]);
  });

  test('that was opened before a decision says who decided, and does nothing', async () => {
    const request = await chat.imported(three);
    await chat.open(ben, 'approval.reject-dialog', request);
    await chat.click(cleo, 'approval.confirm-all', request);
    for (const late of [
      await chat.type(ben, 'approval.reject', request, { reason: 'Half typed' }),
      await chat.open(ben, 'approval.reject-dialog', request),
    ]) {
      expect(late.words).toContain('3 mailboxes approved by Cleo Clark');
      expect(verbsOf(late.card)).toEqual([]);
    }
    expect(await chat.states()).toEqual([1, 1, 1]);
  });

  test('is not taken away by what others decide meanwhile: what was typed is there to copy', async () => {
    const request = await chat.imported(three);
    await chat.say(cleo, `approve ${one}`);
    const late = await chat.type(ben, 'approval.reject', request, { reason: 'My long reason' });
    expect(late.words).toContain('My long reason');
    expect(late.words).toContain('2 mailboxes still wait');
    expect(await chat.states()).toEqual([1, 2, 2]);
  });

  test.each([
    ['whoever has no role', eve],
    ['an admin', ada],
  ])('refuses %s with one sentence when it opens and when it is sent off', async (_who, person: Person) => {
    const request = await chat.imported(three);
    for (const answer of [
      await chat.open(person, 'approval.reject-dialog', request),
      await chat.type(person, 'approval.reject', request, { reason: 'Mine now' }),
      await chat.type(person, 'approval.ask', request, { question: 'Why?' }),
    ]) {
      expect(answer.card).toBeNull();
      expect(answer.words).toContain('You do not have the role');
    }
    expect(await refusals()).toBe(3);
    expect(await chat.states()).toEqual([2, 2, 2]);
  });

  test('checks the role again when it is sent off', async () => {
    const request = await chat.imported(three);
    expect((await chat.open(ben, 'approval.reject-dialog', request)).card).not.toBeNull();
    await chat.hold(ben);
    expect((await chat.type(ben, 'approval.reject', request, { reason: 'Late' })).words).toContain(
      'do not have the role',
    );
    expect(await chat.states()).toEqual([2, 2, 2]);
  });

  test('answers forged ids and verbs that open none in a sentence', async () => {
    const request = await chat.imported(three);
    const forged = { id: 'FORGED', revision: 1 };
    for (const verb of ['approval.reject-dialog', 'approval.ask-dialog', 'approval.answer-dialog'])
      expect((await chat.open(ben, verb, forged)).words).toMatch(/does not exist any more|do not have the role/);
    expect((await chat.type(ben, 'approval.reject', forged, { reason: 'x' })).words).toContain(
      'does not exist any more',
    );
    for (const verb of ['approval.confirm-all', 'approval.approve-all', 'command.run', 'toString', 'approval.reject'])
      expect((await chat.open(ben, verb, request)).words).toContain('I could not read that click');
    for (const verb of ['approval.confirm-all', 'approval.reject-dialog', 'bulk.confirm'])
      expect((await chat.type(ben, verb, request, {})).words).toContain('I could not read that click');
    expect(await chat.states()).toEqual([2, 2, 2]);
  });

  test('of the requester answers once; a second answer changes nothing', async () => {
    const request = await chat.imported(three);
    await chat.type(ben, 'approval.ask', request, { question: 'Who pays?' });
    const asked = await chat.now(request);
    expect((await chat.open(ben, 'approval.answer-dialog', asked)).words).toContain('You do not have the role');
    await chat.type(ada, 'approval.answer', asked, { answer: 'Sales' });
    expect((await chat.type(ada, 'approval.answer', asked, { answer: 'Support' })).words).toContain('Sales');
    expect((await chat.now(request)).questions).toMatchObject([{ answer: { text: 'Sales' } }]);
  });

  test('says what to type instead to a client that knows no dialogs', async () => {
    const request = await chat.imported(three);
    expect((await chat.submit(ben, 'approval.reject-dialog', request)).words).toContain(
      'reject ADDRESS because REASON',
    );
    expect((await chat.click(ben, 'approval.ask-dialog', request)).words).toContain('ask ADDRESS QUESTION');
    expect(await chat.states()).toEqual([2, 2, 2]);
  });
});

describe('choose…', () => {
  const choose = async (person: Person, request: ApprovalRequest): Promise<object> => {
    const answer = await chat.click(person, 'approval.choose', request);
    expect(answer.words).toContain('The list is in your own chat with Mailroom.');
    return chat.posted(person, 'mailbox-list');
  };

  test('lists what waits of this request in the own chat of whoever decides', async () => {
    const request = await chat.imported([one, two]);
    await chat.imported([last]);
    const list = await choose(ben, request);
    expect(listed(list)).toEqual([one, two]);
    expect(verbsOf(list)).toEqual(expect.arrayContaining(['mailboxes.approve', 'mailboxes.reject-dialog']));
    expect((await chat.click(ada, 'approval.choose', request)).words).toContain('You do not have the role');
  });

  test('approves what is ticked, after a question in numbers, and the list goes on with the rest', async () => {
    const request = await chat.imported(three);
    const list = await choose(ben, request);
    await chat.delivered();
    const inputs = { pick0: 'true', pick1: 'false', pick2: 'true' };
    const where = 'personal';
    const question = await chat.click(ben, 'mailboxes.approve', buttonOf(list, 'mailboxes.approve'), { where, inputs });
    expect(question.words).toContain('Approve 2 mailboxes?');
    expect(question.words).toContain('2 user mailboxes');
    expect(await chat.states()).toEqual([2, 2, 2]);
    const done = await chat.click(ben, 'bulk.confirm', buttonOf(question.card, 'bulk.confirm'), { where });
    expect(done.words).toContain('2 mailboxes are approved.');
    expect(await chat.states()).toEqual([1, 2, 1]);
    const rest = await chat.posted(ben, 'mailbox-list');
    expect(listed(rest)).toEqual([two]);
    expect(ofType(rest, 'Input.Toggle').filter(({ value }) => value === 'true')).toEqual([]);
    const again = await chat.click(ben, 'bulk.list', buttonOf(done.card, 'bulk.list'), { where });
    expect(again.words).toContain('The list comes below.');
  });

  test('rejects what is ticked, by a dialog', async () => {
    const request = await chat.imported(three);
    const list = await choose(ben, request);
    const button = buttonOf(list, 'mailboxes.reject-dialog');
    expect((await chat.open(ben, 'mailboxes.reject-dialog', button, {}, 'personal')).words).toContain(
      'Nothing is selected',
    );
    const dialog = await chat.open(ben, 'mailboxes.reject-dialog', button, { pick1: 'true' }, 'personal');
    expect(dialog.words).toContain('Reject 1 mailbox?');
    const submit = buttonOf(dialog.card, 'bulk.reject');
    expect((await chat.type(ben, 'bulk.reject', submit, { reason: '' }, 'personal')).words).toContain('needs a reason');
    expect((await chat.type(cleo, 'bulk.reject', submit, { reason: 'x' }, 'personal')).words).toContain(
      'Somebody else started this',
    );
    const done = await chat.type(ben, 'bulk.reject', submit, { reason: 'Left' }, 'personal');
    expect(done.words).toBe('One mailbox is rejected.');
    expect((await chat.type(ben, 'bulk.reject', submit, { reason: 'Left' }, 'personal')).words).toContain(
      'already done',
    );
    expect(await chat.states()).toEqual([2, 3, 2]);
    const found = await stage.services.store.get('mailbox', keyOf(stage.environmentId, two));
    expect(found?.value.decisionReason).toBe('Left');
  });

  test('says which of the selected were left out, and why', async () => {
    const request = await chat.imported(three);
    const list = await choose(ben, request);
    const inputs = { pick0: 'true', pick1: 'true', pick2: 'true' };
    const where = 'personal';
    const question = await chat.click(ben, 'mailboxes.approve', buttonOf(list, 'mailboxes.approve'), { where, inputs });
    await chat.say(cleo, `reject ${one} because no`);
    await chat.say(ada, `withdraw ${two}`);
    const done = await chat.click(ben, 'bulk.confirm', buttonOf(question.card, 'bulk.confirm'), { where });
    expect(done.words).toContain('One mailbox is approved.');
    expect(done.words).toContain(`Left out: ${one} (rejected meanwhile); ${two} (switched off or taken back).`);
    expect(await chat.states()).toEqual([approvalStatus.rejected, approvalStatus.empty, approvalStatus.approved]);
  });

  test('is somebody’s own: nobody else’s click on it decides', async () => {
    const request = await chat.imported(three);
    const list = await choose(ben, request);
    const button = buttonOf(list, 'mailboxes.approve');
    const copied = await chat.click(cleo, 'mailboxes.approve', button, {
      where: 'personal',
      inputs: { pick0: 'true' },
    });
    expect(copied.words).toContain('Your own copy of the list of Ben Brandt');
    const dialog = await chat.open(cleo, 'mailboxes.reject-dialog', button, { pick0: 'true' }, 'personal');
    expect(dialog.words).toContain('not the newest');
    for (const person of [ada, eve])
      expect((await chat.click(person, 'mailboxes.approve', button)).words).toContain('You do not have the role');
    expect(await chat.states()).toEqual([2, 2, 2]);
  });

  test('comes in the place of the card to whoever has no chat of their own', async () => {
    const request = await chat.imported(three);
    await chat.hold(eve, 'approver');
    const view = await chat.click(eve, 'approval.choose', request);
    expect(listed(view.card)).toEqual(three);
  });
});

describe('“pending”', () => {
  test('lists in one what waits of all requests that the reader may decide', async () => {
    await chat.hold(ada, 'admin', 'approver');
    await chat.imported([one]);
    await chat.hold(cleo, 'admin', 'approver');
    await chat.imported([two], cleo);
    await chat.imported([last], cleo);
    const answer = await chat.click(ada, 'approval.choose-all', { id: 'all', revision: 0 });
    expect(answer.words).toContain('The list is in your own chat with Mailroom.');
    // Her own request is not among them: four-eyes.
    expect(listed(await chat.posted(ada, 'mailbox-list'))).toEqual([two, last]);
    await chat.click(ben, 'approval.choose-all', { id: 'all', revision: 0 });
    expect(listed(await chat.posted(ben, 'mailbox-list'))).toEqual(three);
  });

  test('approves all of it by two clicks, and what the reader has asked for themselves stays', async () => {
    await chat.hold(ada, 'admin', 'approver');
    await chat.hold(cleo, 'admin', 'approver');
    await chat.imported([one]);
    await chat.imported([two], cleo);
    await chat.imported([last], cleo);
    const list = await chat.say(ada, 'pending');
    expect(list).toContain('3 mailboxes waiting');
    const where = 'personal';
    const question = await chat.click(ada, 'approval.approve-pending', { id: 'all', revision: 0 }, { where });
    expect(question.words).toContain('Approve 2 mailboxes?');
    const done = await chat.click(ada, 'bulk.confirm', buttonOf(question.card, 'bulk.confirm'), { where });
    expect(done.words).toContain('2 mailboxes are approved.');
    expect(await chat.states()).toEqual([2, 1, 1]);
  });
});

test('buttons of before, which no card has any more, decide nothing and show the card of today', async () => {
  const request = await chat.imported(three);
  for (const verb of [
    'approval.next',
    'approval.previous',
    'approval.approve-selected',
    'approval.reject-all',
    'approval.reject-selected',
  ]) {
    const inputs = { selected: three.join(','), reason: 'From before' };
    const answer = await chat.click(ben, verb, request, { inputs });
    expect(verbsOf(answer.card), verb).toContain('approval.approve-all');
  }
  expect(await chat.states()).toEqual([2, 2, 2]);
});
