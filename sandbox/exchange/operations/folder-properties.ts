import { createHash } from 'node:crypto';
import { tagKey } from '../mailbox/extended-property.ts';
import type { Folder } from '../mailbox/folder-tree.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import { wireTime } from '../mailbox/moment.ts';
import type { OperationContext } from './operation.ts';

type Read = (folder: Folder, mailbox: Mailbox) => string | undefined;

const FIRST_COMMIT = Date.UTC(2020, 0, 1);
const SECOND_MS = 1_000;

/** What the store knows of a folder under a MAPI property tag, by the key of its path (MS-OXPROPS). */
const KNOWN: ReadonlyMap<string, Read> = new Map<string, Read>([
  [tagKey(0x0ff9, 'Binary'), ({ index }, { number }) => key(`${number}/${index}`)],
  [tagKey(0x10f4, 'Boolean'), () => 'false'],
  [tagKey(0x3001, 'String'), ({ displayName }) => displayName],
  [tagKey(0x3602, 'Integer'), ({ name }, mailbox) => String(mailbox.countIn(name))],
  [tagKey(0x3603, 'Integer'), ({ name }, mailbox) => String(mailbox.unreadIn(name))],
  [tagKey(0x360a, 'Boolean'), (folder, mailbox) => String(mailbox.folders.children(folder).length > 0)],
  [tagKey(0x3613, 'String'), ({ folderClass }) => folderClass],
  [tagKey(0x670a, 'SystemTime'), ({ name }, mailbox) => lastCommit(name, mailbox)],
]);

/** The values of an extended property of a folder: as they were set, or what the store itself knows. */
export function folderProperty(
  folder: Folder,
  path: string,
  { mailbox }: Pick<OperationContext, 'mailbox'>,
): readonly string[] | undefined {
  const set = mailbox.folders.properties(folder).find((property) => property.path.key === path);
  if (set) return set.values;
  const value = KNOWN.get(path)?.(folder, mailbox);
  return value === undefined ? undefined : [value];
}

/** A time that is later after every change, deletions included: clients compare it to see whether to look again. */
function lastCommit(folder: string, mailbox: Mailbox): string {
  return wireTime(FIRST_COMMIT + mailbox.journal(folder).length * SECOND_MS);
}

function key(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 22).toString('base64');
}
