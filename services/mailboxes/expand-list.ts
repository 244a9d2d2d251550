import { randomUUID } from 'node:crypto';
import type { DirectoryEntry } from '../model/directory.ts';
import { mostChoices, type DirectoryLookup, type LookupProgress } from '../model/directory-lookup.ts';
import type { Fault } from '../model/fault.ts';
import { isAddress, normalizeAddress } from '../model/mailbox.ts';
import type { Task } from '../model/run.ts';
import { intentChange } from '../conversations/intents.ts';
import type { DirectoryReport } from '../exchange/exchange-port.ts';
import { refusals, throttles } from '../exchange/gate-faults.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type ExpectedVersion, type Stored } from '../storage/store.ts';
import { refuseCredential } from '../testing/refuse-credential.ts';
import { directoryAccess, type DirectoryAccess } from './directory-access.ts';
import { expandMembers, type Expansion } from './expand-members.ts';
import { planRows } from './plan-import.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'log' | 'keys' | 'exchange'>;
type Open = Extract<DirectoryAccess, { readonly access: object }>;

/** Of one question to a server that asks for time. */
const mostTries = 3;

/** What a look-up ends with, for now. */
type End =
  | { readonly kind: 'choices'; readonly choices: readonly DirectoryEntry[]; readonly hasMore: boolean }
  | {
      readonly kind: 'found';
      readonly target: DirectoryEntry;
      readonly expansion: Extract<Expansion, { rows: object }>;
    }
  | { readonly kind: 'failed'; readonly fault: Fault | null; readonly problem: DirectoryLookup['problem'] };

/**
 * Looks a name up, opens the list behind it and those within, and commits the dry run with the settled task. One call of
 * Exchange after the other, each through the gate. A look-up that was cancelled meanwhile is left alone; after a restart the
 * work begins anew, since nothing of it is kept but the numbers that its card shows.
 */
export async function expandList(context: Context, task: Stored<Task>, signal: AbortSignal): Promise<void> {
  const { environmentId, subjectId } = task.value;
  const work = new LookupWork(context, task, keyOf(environmentId, subjectId));
  const lookup = await work.current();
  if (lookup === null || lookup.profileId === null) {
    await work.settle();
    return;
  }
  const access = await directoryAccess(context, environmentId, lookup.profileId);
  if (!('access' in access)) {
    await work.finish({ kind: 'failed', fault: access.fault, problem: access.problem }, null, signal);
    return;
  }
  const end = await lookUp(context, work, lookup, access, signal);
  if (end !== null) await work.finish(end, access, signal);
  context.log.info({ task: task.value.id, kind: 'expand-list', end: end?.kind ?? 'left' }, 'a look-up ended');
}

/** Null: nobody waits for it any more. */
async function lookUp(
  { exchange }: Context,
  work: LookupWork,
  lookup: DirectoryLookup,
  { access, asMailbox, about }: Open,
  signal: AbortSignal,
): Promise<End | null> {
  const ask = async (operation: 'resolve-names' | 'expand-members', text: string): Promise<DirectoryReport> => {
    let report = await exchange.askDirectory(access, { operation, text, asMailbox }, signal);
    // A list of many lists must not fail by one answer "busy": the gate lets the next try in when the server has had its time.
    for (let tries = 1; tries < mostTries && report.fault !== null && throttles.has(report.fault.code); tries += 1)
      report = await exchange.askDirectory(access, { operation, text, asMailbox }, signal);
    const { fault } = report;
    return fault === null ? report : { ...report, fault: { ...fault, params: { ...about, ...fault.params } } };
  };
  let { target } = lookup;
  if (target === null) {
    const { entries, isComplete, fault } = await ask('resolve-names', lookup.query);
    if (fault !== null) return { kind: 'failed', fault, problem: null };
    const found = choose(lookup.query, entries);
    if (found === null && entries.length > 0) {
      const hasMore = !isComplete || entries.length > mostChoices;
      return { kind: 'choices', choices: entries.slice(0, mostChoices), hasMore };
    }
    target = found ?? hiddenList(lookup.query);
    if (target === null) return { kind: 'failed', fault: null, problem: 'nothing-found' };
  }
  const isListed = lookup.target !== null || target.name !== '';
  const expansion = await expandMembers(
    target,
    (address) => ask('expand-members', address),
    (progress) => work.tell(progress),
  );
  if (expansion === null) return null;
  if ('rows' in expansion) return { kind: 'found', target, expansion };
  // An address that no directory search shows and that is no list either: it is not there.
  const problem = !isListed && expansion.problem === 'no-list' ? 'nothing-found' : expansion.problem;
  return { kind: 'failed', fault: expansion.fault, problem };
}

/** The one entry that is meant: the only one, or the only one of exactly this address or name. */
function choose(query: string, entries: readonly DirectoryEntry[]): DirectoryEntry | null {
  const wanted = normalizeAddress(query);
  const isSame = (text: string): boolean => normalizeAddress(text) === wanted;
  const exact = [entries.filter(({ address }) => isSame(address)), entries.filter(({ name }) => isSame(name)), entries];
  return exact.find(({ length }) => length === 1)?.[0] ?? null;
}

