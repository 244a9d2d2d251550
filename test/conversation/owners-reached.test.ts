import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApprovalChat } from './approval-chat.ts';
import { ada, cleo, eve, openStage, type Stage } from './stage.ts';

let stage: Stage;
let chat: ApprovalChat;
beforeEach(async () => {
  stage = await openStage();
  chat = new ApprovalChat(stage);
});
afterEach(() => stage.dispose());

test('an admin reads how many owners hear of their mailboxes, and it changes with who has Mailroom', async () => {
  await chat.imported([
    'address,type,owner',
    'eve@contoso.test,user,eve@contoso.test',
    'support@contoso.test,queue,eve@contoso.test',
    'cleo@contoso.test,user,cleo@contoso.test',
    'sales@contoso.test,queue,Sales team',
  ]);
  const reach = async (): Promise<string | undefined> =>
    /^Owners of mailboxes: .*$/m.exec(await chat.say(ada, 'subscriptions'))?.[0];
  expect(await reach()).toMatch(/nobody is told .*; 2 cannot be reached, .*; 1 mailbox names no owner by address\.$/);
  await chat.say(eve, 'help');
  expect(await reach(), 'one of two mailboxes').toMatch(
    /: 1 person is told .*; 1 cannot be reached, .*; 1 mailbox names/,
  );
  await chat.say(cleo, 'help');
  expect(await reach()).toBe(
    'Owners of mailboxes: 2 people are told in their own chat; 1 mailbox names no owner by address.',
  );
});
