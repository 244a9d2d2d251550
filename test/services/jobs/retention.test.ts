import { expect, it, onTestFinished } from 'vitest';
import { startHousekeeping } from '../../../services/jobs/housekeeping.ts';
import { trimLogs } from '../../../services/jobs/retention.ts';
import { verifyLog } from '../../../services/storage/log-chain.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { readTestHistory } from '../../../services/testing/test-history.ts';
import { openJournalStore } from '../../../services/storage/journal-store.ts';
import { ada, addresses, env, MailroomStage } from '../../support/mailroom-stage.ts';
import { storeUnavailable } from '../../support/scripted-exchange.ts';
import { makeTempFolder } from '../../storage/open-temp-store.ts';
import { auditEntry } from '../../../services/model/audit.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import type { Store } from '../../../services/storage/store.ts';
import { rm } from 'node:fs/promises';

const dayMs = 86_400_000;
const [kim = '', lee = ''] = addresses(2);
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function daily(days: number): Promise<{ store: Store; clock: ManualClock }> {
  const folder = await makeTempFolder();
  const clock = new ManualClock();
  for (let day = 0; day < days; day += 1) {
    const store = await openJournalStore({ folder, clock });
    const entry = auditEntry(env, clock.now(), ada, 'run.started', [`R${day}`]);
    await store.commit([
      { kind: 'append', log: 'audit', entry },
      {
        kind: 'append',
        log: 'outcome',
        entry: {
          environmentId: env,
          at: clock.now(),
          mailboxId: kim,
          kind: 'test',
          runId: `R${day}`,
          profileId: 'p1',
          phases: [],
          code: null,
          willRetry: false,
          enabled: true,
        },
      },
    ]);
    await store.close();
    clock.advance(dayMs);
  }
  const store = await openJournalStore({ folder, clock });
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { store, clock };
}

async function kinds(store: Store): Promise<string[]> {
  const found: string[] = [];
  for await (const { kind, subjects } of store.readLog('audit')) found.push(`${kind} ${subjects.join()}`.trim());
  return found;
}

it('keeps the history for ever unless it is told otherwise, and outcomes for their days', async () => {
  const { store, clock } = await daily(4);
  await trimLogs({ store, clock, log }, env, { outcomeDays: 2, historyDays: null });
  expect(await kinds(store)).toHaveLength(4);
  expect((await readTestHistory(store, { environmentId: env, id: kim }, 9)).map(({ runId }) => runId)).toEqual([
    'R3',
    'R2',
  ]);
  expect(await verifyLog(store, 'outcome')).toMatchObject({ problem: null, removed: 2, entries: 2 });
});

it('writes into the history that history was removed, up to which entry, and only then', async () => {
  const { store, clock } = await daily(4);
  const retention = { outcomeDays: 90, historyDays: 2 };
  await trimLogs({ store, clock, log }, env, retention);
  await trimLogs({ store, clock, log }, env, retention);
  expect(await kinds(store)).toEqual(['run.started R2', 'run.started R3', 'history.removed']);
  const { removed } = await store.logHead('audit');
  for await (const { kind, details } of store.readLog('audit'))
    if (kind === 'history.removed') expect(details).toEqual({ count: 2, days: 2, hash: removed?.hash });
  expect(await verifyLog(store, 'audit')).toMatchObject({ problem: null, removed: 2, entries: 3 });
});

it('is part of the housekeeping', async () => {
  const { store, clock } = await daily(4);
  const housekeeping = startHousekeeping({ store, clock, log }, env, { outcomeDays: 1, historyDays: null });
  onTestFinished(() => housekeeping.stop());
  await expect.poll(async () => (await store.logHead('outcome')).removed?.position).toBe(3);
  clock.advance(dayMs);
});

it('tells what the last tests and checks of one mailbox found, newest first', async () => {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes([kim, lee]);
  stage.exchange.answer = (address) => (address === kim ? storeUnavailable : null);
  await startRun(stage, env, ada, 'c1', { kind: 'selection', text: 'all' }, await stage.all('mailbox'));
  await stage.work();
  stage.exchange.answer = () => null;
  stage.clock.advance(stage.retry.delayMs);
  await stage.work();
  await stage.reopen();
  const [run] = await stage.all('run');
  const history = await readTestHistory(stage.store, await stage.mailbox(kim), 5);
  expect(history).toMatchObject([
    { kind: 'retry', runId: null, code: null, willRetry: false, enabled: true },
    { kind: 'test', runId: run?.id, code: storeUnavailable.code, willRetry: true, enabled: false },
  ]);
  expect(history[1]?.phases.map(({ direction, code }) => [direction, code])).toEqual([
    ['incoming', storeUnavailable.code],
    ['outgoing', storeUnavailable.code],
    ['act', storeUnavailable.code],
  ]);
  expect(await readTestHistory(stage.store, await stage.mailbox(lee), 5)).toHaveLength(1);
  expect(await readTestHistory(stage.store, await stage.mailbox(kim), 1)).toHaveLength(1);
  // The retry is the newest entry: with one look nothing older is seen.
  expect(await readTestHistory(stage.store, await stage.mailbox(lee), 5, 1)).toEqual([]);
});
