import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { intentChange } from '../../../services/conversations/intents.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { environmentId, OutboxStage } from './outbox-stage.ts';

let stage: OutboxStage;
beforeEach(async () => {
  stage = await OutboxStage.open();
});
afterEach(async () => {
  await stage.dispose();
});

const messageKey = (conversationId: string, subjectId: string) =>
  keyOf(environmentId, conversationId, 'incident', subjectId);

describe('what is shown', () => {
  test('a wish becomes one message, and its record and the end of the intent are there', async () => {
    await stage.know('c1');
    stage.start();
    await stage.wish('c1', 's1', 'open');
    await stage.idle();
    expect(stage.teams.shown('c1')).toEqual(['open']);
    expect(await stage.intents()).toBe(0);
    const message = await stage.store.get('message', messageKey('c1', 's1'));
    expect(message?.value).toMatchObject({ activityId: 'm1', subjectId: 's1', conversationId: 'c1', edits: 0 });
  });

  test('the same subject again is an edit of its message', async () => {
    await stage.know('c1');
    stage.start();
    await stage.wish('c1', 's1', 'first');
    await stage.idle();
    await stage.wish('c1', 's1', 'second');
    await stage.idle();
    expect(stage.teams.calls.map(({ call }) => call)).toEqual(['post', 'update']);
    expect(stage.teams.shown('c1')).toEqual(['second']);
  });

  test('a wish to post anew takes the old message away and becomes the newest one', async () => {
    await stage.know('c1');
    stage.start();
    await stage.wish('c1', 's1', 'step 1');
    await stage.wish('c1', 's2', 'between');
    await stage.idle();
    await stage.wish('c1', 's1', 'step 2', { placement: 'repost' });
    await stage.idle();
    expect(stage.teams.shown('c1')).toEqual(['between', 'step 2']);
    expect(stage.teams.calls.map(({ call }) => call)).toEqual(['post', 'post', 'remove', 'post']);
  });

  test('a refresh that comes before the repost was carried out does not take it back', async () => {
    await stage.know('c1');
    stage.start();
    await stage.wish('c1', 's1', 'step 1');
    for (const subject of ['a', 'b', 'c', 'd']) await stage.wish('c1', subject);
    await stage.idle();
    // The burst is used up, so both wishes wait.
    await stage.wish('c1', 's1', 'step 2', { placement: 'repost' });
    await stage.idle();
    await stage.wish('c1', 's1', 'step 2, checked');
    await stage.advance(10_000);
    expect(stage.teams.shown('c1')).toEqual(['a', 'b', 'c', 'd', 'step 2, checked']);
  });

  test('a message that somebody deleted is posted anew instead of edited', async () => {
    await stage.know('c1');
    stage.start();
    await stage.wish('c1', 's1', 'first');
    await stage.idle();
    stage.teams.messages.clear();
    await stage.wish('c1', 's1', 'second');
    await stage.idle();
    expect(stage.teams.shown('c1')).toEqual(['second']);
    expect(await stage.intents()).toBe(0);
  });

  test('the latest state wins over every one that was not sent yet', async () => {
    await stage.know('c1');
    await stage.wish('c1', 's1', 'old');
    await stage.wish('c1', 's1', 'new');
    stage.start();
    await stage.idle();
    expect(stage.teams.calls.map(({ summary }) => summary)).toEqual(['new']);
  });

  test('a change while the card is under way goes out as an edit of that message', async () => {
    await stage.know('c1');
    stage.start();
    stage.teams.during = async () => {
      stage.teams.during = null;
      await stage.wish('c1', 's1', 'later');
    };
    await stage.wish('c1', 's1', 'earlier');
    await stage.idle();
    expect(stage.teams.calls.map(({ call, summary }) => [call, summary])).toEqual([
      ['post', 'earlier'],
      ['update', 'later'],
    ]);
    expect(await stage.intents()).toBe(0);
  });

  test('a subject that is gone is dropped without a call', async () => {
    await stage.know('c1');
    stage.start();
    await stage.wish('c1', 's1', null);
    await stage.idle();
    expect(stage.teams.calls).toEqual([]);
    expect(await stage.intents()).toBe(0);
  });

  test('within a conversation the oldest wish goes first, whatever its key', async () => {
    await stage.know('c1');
    for (const subject of ['z', 'm', 'a']) {
      await stage.wish('c1', subject);
      await stage.advance(10);
    }
    stage.start();
    await stage.idle();
    expect(stage.teams.calls.map(({ summary }) => summary)).toEqual(['z', 'm', 'a']);
  });

  test('a subject that changes again and again keeps its place in the line', async () => {
    await stage.know('c1');
    stage.start({ pace: { conversation: [{ count: 1, spanMs: 1000 }] } });
    for (let index = 0; index < 8; index += 1) await stage.wish('c1', `s${index}`);
    await stage.idle();
    await stage.wish('c1', 'busy', 'busy 0');
    for (let index = 8; index < 12; index += 1) await stage.wish('c1', `s${index}`);
    for (let second = 1; second <= 8; second += 1) {
      await stage.advance(1000);
      await stage.wish('c1', 'busy', `busy ${second}`);
    }
    expect(stage.teams.shown('c1').some((summary) => summary.startsWith('busy'))).toBe(true);
  });
});

