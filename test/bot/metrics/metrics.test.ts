import { describe, expect, test } from 'vitest';
import { DeliveryError, type TeamsConnector } from '../../../bot/deliver/connector.ts';
import { measuredConnector, measuredStore, measuredTasks, measuredTurns } from '../../../bot/metrics/measured.ts';
import { createMetrics } from '../../../bot/metrics/metrics.ts';
import { createScrape, type ScrapeSources } from '../../../bot/metrics/scrape.ts';
import type { ServerLoad } from '../../../services/exchange/gate.ts';
import type { Task } from '../../../services/model/run.ts';
import type { Stored } from '../../../services/storage/store.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { personalMessage } from '../activity-samples.ts';
import { ada, addresses, env, MailroomStage, refusal } from '../../support/mailroom-stage.ts';
import { noSuchMailbox, storeUnavailable } from '../../support/scripted-exchange.ts';
import { breakingDisk } from '../../storage/breaking-disk.ts';
import { openTempStore } from '../../storage/open-temp-store.ts';
import { readMetrics, valueOf } from './read-metrics.ts';

const alive = [{ alive: true }];
const idle: ServerLoad = { server: '', running: 0, limit: 0, waiting: 0, backOffMs: 0, isCircuitOpen: false };

const scrapeOf = (stage: MailroomStage, changes: Partial<ScrapeSources> = {}) =>
  createScrape({
    metrics: createMetrics(),
    store: stage.store,
    clock: stage.clock,
    exchange: { load: () => [] },
    jobs: alive,
    ...changes,
  });

describe('the state of the store at a scrape', () => {
  test('is what a run left there', async () => {
    const stage = await MailroomStage.open();
    const scrape = scrapeOf(stage);
    await stage.profile();
    const [good, broken, busy, waiting] = addresses(4);
    const mailboxes = await stage.mailboxes([good, broken, busy, waiting].map(String));
    stage.exchange.answer = (address) =>
      address === broken ? noSuchMailbox : address === busy ? storeUnavailable : null;
    await startRun(stage, env, ada, 'chat-ada', { kind: 'selection', text: 'all' }, mailboxes.slice(0, 3));
    expect(valueOf(await scrape(), 'mailroom_tasks', { state: 'due' })).toBe(3);
    expect(valueOf(await scrape(), 'mailroom_runs', { state: 'running' })).toBe(1);

    await stage.work();
    stage.clock.advance(5000);
    const text = await scrape();
    const figures = (name: string) =>
      readMetrics(text).flatMap((sample) =>
        sample.name === name ? [[...Object.values(sample.labels), sample.value]] : [],
      );
    expect(figures('mailroom_runs')).toEqual([
      ['running', 0],
      ['paused', 0],
      ['completed', 1],
      ['cancelled', 0],
    ]);
    expect(figures('mailroom_mailboxes')).toEqual([
      ['notRun', 1],
      ['success', 1],
      ['failure', 2],
    ]);
    expect(figures('mailroom_tasks')).toEqual([
      ['due', 0],
      ['claimed', 0],
      ['later', 1],
      ['waiting', 0],
    ]);
    expect(figures('mailroom_incidents_open')).toEqual([
      ['information', 0],
      ['warning', 1],
      ['error', 1],
    ]);
    expect(valueOf(text, 'mailroom_mailbox_approvals', { approval: 'approved' })).toBe(4);
    expect(valueOf(text, 'mailroom_records', { collection: 'outcome' })).toBe(3);
    expect(valueOf(text, 'mailroom_store_up')).toBe(1);
    expect(valueOf(text, 'mailroom_jobs_up')).toBe(1);
    const intents = await stage.store.query('intent', { limit: 100 });
    expect(intents.length).toBeGreaterThan(0);
    expect(valueOf(text, 'mailroom_outbox_intents')).toBe(intents.length);
    expect(valueOf(text, 'mailroom_outbox_lag_seconds')).toBe(5);
    expect(text, 'nobody is named').not.toMatch(/user000\d|@|Ada|svc-mailroom/);
  });

  test('is left out when the store is closed, and the rest is still told', async () => {
    const stage = await MailroomStage.open();
    const server = { ...idle, server: 'mail.contoso.test', running: 2 };
    const scrape = scrapeOf(stage, { exchange: { load: () => [server] }, jobs: [...alive, { alive: false }] });
    expect(valueOf(await scrape(), 'mailroom_records', { collection: 'environment' })).toBe(1);
    expect(valueOf(await scrape(), 'mailroom_outbox_intents')).toBe(0);
    await stage.store.close();
    const text = await scrape();
    expect(valueOf(text, 'mailroom_store_up')).toBe(0);
    expect(valueOf(text, 'mailroom_jobs_up')).toBe(0);
    expect(readMetrics(text).filter(({ name }) => /^mailroom_(records|outbox|mailbox|runs|tasks)/.test(name))).toEqual(
      [],
    );
    expect(valueOf(text, 'mailroom_exchange_slots_used', { server: 'mail.contoso.test' })).toBe(2);
  });

  test('is not waited for longer than two seconds, however many scrape', async () => {
    const stage = await MailroomStage.open();
    const disk = breakingDisk();
    const temp = await openTempStore({ disk });
    const letGo = disk.hold();
    const commit = temp.store.commit([{ kind: 'delete', collection: 'intent', key: 'x' }]);
    const scrape = scrapeOf(stage, { store: temp.store });
    const timers = stage.clock.timers;
    const texts = Promise.all([scrape(), scrape(), scrape()]);
    expect(stage.clock.timers - timers, 'they share one look').toBe(1);
    stage.clock.advance(2000);
    for (const text of await texts) expect(valueOf(text, 'mailroom_store_up')).toBe(0);
    letGo();
    await commit;
    expect(valueOf(await scrape(), 'mailroom_store_up'), 'and is asked again').toBe(1);
    await temp.dispose();
  });
});

