import { beforeEach, describe, expect, it } from 'vitest';
import { confirmRoleChange, planRoleChange } from '../../../services/access/change-roles.ts';
import { decidersOf } from '../../../services/approvals/deciders.ts';
import { decideMailboxes, decideRequest } from '../../../services/approvals/decide-mailboxes.ts';
import { confirmBulkAction, planBulkAction } from '../../../services/mailboxes/bulk-actions.ts';
import { changeAddress } from '../../../services/mailboxes/edit-mailbox.ts';
import { answerProposal } from '../../../services/mailboxes/settings-proposals.ts';
import type { Actor } from '../../../services/model/access.ts';
import type { ApprovalRequest } from '../../../services/model/approval-request.ts';
import { approvalStatus } from '../../../services/model/mailbox.ts';
import { keyOf } from '../../../services/storage/store.ts';
import {
  abe,
  ada,
  adaChat,
  addresses,
  env,
  type MailroomStage,
  pia,
  refusal,
  refusalOf,
} from '../../support/mailroom-stage.ts';
import { approvalStage, giveRoles, requestFor } from '../../support/approval-stage.ts';
import { saveSettings } from '../../support/save-settings.ts';

const approved = { verdict: 'approved', reason: null } as const;
const rejected = { verdict: 'rejected', reason: 'not ours' } as const;
const [one = '', two = '', three = ''] = addresses(3);
let stage: MailroomStage;

beforeEach(async () => {
  stage = await approvalStage();
});

const becomes = (person: Actor, roles: readonly ('admin' | 'approver')[]): Promise<void> =>
  giveRoles(stage, person, roles);
const requestOf = (actor: Actor, list: readonly string[]): Promise<ApprovalRequest> => requestFor(stage, list, actor);

const decide = (request: ApprovalRequest, actor: Actor, decision: Parameters<typeof decideRequest>[6] = approved) =>
  decideRequest(stage, env, actor, request.id, request.revision, 'all', decision);

const approvalOf = async (address: string): Promise<number> => (await stage.mailbox(address)).approval;

describe('whoever asked does not decide', () => {
  beforeEach(() => becomes(ada, ['admin', 'approver']));

  it.each([approved, rejected])('by a card: $verdict', async (decision) => {
    const request = await requestOf(ada, [one, two]);
    expect(await refusalOf(decide(request, ada, decision))).toEqual({
      code: 'approval.own',
      params: { count: 2, names: 'none' },
    });
    expect(await approvalOf(one)).toBe(approvalStatus.pending);
    expect((await decide(request, pia, decision)).request.pending).toBe(0);
  });

  it('by an address: of several, only what somebody else asked for, and the result says which', async () => {
    await becomes(abe, ['admin', 'approver']);
    await requestOf(ada, [one]);
    await requestOf(abe, [two, three]);
    const result = await decideMailboxes(stage, env, ada, [one, two], approved);
    expect(result).toMatchObject({ decided: [two], own: [one], notPending: [] });
    expect([await approvalOf(one), await approvalOf(two)]).toEqual([approvalStatus.pending, approvalStatus.approved]);
    expect((await stage.audit('approval.approved')).map(({ subjects }) => subjects)).toEqual([[two]]);
    expect(await refusal(decideMailboxes(stage, env, ada, [one], approved))).toBe('approval.own');
  });

  it('by a filter: the question counts the others, and says how many are left out', async () => {
    await becomes(abe, ['admin', 'approver']);
    await requestOf(ada, [one]);
    const action = () => planBulkAction(stage, env, ada, 'approve', 'all');
    expect(await refusal(action())).toBe('approval.own');
    await requestOf(abe, [two, three]);
    const asked = await action();
    expect(asked).toMatchObject({ own: 1, mailboxIds: [two, three] });
    expect((await confirmBulkAction(stage, env, ada, asked.id, adaChat)).count).toBe(2);
    expect(await approvalOf(one)).toBe(approvalStatus.pending);
  });

  it('a rejection of what they asked for stays one for them', async () => {
    const request = await requestOf(ada, [one]);
    await decide(request, pia, rejected);
    const again = (actor: Actor) =>
      decideMailboxes(stage, env, actor, [one], approved, undefined, { takes: 'pending or rejected' });
    expect(await refusal(again(ada))).toBe('approval.own');
    expect((await again(pia)).decided).toEqual([one]);
  });

  it('a click on a card of before shows how it stands, instead of a refusal', async () => {
    const request = await requestOf(ada, [one]);
    await decide(request, pia);
    expect(await decide(request, ada)).toMatchObject({ stale: true, request: { approved: 1 } });
  });

  it('an address that they put in the place of another one is their own question', async () => {
    await becomes(abe, ['admin', 'approver']);
    await requestOf(abe, [one]);
    const { id, revision } = await stage.mailbox(one);
    const { mailbox } = await changeAddress(stage, env, ada, id, revision, 'ada.private@contoso.test', adaChat);
    expect(mailbox.approval).toBe(approvalStatus.pending);
    expect(await refusal(decideMailboxes(stage, env, ada, [mailbox.address], approved))).toBe('approval.own');
    expect((await decideMailboxes(stage, env, abe, [mailbox.address], approved)).decided).toEqual([mailbox.address]);
  });
});

