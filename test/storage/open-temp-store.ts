import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournalStore, type JournalStoreOptions } from '../../services/storage/journal-store.ts';
import type { Store } from '../../services/storage/store.ts';

export interface TempStore {
  readonly folder: string;
  readonly store: Store;
  /** Closes the store, opens the same folder again and gives the new one. */
  reopen(): Promise<Store>;
  /** Closes the store and deletes its folder. */
  dispose(): Promise<void>;
}

export function makeTempFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'mailroom-store-'));
}

/** A store in a folder of its own, as production opens it. */
export async function openTempStore(options: Omit<JournalStoreOptions, 'folder'> = {}): Promise<TempStore> {
  const folder = await makeTempFolder();
  let store = await openJournalStore({ ...options, folder });
  return {
    folder,
    store,
    async reopen() {
      await store.close();
      store = await openJournalStore({ ...options, folder });
      return store;
    },
    async dispose() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
