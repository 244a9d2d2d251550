import { expect, it } from 'vitest';
import { cancelRun } from '../../../services/testing/cancel-run.ts';
import { retestIncident, retestRun } from '../../../services/testing/retest.ts';
import { countMailboxes, pageOfMailboxes } from '../../../services/mailboxes/find-mailboxes.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { approvalStatus, type Mailbox } from '../../../services/model/mailbox.ts';
import { ada, addresses, env, MailroomStage, pia, refusal, refusalOf } from '../../support/mailroom-stage.ts';
import { noSuchMailbox, storeUnavailable } from '../../support/scripted-exchange.ts';

const all = { kind: 'selection', text: 'all' } as const;
const start = (stage: MailroomStage, mailboxes: readonly Mailbox[]) => startRun(stage, env, ada, 'c1', all, mailboxes);

async function ready(count: number): Promise<{ stage: MailroomStage; mailboxes: Mailbox[] }> {
  const stage = await MailroomStage.open();
  await stage.profile();
  return { stage, mailboxes: await stage.mailboxes(addresses(count)) };
}

it('answers at once with a run and a task a mailbox, in one commit (laws 4 and 7)', async () => {
  const { stage, mailboxes } = await ready(3);
  let commits = 0;
  stage.store.onCommit(() => (commits += 1));
  const { run } = await start(stage, mailboxes);
  expect(commits).toBe(1);
  expect(stage.exchange.tests).toEqual([]);
  expect(run.id).toMatch(/^[2-9A-HJKMNP-Z]{6}$/);
  expect(run).toMatchObject({ state: 'running', total: 3, done: 0, requestedBy: 'ada', conversationId: 'c1' });
  const tasks = await stage.all('task');
  expect(tasks.map(({ subjectId, runId, priority, claims }) => [subjectId, runId, priority, claims])).toEqual(
    addresses(3).map((address) => [address, run.id, 0, 0]),
  );
  expect(new Set(tasks.map(({ id }) => id)).size).toBe(3);
  expect(await stage.wishes()).toEqual(['c1 run']);
  expect(await stage.audit('run.started')).toMatchObject([
    { actorId: 'ada', subjects: [run.id], details: { mailboxes: 3, what: 'selection' } },
  ]);
});

it('lets small runs go before big ones', async () => {
  const { stage, mailboxes } = await ready(11);
  await start(stage, mailboxes.slice(0, 6));
  await start(stage, mailboxes.slice(6));
  expect((await stage.all('task')).map(({ priority }) => priority)).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
});

it('leaves out what must or can not be tested, and says how many and why (law 2)', async () => {
  const { stage, mailboxes } = await ready(1);
  const others = [
    ...(await stage.mailboxes(['pending@x.test'], { approval: approvalStatus.pending })),
    ...(await stage.mailboxes(['rejected@x.test'], { approval: approvalStatus.rejected })),
    ...(await stage.mailboxes(['empty@x.test'], { approval: approvalStatus.empty })),
    ...(await stage.mailboxes(['noprofile@x.test'], { profileId: null })),
    ...(await stage.mailboxes(['outlook@x.test'], { incomingMethod: 1, outgoingMethod: 0, actMethod: 2 })),
  ];
  const { run, leftOut } = await start(stage, [...mailboxes, ...others]);
  expect(run.total).toBe(1);
  const nobody = { alreadyInRun: 0, secretRefused: 0, profileInactive: 0, mailboxInactive: 0, emailRouter: 0 };
  expect(leftOut).toEqual({ ...nobody, notApproved: 3, withoutProfile: 1, nothingToTest: 1 });
  expect((await stage.all('task')).map(({ subjectId }) => subjectId)).toEqual(addresses(1));
  expect(await refusalOf(start(stage, others))).toEqual({
    code: 'run.nothing-to-test',
    params: { ...nobody, notApproved: 3, withoutProfile: 1, nothingToTest: 1 },
  });
});

it('tests unapproved mailboxes of a type that needs no approval', async () => {
  const { stage } = await ready(0);
  await stage.settings({ requireApprovalForQueues: false });
  const pending = { approval: approvalStatus.pending } as const;
  const queue = await stage.mailboxes(['queue@x.test'], { ...pending, type: 'queue' });
  const user = await stage.mailboxes(['user@x.test'], pending);
  expect((await start(stage, [...queue, ...user])).leftOut.notApproved).toBe(1);
});

it('takes a mailbox into one run at a time, also when two start at the same instant', async () => {
  const { stage, mailboxes } = await ready(2);
  const both = await Promise.allSettled([start(stage, mailboxes), start(stage, mailboxes)]);
  const [first, second] = both.map((one) => (one.status === 'fulfilled' ? one.value : null));
  expect(first).toMatchObject({ isNew: true, joined: [] });
  expect(second).toMatchObject({
    isNew: false,
    run: { id: first?.run.id },
    joined: [{ run: { id: first?.run.id }, count: 2 }],
    leftOut: { alreadyInRun: 2 },
  });
  expect(await stage.all('run')).toHaveLength(1);
  expect(await stage.all('task')).toHaveLength(2);
});

it('ends although a mailbox was named twice', async () => {
  const { stage, mailboxes } = await ready(1);
  const { run } = await start(stage, [...mailboxes, ...mailboxes]);
  await stage.work();
  expect(await stage.get('run', run.id)).toMatchObject({ state: 'completed', total: 1, done: 1 });
});

