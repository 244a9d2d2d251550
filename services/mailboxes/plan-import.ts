import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import type { ImportBatch, ImportRow, ImportSource } from '../model/import-batch.ts';
import { requireRight } from '../access/roles.ts';
import { intentChange } from '../conversations/intents.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Store } from '../storage/store.ts';
import { askWhoDecides } from '../approvals/approval-setup.ts';
import { expiredRequests } from '../approvals/expired-requests.ts';
import { asksAgain, isUnasked, needsApproval, typeAfterImport } from './approval-requirement.ts';
import { mailboxKey } from './mailbox-key.ts';
import { readPastedRows } from './read-pasted-rows.ts';
import type { ReadRow } from './read-rows.ts';

/**
 * The dry run of an import: says for each row whether it is new, changed, unchanged or refused. A mailbox that was rejected
 * counts as changed, also with the same values: its approval is asked for again. So does one that nobody is asked about. Nothing is imported until the batch is
 * confirmed. `id`: of what was asked for, so that asking twice makes one dry run while that one waits.
 * @throws MailroomError `access.denied`, `import.*` as readPastedRows
 */
export async function planImport(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  actor: Actor,
  conversationId: string,
  text: string,
  id: string = randomUUID(),
): Promise<ImportBatch> {
  await requireRight(context, environmentId, actor, 'manage');
  const { rows, ignoredColumns } = readPastedRows(text);
  const owner = { environmentId, actorId: actor.aadObjectId, conversationId };
  return retryConflict(async () => {
    const known = (await context.store.get('importBatch', keyOf(environmentId, id)))?.value;
    if (known?.state === 'waiting') return known;
    const planned = await planRows(
      context,
      { ...owner, id: known === undefined ? id : randomUUID() },
      { rows, ignoredColumns, source: { kind: 'paste' } },
    );
    await context.store.commit(planned.changes, planned.expected);
    return planned.batch;
  });
}

/** Rows and where they come from. */
export interface PlannedRows {
  readonly rows: readonly ReadRow[];
  readonly source: ImportSource;
  readonly ignoredColumns: readonly string[];
}

/** A dry run that is ready to be committed, with its card. */
export async function planRows(
  { store, clock }: Pick<ServiceContext, 'store' | 'clock'>,
  owner: Pick<ImportBatch, 'environmentId' | 'id' | 'actorId' | 'conversationId'>,
  { rows, source, ignoredColumns }: PlannedRows,
): Promise<{
  readonly batch: ImportBatch;
  readonly changes: readonly Change[];
  readonly expected: readonly ExpectedVersion[];
}> {
  const { environmentId, conversationId } = owner;
  const judged = await judgeRows(store, environmentId, rows);
  const now = clock.now();
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const asks = judged.some(({ verdict, type }) => verdict === 'new' && needsApproval(settings, type));
  const batch: ImportBatch = {
    ...owner,
    rows: judged,
    source,
    ignoredColumns,
    state: 'waiting',
    createdAt: now,
    revision: 1,
  };
  const key = keyOf(environmentId, batch.id);
  return {
    batch,
    changes: [
      { kind: 'put', collection: 'importBatch', key, value: batch },
      intentChange(environmentId, 'import', batch.id, conversationId, now, 'repost'),
      ...(asks ? await askWhoDecides(store, environmentId, settings, owner.actorId, conversationId, now) : []),
    ],
    expected: [{ collection: 'importBatch', key, version: 0 }],
  };
}

/** What each row would do to the mailboxes that are there. */
async function judgeRows(store: Store, environmentId: string, read: readonly ReadRow[]): Promise<ImportRow[]> {
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const expired = await expiredRequests(store, environmentId);
  const rows: ImportRow[] = [];
  for (const row of read) {
    if (row.refusal !== null) {
      rows.push({ ...row, verdict: 'refused' });
      continue;
    }
    const known = (await store.get('mailbox', mailboxKey(environmentId, row.address)))?.value;
    if (known !== undefined && asksAgain(settings, known, row.type)) {
      rows.push({ ...row, verdict: 'changed', rejectedBecause: known.decisionReason ?? '' });
      continue;
    }
    const unasked = known !== undefined && isUnasked(settings, known, row.type, expired);
    const same =
      known !== undefined && known.type === typeAfterImport(settings, known, row.type) && known.owner === row.owner;
    rows.push({
      ...row,
      verdict: known === undefined ? 'new' : same && !unasked ? 'unchanged' : 'changed',
      ...(unasked ? { unasked } : {}),
    });
  }
  return rows;
}
