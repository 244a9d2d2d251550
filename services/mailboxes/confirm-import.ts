import type { Actor } from '../model/access.ts';
import { auditEntry } from '../model/audit.ts';
import { movesToOtherSet } from '../model/approver-set.ts';
import type { EmailSettings } from '../model/environment.ts';
import { MailroomError } from '../model/error.ts';
import type { ImportBatch, ImportRow } from '../model/import-batch.ts';
import { approvalStatus, newMailbox, type Mailbox } from '../model/mailbox.ts';
import { requireRight } from '../access/roles.ts';
import { redrawOwnMailboxCards } from '../approvals/own-mailbox-cards.ts';
import { requestApprovals } from '../approvals/request-approval.ts';
import { settleRequests } from '../approvals/settle-requests.ts';
import { intentChange } from '../conversations/intents.ts';
import { mailboxReviews } from '../alerts/owner-reviews.ts';
import { getEnvironment } from '../platform/environments.ts';
import { holdProfile } from '../profiles/hold-profile.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Store } from '../storage/store.ts';
import { prepareRun } from '../testing/start-run.ts';
import { actMethodFor } from './default-methods.ts';
import { expiredRequests } from '../approvals/expired-requests.ts';
import { asksAgain, initialApproval, isUnasked, needsApproval, typeAfterImport } from './approval-requirement.ts';
import { waiting } from './approval-switched-on.ts';
import { mailboxKey } from './mailbox-key.ts';

export interface ImportResult {
  readonly batch: ImportBatch;
  readonly created: number;
  readonly changed: number;
  readonly pending: number;
  /** No profile was there to attach; the mailboxes cannot be tested until one is. */
  readonly withoutProfile: boolean;
}

/**
 * Imports the rows of a dry run as they were shown: mailboxes with the environment's defaults, approval requests for all
 * that need it (those that were rejected before included), and on wish a test of those that need none. One commit; a
 * second click finds the batch done.
 * @throws MailroomError `access.denied`, `import.unknown`, `import.not-yours`, `import.over` (already done or cancelled)
 */
