import { expect, it } from 'vitest';
import { decideMailboxes, decideRequest } from '../../services/approvals/decide-mailboxes.ts';
import { confirmMailboxChange } from '../../services/mailboxes/confirm-change.ts';
import { confirmImport } from '../../services/mailboxes/confirm-import.ts';
import { changeAddress, editMailbox } from '../../services/mailboxes/edit-mailbox.ts';
import { fillMailboxChange, planMailboxChange } from '../../services/mailboxes/plan-change.ts';
import { planImport } from '../../services/mailboxes/plan-import.ts';
import { confirmUndo } from '../../services/mailboxes/undo-change.ts';
import { isMailroomError } from '../../services/model/error.ts';
import type { ChangeKind } from '../../services/model/mailbox-change.ts';
import type { Actor } from '../../services/model/access.ts';
import { approvalStatus, directions } from '../../services/model/mailbox.ts';
import { needsApproval } from '../../services/mailboxes/approval-requirement.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { keyOf } from '../../services/storage/store.ts';
import { startRun } from '../../services/testing/start-run.ts';
import { ada, adaChat, env, MailroomStage } from '../support/mailroom-stage.ts';

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

/** Whatever one person with every role does alone, one step after the other; what Mailroom refuses is refused. */
async function step(stage: MailroomStage, roll: (sides: number) => number): Promise<string> {
  const pick = <T>(items: readonly T[]): T => items[roll(items.length)]!;
  const mailboxes = await stage.all('mailbox');
  const mailbox = mailboxes.length === 0 ? null : pick(mailboxes);
  const bulk = async (kind: ChangeKind): Promise<void> => {
    let change = await planMailboxChange(stage, env, eve, kind, { text: pick(['all', mailbox?.address ?? 'all']) });
    if (kind === 'edit')
      ({ change } = await fillMailboxChange(stage, env, eve, change.id, change.revision, {
        profileId: pick(['keep', 'none', 'p1', 'p2']),
        incomingMethod: pick(['keep', '0', '2']),
        outgoingMethod: pick(['keep', '0', '2']),
        actMethod: pick(['keep', '0', '1']),
      }));
    await confirmMailboxChange(stage, env, eve, change.id, change.revision, adaChat, roll(2) === 0);
  };
  const steps: readonly (readonly [string, () => Promise<unknown>])[] = [
    [
      'import',
      async () => {
        const rows = `${pick(pool)};${pick(['user', 'queue'])};someone`;
        const batch = await planImport(stage, env, eve, adaChat, rows);
        await confirmImport(stage, env, eve, batch.id, roll(2) === 0);
      },
    ],
    ['activate', () => bulk('activate')],
    ['deactivate', () => bulk('deactivate')],
    ['apply-defaults', () => bulk('apply-defaults')],
    ['edit', () => bulk('edit')],
    [
      'undo',
      async () => {
        const step = (await stage.store.get('undoStep', keyOf(env, 'eve')))?.value;
        if (step !== undefined) await confirmUndo(stage, env, eve, step.id, adaChat);
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
        await editMailbox(stage, env, eve, mailbox.id, mailbox.revision, inputs, adaChat);
      },
    ],
    [
      'address',
      async () => {
        if (mailbox !== null) await changeAddress(stage, env, eve, mailbox.id, mailbox.revision, pick(pool), adaChat);
      },
    ],
    [
      'decide',
      async () => {
        if (mailbox === null) return;
        await decideMailboxes(
          stage,
          env,
          eve,
          [mailbox.address],
          pick([approved, rejected]),
          undefined,
          'pending or rejected',
        );
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
    ['test', async () => startRun(stage, env, eve, adaChat, { kind: 'selection', text: 'x' }, mailboxes)],
    ['work', () => stage.work()],
    ['wait', async () => void (await stage.clock.advance(pick([1000, 400_000])))],
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

it.each([
  { requireApprovalForUsers: true, requireApprovalForQueues: true },
  { requireApprovalForUsers: true, requireApprovalForQueues: false },
])(
  'nobody leads a mailbox around the approvers by any sequence of changes: %o',
  async (required) => {
    for (let seed = 1; seed <= Number(process.env['SEEDS'] ?? 12); seed += 1) {
      const stage = await MailroomStage.open();
      await stage.profile('p2');
      await stage.profile('p1');
      await stage.settings({ ...required, fourEyes: true });
      const role = {
        environmentId: env,
        aadObjectId: 'eve',
        roles: ['admin', 'approver'],
        name: 'Eve',
        grantedBy: 'x',
        grantedAt: 0,
      } as const;
      await stage.store.commit([{ kind: 'put', collection: 'role', key: keyOf(env, 'eve'), value: role }]);
      const roll = dice(seed * 7919);
      const did: string[] = [];
      for (let count = 0; count < 60; count += 1) {
        did.push(await step(stage, roll));
        const { settings } = (await getEnvironment(stage.store, env)).value;
        for (const mailbox of await stage.all('mailbox')) {
          const works = directions.some((direction) => mailbox[direction].enabled);
          const story = `${seed}: ${did.join(', ')} -> ${JSON.stringify(mailbox)}`;
          expect(mailbox.approval, story).not.toBe(approvalStatus.approved);
          if (needsApproval(settings, mailbox.type)) expect(works, story).toBe(false);
          if (works) expect(mailbox.state, story).toBe('active');
          if (mailbox.approval === approvalStatus.pending) expect(mailbox.approvalRequestId, story).not.toBe(null);
        }
        for (const { id, pending } of await stage.all('approvalRequest')) {
          const waiting = await stage.store.count('mailbox', {
            where: { approvalRequestId: id, approval: approvalStatus.pending },
          });
          expect(pending, `${seed}: ${did.join(', ')} request ${id}`).toBe(waiting);
        }
      }
    }
  },
  120_000,
);
