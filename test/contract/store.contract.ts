import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../services/model/audit.ts';
import { newMailbox, type Mailbox } from '../../services/model/mailbox.ts';
import type { Task } from '../../services/model/run.ts';
import { chainStart, nextLink, verifyLog } from '../../services/storage/log-chain.ts';
import { inOrder } from '../support/mailroom-stage.ts';
import type { Chained, Change, Collection, Query, ReadOrder, Store } from '../../services/storage/store.ts';

export interface OpenedStore {
  readonly store: Store;
  /** Closes the store and opens it again with what it kept. */
  reopen(): Promise<Store>;
  dispose(): Promise<void>;
}

export const put = (key: string, at: number): Change => ({
  kind: 'put',
  collection: 'turnState',
  key,
  value: { json: `{"of":"${key}"}`, at },
});
export const remove = (key: string): Change => ({ kind: 'delete', collection: 'turnState', key });
export const append = (at: number): Change => ({ kind: 'append', log: 'audit', entry: entryAt(at) });

function entryAt(at: number): AuditEntry {
  const who = { actorId: 'system', actorName: 'Mailroom' };
  return { environmentId: 'e', at, kind: 'run.started', ...who, subjects: [`s${at}`], details: {} };
}

/** All entries of the audit trail, oldest first. */
export async function readAudit(store: Store): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for await (const entry of store.readLog('audit')) entries.push(entry);
  return entries;
}

/** All entries with their links. */
export async function readChain(store: Store, order?: ReadOrder): Promise<Chained<AuditEntry>[]> {
  const items: Chained<AuditEntry>[] = [];
  for await (const item of store.readChain('audit', order)) items.push(item);
  return items;
}

export function mailbox(id: string, change: Partial<Mailbox> = {}): Change {
  const address = `${id}@contoso.com`;
  const identity = { environmentId: 'e', id, address, type: 'user', owner: '', importedBy: 'a', createdAt: 1 } as const;
  const configuration = { profileId: 'p1', incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: 0 } as const;
  return {
    kind: 'put',
    collection: 'mailbox',
    key: `e/${id}`,
    value: { ...newMailbox(identity, configuration), ...change },
  };
}

export function task(id: string, change: Partial<Task> = {}): Change {
  const subject = {
    environmentId: 'e',
    id,
    kind: 'test-mailbox',
    subjectId: id,
    profileId: 'p1',
    runId: 'r1',
  } as const;
  const value: Task = { ...subject, state: 'ready', dueAt: 10, priority: 0, claims: 0, createdAt: 1, ...change };
  return { kind: 'put', collection: 'task', key: `e/${id}`, value };
}

/** The same numbers each time: what fails can be looked at. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 8;
  };
}

/** The lines as they must be, found the long way. */
function headsOf(tasks: ReadonlyMap<string, Task>, where: Partial<Task>, limit: number): string[][] {
  const lines = new Map<string, [string, Task][]>();
  for (const [key, value] of tasks) {
    const wanted = Object.entries(where) as [keyof Task, unknown][];
    if (!wanted.every(([field, is]) => value[field] === is)) continue;
    const name = JSON.stringify([value.state, value.priority, value.profileId, value.runId]);
    lines.set(name, [...(lines.get(name) ?? []), [key, value]]);
  }
  const byTurn = ([one, a]: [string, Task], [other, b]: [string, Task]): number =>
    a.dueAt - b.dueAt || (one < other ? -1 : 1);
  const keys = [...lines.values()].map((line) =>
    line
      .toSorted(byTurn)
      .slice(0, limit)
      .map(([key]) => key),
  );
  return inOrder(keys);
}

