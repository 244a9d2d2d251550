import type { Storage, StoreItems } from 'botbuilder';
import type { Store } from '../services/storage/store.ts';
import { keyOf } from '../services/storage/store.ts';

/**
 * Dialog state of the SDK in Mailroom's own store, so that a restart in mid-dialog goes on. The last writer wins: what
 * matters (the draft) has its own revision, and this state only names it.
 */
export class TurnStateStorage implements Storage {
  readonly #store: Store;
  readonly #environmentId: string;
  readonly #now: () => number;

  constructor(store: Store, environmentId: string, now: () => number) {
    this.#store = store;
    this.#environmentId = environmentId;
    this.#now = now;
  }

  async read(keys: string[]): Promise<StoreItems> {
    const items: StoreItems = {};
    for (const key of keys) {
      const found = await this.#store.get('turnState', keyOf(this.#environmentId, key));
      if (found !== undefined) items[key] = JSON.parse(found.value.json) as unknown;
    }
    return items;
  }

  async write(changes: StoreItems): Promise<void> {
    const at = this.#now();
    await this.#store.commit(
      Object.entries(changes).map(([key, value]) => ({
        kind: 'put',
        collection: 'turnState',
        key: keyOf(this.#environmentId, key),
        value: { json: JSON.stringify(value), at },
      })),
    );
  }

  async delete(keys: string[]): Promise<void> {
    await this.#store.commit(
      keys.map((key) => ({ kind: 'delete', collection: 'turnState', key: keyOf(this.#environmentId, key) })),
    );
  }
}
