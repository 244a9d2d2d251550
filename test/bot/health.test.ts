import { afterEach, expect, test, vi } from 'vitest';
import { isReady } from '../../bot/health.ts';
import { createLog } from '../../bot/log.ts';
import { createWebServer } from '../../bot/web/server.ts';
import { startProjector } from '../../services/jobs/projector.ts';
import { startTaskRunner } from '../../services/jobs/task-runner.ts';
import type { Store } from '../../services/storage/store.ts';
import { env, refusal } from '../support/mailroom-stage.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { breakingDisk } from '../storage/breaking-disk.ts';
import { measuredStore } from '../../bot/metrics/measured.ts';
import { openTempStore } from '../storage/open-temp-store.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** The door with a store and its jobs behind it. */
async function open() {
  const disk = breakingDisk();
  const temp = await openTempStore({ disk });
  ends.push(() => temp.dispose());
  const clock = new ManualClock();
  const log = createLog({ level: 'silent' }, { write: () => undefined });
  const { store } = temp;
  const nothing = (): Promise<void> => Promise.resolve();
  const handlers = { 'test-mailbox': nothing, 'check-draft': nothing, 'find-server': nothing };
  const tasks = await startTaskRunner({ store, clock, log, environmentId: env, handlers });
  ends.push(() => tasks.stop());
  const projector = startProjector({ store, clock, log }, env);
  ends.push(() => projector.stop());
  const server = createWebServer({
    config: { host: '127.0.0.1', port: 0, publicUrl: 'http://127.0.0.1:1', app: null },
    log,
    processActivity: () => Promise.resolve({ status: 200 }),
    secretForm: { clock, store, keys: null as never },
    isReady: () => isReady(store, [tasks, projector]),
  });
  ends.push(() => server.close(0));
  const { port } = await server.listen();
  const ask = async (path: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return `${response.status} ${(await response.text()).trim()}`;
  };
  return { disk, store, tasks, projector, ask };
}

const put = { kind: 'put', collection: 'turnState', key: 'k', value: { json: '{}', at: 0 } } as const;

test('a store whose disk fails makes /readyz red; the process itself still answers', async () => {
  const { disk, store, ask } = await open();
  expect(await ask('/readyz')).toBe('200 ready');
  await store.commit([put]);
  expect(await ask('/readyz')).toBe('200 ready');
  disk.breakAfter(0);
  await expect(store.commit([put])).rejects.toThrow();
  expect(await ask('/readyz')).toBe('503 not ready');
  expect(await refusal(store.get('turnState', 'k'))).toBe('store.dead');
  expect(await ask('/healthz')).toBe('200 alive');
});

test('tasks that cannot be claimed for a moment make it red for that moment', async () => {
  const temp = await openTempStore();
  ends.push(() => temp.dispose());
  const clock = new ManualClock();
  const log = createLog({ level: 'silent' }, { write: () => undefined });
  let isBroken = false;
  const inside = measuredStore(temp.store, () => undefined);
  const query: Store['query'] = (collection, query) =>
    isBroken ? Promise.reject(new Error('no connection')) : inside.query(collection, query);
  const store: Store = { ...inside, query };
  const nothing = (): Promise<void> => Promise.resolve();
  const handlers = { 'test-mailbox': nothing, 'check-draft': nothing, 'find-server': nothing };
  const tasks = await startTaskRunner({ store, clock, log, environmentId: env, handlers });
  ends.push(() => tasks.stop());
  await tasks.idle();
  expect(isReady(store, [tasks])).toBe(true);

  isBroken = true;
  await store.commit([{ kind: 'delete', collection: 'task', key: 'none' }]);
  await vi.waitFor(() => expect(isReady(store, [tasks])).toBe(false));
  isBroken = false;
  await vi.waitFor(() => {
    clock.advance(1000);
    expect(isReady(store, [tasks])).toBe(true);
  });
});

test.each(['tasks', 'projector'] as const)('stopped %s make it red as well', async (which) => {
  const stage = await open();
  expect(await stage.ask('/readyz')).toBe('200 ready');
  await stage[which].stop();
  expect(await stage.ask('/readyz')).toBe('503 not ready');
  expect(await stage.ask('/healthz')).toBe('200 alive');
});