export async function confirmImport(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  actor: Actor,
  batchId: string,
  testWhenApproved: boolean,
): Promise<ImportResult> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  return retryConflict(async () => {
    const now = clock.now();
    const stored = await loadBatch(context, environmentId, actor, batchId);
    const environment = await getEnvironment(store, environmentId);
    const { settings } = environment.value;
    const profileId = settings.defaultProfileId;
    const held = await holdProfile(store, environmentId, profileId);

    const changes: Change[] = [...held.changes];
    // Whether approval is required must still be true when the mailboxes come into being.
    const expected: ExpectedVersion[] = [
      { collection: 'importBatch', key: stored.key, version: stored.version },
      { collection: 'environment', key: environment.key, version: environment.version },
      ...held.expected,
    ];
    const expired = await expiredRequests(store, environmentId);
    const fresh: Mailbox[] = [];
    const unapproved: Mailbox[] = [];
    const changed: Mailbox[] = [];
    for (const row of stored.value.rows) {
      if (row.verdict !== 'new' && row.verdict !== 'changed') continue;
      const key = mailboxKey(environmentId, row.address);
      const known = await store.get('mailbox', key);
      expected.push({ collection: 'mailbox', key, version: known?.version ?? 0 });
      if (known === undefined) {
        fresh.push(
          newMailbox(
            { environmentId, id: row.address, ...identityOf(row), importedBy: actor.aadObjectId, createdAt: now },
            {
              profileId,
              incomingMethod: settings.incomingMethod,
              outgoingMethod: settings.outgoingMethod,
              actMethod: actMethodFor(settings, row.type),
              approval: initialApproval(settings, row.type),
            },
          ),
        );
        continue;
      }
      const type = typeAfterImport(settings, known.value, row.type);
      // As it was shown: a rejection that came after the dry run stands.
      const isRejected = row.rejectedBecause !== undefined && asksAgain(settings, known.value, row.type);
      const again = isRejected || (row.unasked === true && isUnasked(settings, known.value, row.type, expired));
      if (again || known.value.type !== type || known.value.owner !== row.owner) {
        const value = { ...known.value, type, owner: row.owner, revision: known.value.revision + 1 };
        changed.push(value);
        // As a user it needed no approval, as a queue it does (or the other way round): it waits for it from now on.
        const isUnaskedNow = value.approval === approvalStatus.empty && needsApproval(settings, type);
        if (again || isUnaskedNow || (await waitsForOtherSet(store, settings, known.value, value)))
          unapproved.push(value);
        else changes.push({ kind: 'put', collection: 'mailbox', key, value });
      }
    }

    const pending = [...fresh.filter((mailbox) => mailbox.approval === approvalStatus.pending), ...unapproved];
    const raised = await requestApprovals(
      store,
      {
        environmentId,
        actor,
        conversationId: stored.value.conversationId,
        settings,
        testWhenApproved,
        now,
        importId: batchId,
      },
      pending,
    );
    for (const mailbox of fresh) {
      const approvalRequestId = raised.requestIds.get(mailbox.id);
      const value = approvalRequestId === undefined ? mailbox : { ...mailbox, approvalRequestId };
      changes.push({ kind: 'put', collection: 'mailbox', key: keyOf(environmentId, mailbox.id), value });
    }
    // A request shows those of its mailboxes that have changed anew, and counts those no more that have another request.
    const leaving = new Map<string, number>();
    for (const mailbox of changed) {
      const { approval, approvalRequestId: id } = mailbox;
      if (approval !== approvalStatus.pending || id === null) continue;
      leaving.set(id, (leaving.get(id) ?? 0) + (unapproved.includes(mailbox) ? 1 : 0));
    }
    const renewed = await settleRequests(store, environmentId, leaving, now);
    changes.push(...renewed.changes);
    const shown = changed.flatMap(({ id, approval }) => (approval === approvalStatus.pending ? id : []));
    changes.push(...(await redrawOwnMailboxCards(store, environmentId, shown, now)));
    expected.push(...renewed.expected);
    for (const change of raised.changes) changes.push(change);
    for (const mailbox of unapproved)
      changes.push({
        kind: 'put',
        collection: 'mailbox',
        key: keyOf(environmentId, mailbox.id),
        value: waiting(mailbox, raised.requestIds.get(mailbox.id) ?? ''),
      });
    const free = fresh.filter((mailbox) => mailbox.approval !== approvalStatus.pending);
    if (testWhenApproved && free.length > 0 && profileId !== null) {
      const run = await prepareRun(
        context,
        environmentId,
        actor,
        stored.value.conversationId,
        { kind: 'selection', text: 'import' },
        free,
      );
      if (run !== null) {
        changes.push(...run.changes);
        expected.push(...run.expected);
      }
    }

    changes.push(
      ...mailboxReviews(
        environmentId,
        changed.map(({ id }) => id),
      ),
    );
    const batch: ImportBatch = { ...stored.value, state: 'done', revision: stored.value.revision + 1 };
    changes.push(
      { kind: 'put', collection: 'importBatch', key: stored.key, value: batch },
      intentChange(environmentId, 'import', batch.id, batch.conversationId, now),
      {
        kind: 'append',
        log: 'audit',
        entry: auditEntry(
          environmentId,
          now,
          actor,
          'mailboxes.imported',
          [...fresh, ...changed].map((mailbox) => mailbox.address),
          { created: fresh.length, changed: changed.length, pending: pending.length },
        ),
      },
    );
    await store.commit(changes, expected);
    return {
      batch,
      created: fresh.length,
      changed: changed.length,
      pending: pending.length,
      withoutProfile: profileId === null,
    };
  });
}

/** Of another type than before it waits for the approver set of that type. */
async function waitsForOtherSet(
  store: Store,
  settings: EmailSettings,
  before: Mailbox,
  after: Mailbox,
): Promise<boolean> {
  const { environmentId, approval, approvalRequestId: id } = before;
  if (approval !== approvalStatus.pending || id === null || before.type === after.type) return false;
  const request = (await store.get('approvalRequest', keyOf(environmentId, id)))?.value;
  return movesToOtherSet(settings.approverSets, request?.approverSetId ?? null, before, after);
}

/** Drops a dry run. @throws as confirmImport */
export async function cancelImport(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  actor: Actor,
  batchId: string,
): Promise<ImportBatch> {
  await requireRight(context, environmentId, actor, 'manage');
  return retryConflict(async () => {
    const stored = await loadBatch(context, environmentId, actor, batchId);
    // The rows are not needed any more; what was pasted is not kept.
    const batch: ImportBatch = { ...stored.value, state: 'cancelled', rows: [], revision: stored.value.revision + 1 };
    await context.store.commit(
      [
        { kind: 'put', collection: 'importBatch', key: stored.key, value: batch },
        intentChange(environmentId, 'import', batch.id, batch.conversationId, context.clock.now()),
      ],
      [{ collection: 'importBatch', key: stored.key, version: stored.version }],
    );
    return batch;
  });
}

async function loadBatch(context: Pick<ServiceContext, 'store'>, environmentId: string, actor: Actor, batchId: string) {
  const stored = await context.store.get('importBatch', keyOf(environmentId, batchId));
  if (stored === undefined) throw new MailroomError('import.unknown');
  if (stored.value.actorId !== actor.aadObjectId) throw new MailroomError('import.not-yours');
  if (stored.value.state !== 'waiting') throw new MailroomError('import.over', { state: stored.value.state });
  return stored;
}

function identityOf(row: ImportRow): Pick<Mailbox, 'address' | 'type' | 'owner'> {
  return { address: row.address, type: row.type, owner: row.owner };
}
