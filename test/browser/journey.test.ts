import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import type { BotProcess } from '../../sandbox/bot-process.ts';
import { csvOf, startWorld, type World } from '../../sandbox/world.ts';
import { DemoPage } from './demo-page.ts';
import { openChromium } from './open-chromium.ts';

const ada = 'Ada’s chat';
const ben = 'Ben’s chat';
const approvals = '# Mailroom approvals';
const alerts = '# Mailroom alerts';
const screenshots = new URL('./screenshots/', import.meta.url).pathname;

let world: World;
let bot: BotProcess;
let browser: Browser;
let page: Page;
let demo: DemoPage;
const problems: string[] = [];
let pictures = 0;

beforeAll(async () => {
  await mkdir(screenshots, { recursive: true });
  world = await startWorld({ page: true, exchange: { latencyMs: 60 } });
  bot = await world.startBot();
  await world.teams.installs.installEverywhere('ada');
  browser = await openChromium();
  page = await browser.newPage({ viewport: { width: 1600, height: 950 } });
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(world.teams.url);
  demo = new DemoPage(page);
});

afterAll(async () => {
  await browser?.close();
  await bot?.stop();
  await world?.close();
});

/** Kept for people to look at. */
async function picture(name: string): Promise<void> {
  pictures += 1;
  await page.screenshot({ path: `${screenshots}${String(pictures).padStart(2, '0')}-${name}.png` });
}

test('help shows an admin and an approver what each of them may do', async () => {
  await demo.say(ada, 'help');
  await demo.say(ben, 'help');
  await demo.message(ada, 'create profile', 'import mailboxes').waitFor();
  await demo.message(ben, 'approve').waitFor();
  expect(await demo.message(ben, 'approve').innerText()).not.toContain('import mailboxes');
  await picture('help');
});

test('a wrong field is told beside it, and the other values stay', async () => {
  await demo.click(ada, 'Create profile');
  await demo.column(ada).getByRole('button', { name: 'Continue', exact: true }).waitFor();
  await demo.fill(ada, 'Name', 'Contoso on-premises');
  await demo.fill(ada, 'Server address (EWS); leave', 'http://mail.contoso.test/EWS/Exchange.asmx');
  await demo.fill(ada, 'Service account', world.exchange.serviceAccount.principalName);
  await demo.fill(ada, 'A mailbox to try', 'amira.almeida@contoso.test');
  await demo.click(ada, 'Continue');
  await demo.message(ada, 'must begin with https://').waitFor();
  expect(await demo.column(ada).getByLabel('Name').last().inputValue()).toBe('Contoso on-premises');
  await picture('wrong-address');
});

test('the password goes into the form behind the link, and its code into the chat', async () => {
  await demo.fill(ada, 'Server address (EWS); leave', world.ewsUrl);
  await demo.click(ada, 'Continue');
  await demo.message(ada, 'Enter the password').waitFor();
  await picture('password-link');
  const [form] = await Promise.all([
    page.context().waitForEvent('page'),
    demo.column(ada).getByRole('link', { name: 'Enter the password' }).last().click(),
  ]);
  await form.waitForLoadState();
  await form.screenshot({ path: `${screenshots}form.png` });
  await form.getByLabel('Password', { exact: false }).first().fill(world.exchange.serviceAccount.password);
  await form.getByRole('button').first().click();
  await form.getByText(/\d{4}/).first().waitFor();
  await form.screenshot({ path: `${screenshots}form-code.png` });
  const code = /\b(\d{4})\b/.exec(await form.locator('main').innerText())?.[1] ?? '';
  await form.close();
  await demo.fill(ada, 'Code', code);
  await demo.click(ada, 'Confirm');
  await demo.column(ada).getByRole('button', { name: 'Save', exact: true }).waitFor({ timeout: 30_000 });
  await picture('review');
});

test('saving shows what comes next', async () => {
  await demo.click(ada, 'Save');
  await demo.column(ada).getByRole('button', { name: 'Import mailboxes', exact: true }).last().waitFor();
  await picture('saved');
});

test('one card asks the approvers for two hundred mailboxes', async () => {
  await demo.look(approvals, 'ada');
  await demo.say(approvals, 'approvers here');
  await demo.say(alerts, 'subscribe');
  await demo.message(approvals, 'Approval cards come').waitFor();
  await demo.message(alerts, 'come to this conversation').waitFor();
  await demo.say(ada, `import mailboxes\n${csvOf(world.mailboxes)}`);
  await demo
    .column(ada)
    .getByRole('button', { name: /^Import 200/ })
    .waitFor();
  await picture('dry-run');
  await demo
    .column(ada)
    .getByRole('button', { name: /^Import 200/ })
    .click();
  await demo.look(approvals, 'ben');
  await demo
    .column(approvals)
    .getByRole('button', { name: /^Approve all 200/ })
    .waitFor();
  await picture('approval');
});

