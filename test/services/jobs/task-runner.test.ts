import { describe, expect, it } from 'vitest';
import { startTaskRunner, type TaskHandler } from '../../../services/jobs/task-runner.ts';
import type { Task } from '../../../services/model/run.ts';
import { keyOf, type Stored } from '../../../services/storage/store.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { ada, addresses, env, inOrder, MailroomStage } from '../../support/mailroom-stage.ts';

const task = (subjectId: string, changes: Partial<Task> = {}): Task => ({
  environmentId: env,
  id: subjectId,
  kind: 'test-mailbox',
  profileId: null,
  subjectId,
  runId: null,
  state: 'ready',
  dueAt: 0,
  priority: 1,
  claims: 0,
  createdAt: 0,
  ...changes,
});

async function withTasks(...tasks: readonly Task[]): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.store.commit(
    tasks.map((value) => ({
      kind: 'put',
      collection: 'task',
      key: keyOf(value.environmentId, value.kind, value.subjectId),
      value,
    })),
  );
  return stage;
}

const runner = (stage: MailroomStage, handler: TaskHandler, capacity?: number) =>
  startTaskRunner({
    store: stage.store,
    clock: stage.clock,
    log: stage.log,
    handlers: { 'test-mailbox': handler, 'check-draft': handler, 'find-server': handler, 'expand-list': handler },
    ...(capacity === undefined ? {} : { capacity }),
  });

/** Settles a task as its handler must, and remembers that it did. */
function settling(stage: MailroomStage, done: string[]): TaskHandler {
  return async ({ key, version, value }) => {
    done.push(value.subjectId);
    await stage.store.commit([{ kind: 'delete', collection: 'task', key }], [{ collection: 'task', key, version }]);
  };
}

/** A handler whose tasks wait until they are let go. */
function holding(stage: MailroomStage) {
  const held: { readonly task: Stored<Task>; readonly letGo: () => void }[] = [];
  const handler: TaskHandler = async (claimed) => {
    await new Promise<void>((resolve) => void held.push({ task: claimed, letGo: resolve }));
    await stage.store.commit([{ kind: 'delete', collection: 'task', key: claimed.key }]);
  };
  return { held, handler };
}

