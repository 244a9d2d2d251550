import { describe, expect, it } from 'vitest';
import { decideMailboxes } from '../../../services/approvals/decide-mailboxes.ts';
import { sweep } from '../../../services/jobs/sweep.ts';
import {
  bulkActionOf,
  cancelBulkAction,
  confirmBulkAction,
  planBulkAction,
} from '../../../services/mailboxes/bulk-actions.ts';
import {
  changeMailboxList,
  currentMailboxList,
  openMailboxList,
  selectionOf,
  type MailboxList,
} from '../../../services/mailboxes/change-mailbox-list.ts';
import { countMailboxes } from '../../../services/mailboxes/find-mailboxes.ts';
import { offerMailboxes } from '../../../services/mailboxes/export-mailboxes.ts';
import { planMailboxChange } from '../../../services/mailboxes/plan-change.ts';
import type { Actor } from '../../../services/model/access.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { approvalStage, giveRoles, requestFor } from '../../support/approval-stage.ts';
import {
  abe,
  ada,
  adaChat,
  addresses,
  env,
  pete,
  pia,
  refusal,
  type MailroomStage,
} from '../../support/mailroom-stage.ts';

const six = addresses(6);
const approved = { verdict: 'approved', reason: null } as const;
const addressesOf = ({ rows }: MailboxList): string[] => rows.map(({ address }) => address);
const listOf = (stage: MailroomStage, actor: Actor, filter: string) => openMailboxList(stage, env, actor, filter);

/** Ada asks about the first four, Abe about the other two. */
async function twoRequests() {
  const stage = await approvalStage();
  const first = await requestFor(stage, six.slice(0, 4), ada);
  const second = await requestFor(stage, six.slice(4), abe);
  return { stage, first, second };
}

describe('a list of what waits', () => {
  it('is that of one request', async () => {
    const { stage, first } = await twoRequests();
    const filter = `approval:pending request:${first.id}`;
    expect(addressesOf(await listOf(stage, pia, filter))).toEqual(six.slice(0, 4));
    await decideMailboxes(stage, env, pia, six.slice(0, 1), approved);
    expect(addressesOf(await listOf(stage, pia, filter))).toEqual(six.slice(1, 4));
    expect(addressesOf(await listOf(stage, pia, `request:${first.id}`))).toEqual(six.slice(0, 4));
    expect(addressesOf(await listOf(stage, pia, 'request:NOSUCH'))).toEqual([]);
  });

  it('is of all that its reader may decide: never of what they have asked for, and of nothing without the role', async () => {
    const { stage, first } = await twoRequests();
    await giveRoles(stage, ada, ['admin', 'approver']);
    expect(addressesOf(await listOf(stage, pia, 'decider:me'))).toEqual(six);
    expect(addressesOf(await listOf(stage, ada, 'approval:pending decider:me'))).toEqual(six.slice(4));
    expect(addressesOf(await listOf(stage, ada, `decider:me request:${first.id}`))).toEqual([]);
    expect(addressesOf(await listOf(stage, abe, 'decider:me'))).toEqual([]);
  });

  it('that somebody else copies is of what the other may decide', async () => {
    const { stage } = await twoRequests();
    await giveRoles(stage, ada, ['admin', 'approver']);
    const { view } = await listOf(stage, pia, 'decider:me');
    const click = { id: view.id, revision: view.revision, inputs: {} };
    const copy = await changeMailboxList(stage, env, ada, click, { kind: 'select-all' });
    expect([copy.untouched, addressesOf(copy), copy.selected]).toEqual(['copied', six.slice(4), []]);
  });

  it('selects all that were counted, and nothing if others match by then (law 1)', async () => {
    const { stage } = await twoRequests();
    const { view } = await listOf(stage, pia, 'decider:me');
    const click = { id: view.id, revision: view.revision, inputs: {} };
    await decideMailboxes(stage, env, pete, six.slice(0, 1), approved);
    const changed = await changeMailboxList(stage, env, pia, click, { kind: 'select-all' });
    // Decided ones of a request are still those of it; its pending ones are fewer.
    expect([changed.selected.length, changed.untouched]).toEqual([6, null]);
    const pending = await listOf(stage, pia, 'approval:pending decider:me');
    await decideMailboxes(stage, env, pete, six.slice(1, 2), approved);
    const again = { id: pending.view.id, revision: pending.view.revision, inputs: {} };
    expect(await changeMailboxList(stage, env, pia, again, { kind: 'select-all' })).toMatchObject({
      selected: [],
      untouched: 'changed',
      view: { total: 4 },
    });
  });

  it('is shown as it is now to its owner alone', async () => {
    const { stage } = await twoRequests();
    const { view } = await listOf(stage, pia, 'approval:pending decider:me');
    await decideMailboxes(stage, env, pete, six.slice(0, 3), approved);
    expect(addressesOf(await currentMailboxList(stage, env, pia, view.id))).toEqual(six.slice(3));
    expect(await refusal(currentMailboxList(stage, env, pete, view.id))).toBe('view.unknown');
    expect(await refusal(currentMailboxList(stage, env, pia, 'x/y'))).toBe('view.unknown');
    await stage.store.commit([{ kind: 'delete', collection: 'role', key: keyOf(env, pia.aadObjectId) }]);
    expect(await refusal(currentMailboxList(stage, env, pia, view.id))).toBe('access.denied');
  });

  it('means the same in commands and in a file; where nobody in particular reads, it is no filter', async () => {
    const { stage } = await twoRequests();
    await giveRoles(stage, ada, ['admin', 'approver']);
    const action = await planBulkAction(stage, env, ada, 'approve', 'decider:me');
    expect(action.mailboxIds).toEqual(six.slice(4));
    const change = await planMailboxChange(stage, env, ada, 'deactivate', { text: 'decider:me' });
    expect(change.items.map(([id]) => id)).toEqual(six.slice(4));
    const { view } = await listOf(stage, ada, 'decider:me');
    expect((await offerMailboxes(stage, ada, view, [], adaChat)).content).toMatchObject({ count: 2 });
    expect(await refusal(countMailboxes(stage.store, env, 'decider:me'))).toBe('filter.unknown-key');
    expect(await refusal(listOf(stage, pia, 'decider:ben'))).toBe('filter.unknown-value');
  });
});