test('an approver rejects one mailbox of the list with the reason, and the card goes on with the rest', async () => {
  await demo.click(approvals, 'Choose…');
  const chat = demo.column(ben);
  await chat.getByLabel(/^amira\.berg@/).check();
  await picture('choose');
  await demo.click(ben, 'Reject selected…');
  const dialog = demo.dialog(ben);
  await dialog.getByLabel(/^Reason/).fill('Left the company in May');
  await picture('reject-reason');
  await dialog.getByRole('button', { name: 'Reject it', exact: true }).click();
  await dialog.getByText('One mailbox is rejected.').waitFor();
  await dialog.getByRole('button', { name: 'OK' }).click();
  await demo.column(approvals).getByRole('button', { name: 'Approve all 199', exact: true }).waitFor();
  expect(await demo.message(approvals, 'Approve 199 mailboxes?').innerText()).toContain('Left the company in May');
  await demo.say(ada, 'mailbox amira.berg@contoso.test');
  await demo.message(ada, 'Rejected by Ben Brandt', 'Left the company in May').waitFor();
  await picture('rejected');
});

test('the approval of all is asked once more, then starts the run, whose card lives, and the alerts arrive by cause', async () => {
  await demo.click(approvals, 'Approve all 199');
  await demo.message(approvals, 'Approve all 199 mailboxes?').waitFor();
  await picture('approve-all');
  await demo.click(approvals, 'Approve all 199');
  await demo
    .column(approvals)
    .getByRole('button', { name: /^Approve all 199/ })
    .waitFor({ state: 'detached' });
  await demo.message(ada, 'Test & Enable', 'of 199').waitFor();
  await picture('run-live');
  await demo
    .column(ada)
    .getByRole('button', { name: /^Retest the/ })
    .waitFor({ timeout: 60_000 });
  await picture('run-finished');
  await demo.message(alerts, 'The mailbox is full').waitFor({ timeout: 60_000 });
  await picture('alerts');
});

test('the list pages, filters, and opens a mailbox with its cause and next step', async () => {
  await demo.say(ada, 'mailboxes status:failure');
  await demo.message(ada, 'Mailboxes', 'failure').waitFor();
  await picture('list-failures');
  await demo
    .column(ada)
    .getByRole('button', { name: /^Open greta\.garcia@/ })
    .last()
    .click();
  await demo.message(ada, 'greta.garcia@contoso.test', 'The mailbox is full', 'How to fix it').waitFor();
  await picture('mailbox');
  await demo.say(ada, 'mailboxes');
  await demo.column(ada).getByRole('button', { name: 'Next', exact: true }).last().click();
  await demo.column(ada).getByRole('button', { name: 'Previous', exact: true }).last().waitFor();
  await picture('list-page-2');
});

test('an alert card retests its mailbox, in the channel where it was asked', async () => {
  const alert = demo.message(alerts, 'The mailbox is full', 'Retest it');
  await alert.getByRole('button', { name: 'Retest it', exact: true }).click();
  await demo.column(alerts).locator('.toast', { hasText: 'testing one mailbox' }).waitFor();
  await demo.message(alerts, 'Retest · The mailbox is full', '1 of 1 mailbox tested').waitFor({ timeout: 30_000 });
  await picture('retest');
});

test('a toast leaves the buttons of the newest card free', async () => {
  const toast = await demo.column(alerts).locator('.toast').last().boundingBox();
  const list = await demo.column(alerts).locator('.messages').boundingBox();
  expect(toast === null || list === null ? Number.NaN : toast.y - list.y).toBeLessThan(60);
});

test('switching an approval off takes a second person, who is asked by a card', async () => {
  await demo.say(ada, 'email settings');
  await demo.click(ada, 'Other settings');
  await demo.click(ada, 'Approval');
  const users = demo.column(ada).getByLabel('Process emails only for approved users').last();
  await users.uncheck();
  await demo.click(ada, 'Save');
  await demo.click(ada, 'Ask a second person');
  await demo.message(ben, 'Switch off the approval of user mailboxes?', 'Ada Admin').waitFor();
  // Whoever asks sees the question too, but is not offered to answer it.
  await demo.message(ada, 'Switch off the approval of user mailboxes?').waitFor();
  expect(await demo.column(ada).getByRole('button', { name: 'Agree', exact: true }).count()).toBe(0);
  await picture('second-person');
  await demo.click(ben, 'Agree');
  await demo.message(ada, 'Switched off', 'Ben Brandt').waitFor();
  await demo.message(ben, 'Switched off', 'Ben Brandt').waitFor();
  await picture('approval-off');
});

test('the page follows the dark scheme of the reader', async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  const card = demo.message(ada, 'Switched off').locator('.ac-adaptiveCard');
  await expect.poll(() => card.getAttribute('style')).toContain('rgb(41, 41, 41)');
  await picture('dark');
  await page.emulateMedia({ colorScheme: 'light' });
});

test('the page itself had no errors', () => {
  expect(problems).toEqual([]);
});