describe('servers', () => {
  test('are told with their load, and gone when the gate knows them no more', async () => {
    const stage = await MailroomStage.open();
    let servers: ServerLoad[] = [
      { server: 'Mail.contoso.test:444', running: 3, limit: 7, waiting: 12, backOffMs: 1500, isCircuitOpen: true },
    ];
    const scrape = scrapeOf(stage, { exchange: { load: () => servers } });
    const server = 'mail.contoso.test:444';
    const text = await scrape();
    expect(valueOf(text, 'mailroom_exchange_slots_used', { server })).toBe(3);
    expect(valueOf(text, 'mailroom_exchange_slots_limit', { server })).toBe(7);
    expect(valueOf(text, 'mailroom_exchange_waiting', { server })).toBe(12);
    expect(valueOf(text, 'mailroom_exchange_back_off_seconds', { server })).toBe(1.5);
    expect(valueOf(text, 'mailroom_exchange_circuit_open', { server })).toBe(1);
    servers = [];
    expect(valueOf(await scrape(), 'mailroom_exchange_slots_used', { server })).toBeUndefined();
  });

  test('however many there are, make no more than 33 series of a metric; those beyond are added up', async () => {
    const stage = await MailroomStage.open();
    const metrics = createMetrics();
    const servers = Array.from({ length: 500 }, (_, index) => ({ ...idle, server: `s${index}.test`, running: 1 }));
    for (const { server } of servers)
      metrics.onCall({
        server,
        operation: 'FindFolder',
        code: 'NoError',
        durationMs: 40,
        requestId: null,
        mailbox: null,
        marker: null,
      });
    const text = await scrapeOf(stage, { metrics, exchange: { load: () => servers } })();
    const names = new Set(readMetrics(text).flatMap(({ labels }) => labels['server'] ?? []));
    expect(names.size).toBe(33);
    const other = { server: 'other' };
    expect(valueOf(text, 'mailroom_exchange_slots_used', other)).toBe(500 - 32);
    expect(valueOf(text, 'mailroom_exchange_calls_total', { ...other, operation: 'FindFolder', code: 'NoError' })).toBe(
      500 - 32,
    );
    expect(
      valueOf(text, 'mailroom_exchange_call_duration_seconds_sum', { ...other, operation: 'FindFolder' }),
    ).toBeCloseTo((500 - 32) * 0.04);
  });

  test('with names that are no names stay readable, each on its line', async () => {
    const stage = await MailroomStage.open();
    const server = `a"} 1\nmailroom_store_up 5\\${'x'.repeat(5000)}`;
    const text = await scrapeOf(stage, { exchange: { load: () => [{ ...idle, server }] } })();
    expect(valueOf(text, 'mailroom_store_up')).toBe(1);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(500);
  });
});

