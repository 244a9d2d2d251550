import { randomInt } from 'node:crypto';
import type { Attachment } from './item.ts';
import { sizeOf } from './mailbox.ts';

/** A number no attachment had before: the id of one that was deleted must not come to mean another. */
export function attachmentNumber(): number {
  return randomInt(1, 2 ** 32);
}

export function isFile(attachment: Attachment): attachment is Attachment & { readonly content: Buffer } {
  return Buffer.isBuffer(attachment.content);
}

/** Bytes. */
export function attachmentSize({ content }: Attachment): number {
  return Buffer.isBuffer(content) ? content.length : sizeOf(content);
}

/** What HasAttachments tells: pictures that the body shows do not count. */
export function hasAttachments(attachments: readonly Attachment[]): boolean {
  return attachments.some(({ isInline }) => !isInline);
}
