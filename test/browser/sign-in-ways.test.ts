import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import type { BotProcess } from '../../sandbox/bot-process.ts';
import { startExchange, type ExchangeStandIn } from '../../sandbox/exchange/index.ts';
import { startWorld, type World } from '../../sandbox/world.ts';
import { DemoPage } from './demo-page.ts';
import { openChromium } from './open-chromium.ts';

const ada = 'Ada’s chat';
const screenshots = new URL('./screenshots/', import.meta.url).pathname;

let world: World;
/** Somebody else's server, with a certificate that is trusted here. */
let other: ExchangeStandIn;
let tlsDir: string;
let bot: BotProcess;
let browser: Browser;
let page: Page;
let demo: DemoPage;
const problems: string[] = [];

beforeAll(async () => {
  await mkdir(screenshots, { recursive: true });
  tlsDir = await mkdtemp(join(tmpdir(), 'mailroom-tls-'));
  world = await startWorld({ page: true, exchange: { tlsDir, latencyMs: 60 } });
  other = await startExchange({ tlsDir });
  bot = await world.startBot();
  await world.teams.installs.installEverywhere('ada');
  browser = await openChromium();
  page = await browser.newPage({ viewport: { width: 1600, height: 1300 } });
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
  await other?.close();
  await rm(tlsDir, { recursive: true, force: true });
  await world?.close();
});

/** Kept for people to look at: Ada's chat, as it is. */
async function picture(name: string): Promise<void> {
  await demo.column(ada).screenshot({ path: `${screenshots}way-${name}.png` });
}

const button = (name: string) => demo.column(ada).getByRole('button', { name, exact: true });

/** A value as the header of the demo page offers it. */
const hint = async (label: string): Promise<string> =>
  (await page.locator(`[data-hint="${label}"] code`).textContent()) ?? '';

async function fillDetails(name: string): Promise<void> {
  await demo.say(ada, 'create profile');
  await button('Continue').waitFor();
  await demo.fill(ada, 'Name', name);
  await demo.fill(ada, 'A mailbox to try', await hint('A mailbox to try'));
}

/** Goes to the form behind the newest link, fills it in and brings the code back. */
async function throughForm(link: string, name: string, fill: (form: Page) => Promise<void>): Promise<void> {
  await demo.column(ada).getByRole('link', { name: link }).last().waitFor();
  await picture(`${name}-link`);
  const [form] = await Promise.all([
    page.context().waitForEvent('page'),
    demo.column(ada).getByRole('link', { name: link }).last().click(),
  ]);
  await form.setViewportSize({ width: 360, height: 820 });
  await form.waitForLoadState();
  await form.screenshot({ path: `${screenshots}way-${name}-form.png`, fullPage: true });
  expect(await form.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
  await fill(form);
  await form.locator('button').click();
  const code = await form.locator('.code').innerText();
  await form.close();
  await demo.fill(ada, 'Code', code);
  await demo.click(ada, 'Confirm');
}

test('with Autodiscover nobody types an address: another host is asked about, then the own server is found and saved', async () => {
  const elsewhere = `127.0.0.1:${other.port}`;
  world.exchange.setAutodiscoverRules([{ then: { redirect: `https://${elsewhere}/autodiscover/autodiscover.xml` } }]);
  await fillDetails('By Autodiscover');
  await demo.column(ada).getByLabel('Autodiscover', { exact: true }).last().selectOption('active');
  await demo.fill(ada, 'Service account', await hint('Service account'));
  await picture('autodiscover-details');
  await demo.click(ada, 'Continue');
  const password = await hint('Password');
  await throughForm('Enter the password', 'autodiscover', (form) => form.getByLabel('Password').fill(password));

  await button('No, do not send it').waitFor({ timeout: 30_000 });
  expect(await demo.message(ada, 'May this host have the password?').innerText()).toContain(elsewhere);
  await picture('autodiscover-question');
  await demo.click(ada, 'No, do not send it');
  await button('Search again').waitFor({ timeout: 30_000 });
  await demo
    .column(ada)
    .getByRole('button', { name: /^Show the \d steps of the search$/ })
    .click();
  await picture('autodiscover-failed');
  expect(other.signIns()).toEqual([]);

  world.exchange.setAutodiscoverRules([]);
  await demo.click(ada, 'Search again');
  await button('Use this server').waitFor({ timeout: 30_000 });
  await picture('autodiscover-found');
  await demo.click(ada, 'Use this server');
  await button('Save').waitFor({ timeout: 30_000 });
  await picture('autodiscover-review');
  await demo.click(ada, 'Save');
  await button('Import mailboxes').last().waitFor();
});

test('with Hybrid Modern Authentication the page gives every value and the file to hand in', async () => {
  await page.getByText('Other ways to sign in').click();
  await page.screenshot({ path: `${screenshots}way-page.png` });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'mailroom-hma.pfx' }).click(),
  ]);
  const file = await download.path();
  const [tenant, app, password] = [
    await hint('Tenant'),
    await hint('App (client) ID'),
    await hint('Password of the PFX file'),
  ];
  await page.getByText('Other ways to sign in').click();

  await fillDetails('By OAuth');
  await demo.fill(ada, 'Server address (EWS); leave', await hint('Server address (EWS)'));
  await demo.column(ada).getByLabel('Authentication', { exact: true }).last().selectOption('oauth');
  await demo.click(ada, 'Continue');
  // The answer to the click shows the card at once; the edit of the message follows, and takes away what was typed before it.
  await demo.message(ada, 'App of Hybrid Modern Authentication', 'edited').waitFor();
  await demo.fill(ada, 'Tenant', tenant);
  await demo
    .column(ada)
    .getByLabel(/^App(?! that)/)
    .last()
    .fill(app);
  await picture('oauth-app');
  await demo.click(ada, 'Continue');
  await throughForm('Hand in the certificate', 'oauth', async (form) => {
    await form.getByLabel('Certificate file').setInputFiles(file);
    await form.getByLabel('Password of the file').fill(password);
  });
  await button('Save').waitFor({ timeout: 30_000 });
  await picture('oauth-review');
  await demo.click(ada, 'Save');
  await demo.message(ada, 'The profile is saved').last().waitFor();
});

test('the page itself had no errors', () => {
  expect(problems).toEqual([]);
});
