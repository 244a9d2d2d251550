import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EmailSettings } from '../../services/model/environment.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { keyOf } from '../../services/storage/store.ts';
import { nodesOf, textOf } from '../cards/card-client.ts';
import { ApprovalChat, type Answer, type Button } from './approval-chat.ts';
import { ada, ben, cleo, eve, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;
let chat: ApprovalChat;

/** A shop of one: Ada is admin, and nobody else has a role. */
beforeEach(async () => {
  stage = await openStage();
  chat = new ApprovalChat(stage);
  const key = keyOf(stage.environmentId, ben.aadObjectId);
  await stage.services.store.commit([{ kind: 'delete', collection: 'role', key }]);
  await chat.say(ada, 'import mailboxes\nkim@contoso.test');
});
afterEach(() => stage.dispose());

const setup = (): Promise<object> => chat.posted(ada, 'approval-setup');

function verbsOf(card: unknown): string[] {
  return nodesOf(card).flatMap((node) => (node['type'] === 'Action.Execute' ? String(node['verb']) : []));
}

/** What the button of this verb carries. */
function buttonOf(card: unknown, verb: string): Button {
  const node = nodesOf(card).find((one) => one['verb'] === verb && one['type'] === 'Action.Execute');
  if (node === undefined) throw new Error(`no button ${verb}`);
  return node['data'] as Button;
}

const press = (card: unknown, verb: string, person: Person = ada): Promise<Answer> =>
  chat.click(person, verb, buttonOf(card, verb), { where: 'personal' });

const settings = async (): Promise<EmailSettings> =>
  (await getEnvironment(stage.services.store, stage.environmentId)).value.settings;

/** Approvals are required again. */
async function changeBack(): Promise<void> {
  const { key, value } = await getEnvironment(stage.services.store, stage.environmentId);
  const required = { ...value.settings, requireApprovalForUsers: true, requireApprovalForQueues: true };
  await stage.services.store.commit([
    {
      kind: 'put',
      collection: 'environment',
      key,
      value: { ...value, settings: required, revision: value.revision + 1 },
    },
  ]);
}

const rolesOf = async ({ aadObjectId }: Person): Promise<readonly string[]> =>
  (await stage.services.store.get('role', keyOf(stage.environmentId, aadObjectId)))?.value.roles ?? [];

describe('whoever begins an import that nobody could approve', () => {
  test('is asked who decides, with every way out, and nothing has changed by that', async () => {
    const card = await setup();
    expect(textOf(card)).toContain('There is no approver yet');
    expect(verbsOf(card)).toEqual(['command.run', 'approval-setup.become-approver', 'approval-setup.not-required']);
    expect(await settings()).toMatchObject({ fourEyes: true, requireApprovalForUsers: true });
    expect(await rolesOf(ada)).toEqual(['admin']);
  });

  test('is not asked where somebody decides, or no mailbox needs an approval', async () => {
    const review = await press(await setup(), 'approval-setup.not-required');
    await press(review.card, 'settings.confirm');
    await chat.delivered();
    await chat.say(ada, 'import mailboxes\nmia@contoso.test');
    await expect(setup()).rejects.toThrow('no approval-setup');

    await changeBack();
    await chat.hold(cleo, 'approver');
    await chat.delivered();
    await chat.say(ada, 'import mailboxes\nmia@contoso.test');
    await expect(setup()).rejects.toThrow('no approval-setup');

    await chat.hold(cleo);
    await chat.say(ada, 'import mailboxes\nmia@contoso.test');
    expect(textOf(await setup()), 'and asked again when nobody does').toContain('There is no approver yet');
  });

  test('becomes an approver, and then decides alone: two questions with their effects', async () => {
    const question = await press(await setup(), 'approval-setup.become-approver');
    expect(question.words).toContain('Roles afterwards\nadmin, approver');
    expect(await rolesOf(ada), 'not by the first click').toEqual(['admin']);
    await press(question.card, 'role.confirm');
    expect(await rolesOf(ada)).toEqual(['admin', 'approver']);

    const again = await setup();
    expect(textOf(again)).toContain('You are the only approver');
    expect(verbsOf(again)).toContain('approval-setup.decide-alone');
    const review = await press(again, 'approval-setup.decide-alone');
    expect(review.words).toContain('Four-eyes\nOn → Off');
    expect((await settings()).fourEyes, 'not by the first click').toBe(true);
    await press(review.card, 'settings.confirm');
    expect((await settings()).fourEyes).toBe(false);

    const done = await setup();
    expect(textOf(done)).toContain('Ada Admin decides about what you import');
    expect(verbsOf(done)).toEqual([]);
  });

  test('goes without approvals, for users and queues', async () => {
    const review = await press(await setup(), 'approval-setup.not-required');
    expect(review.words).toContain('This weakens 2 controls');
    await press(review.card, 'settings.confirm');
    expect(await settings()).toMatchObject({
      fourEyes: true,
      requireApprovalForUsers: false,
      requireApprovalForQueues: false,
    });
    expect(textOf(await setup())).toContain('No mailbox needs an approval.');
  });
});

describe('a click on the question who decides', () => {
  test('that comes twice changes once, and the second is told how it stands', async () => {
    const card = await setup();
    const review = await press(card, 'approval-setup.not-required');
    await Promise.all([press(review.card, 'settings.confirm'), press(review.card, 'settings.confirm')]);
    expect(await chat.trail('settings.changed')).toHaveLength(1);
    const third = await press(card, 'approval-setup.not-required');
    expect(third.words).toContain('No mailbox needs an approval.');
    expect(verbsOf(third.card)).toEqual([]);
  });

  test('that is stale gets the question as it is now', async () => {
    const card = await setup();
    await chat.hold(ada, 'admin', 'approver');
    const answer = await press(card, 'approval-setup.become-approver');
    expect(answer.words).toContain('You are the only approver');
    expect(verbsOf(answer.card)).toContain('approval-setup.decide-alone');
    expect(await chat.trail('role.granted')).toEqual([]);
  });

  test.each(['approval-setup.become-approver', 'approval-setup.decide-alone', 'approval-setup.not-required'])(
    'is refused to whoever is no admin: %s',
    async (verb) => {
      await chat.hold(cleo, 'approver');
      const before = await settings();
      for (const person of [cleo, eve]) {
        const { words } = await chat.click(person, verb, { id: 'approval', revision: 0 }, { where: 'personal' });
        expect(words).toContain('It needs the role admin');
      }
      expect(await settings()).toEqual(before);
      expect(await rolesOf(eve)).toEqual([]);
    },
  );

  test.each([
    ['approval-setup.decide-alone', 'fourEyes'],
    ['approval-setup.not-required', 'requireApprovalForUsers'],
  ] as const)('%s asks the other admin where there is one', async (verb, setting) => {
    await chat.hold(ada, 'admin', 'approver');
    await chat.hold(cleo, 'admin');
    const review = await press(await setup(), verb);
    await press(review.card, 'settings.confirm');
    expect((await settings())[setting]).toBe(true);
    const [proposal] = await stage.services.store.query('settingsProposal', { limit: 10 });
    const of = { id: proposal?.value.id ?? '', revision: proposal?.value.revision ?? 0 };
    await chat.click(ada, 'proposal.agree', of, { where: 'personal' });
    expect((await settings())[setting], 'not by the one who asked').toBe(true);
    await chat.click(cleo, 'proposal.agree', of, { where: 'personal' });
    expect((await settings())[setting]).toBe(false);
  });

  test('become an approver asks the other admin where there is one', async () => {
    await chat.hold(cleo, 'admin');
    const question = await press(await setup(), 'approval-setup.become-approver');
    await press(question.card, 'role.confirm');
    expect(await rolesOf(ada)).toEqual(['admin']);
  });
});
