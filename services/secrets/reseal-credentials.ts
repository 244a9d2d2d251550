import { isMailroomError } from '../model/error.ts';
import type { ServiceContext } from '../service-context.ts';
import { rebindCredential } from './rebind-credential.ts';

export interface ResealReport {
  /** Sealed anew with the newest key. */
  readonly resealed: number;
  /** Had the newest key already. */
  readonly current: number;
  /** Hosts and accounts whose secret no key of the ring opens: they have to be entered again. */
  readonly unreadable: readonly { readonly host: string; readonly account: string }[];
}

const pageSize = 200;

/**
 * Seals every stored secret with the newest key of the ring, so that the older keys can be taken away. What it is bound to
 * stays the same.
 */
export async function resealCredentials({
  store,
  keys,
}: Pick<ServiceContext, 'store' | 'keys'>): Promise<ResealReport> {
  let resealed = 0;
  let current = 0;
  const unreadable: { host: string; account: string }[] = [];
  for (let after = ''; ;) {
    const page = await store.query('credential', { after, limit: pageSize });
    for (const { key, version, value } of page) {
      after = key;
      if (value.envelope.keyId === keys.newestId) {
        current += 1;
        continue;
      }
      try {
        const anew = rebindCredential(keys, value, value.binding);
        await store.commit(
          [{ kind: 'put', collection: 'credential', key, value: anew }],
          [{ collection: 'credential', key, version }],
        );
        resealed += 1;
      } catch (error) {
        if (!isMailroomError(error, 'secret.unreadable')) throw error;
        unreadable.push({ host: value.binding.host, account: value.binding.account });
      }
    }
    if (page.length < pageSize) return { resealed, current, unreadable };
  }
}