describe('the only approver', () => {
  beforeEach(async () => {
    await becomes(ada, ['admin', 'approver']);
    for (const person of ['pia', 'pete', 'abe', 'audit'])
      await stage.store.commit([{ kind: 'delete', collection: 'role', key: keyOf(env, person) }]);
  });

  it('learns at once that nobody can decide', async () => {
    const request = await requestOf(ada, [one]);
    expect(await decidersOf(stage, env, request)).toMatchObject({
      count: 0,
      ids: [],
      names: [],
      holdsBackRequester: true,
    });
    expect(await refusalOf(decide(request, ada))).toEqual({
      code: 'approval.own',
      params: { count: 0, names: 'none' },
    });
  });

  it('switches four-eyes off with a notice to everybody, and then decides', async () => {
    const request = await requestOf(ada, [one]);
    const { proposal } = await saveSettings(stage, { fourEyes: 'false' });
    expect(proposal).toMatchObject({ state: 'alone' });
    expect(await stage.wishes('settings-proposal')).toEqual([
      'approvers settings-proposal',
      `${adaChat} settings-proposal`,
    ]);
    expect((await decide(request, ada)).request).toMatchObject({ approved: 1, pending: 0 });
  });

  it('gets a second approver, and every copy of the card says so', async () => {
    const request = await requestOf(ada, [one]);
    await stage.sendAll();
    await stage.store.commit([
      {
        kind: 'put',
        collection: 'message',
        key: keyOf(env, 'elsewhere', 'approval', request.id),
        value: {
          environmentId: env,
          conversationId: 'elsewhere',
          kind: 'approval',
          subjectId: request.id,
          activityId: 'a1',
          sentAt: 0,
          edits: 0,
        },
      },
    ]);
    const change = await planRoleChange(stage, env, ada, {
      deed: 'grant',
      role: 'approver',
      person: {
        aadObjectId: 'pia',
        name: 'Pia Approver',
        account: '',
      },
    });
    await confirmRoleChange(stage, env, ada, change.id);
    expect(await stage.wishes('approval')).toContain('elsewhere approval');
    expect(await decidersOf(stage, env, request)).toMatchObject({ count: 1, names: ['Pia Approver'] });
    expect((await decide(request, pia)).request.approved).toBe(1);
  });
});

describe('the switch', () => {
  it('weakens a control when it goes off: a second person has to agree, and until then it holds', async () => {
    await becomes(ada, ['admin', 'approver']);
    const request = await requestOf(ada, [one]);
    const { proposal } = await saveSettings(stage, { fourEyes: 'false' });
    expect(proposal).toMatchObject({ state: 'waiting', affected: 0 });
    expect(await refusal(decide(request, ada))).toBe('approval.own');
    await answerProposal(stage, env, pia, proposal?.id ?? '', true);
    expect((await decide(request, ada)).request.approved).toBe(1);
  });

  it('that goes on while a decision is worked on stops that decision', async () => {
    await becomes(ada, ['admin', 'approver']);
    const request = await requestOf(ada, [one]);
    await stage.settings({ fourEyes: false });
    const { store } = stage;
    let isOn = false;
    // The real store, but somebody switches four-eyes on after it was read.
    stage.store = Object.create(store, {
      commit: {
        value: async (...given: Parameters<typeof store.commit>) => {
          if (!isOn) {
            isOn = true;
            const { key, value } = await stage.stored('environment');
            const settings = { ...value.settings, fourEyes: true };
            await store.commit([{ kind: 'put', collection: 'environment', key, value: { ...value, settings } }]);
          }
          return store.commit(...given);
        },
      },
      get: { value: store.get.bind(store) },
      query: { value: store.query.bind(store) },
    }) as typeof store;
    expect(await refusal(decide(request, ada))).toBe('approval.own');
    stage.store = store;
    expect(await approvalOf(one)).toBe(approvalStatus.pending);
  });
});

describe('a requirement that is switched on together with what weakens a control', () => {
  it('is asked for by whoever proposed it: the second person, who may be the only approver, decides about the mailboxes', async () => {
    await stage.settings({ requireApprovalForQueues: false });
    await stage.mailboxes(['sales@contoso.test'], { type: 'queue', approval: approvalStatus.empty });
    const { proposal } = await saveSettings(stage, { requireApprovalForQueues: 'true', selfApproval: 'true' });
    await answerProposal(stage, env, pia, proposal?.id ?? '', true);
    const request = await stage.get(
      'approvalRequest',
      (await stage.mailbox('sales@contoso.test')).approvalRequestId ?? '',
    );
    expect(request).toMatchObject({ requestedBy: ada.aadObjectId, requestedByName: ada.name, pending: 1 });
    expect(await stage.audit('settings.changed')).toMatchObject([
      { actorId: pia.aadObjectId, details: { askedBy: ada.name, selfApproval: true } },
    ]);
    expect(await stage.audit('approval.requested')).toMatchObject([{ actorId: ada.aadObjectId }]);
    await becomes(ada, ['admin', 'approver']);
    expect(await refusal(decide(request, ada))).toBe('approval.own');
    expect((await decide(request, pia)).request.approved).toBe(1);
  });
});
