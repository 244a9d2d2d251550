import { expect, it } from 'vitest';
import { cancelRun } from '../../../services/testing/cancel-run.ts';
import { pauseRun, resumeRun } from '../../../services/testing/pause-run.ts';
import { startRun, type StartedRun } from '../../../services/testing/start-run.ts';
import type { Mailbox } from '../../../services/model/mailbox.ts';
import type { Collection } from '../../../services/storage/store.ts';
import { ada, addresses, audit, env, inOrder, MailroomStage, pia, refusal } from '../../support/mailroom-stage.ts';
import { storeUnavailable } from '../../support/scripted-exchange.ts';

const title = { kind: 'selection', text: 'all' } as const;
const start = (stage: MailroomStage, mailboxes: readonly Mailbox[]): Promise<StartedRun> =>
  startRun(stage, env, ada, 'c1', title, mailboxes);

async function running(count: number): Promise<{ stage: MailroomStage; id: string }> {
  const stage = await MailroomStage.open();
  await stage.profile();
  const { run } = await start(stage, await stage.mailboxes(addresses(count)));
  return { stage, id: run.id };
}

const tested = (stage: MailroomStage): string[] => stage.exchange.tests.map(({ address }) => address);

it('holds what has not begun; what is under way still reports; then it goes on where it stood', async () => {
  const { stage, id } = await running(5);
  const held = stage.exchange.hold();
  const runner = await stage.runTasks(2);
  await expect.poll(held.waiting).toBe(2);
  expect(await pauseRun(stage, env, ada, id.toLowerCase())).toMatchObject({ state: 'paused', done: 0 });
  held.release();
  await runner.idle();
  await stage.fold();
  expect(tested(stage)).toHaveLength(2);
  expect(await stage.get('run', id)).toMatchObject({ state: 'paused', done: 2, succeeded: 2, finishedAt: null });
  expect(await resumeRun(stage, env, ada, id)).toMatchObject({ state: 'running' });
  await runner.idle();
  await runner.stop();
  await stage.fold();
  expect(tested(stage).toSorted()).toEqual(addresses(5));
  expect(await stage.get('run', id)).toMatchObject({ state: 'completed', done: 5, total: 5 });
});

it('costs one small commit, whatever the number of mailboxes, and every card of the run hears of it (law 4)', async () => {
  const { stage, id } = await running(5_000);
  await stage.sendAll();
  const commits: (readonly Collection[])[] = [];
  const touched = (collections: ReadonlySet<Collection>): void => void commits.push([...collections].toSorted());
  stage.store.onCommit(touched);
  await pauseRun(stage, env, ada, id);
  await resumeRun(stage, env, ada, id);
  expect(commits).toEqual([
    ['intent', 'run'],
    ['intent', 'run'],
  ]);
  expect(await stage.wishes()).toEqual(['c1 run']);
});

it('stays paused over a restart, and looks for the test message of a test that the end cut off', async () => {
  const { stage, id } = await running(3);
  const held = stage.exchange.hold();
  const cut = await stage.runTasks(1);
  await expect.poll(held.waiting).toBe(1);
  await pauseRun(stage, env, ada, id);
  const stopping = cut.stop();
  held.release();
  await stopping;
  await stage.reopen();
  await stage.work();
  expect(tested(stage)).toHaveLength(1);
  expect(await stage.get('run', id)).toMatchObject({ state: 'paused', done: 0 });
  await resumeRun(stage, env, ada, id);
  await stage.work();
  expect(await stage.get('run', id)).toMatchObject({ state: 'completed', done: 3 });
  const [first = '', ...others] = addresses(3);
  const looked = stage.exchange.tests.slice(1).map(({ address, lookForMarker }) => [address, lookForMarker]);
  expect(inOrder(looked)).toEqual([[first, true], ...others.map((address) => [address, false])]);
});

it('does not hold the tries that belong to mailboxes, nor other runs', async () => {
  const { stage, id } = await running(40);
  const more = await stage.mailboxes(addresses(3, 'fabrikam.test'));
  const [retried, ...others] = more;
  if (retried === undefined) throw new Error('one is needed');
  stage.exchange.answer = () => storeUnavailable;
  await pauseRun(stage, env, ada, id);
  await start(stage, [retried]);
  await stage.work();
  expect(await stage.task(retried.id)).toMatchObject({ value: { runId: null, state: 'ready' } });
  stage.exchange.answer = () => null;
  const second = await start(stage, others);
  stage.clock.advance(stage.retry.delayMs);
  await stage.work();
  expect((await stage.mailbox(retried.id)).status).toBe(1);
  expect(await stage.get('run', second.run.id)).toMatchObject({ state: 'completed', done: 2 });
  expect(await stage.get('run', id)).toMatchObject({ state: 'paused', done: 0 });
});

