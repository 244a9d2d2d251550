import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BotProcess } from '../../sandbox/bot-process.ts';
import { csvOf, startWorld, type World } from '../../sandbox/world.ts';
import { DemoPage } from './demo-page.ts';
import { openChromium } from './open-chromium.ts';

const ada = 'Ada’s chat';

let world: World;
let bot: BotProcess;
let browser: Browser;
let page: Page;
let demo: DemoPage;

beforeAll(async () => {
  world = await startWorld({ page: true });
  bot = await world.startBot({ LOG_LEVEL: 'warn' });
  await world.teams.installs.installFor('ada');
  browser = await openChromium();
  page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
  page.setDefaultTimeout(20_000);
  await page.goto(world.teams.url);
  demo = new DemoPage(page);
});

afterAll(async () => {
  await browser?.close();
  await bot?.stop();
  await world?.close();
});

test('a mailbox is found by typing a part of its address, by keyboard alone', async () => {
  await demo.say(ada, `import mailboxes\n${csvOf(world.mailboxes)}`);
  await demo
    .column(ada)
    .getByRole('button', { name: /^Import 200/ })
    .click();
  await demo.message(ada, 'Imported').waitFor();
  await demo.say(ada, 'help');
  await demo.click(ada, 'Find a mailbox');
  const input = demo.column(ada).getByRole('combobox', { name: 'Mailbox' }).last();
  await input.click();
  const options = demo.column(ada).getByRole('listbox').last().getByRole('option');
  await expect.poll(() => options.count()).toBe(15);
  const last = world.mailboxes.at(-1)?.address ?? '';
  expect(await options.allInnerTexts()).not.toContain(last);
  await input.pressSequentially(last.split('@', 1)[0] ?? '');
  await expect.poll(() => options.allInnerTexts()).toEqual([last]);
  await input.press('ArrowDown');
  await input.press('Enter');
  expect(await input.inputValue()).toBe(last);
  await demo.click(ada, 'Open');
  await demo.message(ada, last, 'Mailbox · ').waitFor();
});

test('a text that is no choice is not sent, and the form says so', async () => {
  // The form of the step before is still open.
  const input = demo.column(ada).getByRole('combobox', { name: 'Mailbox' }).last();
  await input.fill('nobody@nowhere.test');
  await demo.column(ada).getByText('No results').waitFor();
  const before = await demo.column(ada).locator('.message').count();
  await demo.click(ada, 'Open');
  await demo.column(ada).getByText('Choose a mailbox from the list.').waitFor();
  expect(await demo.column(ada).locator('.message').count()).toBe(before);
});
