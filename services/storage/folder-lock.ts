import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MailroomError } from '../model/error.ts';

const sqliteBusy = 5;

/**
 * Takes the folder for this process; `store.locked` when another one has it. An open exclusive transaction is a kernel
 * lock: free at once after kill -9, and held while a process is only stopped, which lock files with time stamps get
 * wrong. Works on local disks; network shares do not keep such locks reliably.
 */
export function lockFolder(folder: string): { release(): void } {
  const path = join(folder, 'lock.sqlite');
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    chmodSync(path, 0o600);
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: unknown }).errcode === sqliteBusy)
      throw new MailroomError('store.locked', { folder }, error);
    throw error;
  }
  return { release: () => database.close() };
}
