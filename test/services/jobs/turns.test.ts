import { describe, expect, it } from 'vitest';
import { InHand, takeTurns } from '../../../services/jobs/turns.ts';
import { startTaskRunner, type TaskHandler } from '../../../services/jobs/task-runner.ts';
import type { Task } from '../../../services/model/run.ts';
import { keyOf, type Stored } from '../../../services/storage/store.ts';
import { MailroomStage } from '../../support/mailroom-stage.ts';

/** Tasks of one line: `main p1 R1` is environment, profile and run. */
function line(name: string, count: number, changes: Partial<Task> = {}): Stored<Task>[] {
  const [environmentId = '', profileId = '', runId = ''] = name.split(' ');
  return Array.from({ length: count }, (_, index) => {
    const id = `${name.replaceAll(' ', '-')}-${String(index).padStart(5, '0')}`;
    const value: Task = {
      environmentId,
      id,
      kind: 'test-mailbox',
      subjectId: id,
      profileId,
      runId,
      state: 'ready',
      dueAt: 0,
      priority: 1,
      claims: 0,
      createdAt: 0,
      ...changes,
    };
    return { key: keyOf(environmentId, 'test-mailbox', id), version: 1, value };
  });
}

const nameOf = ({ value }: Stored<Task>): string => [value.environmentId, value.profileId, value.runId].join(' ');

function counts(tasks: readonly Stored<Task>[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const task of tasks) found[nameOf(task)] = (found[nameOf(task)] ?? 0) + 1;
  return found;
}

function holding(tasks: readonly Stored<Task>[]): InHand {
  const inHand = new InHand();
  for (const { value } of tasks) inHand.enter(value);
  return inHand;
}

describe('turns', () => {
  it('gives a line that is alone everything', () => {
    expect(counts(takeTurns([line('m p1 R1', 100)], new InHand(), 64, 16))).toEqual({ 'm p1 R1': 64 });
  });

  it('shares evenly between two runs of one profile, whatever their size', () => {
    const taken = takeTurns([line('m p1 R1', 10_000), line('m p1 R2', 40)], new InHand(), 64, 16);
    expect(counts(taken)).toEqual({ 'm p1 R1': 32, 'm p1 R2': 32 });
  });

  it('shares by environment first, then by profile, then by run', () => {
    const lines = ['a p1 R1', 'a p1 R2', 'a p2 R1', 'b p1 R1'].map((name) => line(name, 100));
    expect(counts(takeTurns(lines, new InHand(), 64, 16))).toEqual({
      'a p1 R1': 8,
      'a p1 R2': 8,
      'a p2 R1': 16,
      'b p1 R1': 32,
    });
  });

  it('gives what one does not need to the others', () => {
    const taken = takeTurns([line('m p1 R1', 3), line('m p2 R2', 100)], new InHand(), 64, 16);
    expect(counts(taken)).toEqual({ 'm p1 R1': 3, 'm p2 R2': 61 });
  });

  it('gives who comes late its share at once, and nothing more to who has everything in hand', () => {
    const hung = holding(line('m p1 R1', 64));
    const taken = takeTurns([line('m p1 R1', 100), line('m p2 R2', 100)], hung, 64, 16);
    expect(counts(taken)).toEqual({ 'm p2 R2': 32 });
  });

  it('goes over the capacity by no more than the shares of those who came late', () => {
    const inHand = new InHand();
    const lines: Stored<Task>[][] = [];
    for (let number = 1; number <= 100; number += 1) {
      lines.push(line(`m p${number} R`, 100));
      for (const { value } of takeTurns(lines, inHand, 64, 16)) inHand.enter(value);
    }
    expect(inHand.total).toBeLessThan(64 * (1 + Math.log(100)));
    expect(
      lines.every(([first]) => first !== undefined && inHand.of(JSON.stringify(['m', first.value.profileId])) > 0),
    ).toBe(true);
  });

  it('waits for a few free places where work is in hand anyway', () => {
    const lines = [line('m p1 R1', 100)];
    expect(takeTurns(lines, holding(line('m p1 R1', 50)), 64, 16)).toEqual([]);
    expect(takeTurns(lines, holding(line('m p1 R1', 48)), 64, 16)).toHaveLength(16);
    expect(takeTurns(lines, holding(line('m p1 R1', 50)), 64, 1)).toHaveLength(14);
  });

  it('forgets who is done', () => {
    const inHand = new InHand();
    const [task] = line('m p1 R1', 1);
    const leave = task === undefined ? () => undefined : inHand.enter(task.value);
    expect([inHand.total, inHand.lines.length]).toEqual([1, 1]);
    leave();
    expect([inHand.total, inHand.lines.length]).toEqual([0, 0]);
  });
});

