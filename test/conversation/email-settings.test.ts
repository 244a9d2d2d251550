import type { Activity, TestAdapter } from 'botbuilder';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '../../services/model/access.ts';
import type { EmailSettings } from '../../services/model/environment.ts';
import { approvalStatus, newMailbox, type Mailbox } from '../../services/model/mailbox.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { keyOf } from '../../services/storage/store.ts';
import { nodesOf, textOf, type CardNode } from '../cards/card-client.ts';
import { ada, ben, cleo, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;
const chats = new Map<Person, TestAdapter>();

beforeEach(async () => {
  stage = await openStage();
  chats.clear();
});

afterEach(() => stage.dispose());

/** What came back: its words, and its buttons and inputs. */
interface Answer {
  readonly words: string;
  readonly nodes: readonly CardNode[];
  readonly raw: readonly Partial<Activity>[];
}

async function send(person: Person, activity: Partial<Activity>): Promise<Answer> {
  const chat = chats.get(person) ?? stage.talk(person);
  chats.set(person, chat);
  chat.activeQueue.length = 0;
  await chat.send({ type: 'message', ...activity }).startTest();
  const cards = chat.activeQueue.flatMap(({ attachments = [] }) => attachments.map(({ content }): unknown => content));
  const texts = chat.activeQueue.map(({ text }) => text ?? '');
  return {
    words: [...texts, ...cards.map((card) => textOf(card))].join('\n'),
    nodes: nodesOf(cards),
    raw: [...chat.activeQueue],
  };
}

const say = (text: string, person: Person = ada): Promise<Answer> => send(person, { text });

/** Clicks a button of an answer, by its verb and, where there are several, by its id. */
function click(
  { nodes }: Answer,
  verb: string,
  inputs: Readonly<Record<string, string>> = {},
  person: Person = ada,
  id?: string,
): Promise<Answer> {
  const data = nodes
    .filter((node) => node['type'] === 'Action.Execute' && node['verb'] === verb)
    .map((node) => node['data'] as { readonly id: string })
    .find((one) => id === undefined || one.id === id);
  if (data === undefined) throw new Error(`no button ${verb}`);
  return send(person, { value: { ...data, ...inputs } });
}

const settings = async (): Promise<EmailSettings> =>
  (await getEnvironment(stage.services.store, stage.environmentId)).value.settings;

const page = async (section: string): Promise<Answer> =>
  click(await say('email settings'), 'settings.open', {}, ada, section);

async function hold(person: Person, ...roles: Role[]): Promise<void> {
  const { environmentId } = stage;
  const { aadObjectId, name } = person;
  const value = { environmentId, aadObjectId, roles, name, grantedBy: 'configuration', grantedAt: 0 };
  await stage.services.store.commit([
    { kind: 'put', collection: 'role', key: keyOf(environmentId, aadObjectId), value },
  ]);
}

async function addMailbox(changes: Partial<Mailbox> = {}): Promise<void> {
  const { environmentId } = stage;
  const address = 'kim@contoso.test';
  const made = newMailbox(
    { environmentId, id: address, address, type: 'user', owner: 'Kim', importedBy: ada.aadObjectId, createdAt: 0 },
    { profileId: 'p1', incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: approvalStatus.approved },
  );
  const value = { ...made, incoming: { ...made.incoming, enabled: true }, ...changes };
  await stage.services.store.commit([
    { kind: 'put', collection: 'mailbox', key: keyOf(environmentId, address), value },
  ]);
}

const proposalId = async (): Promise<string> =>
  (await stage.services.store.query('settingsProposal', { limit: 10 }))[0]?.value.id ?? '';

describe('an admin', () => {
  test('changes a page: the effect is shown before it is saved, and the yes saves it', async () => {
    const review = await click(await page('attachments'), 'settings.save', { maxUploadFileSizeKb: '32768' });
    expect(review.words).toContain('Save this change?');
    expect(review.words).toContain('5,120 KB → 32,768 KB');
    expect((await settings()).maxUploadFileSizeKb).toBe(5120);
    expect((await click(review, 'settings.confirm')).words).toContain('Saved');
    expect((await settings()).maxUploadFileSizeKb).toBe(32_768);
  });

  test('is told of each wrong value beside its field, and finds what was typed there', async () => {
    const typed = { maxUploadFileSizeKb: '131073', blockedAttachments: 'exe;a/b' };
    const { words, nodes } = await click(await page('attachments'), 'settings.save', typed);
    expect(words).toContain('The size must be from 1 to 131,072 KB');
    expect(words).toContain('“a/b” is not a file extension');
    for (const [id, value] of Object.entries(typed))
      expect(nodes.find((node) => node['id'] === id)?.['value']).toBe(value);
    expect(await settings()).toMatchObject({ maxUploadFileSizeKb: 5120 });
  });

  test('goes back with what was typed, and saves something else', async () => {
    const review = await click(await page('alerts'), 'settings.save', { alertsForWarnings: 'false' });
    const form = await click(review, 'settings.back');
    expect(form.nodes.find((node) => node['id'] === 'alertsForWarnings')?.['value']).toBe('false');
    expect((await settings()).alertsForWarnings).toBe(true);
    // The review of before is answered: its yes saves nothing any more.
    await click(review, 'settings.confirm');
    expect((await settings()).alertsForWarnings).toBe(true);
  });

  test('saves nothing from a card that is older than the settings', async () => {
    const old = await page('sign-in');
    await click(
      await click(await page('attachments'), 'settings.save', { maxUploadFileSizeKb: '1' }),
      'settings.confirm',
    );
    const answer = await click(old, 'settings.save', { organizationStamp: 'true' });
    expect(answer.words).toContain('Changed meanwhile');
    expect((await settings()).organizationStamp).toBe(false);
  });

  test('learns before the yes that the Email Router stops the tests, and from every card after it', async () => {
    await addMailbox();
    const review = await click(await say('email settings'), 'settings.save', { emailConnectionChannel: '1' });
    expect(review.words).toContain('Test & Enable stops here: 1 mailbox is enabled');
    expect((await click(review, 'settings.confirm')).words).toContain('Waiting for a second person');
    expect((await settings()).emailConnectionChannel).toBe(0);
    const agree = { verb: 'proposal.agree', id: await proposalId(), revision: 1 };
    const action = { type: 'Action.Execute', verb: agree.verb, data: agree };
    await send(ben, { type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } });
    expect((await say('email settings')).words).toContain('The Email Router is chosen');
    expect((await say('mailbox kim@contoso.test')).words).toContain('The Email Router is chosen');
  });

  test('finds in the list of alerts which level is switched off, and how many tests succeeded', async () => {
    await addMailbox({ status: 1, lastTestedAt: 1 });
    expect((await say('alerts')).words).toContain('the last test of 1 mailbox succeeded');
    expect((await say('mailbox kim@contoso.test')).words).toContain('Information: the test succeeded');
    const quiet = { alertsForWarnings: 'false', alertsForInformation: 'false' };
    await click(await click(await page('alerts'), 'settings.save', quiet), 'settings.confirm');
    const { words } = await say('alerts');
    expect(words).toContain('Alerts for warnings are switched off in the email settings: none is open');
    expect(words).not.toContain('succeeded');
    expect((await say('mailbox kim@contoso.test')).words).not.toContain('Information: the test succeeded');
  });

  test('switches alerts for errors off only with a second person (law 10)', async () => {
    const review = await click(await page('alerts'), 'settings.save', { alertsForErrors: 'false' });
    expect(review.words).toContain('Another admin or approver has to agree before anything changes.');
    expect((await click(review, 'settings.confirm')).words).toContain('Waiting for a second person');
    expect((await settings()).alertsForErrors).toBe(true);
    const agree = { verb: 'proposal.agree', id: await proposalId(), revision: 1 };
    expect((await send(ada, { value: agree })).words).toContain('somebody else has to agree');
    const action = { type: 'Action.Execute', verb: agree.verb, data: agree };
    const invoke = { type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } };
    const answer = JSON.stringify((await send(ben, invoke)).raw);
    expect(answer).toContain('Switched off');
    expect(answer).toContain('On → Off');
    expect((await settings()).alertsForErrors).toBe(false);
  });
});

describe.each(['auditor', 'viewer'] as const)('an %s', (role) => {
  test('reads all settings and changes none', async () => {
    await hold(cleo, role);
    const shown = await say('email settings', cleo);
    expect(shown.words).toContain('An admin can change these values.');
    expect(JSON.stringify(shown.nodes)).toContain('Maximum attachment size in KB');
    expect(shown.nodes.filter((node) => String(node['type']).startsWith('Action.Execute'))).toEqual([]);
    const form = await page('attachments');
    const review = await click(form, 'settings.save', { maxUploadFileSizeKb: '1' });
    for (const [answer, verb] of [
      [form, 'settings.save'],
      [review, 'settings.confirm'],
      [review, 'settings.back'],
    ] as const)
      expect((await click(answer, verb, { maxUploadFileSizeKb: '1' }, cleo)).words).toContain(
        'You do not have the role',
      );
    expect((await settings()).maxUploadFileSizeKb).toBe(5120);
  });
});
