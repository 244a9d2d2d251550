import { beforeEach, expect, test } from 'vitest';
import { confirmRoleChange, planRoleChange } from '../../services/access/change-roles.ts';
import { rolesOf } from '../../services/access/roles.ts';
import { decideRequest } from '../../services/approvals/decide-mailboxes.ts';
import type { Actor, Role } from '../../services/model/access.ts';
import { approvalStatus } from '../../services/model/mailbox.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { approvalStage, giveRoles, requestFor } from '../support/approval-stage.ts';
import { ada, env, pia, refusal, refusalOf, type MailroomStage } from '../support/mailroom-stage.ts';
import { saveSettings } from '../support/save-settings.ts';

/*
 * A control is weakened by one person only where nobody is there who could agree. Whoever sends the others away first has not
 * found themselves alone.
 */

const address = 'ceo@contoso.test';
const dayMs = 24 * 60 * 60 * 1000;
let stage: MailroomStage;

beforeEach(async () => {
  stage = await approvalStage();
  for (const { key, value } of await stage.store.query('role', { limit: 100 }))
    if (value.aadObjectId !== ada.aadObjectId && value.aadObjectId !== pia.aadObjectId)
      await stage.store.commit([{ kind: 'delete', collection: 'role', key }]);
  await giveRoles(stage, ada, ['admin', 'approver']);
});

async function change(deed: 'grant' | 'revoke', role: Role, { aadObjectId, name }: Actor): Promise<string> {
  const person = { aadObjectId, name, account: '' };
  const { id } = await planRoleChange(stage, env, ada, { deed, role, person });
  return (await confirmRoleChange(stage, env, ada, id)).state;
}

const fourEyes = async (): Promise<boolean> => (await getEnvironment(stage.store, env)).value.settings.fourEyes;

test('whoever takes the role from the last one who could agree switches no control off alone, for a day', async () => {
  const request = await requestFor(stage, [address]);
  expect(await change('revoke', 'approver', pia)).toBe('done');
  const tooSoon = { code: 'access.alone-too-soon', params: { hours: 24 } };
  expect(await refusalOf(saveSettings(stage, { fourEyes: 'false' }))).toMatchObject(tooSoon);
  expect(await refusalOf(saveSettings(stage, { requireApprovalForUsers: 'false' }))).toMatchObject(tooSoon);
  expect(await fourEyes()).toBe(true);
  const approved = { verdict: 'approved', reason: null } as const;
  expect(await refusal(decideRequest(stage, env, ada, request.id, request.revision, 'all', approved))).toBe(
    'approval.own',
  );
  expect((await stage.mailbox(address)).approval).toBe(approvalStatus.pending);

  stage.clock.advance(dayMs - 1);
  expect(await refusalOf(saveSettings(stage, { fourEyes: 'false' }))).toMatchObject({ params: { hours: 1 } });
  // Nobody is locked out for good.
  stage.clock.advance(1);
  await saveSettings(stage, { fourEyes: 'false' });
  expect(await fourEyes()).toBe(false);
});

test('nor do they name somebody in their place, and with a second person they do both at once', async () => {
  const other: Actor = { ...pia, aadObjectId: 'other', name: 'Other' };
  await change('revoke', 'approver', pia);
  expect(await refusal(change('grant', 'approver', other))).toBe('access.alone-too-soon');
  expect(await rolesOf(stage, env, 'other')).toEqual([]);
  await giveRoles(stage, pia, ['admin']);
  expect(await change('grant', 'approver', other)).toBe('waiting');
});

test('whoever was alone from the start, or lays down a role of their own, is not held up', async () => {
  await giveRoles(stage, pia, []);
  await change('revoke', 'approver', ada);
  await saveSettings(stage, { fourEyes: 'false' });
  expect(await fourEyes()).toBe(false);
});