describe('the task runner', () => {
  it('claims every due task once and counts the claim', async () => {
    const stage = await withTasks(
      task('a'),
      task('b'),
      task('c', { kind: 'check-draft' }),
      task('d', { kind: 'find-server' }),
    );
    const seen: unknown[] = [];
    const done: string[] = [];
    const settle = settling(stage, done);
    const tasks = await runner(stage, async (claimed, signal) => {
      seen.push([claimed.value.state, claimed.value.claims]);
      await settle(claimed, signal);
    });
    await tasks.idle();
    expect(done.sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(seen).toEqual([
      ['claimed', 1],
      ['claimed', 1],
      ['claimed', 1],
      ['claimed', 1],
    ]);
    await tasks.stop();
  });

  it('takes tasks for which somebody waits first', async () => {
    const stage = await withTasks(task('a'), task('b'), task('z', { priority: 0 }));
    const done: string[] = [];
    const tasks = await runner(stage, settling(stage, done), 1);
    await tasks.idle();
    expect(done).toEqual(['z', 'a', 'b']);
    await tasks.stop();
  });

  it('leaves a task alone until it is due', async () => {
    const stage = await withTasks();
    await stage.store.commit([
      {
        kind: 'put',
        collection: 'task',
        key: keyOf(env, 'test-mailbox', 'later'),
        value: task('later', { dueAt: stage.clock.now() + 300_000 }),
      },
    ]);
    const done: string[] = [];
    const tasks = await runner(stage, settling(stage, done));
    await tasks.idle();
    stage.clock.advance(299_999);
    await tasks.idle();
    expect(done).toEqual([]);
    stage.clock.advance(1);
    await tasks.idle();
    expect(done).toEqual(['later']);
    await tasks.stop();
  });

  it('wakes for a task that is committed while it sleeps', async () => {
    const stage = await withTasks();
    const done: string[] = [];
    const tasks = await runner(stage, settling(stage, done));
    await tasks.idle();
    await stage.store.commit([
      { kind: 'put', collection: 'task', key: keyOf(env, 'test-mailbox', 'new'), value: task('new') },
    ]);
    await tasks.idle();
    expect(done).toEqual(['new']);
    await tasks.stop();
  });

  it('has no more in hand than its capacity', async () => {
    const stage = await withTasks(...addresses(50).map((address) => task(address)));
    const { held, handler } = holding(stage);
    const tasks = await runner(stage, handler, 20);
    await expect.poll(() => held.length).toBe(20);
    expect(await stage.store.count('task', { where: { state: 'claimed' } })).toBe(20);
    let most = 0;
    while ((await stage.store.count('task', {})) > 0) {
      most = Math.max(most, await stage.store.count('task', { where: { state: 'claimed' } }));
      await expect.poll(() => held.length).toBeGreaterThan(0);
      for (const { letGo } of held.splice(0)) letGo();
      await new Promise((resolve) => void setImmediate(resolve));
    }
    expect(most).toBeLessThanOrEqual(20);
    await tasks.stop();
  });

  it('goes on with what a killed process had claimed, counting that claim', async () => {
    const stage = await withTasks(task('a', { state: 'claimed', claims: 1 }), task('b', { claims: 1 }), task('c'));
    const claims: [string, number][] = [];
    const done: string[] = [];
    const settle = settling(stage, done);
    const tasks = await runner(stage, async (claimed, signal) => {
      claims.push([claimed.value.subjectId, claimed.value.claims]);
      await settle(claimed, signal);
    });
    await tasks.idle();
    expect(inOrder(claims)).toEqual([
      ['a', 2],
      ['b', 2],
      ['c', 1],
    ]);
    expect(stage.lines.map(({ details }) => details)).toContainEqual({ tasks: 1 });
    await tasks.stop();
  });

  it('looks for the test message of an attempt that never reported, under the same marker (law 4)', async () => {
    const stage = await MailroomStage.open();
    await stage.profile();
    const mailboxes = await stage.mailboxes(addresses(1));
    await startRun(stage, env, ada, 'c1', { kind: 'selection', text: 'all' }, mailboxes);
    const held = stage.exchange.hold();
    const first = await stage.runTasks();
    await expect.poll(held.waiting).toBe(1);
    // Killed: the process stops without an outcome, and another one opens the folder.
    const stopping = first.stop();
    held.release();
    await stopping;
    await stage.reopen();
    expect((await stage.task(addresses(1)[0] ?? ''))?.value.state).toBe('claimed');
    await stage.work();
    expect(stage.exchange.tests.map(({ lookForMarker }) => lookForMarker)).toEqual([false, true]);
    expect(new Set(stage.exchange.tests.map(({ marker }) => marker)).size).toBe(1);
    expect(await stage.all('run')).toMatchObject([{ state: 'completed', done: 1, succeeded: 1 }]);
    expect(await stage.audit('mailbox.enabled')).toHaveLength(1);
  });

  it('gives up what is in hand when it stops, without an outcome, and claims nothing more', async () => {
    const stage = await MailroomStage.open();
    await stage.profile();
    const mailboxes = await stage.mailboxes(addresses(2));
    await startRun(stage, env, ada, 'c1', { kind: 'selection', text: 'all' }, mailboxes);
    const held = stage.exchange.hold();
    const tasks = await stage.runTasks(1);
    await expect.poll(held.waiting).toBe(1);
    const stopping = tasks.stop();
    expect(stage.exchange.tests[0]?.signal?.aborted).toBe(true);
    held.release();
    await stopping;
    expect(stage.exchange.tests).toHaveLength(1);
    expect(await stage.all('outcome')).toEqual([]);
    expect((await stage.all('task')).map(({ state }) => state).sort()).toEqual(['claimed', 'ready']);
    expect(await stage.all('mailbox')).toMatchObject([{ status: 0 }, { status: 0 }]);
  });

  it('hands a task back whose handler broke, says so once, and tries again a minute later', async () => {
    const stage = await withTasks(task('a'));
    const done: string[] = [];
    const settle = settling(stage, done);
    let broken = true;
    const tasks = await runner(stage, (claimed, signal) => {
      if (broken) return Promise.reject(new Error('a bug'));
      return settle(claimed, signal);
    });
    await tasks.idle();
    expect(await stage.get('task', 'test-mailbox', 'a')).toMatchObject({
      state: 'ready',
      claims: 1,
      dueAt: stage.clock.now() + 60_000,
    });
    expect(stage.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { details: { err: new Error('a bug'), subject: 'a', kind: 'test-mailbox' } },
    ]);
    broken = false;
    stage.clock.advance(60_000);
    await tasks.idle();
    expect(done).toEqual(['a']);
    await tasks.stop();
  });

  it('does not hand back what its handler had settled before it broke', async () => {
    const stage = await withTasks(task('a'));
    const tasks = await runner(stage, async ({ key, value }) => {
      await stage.store.commit([
        { kind: 'put', collection: 'task', key, value: { ...value, state: 'ready', dueAt: stage.clock.now() + 5 } },
      ]);
      throw new Error('afterwards');
    });
    await tasks.idle();
    expect((await stage.get('task', 'test-mailbox', 'a')).dueAt).toBe(stage.clock.now() + 5);
    await tasks.stop();
  });

  it('does not claim a task that was cancelled under its hand', async () => {
    const stage = await withTasks(task('a'), task('b'));
    const done: string[] = [];
    const tasks = await runner(stage, settling(stage, done));
    const key = keyOf(env, 'test-mailbox', 'a');
    await stage.store.commit([{ kind: 'delete', collection: 'task', key }]);
    await tasks.idle();
    expect(done).toContain('b');
    expect(await stage.all('task')).toEqual([]);
    await tasks.stop();
  });

  it('works through the tasks of every environment', async () => {
    const stage = await withTasks(task('a'), task('b', { environmentId: 'main2' }));
    const done: string[] = [];
    const tasks = await runner(stage, settling(stage, done));
    await tasks.idle();
    expect(done.sort()).toEqual(['a', 'b']);
    await tasks.stop();
  });

  it('claims in few commits however many tasks there are (law 9)', async () => {
    const stage = await withTasks(...addresses(640).map((address) => task(address)));
    let claims = 0;
    const done: string[] = [];
    const settle = settling(stage, done);
    let working = 0;
    stage.store.onCommit(() => {
      if (working === 0) claims += 1;
    });
    const tasks = await runner(stage, async (claimed, signal) => {
      working += 1;
      await settle(claimed, signal);
      working -= 1;
    });
    await tasks.idle();
    expect(done).toHaveLength(640);
    expect(new Set(done).size).toBe(640);
    expect(claims).toBeLessThanOrEqual(80);
    await tasks.stop();
  });
});
