import type { Secret } from '../secrets/secret.ts';

/** A file that somebody attached to a message in a personal chat, as Teams describes it (file download info). */
export interface SharedFile {
  /** As the person named it. */
  readonly name: string;
  /** The ending of the name, as Teams says it: `csv`. */
  readonly fileType: string;
  /**
   * Pre-signed: whoever has it can read the file for some minutes. A secret, so that it prints itself nowhere; null: in this
   * kind of conversation Teams gives bots none.
   */
  readonly downloadUrl: Secret | null;
}

/** Where attached files come from. A port, so that use cases know neither hosts nor sockets. */
export interface SharedFiles {
  /**
   * The content of a file, at most `fileByteLimit` bytes.
   * @throws MailroomError `import.file-*` with `name`, never with the address
   */
  download(file: SharedFile): Promise<Uint8Array>;
}

/** 10,000 rows of 200 characters; a longer list is none of mailboxes. */
export const fileByteLimit = 2 * 1024 * 1024;

/** Of a name, in a sentence. */
export const shownName = ({ name }: Pick<SharedFile, 'name'>): string => name.slice(0, 100);
