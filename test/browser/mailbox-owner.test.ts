import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoMailboxes } from '../../sandbox/exchange/index.ts';
import { goodMailboxes } from '../http/stage.ts';
import type { DemoPage } from './demo-page.ts';
import { DemoWindows } from './demo-windows.ts';

const ada = 'Ada’s chat';
const ben = 'Ben’s chat';
const greta = 'Greta’s chat';
const alerts = '# Mailroom alerts';
/** Greta signs in with it, and it is full. */
const address = 'greta.garcia@contoso.test';

let windows: DemoWindows;
let admin: DemoPage;
/** Greta has no role. */
let owner: DemoPage;

beforeAll(async () => {
  const mailboxes = [...goodMailboxes(1), ...demoMailboxes().filter((mailbox) => mailbox.address === address)];
  windows = await DemoWindows.open('owner', { mailboxes, approvers: ['ben', 'dora'] });
  [admin, owner] = await Promise.all([windows.window(), windows.window()]);
  await owner.look(ada, 'greta');
});

afterAll(() => windows?.close());

test('self-approval is switched on by two people', async () => {
  await admin.say(ada, 'email settings');
  await admin.click(ada, 'Other settings');
  await admin.click(ada, 'Approval');
  await admin.column(ada).getByLabel('People approve their own user mailbox').last().check();
  await windows.picture(admin, 'self-approval');
  await admin.click(ada, 'Save');
  await admin.click(ada, 'Ask a second person');
  await admin.message(ben, 'Allow self-approval?', 'Ada Admin').waitFor();
  await windows.picture(admin, 'second-person');
  await admin.click(ben, 'Agree');
  await admin.message(ada, 'Everybody may approve their own user mailbox', 'Ben Brandt').waitFor();
});

test('the owner of a mailbox is asked in the own chat, and approves it without a role, but no other', async () => {
  await windows.stage.importMailboxes();
  await owner.message(greta, 'Approval of your mailbox', address).waitFor();
  await windows.picture(owner, 'asked');
  const [other] = windows.stage.world.mailboxes;
  await owner.say(greta, `approve ${other?.address}`);
  await owner.message(greta, 'You can approve your own user mailbox').waitFor();
  await owner.click(greta, 'Approve');
  await owner.message(greta, 'Approval of your mailbox', 'Greta Garcia').waitFor();
  await windows.picture(owner, 'approved');
  await admin.say(ada, `mailbox ${address}`);
  await admin.message(ada, address, 'Approved by Greta Garcia').waitFor();
});

test('the owner hears in the own chat that the mailbox is full, in words for somebody who runs none of it', async () => {
  const card = owner.message(greta, 'Your mailboxes in Dynamics 365', address, 'The mailbox is full');
  await card.waitFor();
  await windows.picture(owner, 'failing');
  const words = await card.innerText();
  expect(words).toContain('You can mend it');
  for (const secret of ['svc-mailroom', '127.0.0.1', 'Set-Mailbox', 'ErrorQuotaExceeded'])
    expect(words).not.toContain(secret);
  await admin.message(alerts, 'The mailbox is full', address).waitFor();
  await windows.picture(admin, 'alert');
});

test('and that it works again, on the same card', async () => {
  windows.stage.world.exchange.setFaults([]);
  const messages = owner.column(greta).locator('.message');
  const before = await messages.filter({ hasText: 'Your mailboxes in Dynamics 365' }).count();
  await admin.message(alerts, 'The mailbox is full').getByRole('button', { name: 'Retest it', exact: true }).click();
  await owner.message(greta, 'Nothing is wrong with your mailboxes any more').waitFor();
  await windows.picture(owner, 'works');
  expect(await messages.filter({ hasText: 'The mailbox is full' }).count()).toBe(0);
  expect(await messages.filter({ hasText: 'Your mailboxes in Dynamics 365' }).count()).toBe(before);
});

test('the pages themselves had no errors', () => {
  expect(windows.problems).toEqual([]);
});
