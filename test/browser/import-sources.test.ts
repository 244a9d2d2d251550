import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import type { BotProcess } from '../../sandbox/bot-process.ts';
import { startWorld, type World } from '../../sandbox/world.ts';
import { DemoPage } from './demo-page.ts';
import { openChromium } from './open-chromium.ts';

const ada = 'Ada’s chat';
const screenshots = new URL('./screenshots/', import.meta.url).pathname;

let world: World;
let bot: BotProcess;
let browser: Browser;
let page: Page;
let demo: DemoPage;

beforeAll(async () => {
  await mkdir(screenshots, { recursive: true });
  world = await startWorld({ page: true });
  bot = await world.startBot();
  await world.teams.installs.installEverywhere('ada');
  browser = await openChromium();
  page = await browser.newPage({ viewport: { width: 1600, height: 950 } });
  await page.goto(world.teams.url);
  demo = new DemoPage(page);
});

afterAll(async () => {
  await browser?.close();
  await bot?.stop();
  await world?.close();
});

test('the ways into an import are on one card, and its field takes rows', async () => {
  await demo.say(ada, 'import mailboxes');
  await demo.message(ada, 'attach a CSV file').waitFor();
  await demo.fill(ada, 'Rows: address', 'first@contoso.test, user\nsecond@contoso.test, queue, Lee');
  await page.screenshot({ path: `${screenshots}import-sources.png` });
  await demo.click(ada, 'Show dry run');
  await demo.message(ada, '2 lines are fine', 'second@contoso.test').waitFor();
});

test('a file that is attached with the button of the page becomes a dry run', async () => {
  const buffer = Buffer.from('\uFEFFOwner\tAddress\r\nZoë\tthird@contoso.test', 'utf16le');
  const input = demo.column(ada).locator('input[type=file]');
  await input.setInputFiles({ name: 'Boxes of Zoë.csv', mimeType: 'text/csv', buffer });
  await demo.message(ada, 'File Boxes of Zoë.csv', 'third@contoso.test · User · Zoë').waitFor();
  await page.screenshot({ path: `${screenshots}import-file.png` });
  const pk = Buffer.from([0x50, 0x4b, 3, 4]);
  await input.setInputFiles({ name: 'Boxes.xlsx', mimeType: 'application/octet-stream', buffer: pk });
  await demo.message(ada, 'Boxes.xlsx is an Excel workbook').waitFor();
  expect(await demo.message(ada, 'Excel workbook').innerText()).toContain('CSV UTF-8');
});