async function stageWith(...lines: readonly Stored<Task>[][]): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await add(stage, ...lines);
  return stage;
}

async function add(stage: MailroomStage, ...lines: readonly Stored<Task>[][]): Promise<void> {
  const tasks = lines.flat();
  await stage.store.commit(tasks.map(({ key, value }) => ({ kind: 'put', collection: 'task', key, value })));
}

const run = (stage: MailroomStage, handler: TaskHandler) =>
  startTaskRunner({
    store: stage.store,
    clock: stage.clock,
    log: stage.log,
    handlers: { 'test-mailbox': handler, 'check-draft': handler, 'find-server': handler, 'expand-list': handler },
  });

/** Settles tasks, and says in which order. */
function settling(stage: MailroomStage, done: string[], hangs: (task: Task) => boolean = () => false): TaskHandler {
  return async (task, signal) => {
    const { key, version, value } = task;
    if (hangs(value)) {
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      return;
    }
    done.push(nameOf(task));
    await stage.store.commit([{ kind: 'delete', collection: 'task', key }], [{ collection: 'task', key, version }]);
  };
}

const share = (done: readonly string[], name: string, among: number): number =>
  done.slice(0, among).filter((each) => each === name).length;

describe('the task runner takes turns', () => {
  it('two runs at once get on evenly, though one is before the other in the order of addresses', async () => {
    const stage = await stageWith(line('m p1 R1', 1000), line('m p1 R2', 1000));
    const done: string[] = [];
    const tasks = await run(stage, settling(stage, done));
    await tasks.idle();
    await tasks.stop();
    expect(done).toHaveLength(2000);
    for (const among of [200, 600, 1000, 1400]) {
      expect(share(done, 'm p1 R1', among)).toBeGreaterThan(among * 0.4);
      expect(share(done, 'm p1 R2', among)).toBeGreaterThan(among * 0.4);
    }
  });

  it('three environments get on evenly', async () => {
    const names = ['a p1 R1', 'b p1 R1', 'c p1 R1'];
    const stage = await stageWith(...names.map((name) => line(name, 600)));
    const done: string[] = [];
    const tasks = await run(stage, settling(stage, done));
    await tasks.idle();
    await tasks.stop();
    for (const name of names) expect(share(done, name, 900)).toBeGreaterThan(200);
  });

  it('a profile whose server hangs does not stop another that comes later', async () => {
    const stage = await stageWith(line('m p1 R1', 500));
    const done: string[] = [];
    const tasks = await run(
      stage,
      settling(stage, done, ({ profileId }) => profileId === 'p1'),
    );
    await expect.poll(() => stage.store.count('task', { where: { state: 'claimed' } })).toBe(64);
    await add(stage, line('m p2 R2', 500));
    await expect.poll(() => done.length).toBe(500);
    expect(await stage.store.count('task', { where: { state: 'claimed' } })).toBe(64);
    await tasks.stop();
  });

  it('one test waits for none of ten thousand, not even while all places are taken', async () => {
    const stage = await stageWith(line('m p1 R1', 10_000));
    const done: string[] = [];
    const tasks = await run(
      stage,
      settling(stage, done, ({ runId }) => runId === 'R1'),
    );
    await expect.poll(() => stage.store.count('task', { where: { state: 'claimed' } })).toBe(64);
    await add(stage, line('m p1 One', 1, { priority: 0 }));
    await expect.poll(() => done).toEqual(['m p1 One']);
    await tasks.stop();
  });

  it('thousands of tests that people wait for do not stop a run', async () => {
    const stage = await stageWith(line('m p1 R1', 1000, { priority: 0 }), line('m p2 Big', 100));
    const done: string[] = [];
    const tasks = await run(
      stage,
      settling(stage, done, ({ runId }) => runId === 'R1'),
    );
    await expect.poll(() => done.length).toBe(100);
    await tasks.stop();
  });
});
