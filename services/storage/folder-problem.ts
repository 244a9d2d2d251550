import { MailroomError } from '../model/error.ts';

/** What a folder says that cannot be written to: its rights, a read-only mount, a file in its place. */
const unusable: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT']);
const full: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);
/** SQLite's own words for the same, where the lock is taken (sqlite.org/rescode.html): READONLY, CANTOPEN; FULL. */
const sqliteUnusable: ReadonlySet<unknown> = new Set([8, 14]);
const sqliteFull = 13;

/**
 * What kept a data folder from being opened, as a MailroomError where its operator can do something about it:
 * `store.folder-unusable` or `store.disk-full`, with {folder}. Everything else comes back as it is.
 */
export function folderProblem(folder: string, error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, errcode } = cause as { code?: unknown; errcode?: unknown };
    if (full.has(code) || errcode === sqliteFull) return new MailroomError('store.disk-full', { folder }, error);
    if (unusable.has(code) || sqliteUnusable.has(errcode))
      return new MailroomError('store.folder-unusable', { folder }, error);
  }
  return error;
}
