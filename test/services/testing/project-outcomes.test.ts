import { expect, it } from 'vitest';
import { causeIdOf } from '../../../services/model/alert.ts';
import type { Fault } from '../../../services/model/fault.ts';
import type { Outcome } from '../../../services/model/run.ts';
import { gatherEvents } from '../../../services/alerts/gather-events.ts';
import { projectOutcomes } from '../../../services/testing/project-outcomes.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { keyOf, type Change } from '../../../services/storage/store.ts';
import { ada, addresses, env, MailroomStage } from '../../support/mailroom-stage.ts';
import { noSuchMailbox, sendAsDenied, storeUnavailable } from '../../support/scripted-exchange.ts';

async function run(stage: MailroomStage, count: number): Promise<string> {
  await stage.profile();
  const mailboxes = await stage.mailboxes(addresses(count));
  const started = await startRun(stage, env, ada, 'c-run', { kind: 'selection', text: 'all' }, mailboxes);
  await stage.sendAll();
  return started.run.id;
}

/** What a test leaves behind: its outcome, and the alert where there is a fault. */
function outcome(runId: string | null, address: string, fault: Fault | null): Change[] {
  const value: Outcome = {
    environmentId: env,
    runId,
    mailboxId: address,
    profileId: 'p1',
    phases: [],
    fault,
    willRetry: fault?.code === storeUnavailable.code,
    at: 0,
    markerFound: false,
    causes: fault === null ? [] : [{ causeId: causeIdOf('p1', fault.code), fault }],
    folded: false,
  };
  const changes: Change[] = [{ kind: 'put', collection: 'outcome', key: keyOf(env, runId ?? 'retry', address), value }];
  if (fault !== null)
    changes.push({
      kind: 'put',
      collection: 'alert',
      key: keyOf(env, address, fault.code),
      value: {
        environmentId: env,
        mailboxId: address,
        directions: ['incoming'],
        address,
        profileId: 'p1',
        causeId: causeIdOf('p1', fault.code),
        fault,
        level: fault.code === storeUnavailable.code ? 'warning' : 'error',
        firstAt: 0,
        lastAt: 0,
        count: 1,
      },
    });
  return changes;
}

it('folds every outcome exactly once, also when the process starts again in between', async () => {
  const stage = await MailroomStage.open();
  const id = await run(stage, 4);
  const [a = '', b = '', c = '', d = ''] = addresses(4);
  await stage.store.commit([...outcome(id, a, null), ...outcome(id, b, noSuchMailbox)]);
  expect(await projectOutcomes(stage, env)).toBe(2);
  expect(await projectOutcomes(stage, env)).toBe(0);
  await stage.store.commit([...outcome(id, c, storeUnavailable)]);
  await stage.reopen();
  expect(await stage.fold()).toBe(1);
  await stage.reopen();
  expect(await stage.fold()).toBe(0);
  expect(await stage.get('run', id)).toMatchObject({ state: 'running', done: 3, succeeded: 1, failed: 2, retrying: 1 });
  await stage.store.commit(outcome(id, d, null));
  await stage.fold();
  expect(await stage.get('run', id)).toMatchObject({
    state: 'completed',
    done: 4,
    succeeded: 2,
    failed: 2,
    causes: { ErrorNonExistentMailbox: 1, ErrorMailboxStoreUnavailable: 1 },
    finishedAt: stage.clock.now(),
  });
});

it('counts nothing twice when two folds meet', async () => {
  const stage = await MailroomStage.open();
  const id = await run(stage, 2);
  await stage.store.commit(addresses(2).flatMap((address) => outcome(id, address, noSuchMailbox)));
  const both = await Promise.allSettled([projectOutcomes(stage, env), projectOutcomes(stage, env)]);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(await stage.get('run', id)).toMatchObject({ done: 2, failed: 2 });
  expect(await stage.all('incident')).toMatchObject([{ open: 2 }]);
});

