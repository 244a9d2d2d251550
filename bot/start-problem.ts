import { isMailroomError, type MailroomError } from '../services/model/error.ts';

/** What keeps Mailroom (or a command of its store's life) from its work, and what its operator can do about it: one plain line each. */
const sentences: Readonly<Record<string, (params: MailroomError['params']) => string>> = {
  'store.locked': ({ folder }) =>
    `another Mailroom process uses the data folder ${folder}; stop that one first, or set MAILROOM_DATA_DIR to another folder`,
  'store.damaged': ({ file, offset }) =>
    `the data file ${file} is damaged at byte ${offset}; nothing was changed. Restore a backup (npm run restore), or use the previous generation beside it (*.prev)`,
  'store.newer-schema': ({ file }) =>
    `the data file ${file} was written by a newer Mailroom; start that version, or restore a backup from before the update`,
  'store.folder-unusable': ({ folder }) =>
    `the data folder ${folder} cannot be written to; give its rights to the account that runs Mailroom, or set MAILROOM_DATA_DIR to another folder`,
  'store.disk-full': ({ folder }) =>
    `the disk of the data folder ${folder} is full; nothing was lost. Make room, then start again`,
  'backup.exists': ({ file }) => `${file} is there already, and a backup never overwrites a file; name another one`,
  'backup.no-store': ({ folder }) =>
    `there is no Mailroom store in ${folder}; set MAILROOM_DATA_DIR to its data folder`,
  'backup.busy': ({ folder }) => `the store in ${folder} is being written too fast just now; try again in a minute`,
  'backup.damaged': ({ file, line }) =>
    `${file} is no whole Mailroom backup (line ${line}); nothing was restored. Use another backup`,
  'restore.not-empty': ({ folder }) =>
    `the data folder ${folder} is not empty, and a restore never overwrites; move it away, or set MAILROOM_DATA_DIR to a new folder`,
  'config.exchange-host-invalid': ({ entry }) =>
    `MAILROOM_EXCHANGE_HOSTS contains "${entry}", which is neither a host name (with * as a wildcard) nor a network such as 10.1.0.0/16`,
  'config.proxy-invalid': ({ variable }) =>
    `${variable} must be the http:// address of a proxy, such as http://proxy.contoso.com:3128`,
  'metrics.port-in-use': ({ port }) =>
    `port ${port} for the metrics is in use; set METRICS_PORT to a free one, or to off`,
  'config.key-invalid': () => 'MAILROOM_KEY must hold 32 random bytes in base64',
};

/** One line for standard error; what nobody foresaw shows its own text. */
export function startProblem(error: unknown): string {
  if (isMailroomError(error))
    return sentences[error.code]?.(error.params) ?? `${error.code} ${JSON.stringify(error.params)}`;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
    return 'the port is in use; set PORT to a free one';
  return error instanceof Error ? error.message : String(error);
}
