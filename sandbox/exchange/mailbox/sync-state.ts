import { createHash } from 'node:crypto';
import type { SyncPosition } from './change-journal.ts';

/** Where a client stands in one folder of one mailbox, or in its hierarchy (folder -1). */
export interface SyncState extends SyncPosition {
  readonly mailbox: number;
  readonly folder: number;
}

/** Real ones have about 530 characters (shared facts, exchange.md §6.2), and clients keep them in columns. */
const LENGTH = 396;
const HEAD = 16;

export function encodeSyncState({ mailbox, folder, base, cursor }: SyncState): string {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(mailbox, 0);
  head.writeInt32BE(folder, 4);
  head.writeUInt32BE(base, 8);
  head.writeUInt32BE(cursor, 12);
  const parts = [head];
  for (let digest = head, length = HEAD; length < LENGTH; length += 64) {
    digest = createHash('sha512').update(digest).digest();
    parts.push(digest);
  }
  return Buffer.concat(parts).subarray(0, LENGTH).toString('base64');
}

/** Undefined for a state that was never given out. */
export function decodeSyncState(text: string): SyncState | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== LENGTH) return undefined;
  const state = {
    mailbox: bytes.readUInt32BE(0),
    folder: bytes.readInt32BE(4),
    base: bytes.readUInt32BE(8),
    cursor: bytes.readUInt32BE(12),
  };
  return encodeSyncState(state) === text ? state : undefined;
}
