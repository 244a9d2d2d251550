import { normalizeAddress } from '../model/mailbox.ts';
import { keyOf } from '../storage/store.ts';

/**
 * A mailbox is identified by its address: unique in an environment, the same on every import (so two imports at once cannot
 * create one mailbox twice), and lists come in its order.
 */
export function mailboxKey(environmentId: string, address: string): string {
  return keyOf(environmentId, normalizeAddress(address));
}
