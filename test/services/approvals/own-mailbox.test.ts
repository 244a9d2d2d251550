import { beforeEach, describe, expect, it } from 'vitest';
import { approveOwnMailbox } from '../../../services/approvals/approve-own-mailbox.ts';
import { approvalStatus } from '../../../services/model/mailbox.ts';
import { approvalStage, giveRoles, requestFor } from '../../support/approval-stage.ts';
import { ada, env, pia, stranger, type MailroomStage } from '../../support/mailroom-stage.ts';
import { saveSettings } from '../../support/save-settings.ts';

const kim = 'kim@contoso.test';
const lee = 'lee@contoso.test';

let stage: MailroomStage;

beforeEach(async () => {
  stage = await approvalStage();
  await requestFor(stage, [kim, lee, 'sales@contoso.test,queue']);
});

const approve = (account: string | null, address: string, actor = stranger) =>
  approveOwnMailbox(stage, env, actor, account, address);

const approvalOf = async (address: string): Promise<number> => (await stage.mailbox(address)).approval;

describe('with the switch on', () => {
  beforeEach(() => stage.settings({ selfApproval: true }));

  it('lets somebody without a role approve the user mailbox of their sign-in name, once, and says so in the trail', async () => {
    const { decided } = await approve(kim, ' Kim@Contoso.test ');
    expect(decided).toEqual([kim]);
    expect(await approvalOf(kim)).toBe(approvalStatus.approved);
    expect(await approvalOf(lee)).toBe(approvalStatus.pending);
    expect(await stage.audit('approval.self-approved')).toMatchObject([{ actorId: 'stranger', subjects: [kim] }]);
    await expect(approve(kim, kim)).rejects.toMatchObject({ code: 'approval.own-mailbox-only' });
  });

  it.each([
    ["somebody else's", kim, lee],
    ['a queue', 'sales@contoso.test', 'sales@contoso.test'],
    ['one that does not exist', 'nobody@contoso.test', 'nobody@contoso.test'],
    ['any, where the roster names no account', null, kim],
    ['one like it', 'kim@contoso.test', 'kim@contoso.test.evil.test'],
    ['an empty name', '', ''],
  ])('says the same of every other mailbox: %s', async (_what, account, address) => {
    await expect(approve(account, address)).rejects.toMatchObject({ code: 'approval.own-mailbox-only', params: {} });
    expect(await stage.audit('approval.self-approved')).toEqual([]);
  });

  it('holds back whoever asked, as four-eyes says, and no longer when that is off', async () => {
    await expect(approve(kim, kim, ada)).rejects.toMatchObject({ code: 'approval.own' });
    await stage.settings({ fourEyes: false });
    expect((await approve(kim, kim, ada)).decided).toEqual([kim]);
  });

  it('decides once of fifty clicks at one instant', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => approve(kim, kim)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await stage.audit('approval.self-approved')).toHaveLength(1);
    expect((await stage.all('approvalRequest'))[0]).toMatchObject({ pending: 2, approved: 1 });
  });
});

it('is off from the start, and then nobody learns more than which role it takes', async () => {
  await expect(approve(kim, kim)).rejects.toMatchObject({ code: 'access.denied' });
});

it('takes a second person to be switched on, and none to be switched off', async () => {
  await giveRoles(stage, pia, ['admin', 'approver']);
  const asked = await saveSettings(stage, { selfApproval: 'true' });
  expect(asked.proposal?.state).toBe('waiting');
  expect(asked.environment.settings.selfApproval).toBe(false);
  await stage.settings({ selfApproval: true });
  const off = await saveSettings(stage, { selfApproval: 'false' });
  expect(off.proposal).toBeNull();
  expect(off.environment.settings.selfApproval).toBe(false);
});
