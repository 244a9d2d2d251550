import { expect, onTestFinished, test } from 'vitest';
import { ApprovalPlay } from '../support/approval-play.ts';

/** `npm run bench -- approvals` plays the same with 5,000, and measures. */
const mailboxes = 400;

test('hundreds that wait are decided by two clicks of one of three approvers, with an entry each and few messages', async () => {
  const play = await ApprovalPlay.open();
  onTestFinished(() => play.close());
  const { messages } = await play.round(mailboxes);
  expect(messages).toBeLessThanOrEqual(5);
  expect(await play.check()).toEqual({ right: mailboxes, wrong: [] });
});
