import { afterAll, beforeAll, expect, test } from 'vitest';
import { goodMailboxes } from '../http/stage.ts';
import type { DemoPage } from './demo-page.ts';
import { DemoWindows } from './demo-windows.ts';

const approvals = '# Mailroom approvals';
const chat = 'Ben’s chat';
const mailboxes = goodMailboxes(13);

let windows: DemoWindows;
let ben: DemoPage;

beforeAll(async () => {
  windows = await DemoWindows.open('approver-list', { mailboxes, approvers: ['ben', 'dora'] });
  ben = await windows.window();
  await windows.stage.importMailboxes(mailboxes, 'false');
});

afterAll(() => windows?.close());

const tick = (index: number) =>
  ben
    .column(chat)
    .getByRole('checkbox', { name: mailboxes[index]?.address ?? '' })
    .last();

test('Choose… in the channel opens the list of the request in the approver’s own chat', async () => {
  await ben.column(approvals).getByRole('button', { name: 'Choose…', exact: true }).click();
  await ben.column(approvals).locator('.toast', { hasText: 'The list is in your own chat' }).waitFor();
  await ben.message(chat, mailboxes[0]?.address ?? '', '13 mailboxes').waitFor();
  await windows.picture(ben, 'list');
  // The card in the channel stays as it was.
  expect(await ben.column(approvals).getByRole('button', { name: 'Approve all 13', exact: true }).count()).toBe(1);
});

test('what is ticked on two pages is approved after a question, and the list goes on with the rest', async () => {
  await tick(0).check();
  await tick(1).check();
  await ben.click(chat, 'Next');
  await ben.message(chat, '2 selected').waitFor();
  await tick(12).check();
  await ben.click(chat, 'Approve selected');
  await ben.message(chat, 'Approve 3 mailboxes?').waitFor();
  await windows.picture(ben, 'approve-selected');
  await ben.click(chat, 'Approve 3 mailboxes');
  await ben.message(chat, '3 mailboxes are approved.').waitFor();
  await ben.message(chat, '10 mailboxes').waitFor();
  await windows.picture(ben, 'approved');
  await ben.column(approvals).getByRole('button', { name: 'Approve all 10', exact: true }).waitFor();
});

test('what is ticked is rejected by a dialog that asks for the reason', async () => {
  await tick(3).check();
  await ben.click(chat, 'Reject selected…');
  const dialog = ben.dialog(chat);
  await dialog.getByText('Reject 1 mailbox?').waitFor();
  await dialog.getByLabel(/^Reason/).fill('Left the company in May');
  await windows.picture(ben, 'reject-selected');
  await dialog.getByRole('button', { name: 'Reject it', exact: true }).click();
  await dialog.getByText('One mailbox is rejected.').waitFor();
  await dialog.getByRole('button', { name: 'OK' }).click();
  await ben.message(approvals, '3 approved, 1 rejected, 9 waiting', 'Left the company in May').waitFor();
  await windows.picture(ben, 'rejected');
  expect(windows.problems).toEqual([]);
});

test('“pending” asks about all of it at once', async () => {
  await ben.say(chat, 'pending');
  await ben.column(chat).getByRole('button', { name: 'Approve all 9', exact: true }).last().click();
  await ben.message(chat, 'Approve all 9 mailboxes?').waitFor();
  await ben.column(chat).getByRole('button', { name: 'Approve all 9', exact: true }).last().click();
  await ben.message(chat, '12 of 13 approved').or(ben.message(chat, 'Partly approved')).first().waitFor();
  await windows.picture(ben, 'decided');
  expect(
    await ben
      .column(approvals)
      .getByRole('button', { name: /^(Approve|Reject|Ask|Choose)/ })
      .count(),
  ).toBe(0);
});
