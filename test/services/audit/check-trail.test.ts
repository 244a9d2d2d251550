import { expect, it } from 'vitest';
import { checkTrail } from '../../../services/audit/check-trail.ts';
import { readHistory } from '../../../services/audit/read-history.ts';
import { auditEntry, type AuditEntry } from '../../../services/model/audit.ts';
import type { Chained, Store } from '../../../services/storage/store.ts';
import { ada, env, MailroomStage } from '../../support/mailroom-stage.ts';

/** The store of a stage whose trail gives nothing more after some entries, until somebody lets it. */
function slowTrail(store: Store, afterEntries: number): { store: Store; go: () => void } {
  const gate = Promise.withResolvers<void>();
  async function* readChain(): AsyncGenerator<Chained<AuditEntry>> {
    let read = 0;
    for await (const item of store.readChain('audit')) {
      if (read === afterEntries) await gate.promise;
      read += 1;
      yield item;
    }
  }
  return {
    store: { ...bound(store), readChain: readChain as Store['readChain'] },
    go: () => gate.resolve(),
  };
}

const bound = (store: Store): Store => ({
  get: (collection, key) => store.get(collection, key),
  query: (collection, query) => store.query(collection, query),
  count: (collection, query) => store.count(collection, query),
  heads: (queue, where, limit) => store.heads(queue, where, limit),
  commit: (changes, expected) => store.commit(changes, expected),
  readLog: (log) => store.readLog(log),
  readChain: (log, order) => store.readChain(log, order),
  logHead: (log) => store.logHead(log),
  trimLog: (log, before, also) => store.trimLog(log, before, also),
  onCommit: (listener) => store.onCommit(listener),
  alive: true,
  close: () => store.close(),
});

it('answers when the check is done, and checks anew each time', async () => {
  const stage = await MailroomStage.open();
  expect(await checkTrail(stage)).toMatchObject({ problem: null, entries: 5 });
  const entry = auditEntry(env, 1, ada, 'run.started', ['R1'], { mailboxes: 1 });
  await stage.store.commit([{ kind: 'append', log: 'audit', entry }]);
  // Somebody who turns pages is told what was found a moment ago.
  expect(await checkTrail(stage, { maxAgeMs: 1 })).toMatchObject({ problem: null, entries: 5 });
  stage.clock.advance(1);
  expect(await checkTrail(stage, { maxAgeMs: 1 })).toMatchObject({ problem: null, entries: 6 });
  expect(await checkTrail(stage)).toMatchObject({ problem: null, entries: 6 });
});

it('does not keep somebody waiting for a long trail; who asks again gets the result of the same check', async () => {
  const stage = await MailroomStage.open();
  const { store, go } = slowTrail(stage.store, 2);
  const context = { store, clock: stage.clock, log: stage.log };
  const first = checkTrail(context);
  const second = checkTrail(context);
  stage.clock.advance(1000);
  expect(await first).toBeNull();
  expect(await second).toBeNull();
  go();
  expect(await checkTrail(context)).toMatchObject({ problem: null, entries: 5 });
});

it('tells the operator’s log of a trail that is not complete', async () => {
  const stage = await MailroomStage.open();
  const store: Store = {
    ...bound(stage.store),
    logHead: async (log) => ({ ...(await stage.store.logHead(log)), position: 9 }),
  };
  expect(await checkTrail({ store, clock: stage.clock, log: stage.log })).toMatchObject({
    problem: 'cut',
    badPosition: 6,
  });
  expect(stage.lines).toMatchObject([{ level: 'error', details: { problem: 'cut', badPosition: 6, entries: 5 } }]);
});

it('stops a search that takes too long, and says how far back it came', async () => {
  const stage = await MailroomStage.open();
  for (let n = 1; n <= 5; n += 1) {
    const entry = auditEntry(env, n, ada, 'run.started', [`R${n}`], {});
    await stage.store.commit([{ kind: 'append', log: 'audit', entry }]);
  }
  let now = 0;
  const clock = { now: () => (now += 400), after: () => () => undefined };
  const query = { filter: 'nothing', page: 0, size: 10, upTo: 99, names: {} };
  expect(await readHistory({ store: stage.store, clock }, env, query)).toEqual({
    rows: [],
    hasNext: false,
    searchedBackTo: 3,
  });
});
