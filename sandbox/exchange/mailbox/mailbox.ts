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
  readonly #listeners = new Set<() => void>();
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

  /**
   * Calls back after every change to an item.
   *
   * @returns ends it
   */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
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

  unreadIn(folder: string): number {
    return this.itemsIn(folder).filter((item) => !item.isRead).length;
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
    this.#record(item, (journal) => {
      journal.created(number);
    });
    return item;
  }

  /** Changes an item in its place: it keeps its id and gets a new change key. An occurrence becomes an exception. */
  update(item: StoredItem, content: ItemContent, isRead: boolean, at: Date): StoredItem {
    if (item.occurrence) {
      this.#except(item, content, at);
      return { ...item, content };
    }
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
    this.#record(item, (journal) => {
      if (content === item.content) journal.flagged(item.number);
      else journal.changed(item.number);
    });
    return changed;
  }

  remove(item: StoredItem): void {
    if (item.occurrence) {
      this.#except(item, undefined, item.modifiedAt);
      return;
    }
    this.#items.delete(item.number);
    this.#byFolder.get(shelf(item.folder, item.isAssociated))?.delete(item.number);
    this.#record(item, (journal) => {
      journal.deleted(item.number);
    });
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

  #except({ number, occurrence }: StoredItem, content: ItemContent | undefined, at: Date): void {
    const master = this.#items.get(number);
    if (!master || !occurrence) return;
    const exceptions = new Map(master.content.exceptions).set(occurrence.index, content);
    this.update(master, { ...master.content, exceptions }, master.isRead, at);
  }

  /** What lies behind a folder has no history. */
  #record({ isAssociated, folder }: StoredItem, enter: (journal: ChangeJournal) => void): void {
    if (isAssociated) return;
    enter(this.journal(folder));
    for (const listener of this.#listeners) listener();
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
export function sizeOf(content: ItemContent): number {
  if (content.mime) return content.mime.length;
  const attached = content.attachments.map(({ content: part }) => (Buffer.isBuffer(part) ? part.length : sizeOf(part)));
  const text = content.subject.length + Buffer.byteLength(content.body?.text ?? '');
  return attached.reduce((sum, size) => sum + size, 800 + text);
}
