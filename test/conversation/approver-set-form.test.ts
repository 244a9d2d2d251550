import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApproverSet } from '../../services/model/approver-set.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { nodesOf } from '../cards/card-client.ts';
import { ApprovalChat, type Answer, type Button } from './approval-chat.ts';
import { ada, ben, cleo, eve, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;
let chat: ApprovalChat;

/** Ada and Cleo are admins, Ben and Eve decide. */
beforeEach(async () => {
  stage = await openStage();
  chat = new ApprovalChat(stage);
  await chat.hold(cleo, 'admin');
  await chat.hold(eve, 'approver');
  for (const person of [ada, ben, cleo, eve]) await chat.say(person, 'help');
});
afterEach(() => stage.dispose());

const queues = { setName: 'Queue owners', setProfile: 'any', setType: 'queue', setSecond: 'any' };
const byBen = { ...queues, setMembers: ben.aadObjectId };

function buttonOf({ card }: Answer, verb: string): Button {
  const node = nodesOf(card).find((one) => one['verb'] === verb && one['type'] === 'Action.Execute');
  if (node === undefined) throw new Error(`no button ${verb}`);
  return node['data'] as Button;
}

const press = (on: Answer, verb: string, inputs: object = {}, person: Person = ada): Promise<Answer> =>
  chat.click(person, verb, buttonOf(on, verb), { where: 'personal', inputs });

const environment = async () => (await getEnvironment(stage.services.store, stage.environmentId)).value;
const sets = async (): Promise<readonly ApproverSet[]> => (await environment()).settings.approverSets;

const newForm = async (): Promise<Answer> =>
  chat.click(
    ada,
    'approver-set.new',
    { id: 'approvers', revision: (await environment()).revision },
    { where: 'personal' },
  );

async function proposal(): Promise<Button> {
  const [found] = await stage.services.store.query('settingsProposal', { limit: 10 });
  if (found === undefined) throw new Error('no proposal');
  return found.value;
}

const agree = async (person: Person): Promise<Answer> =>
  chat.click(person, 'proposal.agree', await proposal(), { where: 'personal' });

/** From the form to the second person's yes. */
async function saved(inputs: object): Promise<void> {
  const review = await press(await newForm(), 'approver-set.save', inputs);
  await press(review, 'settings.confirm');
  await agree(cleo);
}

describe('the form of an approver set', () => {
  test('says of each field what is wrong, keeps what was typed, and changes nothing', async () => {
    const form = await newForm();
    const wrong = await press(form, 'approver-set.save', { ...queues, setType: 'any', setMembers: cleo.aadObjectId });
    expect(wrong.words).toContain('2 values to correct');
    expect(wrong.words).toContain('Choose a profile, a mailbox type, or both');
    expect(nodesOf(wrong.card).find(({ id }) => id === 'setName')).toMatchObject({ value: 'Queue owners' });
    expect(await sets()).toEqual([]);
    expect(await stage.services.store.query('settingsProposal', { limit: 1 })).toEqual([]);
  });

  test('leads to a review with its effects, then to a second person, who is not the one who asked', async () => {
    const review = await press(await newForm(), 'approver-set.save', byBen);
    expect(review.words).toContain('New set Queue owners');
    expect(review.words).toContain('Ben Brandt');
    expect(await sets()).toEqual([]);
    await press(review, 'settings.confirm');
    expect(await sets(), 'not before a second person agrees').toEqual([]);
    await agree(ada);
    expect(await sets(), 'nor by the one who asked').toEqual([]);
    await agree(cleo);
    expect(await sets()).toMatchObject([{ name: 'Queue owners', mailboxType: 'queue', members: [ben.aadObjectId] }]);
    await agree(cleo);
    expect(await sets(), 'and once').toHaveLength(1);
  });

  test('goes back from the review with what was typed, and nothing is saved', async () => {
    const review = await press(await newForm(), 'approver-set.save', byBen);
    const form = await press(review, 'settings.back');
    expect(nodesOf(form.card).find(({ id }) => id === 'setMembers')).toMatchObject({ value: ben.aadObjectId });
    expect(await sets()).toEqual([]);
  });

  test('of before another change gets the list as it is now', async () => {
    const old = await newForm();
    await saved(byBen);
    const late = await press(old, 'approver-set.save', { ...byBen, setName: 'Too late', setType: 'user' });
    expect(late.words).toContain('Queue owners');
    expect(late.words).not.toContain('Too late');
    expect(await sets()).toHaveLength(1);
  });

  test('is refused to whoever is no admin', async () => {
    const form = await newForm();
    for (const verb of ['approver-set.new', 'approver-set.edit', 'approver-set.save', 'approver-set.delete']) {
      const { words } = await chat.click(ben, verb, buttonOf(form, 'approver-set.save'), {
        where: 'personal',
        inputs: byBen,
      });
      expect(words, verb).toContain('It needs the role admin');
    }
  });

  test('a name that is markup stays a name', async () => {
    const review = await press(await newForm(), 'approver-set.save', { ...byBen, setName: '[x](https://evil.test)' });
    expect(JSON.stringify(review.card)).not.toContain('"[x](https://evil.test)');
    expect(review.words).toContain('[x](https://evil.test)');
  });
});

describe('a set that is in force', () => {
  test('leaves what waits to those who were asked, and says so', async () => {
    const request = await chat.imported(['kim@contoso.test']);
    const review = await press(await newForm(), 'approver-set.save', {
      ...byBen,
      setName: 'User owners',
      setType: 'user',
    });
    expect(review.words).toContain('1 of them waits already, and stays with those who were asked');
    await press(review, 'settings.confirm');
    await agree(cleo);
    const { words } = await chat.click(eve, 'approval.approve-all', await chat.now(request), { where: 'personal' });
    expect(words).toContain('1 mailbox approved by Eve Evans');
  });

  test('holds back who is no member, and is changed with the open requests that change hands', async () => {
    await saved({ ...byBen, setName: 'User owners', setType: 'user' });
    const request = await chat.imported(['kim@contoso.test']);
    await chat.click(eve, 'approval.approve-all', request, { where: 'personal' });
    expect((await chat.now(request)).pending, 'Eve is no member').toBe(1);

    const [set] = await sets();
    const of = { id: set?.id ?? '', revision: (await environment()).revision };
    const form = await chat.click(ada, 'approver-set.edit', of, { where: 'personal' });
    const review = await press(form, 'approver-set.save', {
      ...queues,
      setName: 'User owners',
      setType: 'user',
      setMembers: eve.aadObjectId,
    });
    expect(review.words).toContain('1 open request, with 1 mailbox, changes hands.');
    await press(review, 'settings.confirm');
    for (const { value } of await stage.services.store.query('settingsProposal', { limit: 10 }))
      await chat.click(cleo, 'proposal.agree', value, { where: 'personal' });
    expect(await sets()).toMatchObject([{ members: [eve.aadObjectId] }]);
    const now = await chat.now(request);
    await chat.click(ben, 'approval.approve-all', now, { where: 'personal' });
    expect((await chat.now(request)).pending, 'Ben is none any more').toBe(1);
    await chat.click(eve, 'approval.approve-all', now, { where: 'personal' });
    expect((await chat.now(request)).pending).toBe(0);
  });
});