/** What every implementation of `Store` keeps to. */
export function describeStoreContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name} keeps the contract of a store`, () => {
    let opened: OpenedStore;
    let store: Store;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.dispose());

    const keysOf = async (collection: 'task' | 'mailbox' | 'turnState', query: Partial<Query<never>>) =>
      (await store.query(collection, { limit: 100, ...query })).map((stored) => stored.key);
    const audit = async () => (await readAudit(store)).map((entry) => entry.at);

    test('a record comes back with its key, value and a version above 0', async () => {
      await store.commit([put('a', 1)]);
      const stored = await store.get('turnState', 'a');
      expect(stored).toMatchObject({ key: 'a', value: { json: '{"of":"a"}', at: 1 } });
      expect(stored!.version).toBeGreaterThan(0);
    });

    test('what was never put is undefined, and so is what was deleted', async () => {
      await store.commit([put('a', 1)]);
      await store.commit([remove('a')]);
      expect(await store.get('turnState', 'a')).toBeUndefined();
      expect(await store.get('turnState', 'b')).toBeUndefined();
    });

    test('a version grows with every change of the record and not with changes of others', async () => {
      await store.commit([put('a', 1), put('b', 1)]);
      const before = await store.get('turnState', 'a');
      await store.commit([put('b', 2)]);
      expect((await store.get('turnState', 'a'))!.version).toBe(before!.version);
      await store.commit([put('a', 2)]);
      expect((await store.get('turnState', 'a'))!.version).toBeGreaterThan(before!.version);
    });

    test('a record that was deleted and put again does not get an old version back', async () => {
      await store.commit([put('a', 1)]);
      const first = (await store.get('turnState', 'a'))!.version;
      await store.commit([remove('a')]);
      await store.commit([put('a', 1)]);
      expect((await store.get('turnState', 'a'))!.version).toBeGreaterThan(first);
    });

    test('a version that does not match rejects with store.conflict and changes nothing, logs included', async () => {
      await store.commit([put('a', 1)]);
      const before = await store.get('turnState', 'a');
      const expected = { collection: 'turnState', key: 'a', version: before!.version + 1 } as const;
      const commit = store.commit([put('a', 2), put('b', 2), append(1)], [expected]);
      await expect(commit).rejects.toMatchObject({ name: 'MailroomError', code: 'store.conflict' });
      expect(await store.get('turnState', 'a')).toEqual(before);
      expect(await store.get('turnState', 'b')).toBeUndefined();
      expect(await audit()).toEqual([]);
    });

    test('version 0 expects that the record does not exist', async () => {
      const absent = { collection: 'turnState', key: 'a', version: 0 } as const;
      await store.commit([put('a', 1)], [absent]);
      await expect(store.commit([put('a', 2)], [absent])).rejects.toMatchObject({ code: 'store.conflict' });
      await store.commit([remove('a')]);
      await store.commit([put('a', 3)], [absent]);
      expect((await store.get('turnState', 'a'))!.value.at).toBe(3);
    });

    test('the expected record need not be among the changes, and there may be no changes at all', async () => {
      await store.commit([put('a', 1)]);
      const { version } = (await store.get('turnState', 'a'))!;
      await store.commit([put('b', 1)], [{ collection: 'turnState', key: 'a', version }]);
      await store.commit([], [{ collection: 'turnState', key: 'a', version }]);
      const wrong = store.commit([], [{ collection: 'turnState', key: 'a', version: 0 }]);
      await expect(wrong).rejects.toMatchObject({ code: 'store.conflict' });
    });

    test('of many who change the same version at once exactly one wins', async () => {
      await store.commit([put('a', 0)]);
      const { version } = (await store.get('turnState', 'a'))!;
      const tries = Array.from({ length: 64 }, (_, n) =>
        store.commit([put('a', n)], [{ collection: 'turnState', key: 'a', version }]),
      );
      const settled = await Promise.allSettled(tries);
      expect(settled.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    });

    test('64 writers that read, change and try again after a conflict lose no update', async () => {
      await store.commit([put('a', 0)]);
      const increment = async (): Promise<void> => {
        const { version, value } = (await store.get('turnState', 'a'))!;
        try {
          await store.commit([put('a', value.at + 1)], [{ collection: 'turnState', key: 'a', version }]);
        } catch {
          await increment();
        }
      };
      await Promise.all(Array.from({ length: 64 }, increment));
      expect((await store.get('turnState', 'a'))!.value.at).toBe(64);
    });

    test('64 commits at once all arrive', async () => {
      await Promise.all(Array.from({ length: 64 }, (_, n) => store.commit([put(`k${n}`, n), append(n)])));
      expect(await store.count('turnState', {})).toBe(64);
      expect((await audit()).sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, n) => n));
    });

    test('changes of one commit are carried out in order', async () => {
      await store.commit([put('a', 1), remove('a'), put('b', 1), put('b', 2), remove('never there')]);
      expect(await store.get('turnState', 'a')).toBeUndefined();
      expect((await store.get('turnState', 'b'))!.value.at).toBe(2);
    });

    test('values that come back are frozen, and the writer may change its own object afterwards', async () => {
      const value = { json: '', at: 1 };
      await store.commit([{ kind: 'put', collection: 'turnState', key: 'a', value }, mailbox('m')]);
      value.at = 2;
      const stored = (await store.get('turnState', 'a'))!;
      expect(stored.value.at).toBe(1);
      expect(Object.isFrozen(stored) && Object.isFrozen(stored.value)).toBe(true);
      const [found] = await store.query('mailbox', { limit: 1 });
      expect(Object.isFrozen(found!.value.incoming)).toBe(true);
    });

    test('names that JavaScript gives a meaning are keys like others', async () => {
      for (const key of ['__proto__', 'constructor', 'toString', '']) {
        expect(await store.get('turnState', key)).toBeUndefined();
        await store.commit([put(key, 7)]);
        expect((await store.get('turnState', key))!.value.at).toBe(7);
      }
      store = await opened.reopen();
      expect(await store.count('turnState', {})).toBe(4);
    });

    test('a value that JSON would change without a word is refused and nothing of its commit is kept', async () => {
      const commit = store.commit([put('a', 1), put('b', Number.NaN)]);
      await expect(commit).rejects.toMatchObject({ code: 'store.not-json' });
      expect(await store.count('turnState', {})).toBe(0);
    });

    test('a query gives what matches all its conditions, ordered by key', async () => {
      await store.commit([
        task('c', { state: 'claimed' }),
        task('b', { dueAt: 11 }),
        task('a'),
        task('d', { runId: null }),
        task('e', { runId: 'r2' }),
      ]);
      expect(await keysOf('task', {})).toEqual(['e/a', 'e/b', 'e/c', 'e/d', 'e/e']);
      expect(await keysOf('task', { where: { state: 'ready' } as never })).toEqual(['e/a', 'e/b', 'e/d', 'e/e']);
      expect(await keysOf('task', { where: { state: 'ready' }, atMost: { dueAt: 10 } } as never)).toEqual([
        'e/a',
        'e/d',
        'e/e',
      ]);
      expect(await keysOf('task', { where: { runId: [null, 'r2'] } as never })).toEqual(['e/d', 'e/e']);
      expect(await keysOf('task', { where: { runId: [] } as never })).toEqual([]);
      expect(await keysOf('task', { where: { runId: 'r1', state: 'claimed' } as never })).toEqual(['e/c']);
    });

    test('atMost never matches null', async () => {
      await store.commit([mailbox('a', { postponedUntil: null }), mailbox('b', { postponedUntil: 5 })]);
      expect(await keysOf('mailbox', { atMost: { postponedUntil: 9 } as never })).toEqual(['e/b']);
      expect(await keysOf('mailbox', { atMost: { postponedUntil: 4 } as never })).toEqual([]);
    });

    test('contains finds every word without case', async () => {
      await store.commit([mailbox('sales.emea'), mailbox('Sales.us'), mailbox('support')]);
      expect(await keysOf('mailbox', { contains: { address: ['SALES', 'contoso'] } as never })).toEqual([
        'e/Sales.us',
        'e/sales.emea',
      ]);
      expect(await keysOf('mailbox', { contains: { address: ['sales', 'emea'] } as never })).toEqual(['e/sales.emea']);
      expect(await keysOf('mailbox', { contains: { profileId: ['x'] } as never })).toEqual([]);
    });

    test('a prefix is taken as it is, and keys around it do not match', async () => {
      await store.commit(['a', 'a/1', 'a/2', 'a0', 'b/1'].map((key) => put(key, 1)));
      expect(await keysOf('turnState', { prefix: 'a/' })).toEqual(['a/1', 'a/2']);
      expect(await keysOf('turnState', { prefix: 'c' })).toEqual([]);
    });

    test('paging by after and limit visits every record once, also while records come and go', async () => {
      const keys = Array.from({ length: 25 }, (_, n) => `p/${String(n).padStart(2, '0')}`);
      await store.commit([...keys.map((key) => put(key, 1)), put('q/00', 1), put('o/00', 1)]);
      const seen: string[] = [];
      for (let after = ''; ; after = seen.at(-1)!) {
        const page = await keysOf('turnState', { prefix: 'p/', after, limit: 10 });
        if (page.length === 0) break;
        seen.push(...page);
        await store.commit([remove(page[0]!), put('p/000', 1)]);
      }
      expect(seen).toEqual(keys);
    });

    test('a condition on a field that is often asked for gives the same after changes of the field', async () => {
      const all = Array.from({ length: 200 }, (_, n) =>
        mailbox(String(n).padStart(3, '0'), { approvalRequestId: null }),
      );
      await store.commit(all);
      await store.commit([mailbox('007', { approvalRequestId: 'r' }), mailbox('003', { approvalRequestId: 'r' })]);
      expect(await keysOf('mailbox', { where: { approvalRequestId: 'r' } as never })).toEqual(['e/003', 'e/007']);
      expect(await keysOf('mailbox', { where: { approvalRequestId: 'r' }, after: 'e/003' } as never)).toEqual([
        'e/007',
      ]);
      expect(await keysOf('mailbox', { where: { approvalRequestId: 'r' }, prefix: 'f' } as never)).toEqual([]);
      await store.commit([mailbox('003', { approvalRequestId: 's' })]);
      await store.commit([{ kind: 'delete', collection: 'mailbox', key: 'e/007' }]);
      expect(await store.count('mailbox', { where: { approvalRequestId: 'r' } })).toBe(0);
      expect(await store.count('mailbox', { where: { approvalRequestId: ['r', 's'] } })).toBe(1);
      expect(await store.count('mailbox', { where: { approvalRequestId: null } })).toBe(198);
    });

    test('count counts all matches', async () => {
      await store.commit([task('a'), task('b', { state: 'claimed' }), task('c', { dueAt: 99 })]);
      expect(await store.count('task', {})).toBe(3);
      expect(await store.count('task', { prefix: 'e/', where: { state: 'ready' }, atMost: { dueAt: 10 } })).toBe(1);
      expect(await store.count('alert', {})).toBe(0);
    });

    test('the heads of a queue are the first of each line, by due time and then by key, after any changes', async () => {
      const waiting = new Map<string, Task>();
      const random = numbers(7);
      for (let step = 0; step < 60; step += 1) {
        const changes = Array.from({ length: 1 + (random() % 40) }, (): Change => {
          const id = `t${random() % 900}`;
          if (random() % 3 === 0) {
            waiting.delete(`e/${id}`);
            return { kind: 'delete', collection: 'task', key: `e/${id}` };
          }
          const change = task(id, {
            state: random() % 4 === 0 ? 'claimed' : 'ready',
            priority: random() % 2,
            profileId: ['p1', 'p2', null][random() % 3] ?? null,
            runId: ['r1', null][random() % 2] ?? null,
            dueAt: random() % 5,
          });
          if (change.kind === 'put') waiting.set(change.key, change.value as Task);
          return change;
        });
        await store.commit(changes);
        const where = [{ state: 'ready' }, { state: 'ready', priority: 1 }, { profileId: null }][
          step % 3
        ] as Partial<Task>;
        const limit = 1 + (random() % 6);
        const heads = await store.heads('task', where, limit);
        expect(inOrder(heads.map((line) => line.map(({ key }) => key)))).toEqual(headsOf(waiting, where, limit));
      }
      store = await opened.reopen();
      const again = await store.heads('task', {}, 3);
      expect(inOrder(again.map((line) => line.map(({ key }) => key)))).toEqual(headsOf(waiting, {}, 3));
      expect(again.flat().every(({ key, value }) => waiting.get(key)?.dueAt === value.dueAt)).toBe(true);
    });

    test('of a queue as many come back as are asked for, however many wait', async () => {
      await store.commit(
        Array.from({ length: 3000 }, (_, n) => task(`t${String(n).padStart(5, '0')}`, { dueAt: 3000 - n })),
      );
      const [line] = await store.heads('task', { state: 'ready' }, 2);
      expect(line?.map(({ key }) => key)).toEqual(['e/t02999', 'e/t02998']);
    });

    test('collections do not see each other', async () => {
      await store.commit([task('x'), mailbox('x')]);
      await store.commit([{ kind: 'delete', collection: 'task', key: 'e/x' }]);
      expect(await store.get('mailbox', 'e/x')).toBeDefined();
    });

    test('a log is read oldest first, with several entries of one commit in their order', async () => {
      await store.commit([append(3), put('a', 1), append(1)]);
      await store.commit([append(2)]);
      expect(await audit()).toEqual([3, 1, 2]);
      expect((await readAudit(store))[0]).toEqual(entryAt(3));
    });

    test('entries are linked in the order of the commits, however many come at once, and a refused one leaves no gap', async () => {
      const absent = { collection: 'turnState', key: 'a', version: 0 } as const;
      await store.commit([put('a', 1), append(0), append(1)]);
      const writing = Array.from({ length: 60 }, (_, n) =>
        store.commit([append(2 + n), append(100 + n)], n % 3 === 0 ? [absent] : []),
      );
      await Promise.allSettled(writing);
      const items = await readChain(store);
      expect(items).toHaveLength(2 + 40 * 2);
      let end = chainStart;
      for (const { entry, link } of items) {
        end = { ...nextLink(end, entry), unlinked: 0 };
        expect(link).toEqual({ position: end.position, hash: end.hash });
      }
      expect(await store.logHead('audit')).toEqual(end);
      expect(await verifyLog(store, 'audit')).toMatchObject({ problem: null, entries: 82, unlinked: 0, since: 0 });
    });

    test('the chain goes on after the store was closed and opened again', async () => {
      expect(await store.logHead('audit')).toEqual(chainStart);
      expect(await verifyLog(store, 'audit')).toMatchObject({ problem: null, entries: 0, since: null });
      for (let n = 1; n <= 9; n += 1) {
        await store.commit([append(n), put('a', n)]);
        if (n % 3 === 0) store = await opened.reopen();
      }
      expect(await verifyLog(store, 'audit')).toMatchObject({ problem: null, entries: 9, since: 1, until: 9 });
      expect((await readChain(store)).map(({ link }) => link?.position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    test('a log is read newest first as well, across a restart', async () => {
      for (let n = 0; n < 5; n += 1) await store.commit([append(n), append(10 + n)]);
      store = await opened.reopen();
      await store.commit([append(5), append(15)]);
      const forwards = await readChain(store);
      expect(forwards).toHaveLength(12);
      expect(await readChain(store, 'newest-first')).toEqual(forwards.toReversed());
    });

    test('everything is there after the store was closed and opened again', async () => {
      await store.commit([put('a', 1), put('b', 1), append(1)]);
      await store.commit([put('a', 2), remove('b'), append(2)]);
      const before = await store.get('turnState', 'a');
      store = await opened.reopen();
      expect(await store.get('turnState', 'a')).toEqual(before);
      expect(await store.get('turnState', 'b')).toBeUndefined();
      expect(await audit()).toEqual([1, 2]);
      await store.commit([put('a', 3), append(3)]);
      expect((await store.get('turnState', 'a'))!.version).toBeGreaterThan(before!.version);
      store = await opened.reopen();
      expect(await audit()).toEqual([1, 2, 3]);
      expect(Object.isFrozen((await store.get('turnState', 'a'))!.value)).toBe(true);
    });

    test('listeners hear of every durable commit and its collections, until they stop', async () => {
      const heard: Collection[][] = [];
      const stop = store.onCommit((collections) => heard.push([...collections].sort()));
      await store.commit([put('a', 1), mailbox('m'), mailbox('n'), append(1)]);
      await store.commit([remove('a')]);
      const conflict = store.commit([put('a', 1)], [{ collection: 'turnState', key: 'a', version: 99 }]);
      await expect(conflict).rejects.toThrow('store.conflict');
      stop();
      await store.commit([put('b', 1)]);
      expect(heard).toEqual([['mailbox', 'turnState'], ['turnState']]);
    });

    test('a listener that throws does not make the commit fail', async () => {
      store.onCommit(() => {
        throw new Error('listener');
      });
      await store.commit([put('a', 1)]);
      expect(store.alive).toBe(true);
    });

    test('commits that were under way when the store was closed are kept; later calls are refused', async () => {
      const pending = Array.from({ length: 8 }, (_, n) => store.commit([put(`k${n}`, n)]));
      const closed = store.close();
      await expect(store.commit([put('late', 1)])).rejects.toMatchObject({ code: 'store.closed' });
      await expect(store.get('turnState', 'k0')).rejects.toMatchObject({ code: 'store.closed' });
      await Promise.all([...pending, closed]);
      store = await opened.reopen();
      expect(await store.count('turnState', {})).toBe(8);
    });
  });
}
