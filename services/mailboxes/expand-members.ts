import type { DirectoryEntry, DirectoryKind } from '../model/directory.ts';
import { lookupLimits, type LookupProblem, type LookupProgress } from '../model/directory-lookup.ts';
import { scopeOf, type Fault } from '../model/fault.ts';
import { importRowLimit, type ImportRefusal } from '../model/import-batch.ts';
import { isAddress, normalizeAddress } from '../model/mailbox.ts';
import type { DirectoryReport } from '../exchange/exchange-port.ts';
import type { ReadRow } from './read-rows.ts';

/** The members of one list, as the server says; the list of this address is opened once. */
export type AskMembers = (address: string) => Promise<DirectoryReport>;

export type Expansion =
  | {
      readonly rows: readonly ReadRow[];
      readonly groups: number;
      readonly repeated: number;
      readonly fault: null;
      readonly problem: null;
    }
  | { readonly fault: Fault; readonly problem: null }
  | { readonly fault: null; readonly problem: LookupProblem };

/** What a member is that becomes no mailbox; lists are opened instead. */
const refusals: Readonly<Record<Exclude<DirectoryKind, 'mailbox' | 'group'>, ImportRefusal>> = {
  contact: 'member-contact',
  'public-folder': 'member-public-folder',
  'group-mailbox': 'member-group-mailbox',
  'private-group': 'member-private-group',
  'one-off': 'member-outside',
  unknown: 'member-unknown',
};

/**
 * The mailboxes behind an entry: itself, or the members of a list and of the lists within it, each once. Lists that contain
 * each other end there. A member that is no mailbox, and a list within it that cannot be opened, is a row with its reason;
 * only what hits the server as a whole, or the list itself, ends the work. `onProgress` hears of each list that was opened,
 * and says whether to go on; null: it said no.
 */
export async function expandMembers(
  target: DirectoryEntry,
  askMembers: AskMembers,
  onProgress: (progress: LookupProgress) => Promise<boolean>,
): Promise<Expansion | null> {
  const rows = new Map<string, ReadRow>();
  const opened = new Set<string>();
  let repeated = 0;
  const add = (entry: DirectoryEntry, code: ImportRefusal | null): void => {
    const address = normalizeAddress(entry.address);
    // Whatever has no address is told apart by its name.
    const key = address === '' ? `name ${entry.name}` : address;
    if (rows.has(key)) repeated += 1;
    else rows.set(key, rowOf(entry, address, code, rows.size + 1));
  };

  if (target.kind !== 'group') {
    add(target, target.kind === 'mailbox' ? null : refusals[target.kind]);
    return { rows: [...rows.values()], groups: 0, repeated, fault: null, problem: null };
  }

  const waiting: { readonly group: DirectoryEntry; readonly depth: number }[] = [{ group: target, depth: 0 }];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { group, depth } = next;
    const address = normalizeAddress(group.address);
    if (opened.has(address)) {
      repeated += 1;
      continue;
    }
    if (depth > lookupLimits.depth) {
      add(group, 'group-too-deep');
      continue;
    }
    if (opened.size >= lookupLimits.groups) return { fault: null, problem: 'too-many-groups' };
    opened.add(address);
    const { entries, isComplete, fault } = await askMembers(address);
    if (fault !== null) {
      if (scopeOf(fault) === 'server') return { fault, problem: null };
      if (group === target)
        return fault.code === 'EwsOther' ? { fault: null, problem: 'no-list' } : { fault, problem: null };
      add(group, 'group-unreadable');
      continue;
    }
    if (!isComplete) add({ ...group, address: '' }, 'group-incomplete');
    for (const entry of entries) {
      if (entry.kind === 'group' && entry.address !== '') waiting.push({ group: entry, depth: depth + 1 });
      else if (entry.kind === 'mailbox') add(entry, null);
      else add(entry, entry.kind === 'group' ? 'group-unreadable' : refusals[entry.kind]);
    }
    if (rows.size > importRowLimit) return { fault: null, problem: 'too-many' };
    if (!(await onProgress({ groups: opened.size, members: rows.size }))) return null;
  }
  if (rows.size === 0) return { fault: null, problem: 'no-members' };
  return { rows: [...rows.values()], groups: opened.size, repeated, fault: null, problem: null };
}

/** A mailbox of the address book belongs to its user. What sort it is the address book does not tell (user, shared, room). */
function rowOf(entry: DirectoryEntry, address: string, code: ImportRefusal | null, line: number): ReadRow {
  const row = { line, address: address.slice(0, 200), type: 'user' as const };
  const reason = code ?? (address === '' ? 'address-missing' : isAddress(address) ? null : 'address-invalid');
  if (reason === null) return { ...row, owner: address, refusal: null };
  const named = entry.address === '' ? entry.name : entry.address;
  return { ...row, owner: '', refusal: { code: reason, value: named.slice(0, 100) } };
}
