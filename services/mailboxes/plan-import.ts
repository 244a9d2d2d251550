import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import type { ImportBatch, ImportRow } from '../model/import-batch.ts';
import { requireRight } from '../access/roles.ts';
import { intentChange } from '../conversations/intents.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf } from '../storage/store.ts';
import { asksAgain, typeAfterImport } from './approval-requirement.ts';
import { mailboxKey } from './mailbox-key.ts';
import { readPastedRows } from './read-pasted-rows.ts';

/**
 * The dry run of an import: says for each row whether it is new, changed, unchanged or refused. A mailbox that was rejected
 * counts as changed, also with the same values: its approval is asked for again. Nothing is imported until the batch is
 * confirmed.
 * @throws MailroomError `access.denied`, `import.*` as readPastedRows
 */
export async function planImport(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
  actor: Actor,
  conversationId: string,
  text: string,
): Promise<ImportBatch> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const rows: ImportRow[] = [];
  for (const row of readPastedRows(text)) {
    if (row.refusal !== null) {
      rows.push({ ...row, verdict: 'refused' });
      continue;
    }
    const known = (await store.get('mailbox', mailboxKey(environmentId, row.address)))?.value;
    if (known !== undefined && asksAgain(settings, known, row.type)) {
      rows.push({ ...row, verdict: 'changed', rejectedBecause: known.decisionReason ?? '' });
      continue;
    }
    const same =
      known !== undefined && known.type === typeAfterImport(settings, known, row.type) && known.owner === row.owner;
    rows.push({ ...row, verdict: known === undefined ? 'new' : same ? 'unchanged' : 'changed' });
  }
  const now = clock.now();
  const batch: ImportBatch = {
    environmentId,
    id: randomUUID(),
    actorId: actor.aadObjectId,
    conversationId,
    rows,
    state: 'waiting',
    createdAt: now,
    revision: 1,
  };
  const key = keyOf(environmentId, batch.id);
  await store.commit(
    [
      { kind: 'put', collection: 'importBatch', key, value: batch },
      intentChange(environmentId, 'import', batch.id, conversationId, now, 'repost'),
    ],
    [{ collection: 'importBatch', key, version: 0 }],
  );
  return batch;
}