it('takes over a retry that waits for its time', async () => {
  const { stage, mailboxes } = await ready(1);
  stage.exchange.answer = () => storeUnavailable;
  await start(stage, mailboxes);
  await stage.work();
  const waiting = await stage.task(addresses(1)[0] ?? '');
  expect(waiting?.value).toMatchObject({ runId: null, state: 'ready' });
  const { run, leftOut } = await start(stage, mailboxes);
  expect([run.total, leftOut.alreadyInRun]).toEqual([1, 0]);
  expect((await stage.task(addresses(1)[0] ?? ''))?.value).toMatchObject({ runId: run.id, claims: 0 });
  expect(await stage.all('task')).toHaveLength(1);
});

it('needs the right to test', async () => {
  const { stage, mailboxes } = await ready(1);
  expect(await refusal(startRun(stage, env, pia, 'c1', all, mailboxes))).toBe('access.denied');
  expect(await refusal(cancelRun(stage, env, pia, 'X'))).toBe('access.denied');
  expect(await refusal(retestRun(stage, env, pia, 'X', 'c1'))).toBe('access.denied');
  expect(await refusal(retestIncident(stage, env, pia, 'X', 'c1'))).toBe('access.denied');
});

it('cancels what has not begun; what is under way still reports', async () => {
  const { stage, mailboxes } = await ready(3);
  const { run } = await start(stage, mailboxes);
  const held = stage.exchange.hold();
  const runner = await stage.runTasks(1);
  await expect.poll(held.waiting).toBe(1);
  const cancelled = await cancelRun(stage, env, ada, run.id.toLowerCase());
  expect(cancelled).toMatchObject({ state: 'cancelled', finishedAt: stage.clock.now() });
  expect(await stage.all('task')).toHaveLength(1);
  held.release();
  await runner.idle();
  await runner.stop();
  await stage.fold();
  expect(stage.exchange.tests).toHaveLength(1);
  expect(await stage.get('run', run.id)).toMatchObject({ state: 'cancelled', done: 1, succeeded: 1, total: 3 });
  expect(await stage.all('task')).toEqual([]);
  expect(await cancelRun(stage, env, ada, run.id)).toMatchObject({ state: 'cancelled', done: 1 });
  expect(await stage.audit('run.cancelled')).toHaveLength(1);
  expect(await refusal(cancelRun(stage, env, ada, 'nope'))).toBe('run.unknown');
});

it('gives a retry that a cancelled run had taken over its own time back', async () => {
  const { stage, mailboxes } = await ready(1);
  const [address = ''] = addresses(1);
  stage.exchange.answer = () => storeUnavailable;
  await start(stage, mailboxes);
  await stage.work();
  const dueAt = stage.clock.now() + stage.retry.delayMs;
  stage.clock.advance(1_000);
  const { run } = await start(stage, mailboxes);
  await cancelRun(stage, env, ada, run.id);
  expect((await stage.task(address))?.value).toMatchObject({ runId: null, state: 'ready', dueAt, priority: 1 });
});

it('retests what failed in a run and still does not work', async () => {
  const { stage, mailboxes } = await ready(4);
  const [first = '', second = '', third = ''] = addresses(4);
  stage.exchange.answer = (address) => ([first, second, third].includes(address) ? noSuchMailbox : null);
  const { run } = await start(stage, mailboxes);
  await stage.work();
  stage.exchange.answer = () => null;
  await start(stage, [await stage.mailbox(second)]);
  await stage.work();
  const again = await retestRun(stage, env, ada, ` ${run.id.toLowerCase()} `, 'c1');
  expect(again.run).toMatchObject({ total: 2, title: { kind: 'selection', text: `failed in ${run.id}` } });
  expect((await stage.all('task')).map(({ subjectId }) => subjectId)).toEqual([first, third]);
  await stage.work();
  expect(await refusalOf(retestRun(stage, env, ada, run.id, 'c1'))).toEqual({
    code: 'run.nothing-fails',
    params: { id: run.id, again: again.run.id },
  });
  expect(await refusal(retestRun(stage, env, ada, 'nope', 'c1'))).toBe('run.unknown');
});

it('retests the mailboxes that an incident hits now', async () => {
  const { stage, mailboxes } = await ready(3);
  const [first = '', second = ''] = addresses(3);
  stage.exchange.answer = (address) =>
    address === first ? storeUnavailable : address === second ? noSuchMailbox : null;
  await start(stage, mailboxes);
  await stage.work();
  const incidents = await stage.all('incident');
  const incident = incidents.find(({ code }) => code === 'ErrorNonExistentMailbox');
  stage.exchange.answer = () => null;
  const { run } = await retestIncident(stage, env, ada, incident?.id ?? '', 'c1');
  expect(run).toMatchObject({ total: 1, title: { kind: 'incident', code: 'ErrorNonExistentMailbox' } });
  await stage.work();
  expect(await stage.get('incident', incident?.id ?? '')).toMatchObject({ state: 'resolved', open: 0 });
  expect(await refusal(retestIncident(stage, env, ada, incident?.id ?? '', 'c1'))).toBe('incident.resolved');
  expect(await refusal(retestIncident(stage, env, ada, 'forged', 'c1'))).toBe('incident.unknown');
});

it('finds behind a run only the mailboxes that failed in it', async () => {
  const { stage, mailboxes } = await ready(3);
  const [one, two, three] = mailboxes;
  if (one === undefined || two === undefined || three === undefined) throw new Error('three are needed');
  stage.exchange.answer = () => noSuchMailbox;
  const first = await start(stage, [one, two]);
  await stage.work();
  await start(stage, [three]);
  await stage.work();
  const found = await pageOfMailboxes(stage.store, env, `status:failure run:${first.run.id}`, 0, 10);
  expect([found.total, found.rows.map(({ id }) => id)]).toEqual([2, [one.id, two.id]]);
  expect(await countMailboxes(stage.store, env, 'status:failure')).toBe(3);
});
