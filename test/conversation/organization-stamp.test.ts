import type { TestAdapter } from 'botbuilder';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { approvalStatus, newMailbox } from '../../services/model/mailbox.ts';
import type { Run, Task } from '../../services/model/run.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { keyOf } from '../../services/storage/store.ts';
import { ada, ben, openStage, type Stage } from './stage.ts';

const address = 'kim@contoso.test';
const sentence = 'Sync items with Exchange from this org only, even if Exchange was set to sync with a different org';

let stage: Stage;
let chat: TestAdapter;

beforeEach(async () => {
  stage = await openStage();
  chat = stage.talk(ada);
  const { environmentId } = stage;
  const mailbox = newMailbox(
    { environmentId, id: address, address, type: 'user', owner: 'Kim', importedBy: ada.aadObjectId, createdAt: 0 },
    { profileId: 'p1', incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: approvalStatus.approved },
  );
  await stage.services.store.commit([
    { kind: 'put', collection: 'mailbox', key: keyOf(environmentId, address), value: mailbox },
  ]);
});

afterEach(() => stage.dispose());

interface Block {
  readonly type?: string;
  readonly id?: string;
  readonly title?: string;
  readonly value?: string;
  readonly verb?: string;
  readonly data?: { readonly verb: string; readonly id: string; readonly revision: number };
}

/** Every object of the cards that came back, at any depth. */
function blocks(value: unknown): Block[] {
  if (typeof value !== 'object' || value === null) return [];
  return [...(Array.isArray(value) ? [] : [value]), ...Object.values(value).flatMap(blocks)];
}

async function answerTo(adapter: TestAdapter, message: object): Promise<Block[]> {
  adapter.activeQueue.length = 0;
  await adapter.send({ type: 'message', ...message }).startTest();
  return adapter.activeQueue.flatMap(({ text, attachments }) => [
    ...(text ? [{ title: text }] : []),
    ...blocks(attachments),
  ]);
}

const say = (text: string): Promise<Block[]> => answerTo(chat, { text });
const click = (data: object | undefined, adapter = chat): Promise<Block[]> => answerTo(adapter, { value: data });

const button = (found: readonly Block[], verb: string): Block['data'] =>
  found.find((block) => block.type === 'Action.Execute' && block.verb === verb)?.data;
const toggle = (found: readonly Block[]): Block | undefined => found.find(({ id }) => id === 'takeOver');

async function switchOn(): Promise<void> {
  const save = button(await say('email settings'), 'settings.save');
  const review = await click({ ...save, organizationStamp: 'true' });
  await click(button(review, 'settings.confirm'));
}

const runs = async (): Promise<Run[]> =>
  (await stage.services.store.query('run', { limit: 10 })).map(({ value }) => value);
const tasks = async (): Promise<Task[]> =>
  (await stage.services.store.query('task', { limit: 10 })).map(({ value }) => value);

test('without the setting nothing asks: one named mailbox is tested at once', async () => {
  expect(toggle(await say('test all'))).toBeUndefined();
  expect(await runs()).toEqual([]);
  await say(`test ${address}`);
  expect(await runs()).toMatchObject([{ total: 1, takeOver: false }]);
});

test('setting on, test, toggle, run: the choice is off until it is made, and the run keeps it', async () => {
  await switchOn();
  const { value } = await getEnvironment(stage.services.store, stage.environmentId);
  expect(value.settings.organizationStamp).toBe(true);
  const asked = await say('test contoso');
  expect(toggle(asked)).toMatchObject({ type: 'Input.Toggle', title: sentence, value: 'false' });
  expect(await runs()).toEqual([]);
  const done = await click({ ...button(asked, 'bulk.confirm'), takeOver: 'true' });
  expect(toggle(done)).toBeUndefined();
  const [run] = await runs();
  expect(run).toMatchObject({ total: 1, takeOver: true });
  expect(await tasks()).toMatchObject([{ subjectId: address, takeOver: true }]);
  const shown = JSON.stringify(await say(`run ${run?.id}`));
  expect(shown).toContain('Overwritten by this run');
});

test.each([
  ['left out', {}],
  ['off', { takeOver: 'false' }],
  ['something else', { takeOver: 'perhaps' }],
  ['an object', { takeOver: { valueOf: 'true' } }],
])('a toggle that is %s takes nothing over', async (_what, input) => {
  await switchOn();
  await click({ ...button(await say('test all'), 'bulk.confirm'), ...input });
  expect(await tasks()).toMatchObject([{ takeOver: false }]);
});

test('a single mailbox has the choice too: by its address, and by the button of its card', async () => {
  await switchOn();
  expect(toggle(await say(`test ${address}`))?.title).toBe(sentence);
  const card = await say(`mailbox ${address}`);
  const asked = await click(button(card, 'mailbox.test'));
  expect(toggle(asked)?.title).toBe(sentence);
  expect(await runs()).toEqual([]);
  await click({ ...button(asked, 'bulk.confirm'), takeOver: 'true' });
  expect(await runs()).toMatchObject([{ title: { kind: 'selection', text: address }, takeOver: true }]);
});

test('nobody else can make the choice: neither whoever may not test, nor with a card of somebody else', async () => {
  await switchOn();
  const confirm = button(await say('test all'), 'bulk.confirm');
  await click({ ...confirm, takeOver: 'true' }, stage.talk(ben));
  expect(await runs()).toEqual([]);
});