it('keeps what a run gave for its report, and forgets later tries', async () => {
  const stage = await MailroomStage.open();
  const id = await run(stage, 2);
  const [a = '', b = ''] = addresses(2);
  await stage.store.commit([...outcome(id, a, null), ...outcome(id, b, noSuchMailbox)]);
  await stage.store.commit([...outcome(null, a, null), ...outcome(null, b, noSuchMailbox)]);
  await stage.fold();
  expect((await stage.all('outcome')).map(({ mailboxId, folded }) => [mailboxId, folded])).toEqual([
    [a, true],
    [b, true],
  ]);
});

it('folds five thousand outcomes into a handful of cards a conversation (law 9)', async () => {
  const stage = await MailroomStage.open();
  const id = await run(stage, 5_000);
  await stage.subscribe('c-all', { alerts: 'all' });
  await stage.subscribe('c-errors', { alerts: 'errors' });
  await stage.sendAll();
  const causes = [null, noSuchMailbox, sendAsDenied, storeUnavailable];
  await stage.store.commit(
    addresses(5_000).flatMap((address, index) => outcome(id, address, causes[index % causes.length] ?? null)),
  );
  let commits = 0;
  stage.store.onCommit(() => (commits += 1));
  expect(await stage.fold()).toBe(5_000);
  expect(commits).toBe(10);
  expect(await stage.get('run', id)).toMatchObject({
    state: 'completed',
    done: 5_000,
    succeeded: 1_250,
    failed: 3_750,
  });
  expect(await stage.wishes()).toEqual([
    'c-all incident',
    'c-all incident',
    'c-errors incident',
    'c-errors incident',
    'c-run run',
  ]);
  for (const incident of await stage.all('incident')) {
    expect(incident.open).toBe(1_250);
    expect(incident.sample).toHaveLength(10);
  }
});

it('has the digests tell what they were asked for: warnings not to those who want errors', async () => {
  const stage = await MailroomStage.open();
  const id = await run(stage, 1);
  for (const alerts of ['all', 'warnings', 'errors'] as const) await stage.subscribe(`c-${alerts}`, { alerts });
  await stage.store.commit(outcome(id, addresses(1)[0] ?? '', storeUnavailable));
  await stage.fold();
  await gatherEvents(stage, env);
  expect(await stage.wishes('incident')).toEqual([]);
  const told = (await stage.all('alertDigest')).map(({ conversationId, hasNews, runs }) => [
    conversationId,
    hasNews,
    runs.length,
  ]);
  expect(told).toEqual([
    ['c-all', true, 1],
    ['c-warnings', true, 0],
  ]);
});

it('does not end a run that was cancelled, and does not repeat its live card in its own channel', async () => {
  const stage = await MailroomStage.open();
  const id = await run(stage, 1);
  await stage.subscribe('c-run', { alerts: 'all' });
  const { key, value } = await stage.stored('run', id);
  await stage.store.commit([
    { kind: 'put', collection: 'run', key, value: { ...value, state: 'cancelled', finishedAt: 1 } },
    ...outcome(id, addresses(1)[0] ?? '', null),
  ]);
  await stage.fold();
  expect(await stage.get('run', id)).toMatchObject({ state: 'cancelled', done: 1, finishedAt: 1 });
  expect(await stage.wishes()).toEqual(['c-run run']);
});

it('keeps pace: what comes in meanwhile is folded together', async () => {
  const stage = await MailroomStage.open();
  const id = await run(stage, 40);
  const projector = stage.projector(200);
  await projector.idle();
  let folds = 0;
  stage.store.onCommit((collections) => {
    if (collections.has('run')) folds += 1;
  });
  for (const address of addresses(40)) await stage.store.commit(outcome(id, address, null));
  expect(folds).toBe(0);
  stage.clock.advance(200);
  await projector.idle();
  expect(folds).toBe(1);
  expect(await stage.get('run', id)).toMatchObject({ state: 'completed', done: 40 });
  await projector.stop();
});