describe('what is counted', () => {
  test('writes: done, in conflict, and those of a store that is no more', async () => {
    const stage = await MailroomStage.open();
    const metrics = createMetrics();
    const store = measuredStore(stage.store, metrics.onCommit);
    const put = { kind: 'put', collection: 'turnState', key: 'k', value: { json: '{}', at: 0 } } as const;
    await store.commit([put]);
    await store.commit([put]);
    expect(await refusal(store.commit([put], [{ collection: 'turnState', key: 'k', version: 0 }]))).toBe(
      'store.conflict',
    );
    expect((await store.get('turnState', 'k'))?.value.json).toBe('{}');
    expect(await store.count('turnState', {})).toBe(1);
    await store.close();
    expect(await refusal(store.commit([put]))).toBe('store.closed');
    const text = await scrapeOf(stage, { metrics })();
    expect(valueOf(text, 'mailroom_commits_total', { result: 'done' })).toBe(2);
    expect(valueOf(text, 'mailroom_commits_total', { result: 'conflict' })).toBe(1);
    expect(valueOf(text, 'mailroom_commits_total', { result: 'failed' })).toBe(1);
    expect(valueOf(text, 'mailroom_commit_duration_seconds_count')).toBe(2);
  });

  test('calls to Teams, by what they did and what it said', async () => {
    const stage = await MailroomStage.open();
    const metrics = createMetrics();
    const said: (Error | null)[] = [null, new DeliveryError('throttled', 'HTTP 429'), new Error('a bug')];
    const teams: TeamsConnector = {
      post: () => Promise.resolve({ activityId: 'a1' }),
      update: () => Promise.resolve(),
      remove: async () => {
        const error = said.shift();
        if (error) throw error;
      },
    };
    const connector = measuredConnector(teams, metrics.onSend);
    const reference = { ...(await stage.stored('conversation', 'chat-ada')).value };
    expect(await connector.post(reference, { card: {}, summary: '' })).toEqual({ activityId: 'a1' });
    await connector.update(reference, 'a1', { card: {}, summary: '' });
    await connector.remove(reference, 'a1');
    await expect(connector.remove(reference, 'a1')).rejects.toThrow('throttled');
    await expect(connector.remove(reference, 'a1')).rejects.toThrow('a bug');
    const text = await scrapeOf(stage, { metrics })();
    const sends = readMetrics(text).filter(({ name }) => name === 'mailroom_sends_total');
    expect(sends.map(({ labels, value }) => [labels['action'], labels['result'], value])).toEqual([
      ['post', 'done', 1],
      ['update', 'done', 1],
      ['remove', 'done', 1],
      ['remove', 'throttled', 1],
      ['remove', 'unavailable', 1],
    ]);
    expect(valueOf(text, 'mailroom_send_duration_seconds_count', { action: 'remove' })).toBe(3);
  });

  test('tasks: done, failed, and not those that a stop interrupts', async () => {
    const stage = await MailroomStage.open();
    const metrics = createMetrics();
    const stopped = new AbortController();
    const handlers = measuredTasks(
      {
        'test-mailbox': () => Promise.resolve(),
        'check-draft': () => Promise.reject(new Error('a bug')),
        'find-server': async () => stopped.abort(),
        'expand-list': async () => undefined,
      },
      metrics.onTask,
    );
    const task = {} as Stored<Task>;
    const taskOf = (kind: Task['kind']): Stored<Task> => ({ ...task, value: { ...task.value, kind } });
    await handlers['test-mailbox'](taskOf('test-mailbox'), stopped.signal);
    await expect(handlers['check-draft'](taskOf('check-draft'), stopped.signal)).rejects.toThrow('a bug');
    await handlers['find-server'](taskOf('find-server'), stopped.signal);
    const text = await scrapeOf(stage, { metrics })();
    const tasks = readMetrics(text).filter(({ name }) => name === 'mailroom_tasks_total');
    expect(tasks.map(({ labels, value }) => [labels['kind'], labels['result'], value])).toEqual([
      ['test-mailbox', 'done', 1],
      ['check-draft', 'failed', 1],
    ]);
  });

  test('turns, where a type that somebody makes up is other', async () => {
    const stage = await MailroomStage.open();
    const metrics = createMetrics();
    const turn = measuredTurns(() => Promise.resolve({ status: 200 }), metrics.onTurn);
    for (const type of ['message', 'invoke', 'conversationUpdate', 'made-up-1', 'made-up-2'])
      await turn(personalMessage({ type }), '');
    const text = await scrapeOf(stage, { metrics })();
    const count = (type: string) => valueOf(text, 'mailroom_turn_duration_seconds_count', { type, status: '200' });
    expect([count('message'), count('invoke'), count('other')]).toEqual([1, 1, 3]);
    expect(text).not.toContain('made-up');
  });
});

test('every metric of Mailroom’s own is in the table of the page, with its type, and nothing else is', async () => {
  const stage = await MailroomStage.open();
  const metrics = createMetrics();
  const text = await scrapeOf(stage, { metrics })();
  const types = [...text.matchAll(/^# TYPE (mailroom_\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`);
  expect(types).toEqual(metrics.rows.map(({ name, type }) => `${name} ${type}`));
  expect(types.length).toBeGreaterThan(20);
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  expect(text).toMatch(/^process_resident_memory_bytes /m);
});
