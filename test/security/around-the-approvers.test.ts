import { describe, expect, it } from 'vitest';
import { decideMailboxes, decideRequest } from '../../services/approvals/decide-mailboxes.ts';
import { askAgain, withdrawMailboxes } from '../../services/approvals/withdraw-request.ts';
import { followRequests } from '../../services/jobs/approval-watch.ts';
import { confirmMailboxChange } from '../../services/mailboxes/confirm-change.ts';
import { confirmImport } from '../../services/mailboxes/confirm-import.ts';
import { changeAddress, editMailbox } from '../../services/mailboxes/edit-mailbox.ts';
import { fillMailboxChange, planMailboxChange } from '../../services/mailboxes/plan-change.ts';
import { planImport } from '../../services/mailboxes/plan-import.ts';
import { confirmUndo } from '../../services/mailboxes/undo-change.ts';
import { isMailroomError } from '../../services/model/error.ts';
import type { ChangeKind } from '../../services/model/mailbox-change.ts';
import type { Actor } from '../../services/model/access.ts';
import type { EmailSettings } from '../../services/model/environment.ts';
import { approvalStatus, directions } from '../../services/model/mailbox.ts';
import { needsApproval } from '../../services/mailboxes/approval-requirement.ts';
import { keyOf } from '../../services/storage/store.ts';
import { startRun } from '../../services/testing/start-run.ts';
import { abe, ada, adaChat, env, MailroomStage, pia } from '../support/mailroom-stage.ts';

const eve: Actor = { tenantId: ada.tenantId, aadObjectId: 'eve', name: 'Eve' };
const approved = { verdict: 'approved', reason: null } as const;
const rejected = { verdict: 'rejected', reason: 'no' } as const;
const pool = ['a@contoso.test', 'b@contoso.test', 'c@contoso.test', 'd@contoso.test', 'e@contoso.test'];

/** Numbers that look random and are the same for the same seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

/** One step of whoever is there; only Eve decides, and what Mailroom refuses is refused. */
async function step(stage: MailroomStage, roll: (sides: number) => number, people: readonly Actor[]): Promise<string> {
  const pick = <T>(items: readonly T[]): T => items[roll(items.length)]!;
  const who = pick(people);
  const mailboxes = await stage.all('mailbox');
  const mailbox = mailboxes.length === 0 ? null : pick(mailboxes);
  const bulk = async (kind: ChangeKind): Promise<void> => {
    let change = await planMailboxChange(stage, env, who, kind, { text: pick(['all', mailbox?.address ?? 'all']) });
    if (kind === 'edit')
      ({ change } = await fillMailboxChange(stage, env, who, change.id, change.revision, {
        profileId: pick(['keep', 'none', 'p1', 'p2']),
        incomingMethod: pick(['keep', '0', '2']),
        outgoingMethod: pick(['keep', '0', '2']),
        actMethod: pick(['keep', '0', '1']),
      }));
    await confirmMailboxChange(stage, env, who, change.id, change.revision, adaChat, roll(2) === 0);
  };
  const steps: readonly (readonly [string, () => Promise<unknown>])[] = [
    [
      'import',
      async () => {
        const rows = `${pick(pool)};${pick(['user', 'queue'])};someone`;
        const batch = await planImport(stage, env, who, adaChat, rows);
        await confirmImport(stage, env, who, batch.id, roll(2) === 0);
      },
    ],
    ['activate', () => bulk('activate')],
    ['deactivate', () => bulk('deactivate')],
    ['apply-defaults', () => bulk('apply-defaults')],
    ['edit', () => bulk('edit')],
    [
      'undo',
      async () => {
        const step = (await stage.store.get('undoStep', keyOf(env, who.aadObjectId)))?.value;
        if (step !== undefined) await confirmUndo(stage, env, who, step.id, adaChat);
      },
    ],
    [
      'type',
      async () => {
        if (mailbox === null) return;
        const inputs = {
          type: pick(['user', 'queue']),
          owner: pick(['x', 'y']),
          profileId: pick(['p1', 'p2', 'none']),
        };
        await editMailbox(stage, env, who, mailbox.id, mailbox.revision, inputs, adaChat);
      },
    ],
    [
      'address',
      async () => {
        if (mailbox !== null) await changeAddress(stage, env, who, mailbox.id, mailbox.revision, pick(pool), adaChat);
      },
    ],
    [
      'decide',
      async () => {
        if (mailbox === null) return;
        await decideMailboxes(stage, env, eve, [mailbox.address], pick([approved, rejected]), undefined, {
          takes: 'pending or rejected',
        });
      },
    ],
    [
      'decide-request',
      async () => {
        const requests = await stage.all('approvalRequest');
        if (requests.length === 0) return;
        const { id, revision } = pick(requests);
        await decideRequest(stage, env, eve, id, revision, 'all', pick([approved, rejected]));
      },
    ],
    [
      'withdraw',
      async () => {
        const named = mailboxes.map(({ address }) => address).filter(() => roll(2) === 0);
        await withdrawMailboxes(stage, env, who, named);
      },
    ],
    [
      'ask-again',
      async () => {
        const requests = await stage.all('approvalRequest');
        if (requests.length === 0) return;
        const { id, revision } = pick(requests);
        await askAgain(stage, env, who, id, revision, adaChat);
      },
    ],
    [
      'expire',
      async () => {
        stage.clock.advance(pick([1, 31]) * 24 * 60 * 60 * 1000);
        await followRequests(stage, env);
      },
    ],
    ['test', async () => startRun(stage, env, eve, adaChat, { kind: 'selection', text: 'x' }, mailboxes)],
    ['work', () => stage.work()],
    ['wait', () => Promise.resolve(stage.clock.advance(pick([1000, 400_000])))],
  ];
  const [name, act] = pick(steps);
  try {
    await act();
  } catch (error) {
    if (!isMailroomError(error)) throw error;
    return `${name} ${error.code}`;
  }
  return name;
}

