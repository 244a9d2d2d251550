import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { isMailroomError, MailroomError } from '../model/error.ts';
import type { ImportBatch } from '../model/import-batch.ts';
import { requireRight } from '../access/roles.ts';
import { checkFileType, readTextFile } from '../files/read-text-file.ts';
import { shownName, type SharedFile } from '../files/shared-file.ts';
import type { ServiceContext } from '../service-context.ts';
import { planRows } from './plan-import.ts';
import { readFileRows } from './read-pasted-rows.ts';
import type { ReadRows } from './read-rows.ts';

/**
 * The dry run of a file that was attached to a message. Only an admin makes Mailroom fetch something.
 * @throws MailroomError `access.denied`, `import.file-*`, `import.too-many-rows`, `import.unreadable`
 */
export async function planFileImport(
  context: Pick<ServiceContext, 'store' | 'clock' | 'files'>,
  environmentId: string,
  actor: Actor,
  conversationId: string,
  file: SharedFile,
): Promise<ImportBatch> {
  await requireRight(context, environmentId, actor, 'manage');
  checkFileType(file);
  const { text, encoding } = readTextFile(file, await context.files.download(file));
  const { rows, ignoredColumns } = rowsOf(file, text);
  const owner = { environmentId, id: randomUUID(), actorId: actor.aadObjectId, conversationId };
  const source = { kind: 'file', name: shownName(file), encoding } as const;
  const { batch, changes, expected } = await planRows(context, owner, { rows, ignoredColumns, source });
  await context.store.commit(changes, expected);
  return batch;
}

/** What a paste is told about rows that are missing is no help for a file. */
function rowsOf(file: SharedFile, text: string): ReadRows {
  try {
    return readFileRows(text);
  } catch (error) {
    if (isMailroomError(error, 'import.empty')) throw new MailroomError('import.file-empty', { name: shownName(file) });
    throw error;
  }
}
