import { copyFile, open, readdir, rename, rm } from 'node:fs/promises';

/** A file that only grows, except when its torn end is cut. */
export interface DiskFile {
  append(text: string): Promise<void>;
  /** Resolves when everything appended so far has reached the disk. */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** Everything the store writes goes through here, so that a test can make any step fail. */
export interface Disk {
  /** Opens for appending; creates it, readable for its owner alone. */
  open(path: string): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  list(folder: string): Promise<string[]>;
  /** Makes created, renamed and removed names durable: fsync of a file does not cover its name. */
  syncFolder(folder: string): Promise<void>;
}

export const localDisk: Disk = {
  async open(path) {
    const handle = await open(path, 'a', 0o600);
    return {
      // appendFile repeats short writes; a bare write() on a full disk would report a part of the text as a success.
      append: (text) => handle.appendFile(text),
      sync: () => handle.datasync(),
      truncate: (size) => handle.truncate(size),
      close: () => handle.close(),
    };
  },
  rename,
  remove: (path) => rm(path),
  copy: copyFile,
  list: (folder) => readdir(folder),
  async syncFolder(folder) {
    // Windows cannot open a folder as a file; NTFS journals its names itself.
    if (process.platform === 'win32') return;
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