describe('a decision about a selection', () => {
  const planned = async (stage: MailroomStage, kind: 'approve' | 'reject', ids: readonly string[]) => {
    const { view } = await listOf(stage, pia, 'approval:pending decider:me');
    return planBulkAction(stage, env, pia, kind, 'selected', null, { ids, listId: view.id });
  };

  it('counts by profile and type, and says what of it does not wait any more', async () => {
    const { stage } = await twoRequests();
    await decideMailboxes(stage, env, pete, six.slice(0, 1), approved);
    expect(await planned(stage, 'approve', six)).toMatchObject({
      mailboxIds: six.slice(1),
      notPending: 1,
      groups: [{ profileId: 'p1', type: 'user', count: 5 }],
    });
  });

  it('names each that was counted and not decided, with the reason', async () => {
    const { stage } = await twoRequests();
    const { id } = await planned(stage, 'approve', six.slice(0, 5));
    const [one = '', two = '', three = '', four = ''] = six;
    await decideMailboxes(stage, env, pete, [one], approved);
    await decideMailboxes(stage, env, pete, [two], { verdict: 'rejected', reason: 'no' });
    await stage.change(three, { approval: 0, approvalRequestId: null });
    await stage.store.commit([{ kind: 'delete', collection: 'mailbox', key: keyOf(env, four) }]);
    const { count, leftOut } = await confirmBulkAction(stage, env, pia, id, adaChat);
    expect(count).toBe(1);
    expect(leftOut).toEqual([
      { address: one, why: 'approved' },
      { address: two, why: 'rejected' },
      { address: three, why: 'off' },
      { address: four, why: 'gone' },
    ]);
  });

  it('takes its reason from the dialog, and none that comes later', async () => {
    const { stage } = await twoRequests();
    const { id } = await planned(stage, 'reject', six.slice(0, 2));
    expect(await refusal(confirmBulkAction(stage, env, pia, id, adaChat))).toBe('approval.reason-missing');
    expect(await refusal(confirmBulkAction(stage, env, pia, id, adaChat, false, ' '))).toBe('approval.reason-missing');
    expect((await bulkActionOf(stage, env, pia, id)).state).toBe('waiting');
    expect((await confirmBulkAction(stage, env, pia, id, adaChat, false, 'Left')).count).toBe(2);
    expect((await stage.mailbox(six[0] ?? '')).decisionReason).toBe('Left');
    const typed = await planBulkAction(stage, env, pia, 'reject', six[2] ?? '', 'Typed');
    await confirmBulkAction(stage, env, pia, typed.id, adaChat, false, 'Another');
    expect((await stage.mailbox(six[2] ?? '')).decisionReason).toBe('Typed');
  });

  it('takes the selection off its list and draws the list anew, in the commit of the decision', async () => {
    const { stage } = await twoRequests();
    const { view } = await listOf(stage, pia, 'approval:pending decider:me');
    const click = { id: view.id, revision: view.revision, inputs: { pick0: 'true', pick1: 'true' } };
    const { mailboxIds } = await selectionOf(stage, env, pia, click);
    const message = {
      environmentId: env,
      conversationId: 'pia-chat',
      kind: 'mailbox-list',
      subjectId: view.id,
      activityId: '1',
      sentAt: stage.clock.now(),
      edits: 0,
    } as const;
    const key = keyOf(env, 'pia-chat', 'mailbox-list', view.id);
    await stage.store.commit([{ kind: 'put', collection: 'message', key, value: message }]);
    const { id } = await planBulkAction(stage, env, pia, 'approve', 'x', null, {
      ids: mailboxIds ?? [],
      listId: view.id,
    });
    await cancelBulkAction(stage, env, pia, id);
    expect((await selectionOf(stage, env, pia, { ...click, inputs: {} })).mailboxIds).toEqual(six.slice(0, 2));
    expect(await stage.wishes('mailbox-list')).toEqual([]);
    const again = await planBulkAction(stage, env, pia, 'approve', 'x', null, {
      ids: six.slice(0, 2),
      listId: view.id,
    });
    await confirmBulkAction(stage, env, pia, again.id, adaChat);
    expect(await stage.wishes('mailbox-list')).toEqual(['pia-chat mailbox-list']);
    const list = await currentMailboxList(stage, env, pia, view.id);
    expect([list.selected, addressesOf(list)]).toEqual([[], six.slice(2)]);
    // Where it stands is forgotten with the list.
    stage.clock.advance(8 * 24 * 3_600_000);
    await sweep(stage, env);
    expect(await stage.all('message')).toEqual([]);
  });
});
