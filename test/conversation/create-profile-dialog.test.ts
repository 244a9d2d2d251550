import type { Middleware } from 'botbuilder';
import { DialogTestClient } from 'botbuilder-testing';
import { DialogTurnStatus } from 'botbuilder-dialogs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CreateProfileDialog, notForMe } from '../../dialogs/create-profile-dialog.ts';
import { setDialogTurn } from '../../dialogs/dialog-turn.ts';
import { answerDraft } from '../../services/profiles/answer-draft.ts';
import type { ProfileDraft } from '../../services/model/draft.ts';
import { parkSecret, formToken } from '../../services/secrets/secret-form.ts';
import { Secret } from '../../services/secrets/secret.ts';
import { keyOf } from '../../services/storage/store.ts';
import { ada, openStage, tenantId, type Stage } from './stage.ts';

let stage: Stage;
let client: DialogTestClient;
const actor = { tenantId, aadObjectId: ada.aadObjectId, name: ada.name };
const conversationId = 'a:ada';
const details = {
  name: 'Contoso on-premises',
  isDefault: 'true',
  serverLocation: 'https://mail.contoso.com/EWS/Exchange.asmx',
  userName: 'svc-mailroom@contoso.com',
  probeAddress: 'ada@contoso.com',
};

beforeEach(async () => {
  stage = await openStage();
  const { services, environmentId } = stage;
  const checkedTurn: Middleware = {
    onTurn: async (context, next) => {
      setDialogTurn(context, { services, environmentId, actor, conversationId, locale: 'en' });
      await next();
    },
  };
  client = new DialogTestClient('msteams', new CreateProfileDialog(), {}, [checkedTurn]);
});

afterEach(() => stage.dispose());

async function draft(): Promise<ProfileDraft> {
  const [only] = await stage.drafts();
  if (only === undefined) throw new Error('there is no draft');
  return only;
}

async function answerOnCard(inputs: Record<string, string> = details): Promise<void> {
  await answerDraft(stage.services, stage.environmentId, actor, (await draft()).id, { kind: 'values', inputs });
}

test('it starts a draft, and its card comes by an intent in the same commit', async () => {
  await client.sendActivity('create profile');
  expect((await draft()).step).toBe('details');
  const intents = await stage.services.store.query('intent', { limit: 10 });
  expect(intents.map(({ value }) => [value.kind, value.placement])).toEqual([['draft', 'repost']]);
});

test('words that do not answer the form are answered with what it waits for', async () => {
  await client.sendActivity('create profile');
  const reply = await client.sendActivity('mail.contoso.com');
  expect(reply?.text).toContain('Fill in the card');
});

test('back keeps the values, and on the first step it says so', async () => {
  await client.sendActivity('create profile');
  expect((await client.sendActivity('back'))?.text).toContain('first step');
  await answerOnCard();
  expect((await draft()).step).toBe('credential');
  await client.sendActivity('BACK');
  expect((await draft()).step).toBe('details');
  expect((await draft()).values.serverLocation).toBe(details.serverLocation);
});

test('cancel ends it and leaves no draft open', async () => {
  await client.sendActivity('create profile');
  const reply = await client.sendActivity('cancel');
  expect(reply?.text).toContain('Nothing was saved');
  expect((await draft()).step).toBe('cancelled');
  expect(client.dialogTurnResult.status).toBe(DialogTurnStatus.complete);
});

test('what is typed where a password is awaited is not repeated, and the writer is warned', async () => {
  await client.sendActivity('create profile');
  await answerOnCard();
  const reply = await client.sendActivity('Sync!Pass1');
  expect(reply?.text).toContain('change the password');
  expect(reply?.text).not.toContain('Sync!Pass1');
  expect((await draft()).credential).toBe('none');
});

test('what is typed at the app of OAuth is answered with what it waits for, and not repeated', async () => {
  await client.sendActivity('create profile');
  await answerOnCard({ ...details, authentication: 'oauth', userName: '' });
  const reply = await client.sendActivity('kv~secret');
  expect(reply?.text).toContain('never goes into a chat');
  expect(reply?.text).not.toContain('kv~secret');
  expect((await draft()).step).toBe('modern-auth');
});

test('the code of the form may be typed, and the search begins where Autodiscover finds the server', async () => {
  const { services, environmentId } = stage;
  await client.sendActivity('create profile');
  await answerOnCard({ ...details, autodiscover: 'active' });
  const id = (await draft()).secretRequestId ?? '';
  const token = formToken(services.keys, { environmentId, id });
  const { code } = await parkSecret(services, token, new Secret('Sync!Pass1'));
  await client.sendActivity(code);
  expect((await draft()).step).toBe('finding');
  expect((await client.sendActivity('yes'))?.text).toContain('a typed yes or no decides nothing');
  expect(await services.store.get('task', keyOf(environmentId, 'find-server', (await draft()).id))).toBeDefined();
});

test('the code of the form may be typed, and the check begins', async () => {
  const { services, environmentId } = stage;
  await client.sendActivity('create profile');
  await answerOnCard();
  const requestId = (await draft()).secretRequestId ?? '';
  const { code } = await parkSecret(
    services,
    formToken(services.keys, { environmentId, id: requestId }),
    new Secret('Sync!Pass1'),
  );
  await client.sendActivity(` ${code} `);
  expect((await draft()).step).toBe('checking');
  expect(await services.store.get('task', keyOf(environmentId, 'check-draft', (await draft()).id))).toBeDefined();
});

test('a draft that was finished by a click gives the next words back', async () => {
  await client.sendActivity('create profile');
  await answerDraft(stage.services, stage.environmentId, actor, (await draft()).id, { kind: 'cancel' });
  await client.sendActivity('mailboxes');
  expect(client.dialogTurnResult.result).toBe(notForMe);
});
