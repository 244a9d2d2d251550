import { changeKey, conversationId, folderId, itemId } from './ids.ts';
import type { ItemContent, StoredItem } from './item.ts';
import { ChangeJournal } from './change-journal.ts';
import type { XmlElement } from '../xml/read.ts';
import { FolderTree, type Folder } from './folder-tree.ts';

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
  /** Behind the folder instead of in it. */
  readonly isAssociated?: boolean;
}

/** One mailbox: its folders, and the items in them. Folders cost nothing until something lies in them. */
export class Mailbox {
  readonly number: number;
  readonly address: string;
  readonly displayName: string;
  readonly aliases: readonly string[];
  readonly folders = new FolderTree();
  /** Out of office, as it was set. */
  oofSettings: XmlElement | undefined;
  readonly #journals = new Map<string, ChangeJournal>();
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

  folderId(folder: Folder): string {
    return folderId(this.number, folder.index);
  }

  folderChangeKey(folder: Folder): string {
    return changeKey(this.number, 'folder', folder.index, 0);
  }

  /** In the order they came. */
  itemsIn(folder: string): readonly StoredItem[] {
    return [...(this.#byFolder.get(folder)?.values() ?? [])];
  }

  /** What lies behind a folder. */
  associatedWith(folder: string): readonly StoredItem[] {
    return [...(this.#byFolder.get(shelf(folder, true))?.values() ?? [])];
  }

  /** What happened to the items in a folder. */
  journal(folder: string): ChangeJournal {
    let journal = this.#journals.get(folder);
    if (!journal) this.#journals.set(folder, (journal = new ChangeJournal()));
    return journal;
  }

  countIn(folder: string): number {
    return this.#byFolder.get(folder)?.size ?? 0;
  }

  item(number: number): StoredItem | undefined {
    return this.#items.get(number);
  }

  add(arrival: Arrival): StoredItem {
    if (!this.folders.named(arrival.folder)) throw new Error(`There is no folder ${arrival.folder}.`);
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
      isAssociated: arrival.isAssociated ?? false,
      isRead: arrival.isRead,
      isFromMe: arrival.isFromMe,
      createdAt: at,
      modifiedAt: at,
      version: 0,
      sentAt: arrival.isSent ? at : undefined,
      receivedAt: arrival.isReceived ? at : undefined,
      conversationId: conversationId(this.number, number),
      size: sizeOf(content),
    };
    this.#store(item);
    if (!item.isAssociated) this.journal(item.folder).created(number);
    return item;
  }

  /** Changes an item in its place: it keeps its id and gets a new change key. */
  update(item: StoredItem, content: ItemContent, isRead: boolean, at: Date): StoredItem {
    const version = item.version + 1;
    const changed: StoredItem = {
      ...item,
      content,
      isRead,
      version,
      modifiedAt: at,
      changeKey: changeKey(this.number, 'item', item.number, version),
      size: sizeOf(content),
    };
    this.#store(changed);
    if (!item.isAssociated) this.journal(item.folder).changed(item.number);
    return changed;
  }

  remove(item: StoredItem): void {
    this.#items.delete(item.number);
    this.#byFolder.get(shelf(item.folder, item.isAssociated))?.delete(item.number);
    if (!item.isAssociated) this.journal(item.folder).deleted(item.number);
  }

  /** Everything in a folder and below, for good. */
  clear(folder: Folder): void {
    for (const below of this.folders.children(folder)) this.clear(below);
    for (const item of [...this.itemsIn(folder.name), ...this.associatedWith(folder.name)]) this.remove(item);
    this.folders.remove(folder);
  }

  /** Moving gives a new id, as it does on a real server. */
  move(item: StoredItem, folder: string): StoredItem {
    this.remove(item);
    return this.copy(item, folder);
  }

  copy(item: StoredItem, folder: string): StoredItem {
    return this.add({
      folder,
      content: item.content,
      at: item.createdAt,
      isDraft: item.isDraft,
      isRead: item.isRead,
      isFromMe: item.isFromMe,
      isSent: item.sentAt !== undefined,
      isReceived: item.receivedAt !== undefined,
      isAssociated: item.isAssociated,
    });
  }

  #store(item: StoredItem): void {
    this.#items.set(item.number, item);
    const name = shelf(item.folder, item.isAssociated);
    let folder = this.#byFolder.get(name);
    if (!folder) this.#byFolder.set(name, (folder = new Map<number, StoredItem>()));
    folder.set(item.number, item);
  }
}

/** Where items of a folder, and those behind it, are kept. */
function shelf(folder: string, isAssociated: boolean): string {
  return isAssociated ? `${folder}/associated` : folder;
}

/** About what the message would weigh; the envelope of a small message is some 800 bytes. */
function sizeOf(content: ItemContent): number {
  return content.mime?.length ?? 800 + content.subject.length + Buffer.byteLength(content.body?.text ?? '');
}
