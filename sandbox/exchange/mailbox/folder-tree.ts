import { ChangeJournal } from './change-journal.ts';
import type { ExtendedProperty } from './extended-property.ts';
import {
  childFolders,
  folderElementOf,
  WELL_KNOWN_FOLDERS,
  wellKnownFolder,
  type WellKnownFolder,
} from './well-known-folders.ts';

/** A folder every mailbox has, or one that somebody made; those have a name no DistinguishedFolderId can be. */
export type Folder = WellKnownFolder;

/** Numbers of folders that were made begin here. */
const FIRST_OWN = 1000;

/** The folders of one mailbox. They cost nothing until one is made. */
export class FolderTree {
  readonly #own = new Map<number, Folder>();
  readonly #properties = new Map<number, readonly ExtendedProperty[]>();
  #journal: ChangeJournal | undefined;
  #last = FIRST_OWN;

  /** By DistinguishedFolderId, or the internal name of a folder that was made. */
  named(name: string): Folder | undefined {
    return wellKnownFolder(name) ?? [...this.#own.values()].find((folder) => folder.name === name);
  }

  at(index: number): Folder | undefined {
    return WELL_KNOWN_FOLDERS[index] ?? this.#own.get(index);
  }

  children(parent: Folder): readonly Folder[] {
    const own = [...this.#own.values()].filter((folder) => folder.parent === parent.name);
    return [...childFolders(parent.name), ...own];
  }

  /** All folders below, as a Deep traversal lists them. */
  descendants(parent: Folder): readonly Folder[] {
    return this.children(parent).flatMap((folder) => [folder, ...this.descendants(folder)]);
  }

  /** What happened to folders; those that every mailbox has were there from the beginning. */
  get journal(): ChangeJournal {
    if (!this.#journal) {
      this.#journal = new ChangeJournal();
      for (const folder of WELL_KNOWN_FOLDERS) if (folder.parent !== undefined) this.#journal.created(folder.index);
    }
    return this.#journal;
  }

  create(parent: Folder, displayName: string, folderClass: string): Folder {
    this.#last += 1;
    const index = this.#last;
    const name = `#${index}`;
    const element = folderElementOf(folderClass);
    const folder = {
      name,
      parent: parent.name,
      displayName,
      folderClass,
      element,
      index,
    };
    this.#own.set(index, folder);
    this.journal.created(index);
    return folder;
  }

  /** Puts a folder that was made elsewhere. */
  move(folder: Folder, parent: Folder): void {
    this.#own.set(folder.index, { ...folder, parent: parent.name });
    this.journal.changed(folder.index);
  }

  rename(folder: Folder, displayName: string): Folder {
    const renamed = { ...folder, displayName };
    this.#own.set(folder.index, renamed);
    this.journal.changed(folder.index);
    return renamed;
  }

  /** What clients have written onto a folder. */
  properties(folder: Folder): readonly ExtendedProperty[] {
    return this.#properties.get(folder.index) ?? [];
  }

  /** Sets a property of a folder, or takes it away. */
  setProperty(folder: Folder, key: string, property: ExtendedProperty | undefined): void {
    const others = this.properties(folder).filter(({ path }) => path.key !== key);
    this.#properties.set(folder.index, property ? [...others, property] : others);
    this.journal.changed(folder.index);
  }

  isBelow(folder: Folder, ancestor: Folder): boolean {
    return this.descendants(ancestor).some(({ index }) => index === folder.index);
  }

  remove(folder: Folder): void {
    this.#own.delete(folder.index);
    this.journal.deleted(folder.index);
  }
}

export function isOwn(folder: Folder): boolean {
  return folder.index >= FIRST_OWN;
}
