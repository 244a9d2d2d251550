import { resolve } from 'node:path';
import { writeBackup } from '../../services/storage/backup.ts';
import { readDataDirOf } from '../config-store.ts';
import { fileArgument, runCommand } from './run-command.ts';

/** `npm run backup -- FILE`: writes a backup of the data folder; Mailroom may be running. */
await runCommand('Backup', async () => {
  const file = resolve(fileArgument('backup'));
  const folder = readDataDirOf(process.env);
  const { lines, bytes } = await writeBackup(folder, file, Date.now());
  return `Backed up ${folder} to ${file}: ${lines} lines, ${bytes} bytes. Keep MAILROOM_KEY in another place: the passwords in the backup open with it alone.`;
});
