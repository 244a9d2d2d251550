import { csvOf, startWorld } from '../sandbox/world.ts';
import { DemoPage } from '../test/browser/demo-page.ts';
import { openChromium } from '../test/browser/open-chromium.ts';

// node docs/take-pictures.ts: the pictures of the README, from the running demo. Needs Chromium, as the browser test does.
const ada = 'Ada’s chat';
const ben = 'Ben’s chat';
const approvals = '# Mailroom approvals';
const alerts = '# Mailroom alerts';
const pictures = new URL('./pictures/', import.meta.url).pathname;

const world = await startWorld({ page: true, exchange: { latencyMs: 60 } });
const bot = await world.startBot({ LOG_LEVEL: 'warn' });
await world.teams.installs.installEverywhere('ada');
const browser = await openChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
  await page.goto(world.teams.url);
  const demo = new DemoPage(page);
  const choose = (channel: string, person: string) => demo.column(channel).locator('select').selectOption(person);

  await choose(approvals, 'ada');
  await demo.say(approvals, 'approvers here');
  await demo.message(approvals, 'Approval cards come').waitFor();
  await demo.say(alerts, 'subscribe');
  await demo.message(alerts, 'come to this conversation').waitFor();
  await choose(approvals, 'ben');

  await demo.say(ben, 'help');
  await demo.message(ben, 'approve').waitFor();
  await demo.say(ada, 'create profile');
  await demo.column(ada).getByRole('button', { name: 'Continue', exact: true }).waitFor();
  await demo.fill(ada, 'Name', 'Contoso on-premises');
  await demo.fill(ada, 'Server address (EWS); leave', world.ewsUrl);
  await demo.fill(ada, 'Service account', world.exchange.serviceAccount.principalName);
  await demo.fill(ada, 'A mailbox to try', 'amira.almeida@contoso.test');
  await demo.click(ada, 'Continue');
  const link = demo.column(ada).getByRole('link', { name: 'Enter the password' }).last();
  const [form] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
  await form.getByLabel('Password').first().fill(world.exchange.serviceAccount.password);
  await form.getByRole('button').first().click();
  await form.getByText(/\d{4}/).first().waitFor();
  const code = /\b(\d{4})\b/.exec(await form.locator('main').innerText())?.[1] ?? '';
  await form.close();
  await demo.fill(ada, 'Code', code);
  await demo.click(ada, 'Confirm');
  await demo.column(ada).getByRole('button', { name: 'Save', exact: true }).waitFor();
  await page.screenshot({ path: `${pictures}review.png` });

  await demo.click(ada, 'Save');
  await demo.column(ada).getByRole('button', { name: 'Import mailboxes', exact: true }).last().waitFor();
  await demo.say(ada, `import mailboxes\n${csvOf(world.mailboxes)}`);
  await demo
    .column(ada)
    .getByRole('button', { name: /^Import 200/ })
    .click();
  const approveAll = demo.column(approvals).getByRole('button', { name: /^Approve all 200/ });
  await approveAll.waitFor();
  await page.screenshot({ path: `${pictures}approval.png` });

  await approveAll.click();
  await demo.message(approvals, 'Approve all 200 mailboxes?').waitFor();
  await approveAll.click();
  await demo.message(ada, 'Test & Enable', 'of 200').waitFor();
  await demo
    .column(ada)
    .getByRole('button', { name: /^Retest the/ })
    .waitFor({ timeout: 60_000 });
  await demo.message(alerts, 'The mailbox is full').waitFor({ timeout: 60_000 });
  await demo.message(alerts, 'The mailbox is full').scrollIntoViewIfNeeded();
  await page.screenshot({ path: `${pictures}alerts.png` });
} finally {
  await browser.close();
  await bot.stop();
  await world.close();
}
