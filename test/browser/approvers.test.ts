import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DemoMailbox } from '../../sandbox/exchange/index.ts';
import { goodMailboxes } from '../http/stage.ts';
import type { DemoPage } from './demo-page.ts';
import { DemoWindows } from './demo-windows.ts';

const approvals = '# Mailroom approvals';

let windows: DemoWindows;
let ben: DemoPage;
let dora: DemoPage;
let cleo: DemoPage;
/** Each request is about mailboxes of its own. */
let left: readonly DemoMailbox[];

beforeAll(async () => {
  windows = await DemoWindows.open('approvers', { mailboxes: goodMailboxes(9), approvers: ['ben', 'dora'] });
  left = windows.stage.world.mailboxes;
  [ben, dora, cleo] = await Promise.all([windows.window(), windows.window(), windows.window()]);
  await dora.look(approvals, 'dora');
  await cleo.look(approvals, 'cleo');
});

afterAll(() => windows?.close());

async function request(count: number): Promise<readonly string[]> {
  const mine = left.slice(0, count);
  left = left.slice(count);
  await windows.stage.importMailboxes(mine, 'false');
  return mine.map(({ address }) => address);
}

const button = (demo: DemoPage, name: string) => demo.column(approvals).getByRole('button', { name, exact: true });
const deciding = /^(Approve|Reject|Ask|Choose)/;

test('the head of a column says who is what, for whoever plays them all', async () => {
  const groups = ben.column('Ada’s chat').locator('.head optgroup');
  expect(
    await groups.evaluateAll((all) => all.map((group) => `${group.getAttribute('label')}: ${group.textContent}`)),
  ).toEqual([
    'Admin: Ada Admin',
    'Approver: Ben BrandtDora Dietz',
    'No role: Cleo Clark',
    'Guest: Gus Guest',
    'Another tenant: Fay Fabrikam',
    'Mailbox owner, no role: Greta Garcia',
  ]);
});

test('a request in the channel has the buttons of a decision for approvers, and for nobody else', async () => {
  await request(3);
  await button(ben, 'Approve all 3').waitFor();
  await button(dora, 'Approve all 3').waitFor();
  await windows.picture(ben, 'own-view');
  await cleo.message(approvals, '3 mailboxes').waitFor();
  expect(await cleo.column(approvals).getByRole('button', { name: deciding }).count()).toBe(0);
  await windows.picture(cleo, 'neutral');
});

test('whoever has no role and tries is told so alone, with the role that it takes', async () => {
  await button(cleo, 'Show my view').click();
  await cleo.column(approvals).locator('.toast', { hasText: 'You do not have the role' }).waitFor();
  const toast = cleo.column(approvals).locator('.toast').last();
  expect(await toast.innerText()).toContain('approver');
  await cleo.look('Ben’s chat', 'cleo');
  await cleo.say('Cleo’s chat', `approve ${windows.stage.world.mailboxes[0]?.address}`);
  await cleo.message('Cleo’s chat', 'It needs the role approver').waitFor();
  await windows.picture(cleo, 'no-role');
  expect(await cleo.column(approvals).getByRole('button', { name: deciding }).count()).toBe(0);
  for (const other of [ben, dora]) {
    expect(await other.column(approvals).locator('.toast').count()).toBe(0);
    expect(await button(other, 'Approve all 3').count()).toBe(1);
  }
});

test('what an approver types in a dialog survives the decision of another, who is asked once more', async () => {
  await button(ben, 'Reject all 3…').click();
  const dialog = ben.dialog(approvals);
  const reason = dialog.getByLabel(/^Reason/);
  await reason.fill('These people leave in May');

  await button(dora, 'Approve all 3').click();
  await dora.message(approvals, 'Approve all 3 mailboxes?').waitFor();
  await windows.picture(dora, 'confirm');
  // The question is Dora's alone.
  expect(await ben.message(approvals, 'Approve all 3 mailboxes?').count()).toBe(0);
  await button(dora, 'Approve all 3').click();
  await dora.message(approvals, 'Approved by', 'Dora Dietz').waitFor();

  await ben.message(approvals, 'Approved by', 'Dora Dietz').waitFor();
  expect(await reason.inputValue()).toBe('These people leave in May');
  await windows.picture(ben, 'typed-text-survives');
  await dialog.getByRole('button', { name: 'Reject 3', exact: true }).click();
  await dialog.getByText('This has changed meanwhile').first().waitFor();
  await windows.picture(ben, 'too-late');
  expect(await dialog.innerText()).toContain('These people leave in May');
  expect(await dialog.innerText()).toContain('Dora Dietz');
  await dialog.getByRole('button', { name: 'Close' }).click();
  for (const viewer of [ben, dora, cleo]) {
    await viewer.message(approvals, 'Approved by', 'Dora Dietz').waitFor();
    expect(await viewer.column(approvals).getByRole('button', { name: deciding }).count()).toBe(0);
  }
  await windows.picture(ben, 'approved');
});

