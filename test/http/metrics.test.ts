import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { demoMailboxes } from '../../sandbox/exchange/index.ts';
import { readMetrics, valueOf } from '../bot/metrics/read-metrics.ts';
import { alerts, approvals, goodMailboxes, personal, Stage } from './stage.ts';

const code = 'ErrorNonExistentMailbox';
const troubled = demoMailboxes().filter(({ trouble }) => trouble?.code === code);
const mailboxes = [...goodMailboxes(4), ...troubled];
let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open({ mailboxes });
  await stage.createProfile();
  await stage.ask('ada', approvals, 'approvers here');
  await stage.ask('ada', alerts, 'subscribe');
  await stage.importMailboxes();
  await stage.approveAll('ben', approvals);
  await stage.journey.see('ada', personal, ({ text }) => text.includes('Some failed'), 'the end of the run');
});
afterAll(() => stage?.close());

const lines = (): Record<string, unknown>[] =>
  stage
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const linesOf = (message: string): Record<string, unknown>[] => lines().filter(({ msg }) => msg === message);

async function scrape(): Promise<string> {
  const port = linesOf('Mailroom listens').at(-1)?.['metricsPort'];
  const response = await fetch(`http://127.0.0.1:${String(port)}/metrics`);
  expect(response.status).toBe(200);
  return response.text();
}

/** When the last card is out as well. */
const scrapeAtRest = (): Promise<string> =>
  vi.waitFor(
    async () => {
      const text = await scrape();
      expect(valueOf(text, 'mailroom_outbox_intents')).toBe(0);
      return text;
    },
    { timeout: 15_000 },
  );

describe('after a run over HTTP', () => {
  test('the metrics count what Exchange counted, operation by operation and code by code', async () => {
    const seen: Record<string, number> = {};
    for (const { operation, code: answered } of stage.world.exchange.requests()) {
      if (operation === null) continue;
      seen[`${operation} ${answered}`] = (seen[`${operation} ${answered}`] ?? 0) + 1;
    }
    const counted: Record<string, number> = {};
    const { host } = new URL(stage.world.ewsUrl);
    for (const { name, labels, value } of readMetrics(await scrape())) {
      if (name !== 'mailroom_exchange_calls_total') continue;
      expect(labels['server']).toBe(host);
      counted[`${labels['operation']} ${labels['code']}`] = value;
    }
    expect(counted).toEqual(seen);
    expect(seen).toMatchObject({ 'CreateItem NoError': 4, [`FindFolder ${code}`]: 1 });
  });

  test('and the work, the cards and the store as they are', async () => {
    const text = await scrapeAtRest();
    const server = new URL(stage.world.ewsUrl).host;
    expect(valueOf(text, 'mailroom_tasks_total', { kind: 'test-mailbox', result: 'done' })).toBe(5);
    expect(valueOf(text, 'mailroom_tasks_total', { kind: 'check-draft', result: 'done' })).toBe(1);
    expect(valueOf(text, 'mailroom_runs', { state: 'completed' })).toBe(1);
    expect(valueOf(text, 'mailroom_mailboxes', { status: 'success' })).toBe(4);
    expect(valueOf(text, 'mailroom_mailboxes', { status: 'failure' })).toBe(1);
    expect(valueOf(text, 'mailroom_incidents_open', { level: 'error' })).toBe(1);
    expect(valueOf(text, 'mailroom_exchange_slots_used', { server })).toBe(0);
    expect(valueOf(text, 'mailroom_exchange_slots_limit', { server })).toBe(27);
    expect(valueOf(text, 'mailroom_exchange_circuit_open', { server })).toBe(0);
    const sent = (action: string) => valueOf(text, 'mailroom_sends_total', { action, result: 'done' }) ?? 0;
    expect(sent('post')).toBeGreaterThanOrEqual(5);
    // A card stands where one was posted and not taken away again.
    expect(sent('post') - sent('remove')).toBe(valueOf(text, 'mailroom_records', { collection: 'message' }));
    expect(valueOf(text, 'mailroom_commits_total', { result: 'done' })).toBeGreaterThan(10);
    expect(valueOf(text, 'mailroom_commits_total', { result: 'failed' })).toBeUndefined();
    expect(valueOf(text, 'mailroom_turn_duration_seconds_count', { type: 'invoke', status: '200' })).toBeGreaterThan(3);
    expect(valueOf(text, 'mailroom_store_up')).toBe(1);
    expect(valueOf(text, 'mailroom_jobs_up')).toBe(1);
  });

  test('nothing in them is anybody’s: no address, no name, no account, no id, no secret', async () => {
    const { world } = stage;
    const text = await scrape();
    const everything = [
      '@',
      'Contoso on-premises',
      'svc-mailroom',
      world.exchange.serviceAccount.password,
      ...world.mailboxes.flatMap(({ address, displayName }) => [address, address.split('@')[0], displayName]),
      ...Object.values(world.environment).filter((value) => value.length > 12),
    ];
    expect(everything.length).toBeGreaterThan(20);
    expect(everything.filter((private_) => text.includes(String(private_)))).toEqual([]);
    expect(text, 'ids of people, tenants, profiles, credentials').not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/i);
  });

  test('the log has a line a tested mailbox with run and task, and one for the failed call with its request id', () => {
    const tested = linesOf('mailbox tested');
    expect(tested).toHaveLength(mailboxes.length);
    expect(new Set(tested.map(({ mailbox }) => mailbox))).toEqual(new Set(mailboxes.map(({ address }) => address)));
    expect(new Set(tested.map(({ run }) => run)).size).toBe(1);
    expect(tested[0]?.['run']).toMatch(/^[0-9A-Z]{6}$/);
    const failed = tested.find(({ mailbox }) => mailbox === troubled[0]?.address);
    expect(failed?.['results']).toEqual({ incoming: code, outgoing: code, act: code });
    const calls = linesOf('a call to Exchange failed');
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      operation: 'FindFolder',
      code,
      task: failed?.['task'],
      mailbox: failed?.['mailbox'],
    });
    expect(calls[0]?.['requestId']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });
});
