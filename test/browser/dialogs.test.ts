import { mkdir } from 'node:fs/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { CONTOSO_TENANT_ID, MAILROOM_APP_ID } from '../../sandbox/teams/people.ts';
import { startTeams, type Teams } from '../../sandbox/teams/start-teams.ts';
import { ADAPTIVE_CARD, type JsonObject } from '../../sandbox/teams/wire.ts';
import {
  card,
  cardMessage,
  connectorClient,
  invokeAnswer,
  startFakeBot,
  type FakeBot,
} from '../sandbox/teams/fake-bot.ts';
import { APPROVALS } from '../sandbox/teams/stage.ts';
import { DemoPage } from './demo-page.ts';
import { openChromium } from './open-chromium.ts';

// What the demo page does as a client of Teams, against a bot of a few lines.
const approvals = '# Mailroom approvals';
const screenshots = new URL('./screenshots/', import.meta.url).pathname;

let browser: Browser;
let page: Page;
let demo: DemoPage;
let bot: FakeBot;
let teams: Teams;
let problems: string[];

beforeAll(async () => {
  await mkdir(screenshots, { recursive: true });
  browser = await openChromium();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  bot = await startFakeBot();
  teams = await startTeams({ botUrl: bot.url, appId: MAILROOM_APP_ID, tenantId: CONTOSO_TENANT_ID });
  teams.installs.presetInstalled();
  page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
  page.setDefaultTimeout(10_000);
  problems = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(teams.url);
  demo = new DemoPage(page);
});
afterEach(async () => {
  await page.close();
  await teams.close();
  await bot.close();
  expect(problems).toEqual([]);
});

const request = (text: string, more: JsonObject = {}): unknown =>
  cardMessage(
    card(
      [
        { type: 'TextBlock', text, wrap: true },
        { type: 'Input.Text', id: 'note', label: 'Note' },
      ],
      {
        actions: [
          {
            type: 'Action.Submit',
            title: 'Reject…',
            data: { verb: 'approval.reject', id: 'r1', revision: 1, msteams: { type: 'task/fetch' } },
          },
        ],
        ...more,
      },
    ),
  );

const form = card(
  [
    { type: 'TextBlock', text: 'Two mailboxes are rejected.', wrap: true },
    {
      type: 'Input.Text',
      id: 'reason',
      label: 'Reason',
      isMultiline: true,
      isRequired: true,
      errorMessage: 'Enter the reason.',
    },
  ],
  {
    actions: [
      { type: 'Action.Submit', title: 'Reject', data: { verb: 'approval.reject-send', id: 'r1', revision: 1 } },
      { type: 'Action.Submit', title: 'Cancel', associatedInputs: 'none', data: { verb: 'approval.leave' } },
    ],
  },
);

const showing = (content: JsonObject, title: string) => () => ({
  status: 200,
  body: {
    task: { type: 'continue', value: { title, height: 'medium', card: { contentType: ADAPTIVE_CARD, content } } },
  },
});
const saying = (value: string) => () => ({ status: 200, body: { task: { type: 'message', value } } });

const connector = (method: string, path: string, body: unknown) =>
  connectorClient(teams.serviceUrl)(method, `conversations/${APPROVALS}/activities${path}`, body);

async function post(activity: unknown): Promise<string> {
  const { body } = await connector('POST', '', activity);
  return body.id ?? '';
}

const look = (viewer: string) => demo.column(approvals).locator('.head select').selectOption(viewer);
const dialog = () => demo.column(approvals).getByRole('dialog');
const focused = () => page.evaluate('document.activeElement.ariaLabel || document.activeElement.textContent');
const isFocused = (input: Locator) => input.evaluate((node) => node === node.ownerDocument.activeElement);
const picture = (name: string) => page.screenshot({ path: `${screenshots}${name}.png` });

