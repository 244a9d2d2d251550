import { expect, test } from 'vitest';
import { decideRequest } from '../../services/approvals/decide-mailboxes.ts';
import { confirmMailboxChange } from '../../services/mailboxes/confirm-change.ts';
import { planMailboxChange } from '../../services/mailboxes/plan-change.ts';
import { confirmImport } from '../../services/mailboxes/confirm-import.ts';
import { planImport } from '../../services/mailboxes/plan-import.ts';
import { approvalStatus, isEnabled, type Mailbox } from '../../services/model/mailbox.ts';
import { startRun } from '../../services/testing/start-run.ts';
import { ada, adaChat, env, MailroomStage, pia, refusal } from '../support/mailroom-stage.ts';
import { saveSettings } from '../support/save-settings.ts';

const works = { status: 1, enabled: true, fault: null } as const;
const enabled = { incoming: works, outgoing: works, act: works };
const address = 'ceo@contoso.test';

async function importRows(stage: MailroomStage, rows: string): Promise<void> {
  const batch = await planImport(stage, env, ada, adaChat, rows);
  await confirmImport(stage, env, ada, batch.id, false);
}

function testOne(stage: MailroomStage, mailbox: Mailbox): Promise<unknown> {
  return startRun(stage, env, ada, adaChat, { kind: 'selection', text: address }, [mailbox]);
}

test.each(['pending', 'rejected'] as const)(
  'an import does not lead a %s user around the approval by calling it a queue (law 2)',
  async (approval) => {
    const stage = await MailroomStage.open();
    await stage.profile();
    await stage.settings({ requireApprovalForQueues: false });
    await stage.mailboxes([address], { approval: approvalStatus[approval], owner: 'Lee' });
    const { rows } = await planImport(stage, env, ada, adaChat, `${address},queue,Lee`);
    // A rejected one is asked for again, as the user that it is.
    expect(rows).toMatchObject([{ verdict: approval === 'rejected' ? 'changed' : 'unchanged' }]);
    // Its owner may change; and a requirement that came between the dry run and its confirmation counts.
    await importRows(stage, `${address},queue,Kim`);
    expect(await stage.mailbox(address)).toMatchObject({
      type: 'user',
      owner: 'Kim',
      approval: approvalStatus.pending,
    });
    expect(await refusal(testOne(stage, await stage.mailbox(address)))).toBe('run.nothing-to-test');
  },
);

test.each(['pending', 'rejected'] as const)(
  'a %s mailbox that worked while no approval was required stops when one is (law 2)',
  async (approval) => {
    const stage = await MailroomStage.open();
    await stage.settings({ requireApprovalForUsers: false });
    await stage.mailboxes([address], { approval: approvalStatus[approval], ...enabled });
    await stage.mailboxes(['fine@contoso.test'], { approval: approvalStatus.approved, ...enabled });
    await saveSettings(stage, { requireApprovalForUsers: 'true' });
    const mailbox = await stage.mailbox(address);
    expect(isEnabled(mailbox)).toBe(false);
    expect(mailbox.approval).toBe(approvalStatus[approval]);
    expect(isEnabled(await stage.mailbox('fine@contoso.test'))).toBe(true);
    expect(await stage.audit('mailbox.disabled')).toMatchObject([{ actorId: 'ada', subjects: [address] }]);
  },
);

test('a test that ends in the moment in which approval becomes required enables nothing (law 2)', async () => {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.settings({ requireApprovalForUsers: false });
  await stage.mailboxes([address], { approval: approvalStatus.rejected });
  await testOne(stage, await stage.mailbox(address));
  const { store } = stage;
  const commit = store.commit.bind(store);
  let switched = false;
  store.commit = async (changes, expected) => {
    const ends = changes.some((change) => change.kind === 'put' && change.collection === 'outcome');
    if (ends && !switched) {
      switched = true;
      await saveSettings(stage, { requireApprovalForUsers: 'true' });
    }
    return commit(changes, expected);
  };
  await stage.work();
  expect(switched).toBe(true);
  expect(isEnabled(await stage.mailbox(address))).toBe(false);
});

test('an import in the moment in which approval becomes required leaves nothing unasked (law 2)', async () => {
  const stage = await MailroomStage.open();
  await stage.settings({ requireApprovalForUsers: false });
  const { store } = stage;
  const commit = store.commit.bind(store);
  let switched = false;
  store.commit = async (changes, expected) => {
    if (changes.some((change) => change.kind === 'put' && change.collection === 'mailbox') && !switched) {
      switched = true;
      await saveSettings(stage, { requireApprovalForUsers: 'true' });
    }
    return commit(changes, expected);
  };
  await importRows(stage, `${address},user,Lee`);
  expect(await stage.mailbox(address)).toMatchObject({ approval: approvalStatus.pending });
});

const swaps: readonly [string, (stage: MailroomStage) => Promise<unknown>][] = [
  ['another owner', (stage) => importRows(stage, `${address},user,Mallory`)],
  ['another type', (stage) => importRows(stage, `${address},queue,Lee`)],
  [
    'another profile',
    async (stage) => {
      await stage.profile('p2');
      const { id } = await planMailboxChange(stage, env, ada, 'apply-defaults', { text: 'all' });
      await confirmMailboxChange(stage, env, ada, id, 1, adaChat);
    },
  ],
];

test.each(swaps)('an approval by a card from before %s decides nothing (law 1)', async (_name, swap) => {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.subscribe('approvers', { approvals: true });
  await importRows(stage, `${address},user,Lee`);
  const [seen] = await stage.all('approvalRequest');
  if (seen === undefined) throw new Error('no request');
  await stage.sendAll();
  await swap(stage);
  const approved = { verdict: 'approved', reason: null } as const;
  const result = await decideRequest(stage, env, pia, seen.id, seen.revision, 'all', approved);
  expect(result.stale).toBe(true);
  expect((await stage.mailbox(address)).approval).toBe(approvalStatus.pending);
  // The cards of the request show the new facts, and a click on those decides.
  expect(await stage.wishes('approval')).toEqual(['approvers approval']);
  const now = (await stage.get('approvalRequest', seen.id)).revision;
  expect((await decideRequest(stage, env, pia, seen.id, now, 'all', approved)).stale).toBe(false);
  expect((await stage.mailbox(address)).approval).toBe(approvalStatus.approved);
});

test('the trail names every mailbox whose owner or type an import changed', async () => {
  const stage = await MailroomStage.open();
  await stage.mailboxes([address], { owner: 'Lee' });
  await importRows(stage, `${address},user,Mallory\nnew@contoso.test,user,Lee`);
  const [entry] = await stage.audit('mailboxes.imported');
  expect(entry).toMatchObject({ subjects: ['new@contoso.test', address], details: { created: 1, changed: 1 } });
});