test('what waits no more is not rejected along with the rest: the approver looks again, and begins again', async () => {
  const [first] = left;
  await request(3);
  await button(ben, 'Reject all 3…').click();
  const dialog = ben.dialog(approvals);
  await dialog.getByLabel(/^Reason/).fill('No licences are left');
  // Dora, in her own chat, about one of them.
  await dora.look('Ben’s chat', 'dora');
  await dora.say('Dora’s chat', `approve ${first?.address}`);
  await button(dora, 'Reject all 2…').waitFor();
  await dialog.getByRole('button', { name: 'Reject 3', exact: true }).click();
  await dialog.getByText('2 mailboxes still wait').waitFor();
  await windows.picture(ben, 'fewer');
  expect(await dialog.innerText()).toContain('No licences are left');
  await ben.page.keyboard.press('Escape');
});

test('a rejection needs its reason, and everybody reads it on the final card', async () => {
  await button(ben, 'Reject all 2…').click();
  const dialog = ben.dialog(approvals);
  await dialog.getByRole('button', { name: 'Reject 2', exact: true }).click();
  await dialog.getByText('Enter the reason. The person who asked will read it.').waitFor();
  await windows.picture(ben, 'reason-missing');
  await dialog.getByLabel(/^Reason/).fill('No licences are left');
  await windows.picture(ben, 'reason');
  await dialog.getByRole('button', { name: 'Reject 2', exact: true }).click();
  await dialog.getByText('2 mailboxes are rejected.').waitFor();
  await windows.picture(ben, 'rejected-message');
  await dialog.getByRole('button', { name: 'OK' }).click();
  for (const viewer of [ben, dora, cleo]) {
    await viewer.message(approvals, 'No licences are left', 'Ben Brandt').waitFor();
    expect(await viewer.column(approvals).getByRole('button', { name: deciding }).count()).toBe(0);
  }
  await windows.picture(cleo, 'rejected');
});

test('a question goes to the chat of whoever asked for the approval, and the answer to every approver', async () => {
  await request(2);
  await button(ben, 'Ask…').click();
  await ben.dialog(approvals).getByLabel('Question to Ada Admin').fill('Do they start in May?');
  await windows.picture(ben, 'ask');
  await ben.dialog(approvals).getByRole('button', { name: 'Ask', exact: true }).click();
  await ben.dialog(approvals).getByText('Ada Admin has your question').waitFor();
  await ben.dialog(approvals).getByRole('button', { name: 'OK' }).click();
  const ada = 'Ada’s chat';
  await ben.click(ada, 'Answer…');
  await ben.dialog(ada).getByLabel('Your answer').fill('On the third of May');
  await windows.picture(ben, 'answer');
  await ben.dialog(ada).getByRole('button', { name: 'Answer', exact: true }).click();
  await ben.dialog(ada).getByRole('button', { name: 'OK' }).click();
  for (const viewer of [ben, dora, cleo])
    await viewer.message(approvals, 'Do they start in May?', 'On the third of May').waitFor();
  await windows.picture(dora, 'answered');
});

test('two approvers at the same instant: one decides, and both see the same final card', async () => {
  for (const approver of [ben, dora]) {
    await button(approver, 'Approve all 2').click();
    await approver.message(approvals, 'Approve all 2 mailboxes?').waitFor();
  }
  const both = await Promise.all([ben, dora].map((approver) => button(approver, 'Approve all 2').elementHandle()));
  // Without the waits of a locator: the card of the slower one may be gone by then, as it may be for a person.
  await Promise.all(both.map((node) => node?.dispatchEvent('click')));
  const finals = await Promise.all(
    [ben, dora, cleo].map(async (viewer) => {
      const card = viewer.message(approvals, '2 mailboxes', 'Approved by');
      await card.waitFor();
      await expect.poll(() => viewer.column(approvals).getByRole('button', { name: deciding }).count()).toBe(0);
      return card.locator('.card').innerText();
    }),
  );
  expect(new Set(finals).size).toBe(1);
  expect(finals[0]).toMatch(/approved by (Ben Brandt|Dora Dietz)/i);
  await windows.picture(dora, 'same-instant');
});

test('a view speaks the language of whoever sees it, and the card of all stays as it is', async () => {
  await dora.say('Dora’s chat', 'language de');
  await dora.message('Dora’s chat', 'Deutsch').waitFor();
  const [address = ''] = await request(1);
  await button(dora, 'Genehmigen').waitFor();
  await button(ben, 'Approve').waitFor();
  await cleo.message(approvals, 'Pending Approval').waitFor();
  await windows.picture(dora, 'german-view');
  await button(dora, 'Genehmigen').click();
  for (const viewer of [ben, cleo]) {
    await viewer.message(approvals, `Request for ${address}`, 'Dora Dietz').waitFor();
    expect(await viewer.column(approvals).getByRole('button', { name: deciding }).count()).toBe(0);
  }
  await windows.picture(ben, 'approved-by-a-german-speaker');
});

test('the pages themselves had no errors', () => {
  expect(windows.problems).toEqual([]);
});