it('goes on after a cancelled run whose last test was cut off, while another run is paused', async () => {
  const { stage, id } = await running(2);
  const held = stage.exchange.hold();
  const cut = await stage.runTasks(1);
  await expect.poll(held.waiting).toBe(1);
  await cancelRun(stage, env, ada, id);
  const paused = await start(stage, await stage.mailboxes(addresses(2, 'fabrikam.test')));
  await pauseRun(stage, env, ada, paused.run.id);
  const stopping = cut.stop();
  held.release();
  await stopping;
  await stage.work();
  expect(await stage.get('run', id)).toMatchObject({ state: 'cancelled', done: 1 });
  expect((await stage.all('task')).map(({ runId }) => runId)).toEqual([paused.run.id, paused.run.id]);
});

it('can be cancelled while it is paused', async () => {
  const { stage, id } = await running(3);
  await pauseRun(stage, env, ada, id);
  expect(await cancelRun(stage, env, ada, id)).toMatchObject({ state: 'cancelled', finishedAt: stage.clock.now() });
  expect(await stage.all('task')).toEqual([]);
  expect(await refusal(resumeRun(stage, env, ada, id))).toBe('run.over');
  expect(await refusal(pauseRun(stage, env, ada, id))).toBe('run.over');
});

it('ends although it is paused, when the last of its tests reports', async () => {
  const { stage, id } = await running(1);
  const held = stage.exchange.hold();
  const runner = await stage.runTasks();
  await expect.poll(held.waiting).toBe(1);
  await pauseRun(stage, env, ada, id);
  held.release();
  await runner.idle();
  await runner.stop();
  await stage.fold();
  expect(await stage.get('run', id)).toMatchObject({ state: 'completed', done: 1 });
});

it('does nothing at the second click, and says who paused and resumed', async () => {
  const { stage, id } = await running(2);
  const once = await pauseRun(stage, env, ada, id);
  expect(await pauseRun(stage, env, ada, id)).toEqual(once);
  const on = await resumeRun(stage, env, ada, id);
  expect(await resumeRun(stage, env, ada, id)).toEqual(on);
  const about = { actorId: 'ada', subjects: [id], details: { done: 0, total: 2 } };
  expect(await stage.audit('run.paused')).toMatchObject([about]);
  expect(await stage.audit('run.resumed')).toMatchObject([about]);
});

it('needs the right to test', async () => {
  const { stage, id } = await running(1);
  for (const person of [pia, audit]) {
    expect(await refusal(pauseRun(stage, env, person, id))).toBe('access.denied');
    expect(await refusal(resumeRun(stage, env, person, id))).toBe('access.denied');
  }
  expect(await refusal(pauseRun(stage, env, ada, 'nope'))).toBe('run.unknown');
});

it('keeps its mailboxes: a test of one of them joins it', async () => {
  const { stage, id } = await running(2);
  await pauseRun(stage, env, ada, id);
  const [first, ...more] = [...(await stage.all('mailbox')), ...(await stage.mailboxes(['new@contoso.test']))];
  if (first === undefined) throw new Error('one is needed');
  expect(await start(stage, [first])).toMatchObject({
    isNew: false,
    run: { id, state: 'paused' },
    joined: [{ count: 1 }],
  });
  const mixed = await start(stage, more);
  expect(mixed).toMatchObject({ isNew: true, run: { total: 1 }, joined: [{ run: { id }, count: 1 }] });
  expect(mixed.run.leftOut).toEqual({
    notApproved: 0,
    withoutProfile: 0,
    nothingToTest: 0,
    alreadyInRun: 1,
    secretRefused: 0,
    profileInactive: 0,
    mailboxInactive: 0,
    emailRouter: 0,
  });
});

it('joins the run with most of the mailboxes first', async () => {
  const { stage, id } = await running(2);
  const others = await stage.mailboxes(addresses(3, 'fabrikam.test'));
  const second = await start(stage, others);
  const { run, joined } = await start(stage, await stage.all('mailbox'));
  expect([run.id, joined.map((one) => [one.run.id, one.count])]).toEqual([
    second.run.id,
    [
      [second.run.id, 3],
      [id, 2],
    ],
  ]);
});
