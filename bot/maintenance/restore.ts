import { resolve } from 'node:path';
import { restoreBackup } from '../../services/storage/backup.ts';
import { readDataDirOf } from '../config-store.ts';
import { fileArgument, runCommand } from './run-command.ts';

/** `npm run restore -- FILE`: makes the data folder out of a backup. */
await runCommand('Restore', async () => {
  const file = resolve(fileArgument('restore'));
  const folder = readDataDirOf(process.env);
  const { createdAt } = await restoreBackup(file, folder);
  return `Restored ${folder} as it was on ${new Date(createdAt).toISOString()}. Start Mailroom with the MAILROOM_KEY of that time.`;
});