describe('pace', () => {
  test('a conversation never gets more than Teams allows in a second, in two, in thirty and in an hour, edits included', async () => {
    await stage.know('c1');
    for (let index = 0; index < 2000; index += 1) await stage.wish('c1', `s${index}`);
    stage.start();
    await stage.idle();
    expect(stage.teams.calls).toHaveLength(5);
    for (let minute = 0; minute < 70; minute += 1) await stage.advance(60_000);
    const times = stage.teams.calls.map(({ at }) => at);
    for (const [count, spanMs] of [
      [7, 1000],
      [8, 2000],
      [60, 30_000],
      [1800, 3_600_000],
    ] as const) {
      const most = Math.max(
        ...times.map((at, index) => times.findLastIndex((other) => other < at + spanMs) - index + 1),
      );
      expect(most, `${spanMs} ms`).toBeLessThanOrEqual(count);
    }
    // And it is not slower than it must be: a minute's worth in a minute.
    expect(times.filter((at) => at < (times[0] ?? 0) + 60_000).length).toBeGreaterThanOrEqual(90);
  });

  test('all conversations together stay below the limit of the app, and each of them gets its turn', async () => {
    const ids = Array.from({ length: 120 }, (_, index) => `c${index}`);
    await stage.know(...ids);
    for (const id of ids) for (const subject of ['a', 'b', 'c']) await stage.wish(id, `${id}-${subject}`);
    stage.start();
    await stage.idle();
    expect(stage.teams.calls).toHaveLength(45);
    await stage.advance(20_000);
    const times = stage.teams.calls.map(({ at }) => at);
    expect(times).toHaveLength(360);
    for (const at of times) expect(times.filter((other) => other >= at && other < at + 1000).length).toBeLessThan(51);
    // The first message of every conversation comes before the third of any.
    expect(new Set(stage.teams.calls.slice(0, 120).map(({ conversationId }) => conversationId)).size).toBe(120);
  });

  test('the live card of a run changes every two seconds in its first minute, then every fifteen', async () => {
    await stage.know('c1');
    stage.start();
    for (let second = 0; second < 120; second += 1) {
      await stage.wish('c1', 'r1', `${second} done`, { kind: 'run' });
      await stage.idle();
      await stage.advance(1000);
    }
    const start = stage.teams.calls[0]?.at ?? 0;
    const gaps = stage.teams.calls.map(({ at }, index) => at - (stage.teams.calls[index - 1]?.at ?? at)).slice(1);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2000);
    const late = stage.teams.calls.filter(({ at }) => at - start > 62_000);
    expect(late.length).toBeGreaterThan(2);
    expect(late.length).toBeLessThanOrEqual(4);
  });

  test('a finished run is shown at once', async () => {
    await stage.know('c1');
    stage.start();
    await stage.wish('c1', 'r1', '0 done', { kind: 'run' });
    await stage.idle();
    await stage.wish('c1', 'r1', '1 done', { kind: 'run' });
    await stage.idle();
    expect(stage.teams.shown('c1')).toEqual(['0 done']);
    await stage.wish('c1', 'r1', { card: {}, summary: 'finished', final: true }, { kind: 'run' });
    await stage.idle();
    expect(stage.teams.shown('c1')).toEqual(['finished']);
  });

  test('when the budget is short, an alert goes before the progress that was wished earlier', async () => {
    await stage.know('c1');
    stage.start();
    for (let index = 0; index < 3; index += 1) await stage.wish('c1', `first${index}`);
    await stage.idle();
    for (const subject of ['r1', 'r2', 'r3']) {
      await stage.setRun(subject, 'running');
      await stage.wish('c1', subject, subject, { kind: 'run' });
    }
    await stage.advance(10);
    await stage.wish('c1', 'alert');
    await stage.idle();
    await stage.advance(5000);
    const posted = stage.teams.shown('c1').slice(3);
    expect(posted).toHaveLength(4);
    expect(posted.indexOf('alert')).toBeLessThan(posted.indexOf('r3'));
  });

  test('progress waits a minute at most for a stream of alerts', async () => {
    await stage.know('c1');
    stage.start();
    for (let index = 0; index < 5; index += 1) await stage.wish('c1', `first${index}`);
    await stage.idle();
    await stage.setRun('r1', 'running');
    await stage.wish('c1', 'r1', 'r1', { kind: 'run' });
    for (let second = 0; second < 90; second += 1) {
      for (let index = 0; index < 3; index += 1) await stage.wish('c1', `a${second}-${index}`);
      await stage.advance(1000);
    }
    expect(stage.teams.shown('c1')).toContain('r1');
  });

  test('the last card of a run is no progress: it keeps its place before alerts that came later', async () => {
    await stage.know('c1');
    stage.start();
    await stage.setRun('r1', 'running');
    await stage.wish('c1', 'r1', 'half done', { kind: 'run' });
    for (let index = 0; index < 4; index += 1) await stage.wish('c1', `first${index}`);
    await stage.idle();
    await stage.setRun('r1', 'completed');
    await stage.wish('c1', 'r1', { card: {}, summary: 'finished', final: true }, { kind: 'run' });
    await stage.advance(10);
    for (let index = 0; index < 40; index += 1) await stage.wish('c1', `alert${index}`);
    await stage.advance(3000);
    expect(stage.teams.shown('c1')[0], 'within seconds, and not after a minute').toBe('finished');
    expect(stage.teams.shown('c1').length, 'while alerts still wait').toBeLessThan(20);
  });

  test('a run that ends while its progress waits comes to its place', async () => {
    await stage.know('c1');
    stage.start();
    for (let index = 0; index < 5; index += 1) await stage.wish('c1', `first${index}`);
    await stage.idle();
    await stage.setRun('r1', 'running');
    await stage.wish('c1', 'r1', 'half done', { kind: 'run' });
    await stage.advance(10);
    for (let index = 0; index < 40; index += 1) await stage.wish('c1', `alert${index}`);
    await stage.setRun('r1', 'completed');
    await stage.wish('c1', 'r1', { card: {}, summary: 'finished', final: true }, { kind: 'run' });
    await stage.advance(3000);
    expect(stage.teams.shown('c1').slice(5, 7)).toContain('finished');
  });

  test('a run that has to wait does not hold up the others of its conversation', async () => {
    await stage.know('c1');
    stage.start();
    await stage.wish('c1', 'r1', '0 done', { kind: 'run' });
    await stage.idle();
    await stage.wish('c1', 'r1', '1 done', { kind: 'run' });
    await stage.wish('c1', 's1', 'alert');
    await stage.idle();
    expect(stage.teams.shown('c1')).toEqual(['0 done', 'alert']);
  });
});

test('ten thousand wishes are delivered without reading the store after each of them', async () => {
  const ids = Array.from({ length: 2000 }, (_, index) => `c${index}`);
  await stage.know(...ids);
  const changes = ids.flatMap((id) => ['a', 'b', 'c', 'd', 'e'].map((subject) => [id, `${id}-${subject}`] as const));
  for (const [, subject] of changes) stage.subjects.set(subject, { card: {}, summary: subject });
  await stage.store.commit(
    changes.map(([id, subject]) => intentChange(environmentId, 'incident', subject, id, stage.clock.now())),
  );
  const query = vi.spyOn(stage.store, 'query');
  stage.start({ pace: { perSecond: 5000, inFlight: 64 } });
  await stage.idle();
  await stage.advance(30_000);
  expect(await stage.intents()).toBe(0);
  expect(stage.teams.calls).toHaveLength(10_000);
  expect(query.mock.calls.length).toBeLessThan(200);
}, 20_000);
