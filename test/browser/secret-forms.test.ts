import { mkdir } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { certificateTarget, FormStage, vaultTarget } from '../bot/form-stage.ts';
import { bytesOf, validAt, type SampleName } from '../exchange/oauth/certificate-samples.ts';
import { openChromium } from './open-chromium.ts';

const screenshots = new URL('./screenshots/', import.meta.url).pathname;

let browser: Browser;
let page: Page;
let stage: FormStage;
let problems: string[];

beforeAll(async () => {
  await mkdir(screenshots, { recursive: true });
  browser = await openChromium();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  stage = await FormStage.open();
  await stage.clock.advance(validAt - stage.clock.now(), () => Promise.resolve());
  page = await browser.newPage({ viewport: { width: 412, height: 900 } });
  problems = [];
  page.on('console', (message) => {
    // A page that is answered with 422 is told to the console by Chromium itself.
    if (message.type() === 'error' && !message.text().includes('status of 422')) problems.push(message.text());
  });
});
afterEach(async () => {
  await page.close();
  await stage.dispose();
});

const choose = (name: SampleName) =>
  page.getByLabel('Certificate file').setInputFiles({ name, mimeType: 'application/x-pkcs12', buffer: bytesOf(name) });

async function picture(name: string): Promise<void> {
  await page.screenshot({ path: `${screenshots}form-${name}.png`, fullPage: true });
}

test('a certificate goes through the form of a real browser: a wrong password is told, the right one is taken', async () => {
  await stage.ask({ target: certificateTarget });
  await page.goto(stage.base + stage.path);
  await picture('certificate');
  await choose('aes256.pfx');
  await page.getByLabel('Password of the file').fill('wrong');
  await page.getByRole('button', { name: 'Send the certificate' }).click();
  await page.getByRole('alert').filter({ hasText: 'The password does not open this file' }).waitFor();
  expect(await page.getByLabel('Password of the file').inputValue()).toBe('');
  await picture('certificate-wrong-password');
  await choose('aes256.pfx');
  await page.getByLabel('Password of the file').fill('pw');
  await page.getByRole('button', { name: 'Send the certificate' }).click();
  await page.getByText('The certificate has arrived').waitFor();
  await picture('certificate-code');
  expect(await stage.state()).not.toBe('open');
  expect(problems).toEqual([]);
});

test('Chromium does not send the form without a file, and needs no password', async () => {
  await stage.ask({ target: certificateTarget });
  await page.goto(stage.base + stage.path);
  await page.getByRole('button', { name: 'Send the certificate' }).click();
  expect(await page.getByLabel('Certificate file').evaluate((input) => input.matches(':invalid'))).toBe(true);
  expect(await page.getByLabel('Password of the file').evaluate((input) => input.matches(':invalid'))).toBe(false);
  await choose('plain.pem');
  await page.getByRole('button', { name: 'Send the certificate' }).click();
  await page.getByText('The certificate has arrived').waitFor();
});

test('a client secret and a password whose server is still sought say where they go', async () => {
  await stage.ask({ target: vaultTarget });
  await page.goto(stage.base + stage.path);
  await picture('client-secret');
  await page.getByLabel('Client secret of the app').fill('Q8~client&secret');
  await page.getByRole('button', { name: 'Send the client secret' }).click();
  await page.getByText('The client secret has arrived').waitFor();
  await stage.ask({ target: { host: 'autodiscover:contoso.test' } });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(stage.base + stage.path);
  await page.getByText('Found by Autodiscover for contoso.test').waitFor();
  await picture('searched');
  expect(problems).toEqual([]);
});