/** A list that is hidden from the address book is not found by name, but can be opened by its address. */
function hiddenList(query: string): DirectoryEntry | null {
  return isAddress(normalizeAddress(query)) ? { name: '', address: query, kind: 'group' } : null;
}

/** What the work does to the records: progress, and the end with all that follows from it. */
class LookupWork {
  readonly #context: Context;
  readonly #task: Stored<Task>;
  readonly #key: string;

  constructor(context: Context, task: Stored<Task>, key: string) {
    this.#context = context;
    this.#task = task;
    this.#key = key;
  }

  /** The look-up while this task is its work; null: it was cancelled, or a newer task took over. */
  async current(): Promise<DirectoryLookup | null> {
    return (await this.#stored())?.value ?? null;
  }

  async #stored(): Promise<Stored<DirectoryLookup> | null> {
    const { store } = this.#context;
    const lookup = await store.get('directoryLookup', this.#key);
    const task = await store.get('task', this.#task.key);
    return lookup?.value.state === 'working' && task?.version === this.#task.version ? lookup : null;
  }

  /** Shows how far it is; the revision stays, so that Cancel goes on working. False: nobody waits for it any more. */
  tell(progress: LookupProgress): Promise<boolean> {
    return retryConflict(async () => {
      const stored = await this.#stored();
      if (stored === null) return false;
      await this.#commit(stored, { ...stored.value, progress }, []);
      return true;
    });
  }

  /** Takes the task away, of a look-up that needs none. */
  async settle(): Promise<void> {
    const { store } = this.#context;
    await retryConflict(async () => {
      if ((await store.get('task', this.#task.key))?.version !== this.#task.version) return;
      await store.commit(this.#settled().changes, this.#settled().expected);
    });
  }

  /**
   * The end, with the settled task. Of work that was stopped on the way only a refusal of the password is kept, also when the
   * look-up was cancelled: the claim stays, and the next start begins anew.
   */
  async finish(end: End, access: Open | null, signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#context;
    const { environmentId } = this.#task.value;
    await retryConflict(async () => {
      const fault = end.kind === 'failed' ? end.fault : null;
      const refused =
        access !== null && fault !== null && refusals.has(fault.code)
          ? await refuseCredential(store, environmentId, access.access.credentialId, fault, clock.now())
          : { changes: [], expected: [] };
      const stored = signal.aborted ? null : await this.#stored();
      if (stored === null) {
        if (refused.changes.length > 0) await store.commit(refused.changes, refused.expected);
        return;
      }
      const { value, more } = await this.#after(stored.value, end);
      const settled = this.#settled();
      await this.#commit(
        stored,
        { ...value, revision: stored.value.revision + 1 },
        [...settled.changes, ...refused.changes, ...more.changes],
        [...settled.expected, ...refused.expected, ...more.expected],
      );
    });
  }

  async #after(
    lookup: DirectoryLookup,
    end: End,
  ): Promise<{
    value: DirectoryLookup;
    more: { readonly changes: readonly Change[]; readonly expected: readonly ExpectedVersion[] };
  }> {
    const nothing = { changes: [], expected: [] };
    switch (end.kind) {
      case 'choices':
        return { value: { ...lookup, state: 'choosing', choices: end.choices, hasMore: end.hasMore }, more: nothing };
      case 'failed':
        return { value: { ...lookup, state: 'failed', fault: end.fault, problem: end.problem }, more: nothing };
      case 'found': {
        const { target, expansion } = end;
        const { rows, groups, repeated } = expansion;
        const { environmentId, actorId, conversationId } = lookup;
        const { name, address } = target;
        const planned = await planRows(
          this.#context,
          { environmentId, id: randomUUID(), actorId, conversationId },
          { rows, ignoredColumns: [], source: { kind: 'directory', name, address, groups, repeated } },
        );
        const progress = { groups, members: rows.length };
        return {
          value: { ...lookup, state: 'done', target, progress, choices: [], batchId: planned.batch.id },
          more: planned,
        };
      }
    }
  }

  #settled(): { readonly changes: readonly Change[]; readonly expected: readonly ExpectedVersion[] } {
    const { key, version } = this.#task;
    return {
      changes: [{ kind: 'delete', collection: 'task', key }],
      expected: [{ collection: 'task', key, version }],
    };
  }

  async #commit(
    { key, version }: Stored<DirectoryLookup>,
    value: DirectoryLookup,
    changes: readonly Change[],
    expected: readonly ExpectedVersion[] = [],
  ): Promise<void> {
    const { store, clock } = this.#context;
    const { environmentId, id, conversationId } = value;
    await store.commit(
      [
        { kind: 'put', collection: 'directoryLookup', key, value },
        intentChange(environmentId, 'directory-lookup', id, conversationId, clock.now()),
        ...changes,
      ],
      [{ collection: 'directoryLookup', key, version }, ...expected],
    );
  }
}