test('a dialog lies over its column alone, holds the focus, and gives it back to the button', async () => {
  await post(request('Approve two mailboxes?'));
  bot.answer = showing(form, 'Reject the request');
  await demo.click(approvals, 'Reject…');
  await dialog().waitFor();
  expect(await dialog().getAttribute('aria-modal')).toBe('true');
  expect(await page.getByRole('dialog', { name: 'Reject the request', exact: true }).count()).toBe(1);
  const reason = dialog().getByLabel('Reason');
  await expect.poll(() => isFocused(reason)).toBe(true);
  await picture('dialog-open');
  const round: unknown[] = [];
  // The card itself is a stop of its own, between the last and the first input.
  for (let press = 0; press < 5; press += 1) {
    await page.keyboard.press('Tab');
    round.push(await focused());
  }
  expect(round.slice(0, 3)).toEqual(['Reject', 'Cancel', 'Close']);
  expect(await isFocused(reason)).toBe(true);
  await dialog().getByRole('button', { name: 'Close' }).focus();
  await page.keyboard.press('Shift+Tab');
  expect(await focused()).toBe('Cancel');
  // What lies behind cannot be used; the other columns can.
  expect(
    await demo
      .column(approvals)
      .locator('.head, .body, .composer')
      .evaluateAll((parts) => parts.map((part) => part.inert)),
  ).toEqual([true, true, true]);
  await demo.say('Ada’s chat', 'help');
  await demo.message('Ada’s chat', 'help').waitFor();
  await reason.focus();
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
  expect(await focused()).toBe('Reject…');
  expect(bot.turns.map(({ activity }) => activity.name)).toEqual(['task/fetch', undefined]);
});

test('a required input is asked for beside it, and nothing is sent; Cancel needs none', async () => {
  await post(request('Approve two mailboxes?'));
  bot.answer = showing(form, 'Reject the request');
  await demo.click(approvals, 'Reject…');
  await dialog().getByRole('button', { name: 'Reject', exact: true }).click();
  await dialog().getByText('Enter the reason.').waitFor();
  await picture('dialog-required');
  expect(bot.turns).toHaveLength(1);
  bot.answer = () => ({ status: 200 });
  await dialog().getByRole('button', { name: 'Cancel', exact: true }).click();
  await dialog().waitFor({ state: 'detached' });
  expect(bot.turns[1]?.activity.value).toMatchObject({ data: { verb: 'approval.leave' } });
});

test('an edit of the message takes what was typed into its card, and leaves the dialog alone', async () => {
  const id = await post(request('Approve two mailboxes?'));
  await demo.fill(approvals, 'Note', 'half a thought');
  bot.answer = showing(form, 'Reject the request');
  await demo.click(approvals, 'Reject…');
  await dialog().getByLabel('Reason').fill('The owner has left');
  await connector('PUT', `/${id}`, request('Approve one mailbox?'));
  await demo.message(approvals, 'Approve one mailbox?').waitFor();
  expect(await dialog().getByLabel('Reason').inputValue()).toBe('The owner has left');
  expect(await demo.column(approvals).getByLabel('Note').inputValue()).toBe('');
  // The same card once more: an edit all the same.
  await dialog().getByRole('button', { name: 'Close' }).click();
  await demo.fill(approvals, 'Note', 'again');
  await connector('PUT', `/${id}`, request('Approve one mailbox?'));
  await expect.poll(() => demo.column(approvals).getByLabel('Note').inputValue()).toBe('');
});

test('a failure stands in the dialog with what was typed; then a sentence, and a box to close', async () => {
  await post(request('Approve two mailboxes?'));
  bot.answer = showing(form, 'Reject the request');
  await demo.click(approvals, 'Reject…');
  await dialog().getByLabel('Reason').fill('The owner has left');
  bot.answer = () => ({ status: 500 });
  await dialog().getByRole('button', { name: 'Reject', exact: true }).click();
  await dialog().getByRole('alert').filter({ hasText: 'Unable to reach app' }).waitFor();
  await picture('dialog-unreachable');
  expect(await dialog().getByLabel('Reason').inputValue()).toBe('The owner has left');
  bot.answer = showing(
    card([{ type: 'TextBlock', text: 'Sure?' }], {
      actions: [{ type: 'Action.Execute', title: 'Yes', data: { verb: 'yes' } }],
    }),
    'Once more',
  );
  await dialog().getByRole('button', { name: 'Reject', exact: true }).click();
  await page.getByRole('dialog', { name: 'Once more', exact: true }).waitFor();
  expect(await dialog().getByRole('alert').count()).toBe(0);
  bot.answer = saying('Dora decided a moment ago.');
  await dialog().getByRole('button', { name: 'Yes' }).click();
  await dialog().getByText('Dora decided a moment ago.').waitFor();
  await picture('dialog-message');
  expect(bot.turns.at(-1)?.activity).toMatchObject({ name: 'task/submit', value: { data: { verb: 'yes' } } });
  await page.keyboard.press('Enter');
  await dialog().waitFor({ state: 'detached' });
});

