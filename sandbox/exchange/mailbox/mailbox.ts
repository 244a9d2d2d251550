import { changeKey, conversationId, folderId, itemId } from './ids.ts';
import type { ItemContent, StoredItem } from './item.ts';
import { wellKnownFolder, type WellKnownFolder } from './well-known-folders.ts';

/** What is told about a mailbox when it is set up. */
export interface MailboxSeed {
  /** The primary SMTP address. */
  readonly address: string;
  readonly displayName?: string;
  /** Further addresses that lead to the same mailbox. */
  readonly aliases?: readonly string[];
}

/** How an item comes into a folder. */
export interface Arrival {
  readonly folder: string;
  readonly content: ItemContent;
  readonly at: Date;
  readonly isDraft: boolean;
  readonly isRead: boolean;
  readonly isFromMe: boolean;
  readonly isSent: boolean;
  readonly isReceived: boolean;
}

/** One mailbox: a fixed tree of folders, and the items in them. Folders cost nothing until something lies in them. */
export class Mailbox {
  readonly number: number;
  readonly address: string;
  readonly displayName: string;
  readonly aliases: readonly string[];
  readonly #items = new Map<number, StoredItem>();
  readonly #byFolder = new Map<string, Map<number, StoredItem>>();
  #lastItem = 0;

  constructor(number: number, seed: MailboxSeed) {
    this.number = number;
    this.address = seed.address;
    this.displayName = seed.displayName ?? seed.address.replace(/@.*/, '');
    this.aliases = seed.aliases ?? [];
  }

  /** True for the primary address and every alias. */
  isAddressedBy(address: string): boolean {
    const wanted = address.toLowerCase();
    return [this.address, ...this.aliases].some((own) => own.toLowerCase() === wanted);
  }

  folderId(folder: WellKnownFolder): string {
    return folderId(this.number, folder.index);
  }

  folderChangeKey(folder: WellKnownFolder): string {
    return changeKey(this.number, 'folder', folder.index, 0);
  }

  /** In the order they came. */
  itemsIn(folder: string): readonly StoredItem[] {
    return [...(this.#byFolder.get(folder)?.values() ?? [])];
  }

  countIn(folder: string): number {
    return this.#byFolder.get(folder)?.size ?? 0;
  }

  item(number: number): StoredItem | undefined {
    return this.#items.get(number);
  }

  add(arrival: Arrival): StoredItem {
    if (!wellKnownFolder(arrival.folder)) throw new Error(`There is no folder ${arrival.folder}.`);
    this.#lastItem += 1;
    const number = this.#lastItem;
    const { content, at } = arrival;
    const item: StoredItem = {
      id: itemId(this.number, number),
      number,
      changeKey: changeKey(this.number, 'item', number, 0),
      folder: arrival.folder,
      content,
      isDraft: arrival.isDraft,
      isRead: arrival.isRead,
      isFromMe: arrival.isFromMe,
      createdAt: at,
      sentAt: arrival.isSent ? at : undefined,
      receivedAt: arrival.isReceived ? at : undefined,
      conversationId: conversationId(this.number, number),
      size: sizeOf(content),
    };
    this.#items.set(number, item);
    let folder = this.#byFolder.get(arrival.folder);
    if (!folder) this.#byFolder.set(arrival.folder, (folder = new Map<number, StoredItem>()));
    folder.set(number, item);
    return item;
  }

  remove(item: StoredItem): void {
    this.#items.delete(item.number);
    this.#byFolder.get(item.folder)?.delete(item.number);
  }

  /** Moving gives a new id, as it does on a real server. */
  move(item: StoredItem, folder: string): StoredItem {
    this.remove(item);
    return this.add({
      folder,
      content: item.content,
      at: item.createdAt,
      isDraft: item.isDraft,
      isRead: item.isRead,
      isFromMe: item.isFromMe,
      isSent: item.sentAt !== undefined,
      isReceived: item.receivedAt !== undefined,
    });
  }
}

/** About what the message would weigh; the envelope of a small message is some 800 bytes. */
function sizeOf(content: ItemContent): number {
  return content.mime?.length ?? 800 + content.subject.length + Buffer.byteLength(content.body?.text ?? '');
}
