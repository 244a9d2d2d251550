import { expect, it } from 'vitest';
import { sweep } from '../../../services/jobs/sweep.ts';
import type { Outcome } from '../../../services/model/run.ts';
import { keyOf, type Change } from '../../../services/storage/store.ts';
import { retestRun } from '../../../services/testing/retest.ts';
import { streamReport, type ReportRow } from '../../../services/testing/run-report.ts';
import { failedInRun, getRunWithResults, resultDays } from '../../../services/testing/run-results.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { ada, addresses, env, MailroomStage, refusal, refusalOf } from '../../support/mailroom-stage.ts';
import { noSuchMailbox, storeUnavailable } from '../../support/scripted-exchange.ts';

const dayMs = 24 * 60 * 60 * 1000;
const title = { kind: 'selection', text: 'all' } as const;

async function rowsOf(stage: MailroomStage, id: string): Promise<ReportRow[]> {
  const rows: ReportRow[] = [];
  for await (const row of streamReport(stage.store, env, id)) rows.push(row);
  return rows;
}

async function tested(count: number): Promise<{ stage: MailroomStage; id: string }> {
  const stage = await MailroomStage.open();
  await stage.profile();
  const [first, second] = addresses(count);
  stage.exchange.answer = (address) =>
    address === first ? noSuchMailbox : address === second ? { outgoing: storeUnavailable } : null;
  const { run } = await startRun(stage, env, ada, 'c1', title, await stage.mailboxes(addresses(count)));
  await stage.work();
  return { stage, id: run.id };
}

it('has a row a mailbox that was tested, good or bad, by address', async () => {
  const { stage, id } = await tested(4);
  const rows = await rowsOf(stage, id);
  expect(rows.map(({ address, fault }) => [address, fault?.code ?? null])).toEqual([
    ['user0001@contoso.test', 'ErrorNonExistentMailbox'],
    ['user0002@contoso.test', 'ErrorMailboxStoreUnavailable'],
    ['user0003@contoso.test', null],
    ['user0004@contoso.test', null],
  ]);
  expect(rows[1]?.phases).toMatchObject({
    incoming: { fault: null, durationMs: 5 },
    outgoing: { fault: { code: 'ErrorMailboxStoreUnavailable' } },
    act: { fault: null },
  });
  const { postponedUntil, transientFailureCount } = await stage.mailbox('user0002@contoso.test');
  expect(rows[1]?.mailbox).toMatchObject({ postponedUntil, transientFailureCount });
  expect([typeof postponedUntil, transientFailureCount]).toEqual(['number', 1]);
});

it('says of a run what it gave, also when the mailbox is fine or gone by now', async () => {
  const { stage, id } = await tested(3);
  await stage.store.commit([{ kind: 'delete', collection: 'mailbox', key: keyOf(env, 'user0001@contoso.test') }]);
  stage.exchange.answer = () => null;
  stage.clock.advance(stage.retry.delayMs);
  await stage.work();
  const [gone, fine] = await rowsOf(stage, id);
  expect(gone).toMatchObject({ address: 'user0001@contoso.test', mailbox: undefined });
  expect(fine).toMatchObject({ fault: { code: 'ErrorMailboxStoreUnavailable' }, mailbox: { status: 1 } });
});

it('reads five thousand mailboxes a page at a time (law 9)', async () => {
  const stage = await MailroomStage.open();
  await stage.profile();
  const { run } = await startRun(stage, env, ada, 'c1', title, await stage.mailboxes(addresses(5_000)));
  const given = addresses(5_000).map((address): Change => {
    const value: Outcome = {
      environmentId: env,
      runId: run.id,
      mailboxId: address,
      profileId: 'p1',
      phases: [],
      fault: null,
      willRetry: false,
      at: 0,
      markerFound: false,
      causes: [],
      folded: true,
    };
    return { kind: 'put', collection: 'outcome', key: keyOf(env, run.id, address), value };
  });
  // Another run beside it, whose id begins alike: its rows are its own.
  const [one] = given;
  if (one?.kind !== 'put') throw new Error('one is needed');
  await stage.store.commit([...given, { ...one, key: keyOf(env, `${run.id}X`, 'other@contoso.test') }]);
  const pages: number[] = [];
  const store = {
    ...stage.store,
    get: stage.store.get.bind(stage.store),
    query: async (...args: Parameters<typeof stage.store.query>) => {
      const page = await stage.store.query(...args);
      pages.push(page.length);
      return page;
    },
  } as typeof stage.store;
  let rows = 0;
  for await (const { mailbox } of streamReport(store, env, run.id)) if (mailbox !== undefined) rows += 1;
  expect(rows).toBe(5_000);
  expect(Math.max(...pages)).toBeLessThanOrEqual(500);
});

it('counts as failed only those that failed in that run', async () => {
  const { stage, id } = await tested(4);
  expect([...(await failedInRun(stage.store, env, id))]).toEqual(['user0001@contoso.test', 'user0002@contoso.test']);
  // One that was fine in this run fails in the next: a retest of this run leaves it alone.
  stage.exchange.answer = () => noSuchMailbox;
  await startRun(stage, env, ada, 'c1', title, [await stage.mailbox('user0004@contoso.test')]);
  await stage.work();
  const { run } = await retestRun(stage, env, ada, id, 'c1');
  expect(run.total).toBe(2);
});

it('keeps what a run gave for a week after its end; the numbers stay, and everybody is told', async () => {
  const { stage, id } = await tested(3);
  stage.clock.advance(resultDays * dayMs - 1);
  await sweep(stage, env);
  expect(await rowsOf(stage, id)).toHaveLength(3);
  stage.clock.advance(1);
  await sweep(stage, env);
  expect(await stage.all('outcome')).toEqual([]);
  expect(await stage.get('run', id)).toMatchObject({ results: 'gone', done: 3, succeeded: 1, failed: 2 });
  const gone = { code: 'run.results-gone', params: { id, days: 7 } };
  expect(await refusalOf(getRunWithResults(stage.store, env, id))).toEqual(gone);
  expect(await refusal(retestRun(stage, env, ada, id, 'c1'))).toBe('run.results-gone');
  const revision = (await stage.get('run', id)).revision;
  await sweep(stage, env);
  expect((await stage.get('run', id)).revision).toBe(revision);
});

it('does not put away what a run gave that goes on, however long', async () => {
  const { stage, id } = await tested(3);
  const { key, value } = await stage.stored('run', id);
  await stage.store.commit([
    { kind: 'put', collection: 'run', key, value: { ...value, state: 'paused', finishedAt: null } },
  ]);
  stage.clock.advance(99 * dayMs);
  await sweep(stage, env);
  expect(await rowsOf(stage, id)).toHaveLength(3);
});