test('an input of a dialog that searches asks the bot; Escape folds its list first, then the dialog', async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await post(request('Approve two mailboxes?'));
  const person = {
    type: 'Input.ChoiceSet',
    id: 'person',
    label: 'Person',
    choices: [],
    'choices.data': { type: 'Data.Query', dataset: 'people' },
  };
  bot.answer = showing(card([person]), 'Assign');
  await demo.click(approvals, 'Reject…');
  const input = dialog().getByRole('combobox', { name: 'Person' });
  bot.answer = () => ({
    status: 200,
    body: {
      type: 'application/vnd.microsoft.search.searchResponse',
      value: { results: [{ title: 'Dora Dietz', value: 'd' }] },
    },
  });
  await input.pressSequentially('do');
  await dialog().getByRole('option', { name: 'Dora Dietz' }).waitFor();
  await picture('dialog-dark');
  expect(bot.turns.at(-1)?.activity).toMatchObject({
    name: 'application/search',
    value: { queryText: 'do', dataset: 'people' },
  });
  await page.keyboard.press('Escape');
  await dialog().getByRole('listbox').waitFor({ state: 'hidden' });
  expect(await dialog().count()).toBe(1);
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
});

test('a dialog that cannot be opened is told below the card', async () => {
  await post(request('Approve two mailboxes?'));
  bot.answer = () => ({ status: 501 });
  await demo.click(approvals, 'Reject…');
  await demo.column(approvals).locator('.toast', { hasText: 'Unable to reach app' }).waitFor();
  expect(await dialog().count()).toBe(0);
});

test('each person sees an own view; who is not listed asks for it in the menu; a click changes the clicker’s alone', async () => {
  bot.answer = ({ activity }) => {
    const { action } = activity.value as { action: { verb: string } };
    const text = action.verb === 'approval.view' ? `For ${activity.from?.name}` : `Done by ${activity.from?.name}`;
    const actions = [{ type: 'Action.Execute', title: 'Approve', verb: 'approval.approve' }];
    return invokeAnswer(ADAPTIVE_CARD, card([{ type: 'TextBlock', text }], { actions }));
  };
  const refresh = {
    action: { type: 'Action.Execute', verb: 'approval.view', data: { id: 'r1' } },
    userIds: ['ben', 'dora'].map((who) => teams.state.getPerson(who).mri),
  };
  const id = await post(request('Two mailboxes wait', { refresh }));
  await demo.message(approvals, 'For Ben Brandt').waitFor();
  await look('dora');
  await demo.message(approvals, 'For Dora Dietz').waitFor();
  await look('cleo');
  await demo.message(approvals, 'Two mailboxes wait').waitFor();
  await demo.column(approvals).getByLabel('More options').click();
  await picture('view-menu');
  await demo.click(approvals, 'Refresh card');
  await demo.message(approvals, 'For Cleo Clark').waitFor();

  await look('ben');
  await demo.click(approvals, 'Approve');
  await demo.message(approvals, 'Done by Ben Brandt').waitFor();
  await look('dora');
  await demo.message(approvals, 'For Dora Dietz').waitFor();
  await connector('PUT', `/${id}`, cardMessage(card([{ type: 'TextBlock', text: 'Approved for all' }])));
  for (const viewer of ['ben', 'cleo', 'dora']) {
    await look(viewer);
    await demo.message(approvals, 'Approved for all').waitFor();
    expect(await demo.column(approvals).getByLabel('More options').count()).toBe(0);
  }
});