/** Steps of these people with a check after each; the seeds make each run the same. */
async function play(
  required: Pick<EmailSettings, 'requireApprovalForUsers' | 'requireApprovalForQueues'>,
  people: readonly Actor[],
  seeds: number,
): Promise<{ readonly approved: number }> {
  let approvedAt = 0;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const stage = await MailroomStage.open();
    await stage.profile('p2');
    await stage.profile('p1');
    const { settings } = await stage.settings({ ...required, fourEyes: true });
    const aadObjectId = eve.aadObjectId;
    const roles = ['admin', 'approver'] as const;
    const role = { environmentId: env, aadObjectId, roles, name: eve.name, grantedBy: 'x', grantedAt: 0 };
    await stage.store.commit([{ kind: 'put', collection: 'role', key: keyOf(env, aadObjectId), value: role }]);
    const roll = dice(seed * 7919);
    const did: string[] = [];
    for (let count = 0; count < 60; count += 1) {
      did.push(await step(stage, roll, people));
      const requests = new Map((await stage.all('approvalRequest')).map((request) => [request.id, request]));
      const waiting = new Map([...requests.keys()].map((id) => [id, 0]));
      for (const mailbox of await stage.all('mailbox')) {
        const works = directions.some((direction) => mailbox[direction].enabled);
        const story = `${seed}: ${did.join(', ')} -> ${JSON.stringify(mailbox)}`;
        const { approval, approvalRequestId: id } = mailbox;
        if (works) expect(mailbox.state, story).toBe('active');
        if (works && needsApproval(settings, mailbox.type)) expect(approval, story).toBe(approvalStatus.approved);
        if (approval === approvalStatus.pending) waiting.set(id ?? '', (waiting.get(id ?? '') ?? 0) + 1);
        if (approval !== approvalStatus.approved) continue;
        approvedAt += 1;
        expect(requests.get(id ?? '')?.requestedBy, story).toBe(abe.aadObjectId);
      }
      const counted = [...requests].map(([id, { pending }]) => [id, pending]);
      expect(counted, `${seed}: ${did.join(', ')}`).toEqual([...waiting]);
    }
  }
  return { approved: approvedAt };
}

const seeds = 8;

describe.each([
  { requireApprovalForUsers: true, requireApprovalForQueues: true },
  { requireApprovalForUsers: true, requireApprovalForQueues: false },
])('with %o, by any sequence of changes', (required) => {
  it('one person who has every role leads no mailbox around the approvers', { timeout: 60_000 }, async () => {
    expect(await play(required, [eve], seeds)).toEqual({ approved: 0 });
  });

  it(
    'an approver approves only what somebody else asked for, and each request counts what waits',
    { timeout: 60_000 },
    async () => {
      expect((await play(required, [eve, abe], seeds)).approved).toBeGreaterThan(0);
    },
  );
});

it('a decided mailbox that leaves its request takes nobody with it who waits there', async () => {
  const stage = await MailroomStage.open();
  await stage.profile();
  const { id } = await planImport(stage, env, ada, adaChat, 'a@contoso.test\nb@contoso.test');
  await confirmImport(stage, env, ada, id, false);
  await decideMailboxes(stage, env, pia, ['a@contoso.test'], approved);
  const off = await planMailboxChange(stage, env, ada, 'deactivate', { text: 'a@contoso.test' });
  await confirmMailboxChange(stage, env, ada, off.id, off.revision, adaChat);
  const { revision } = await stage.mailbox('a@contoso.test');
  await changeAddress(stage, env, ada, 'a@contoso.test', revision, 'c@contoso.test', adaChat);
  const [request] = await stage.all('approvalRequest');
  expect(request?.pending).toBe(1);
  const decided = await decideRequest(stage, env, pia, request?.id ?? '', request?.revision ?? 0, 'all', approved);
  expect(decided.result?.decided).toEqual(['b@contoso.test']);
});
