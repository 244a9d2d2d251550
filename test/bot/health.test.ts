import { afterEach, expect, test, vi } from 'vitest';
import { isReady } from '../../bot/health.ts';
import { createLog } from '../../bot/log.ts';
import { createWebServer } from '../../bot/web/server.ts';
import { startPoller } from '../../services/jobs/poller.ts';
import { startProjector } from '../../services/jobs/projector.ts';
import { startTaskRunner } from '../../services/jobs/task-runner.ts';
import { ensureEnvironment } from '../../services/platform/environments.ts';
import { createKeyRing } from '../../services/secrets/key-ring.ts';
import type { Store } from '../../services/storage/store.ts';
import { env, refusal } from '../support/mailroom-stage.ts';
import { ScriptedExchange } from '../support/scripted-exchange.ts';
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
  const handlers = { 'test-mailbox': nothing, 'check-draft': nothing, 'find-server': nothing, 'expand-list': nothing };
  const tasks = await startTaskRunner({ store, clock, log, handlers });
  ends.push(() => tasks.stop());
  const projector = startProjector({ store, clock, log }, env);
  ends.push(() => projector.stop());
  const exchange = new ScriptedExchange();
  const retry = { attempts: 10, delayMs: 300_000 };
  const keys = createKeyRing([Buffer.alloc(32, 7).toString('base64')]);
  await ensureEnvironment(store, env, 'Main');
  const poller = startPoller({ store, clock, log, keys, exchange, retry, pollIntervalMs: null }, env);
  ends.push(() => poller.stop());
  const server = createWebServer({
    config: { host: '127.0.0.1', port: 0, publicUrl: 'http://127.0.0.1:1', app: null },
    log,
    processActivity: () => Promise.resolve({ status: 200 }),
    secretForm: { clock, store, keys: null as never },
    isReady: () => isReady(store, [tasks, projector, poller]),
  });
  ends.push(() => server.close(0));
  const { port } = await server.listen();
  const ask = async (path: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return `${response.status} ${(await response.text()).trim()}`;
  };
  return { disk, store, tasks, projector, poller, ask };
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
  const handlers = { 'test-mailbox': nothing, 'check-draft': nothing, 'find-server': nothing, 'expand-list': nothing };
  const tasks = await startTaskRunner({ store, clock, log, handlers });
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

test.each(['tasks', 'projector', 'poller'] as const)('stopped %s make it red as well', async (which) => {
  const stage = await open();
  expect(await stage.ask('/readyz')).toBe('200 ready');
  await stage[which].stop();
  expect(await stage.ask('/readyz')).toBe('503 not ready');
  expect(await stage.ask('/healthz')).toBe('200 alive');
});

test('checks that fail for a moment make it red for that moment', async () => {
  const temp = await openTempStore();
  ends.push(() => temp.dispose());
  const clock = new ManualClock();
  const log = createLog({ level: 'silent' }, { write: () => undefined });
  const inside = measuredStore(temp.store, () => undefined);
  let isBroken = false;
  const query: Store['query'] = (collection, query) =>
    isBroken ? Promise.reject(new Error('no connection')) : inside.query(collection, query);
  const store: Store = { ...inside, query };
  await ensureEnvironment(store, env, 'Main');
  const keys = createKeyRing([Buffer.alloc(32, 7).toString('base64')]);
  const retry = { attempts: 10, delayMs: 300_000 };
  const poller = startPoller(
    { store, clock, log, keys, exchange: new ScriptedExchange(), retry, pollIntervalMs: null },
    env,
  );
  ends.push(() => poller.stop());
  await poller.idle();
  expect(isReady(store, [poller])).toBe(true);
  isBroken = true;
  await vi.waitFor(() => {
    clock.advance(60_000);
    expect(isReady(store, [poller])).toBe(false);
  });
  isBroken = false;
  await vi.waitFor(() => {
    clock.advance(60_000);
    expect(isReady(store, [poller])).toBe(true);
  });
});
