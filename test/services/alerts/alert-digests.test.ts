import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { closeDigests } from '../../../services/alerts/close-digests.ts';
import { gatherEvents } from '../../../services/alerts/gather-events.ts';
import { readDigest } from '../../../services/alerts/read-digest.ts';
import { handleIncident } from '../../../services/alerts/handle-incident.ts';
import { recordConversation } from '../../../services/conversations/record-conversation.ts';
import { startAlertDigests } from '../../../services/jobs/alert-digests.ts';
import { startIncidentWatch } from '../../../services/jobs/incident-watch.ts';
import { pullDueTimes } from '../../../services/jobs/clock-watch.ts';
import { sweep } from '../../../services/jobs/sweep.ts';
import { accountCauseIdOf, type Incident } from '../../../services/model/alert.ts';
import type { AlertDigest } from '../../../services/model/alert-digest.ts';
import { runEvent } from '../../../services/alerts/alert-events.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { ada, addresses, conversation, env, MailroomStage } from '../../support/mailroom-stage.ts';
import { noSuchMailbox, sendAsDenied, storeUnavailable } from '../../support/scripted-exchange.ts';
import { deliver, hit, recover } from '../../support/troubled-mailboxes.ts';

const minute = 60_000;
const hour = 60 * minute;
const [kim = '', lee = ''] = addresses(2);
let stage: MailroomStage;

beforeEach(async () => {
  stage = await MailroomStage.open();
  await stage.profile();
  for (const id of ['alerts', 'second']) await recordConversation(stage.store, conversation(id), 0);
  await stage.subscribe('alerts', { alerts: 'all' });
  await stage.sendAll();
});

/** One round of the job, at the clock's time. */
async function round(): Promise<void> {
  while ((await gatherEvents(stage, env)) > 0);
  await closeDigests(stage, env);
}

/** The job goes on by itself for so long; what it wishes is sent each minute. Says what was told when. */
async function pass(
  minutes: number,
  each: (passed: number) => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  const told: string[] = [];
  for (let passed = 1; passed <= minutes; passed += 1) {
    stage.clock.advance(minute);
    await each(passed);
    await round();
    told.push(...(await deliver(stage)).map((what) => `${passed} ${what}`));
  }
  return told;
}

/** To a time of day (UTC): the stage begins at 9:00. */
async function passTo(time: string, day = 0): Promise<string[]> {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const target = Date.UTC(2026, 0, 5 + day, hours, minutes);
  return pass(Math.round((target - stage.clock.now()) / minute));
}

const digests = async (state: AlertDigest['state'] = 'sent'): Promise<AlertDigest[]> =>
  (await stage.all('alertDigest')).filter((digest) => digest.state === state);

const incidentOf = async (code: string): Promise<Incident> => {
  const found = (await stage.all('incident')).find((incident) => incident.code === code);
  if (found === undefined) throw new Error(`no ${code}`);
  return found;
};

describe('what goes at once', () => {
  it('is a new error and its end; a warning waits for the digest of its channel, an hour later', async () => {
    await hit(stage, kim, noSuchMailbox);
    await hit(stage, lee, storeUnavailable);
    expect(await deliver(stage)).toEqual(['alerts incident new']);
    expect(await pass(60)).toEqual([]);
    expect(await pass(1)).toEqual(['1 alerts alert-digest new']);
    await recover(stage, kim, noSuchMailbox);
    expect(await deliver(stage)).toEqual(['alerts incident edit']);
    const [digest] = await digests();
    if (digest === undefined) throw new Error('no digest');
    expect((await readDigest(stage.store, digest)).open.map(({ code }) => code)).toEqual([storeUnavailable.code]);
    // It goes on, and of that there is no news.
    await hit(stage, kim, storeUnavailable);
    expect(await pass(300)).toEqual([]);
  });

  it('is a warning that became an error: its own card, and no line of the digest any more', async () => {
    await hit(stage, lee, storeUnavailable);
    expect(await pass(30)).toEqual([]);
    await hit(stage, lee, storeUnavailable, { triesLeft: false });
    expect(await deliver(stage)).toEqual(['alerts incident new']);
    // Nothing is left to tell.
    expect(await pass(120)).toEqual([]);
    expect(await stage.all('alertDigest')).toEqual([]);
  });

  it('is everything for whoever it was assigned to, and the rest of the story of a card that stands', async () => {
    await hit(stage, lee, storeUnavailable);
    await handleIncident(
      stage,
      env,
      ada,
      (await incidentOf(storeUnavailable.code)).id,
      { kind: 'assign', personId: 'ada', personName: 'Ada' },
      null,
    );
    expect(await deliver(stage)).toEqual(['chat-ada incident new']);
    await recover(stage, lee, storeUnavailable);
    expect(await deliver(stage)).toEqual(['chat-ada incident edit']);
  });

  it('goes on where nothing is wanted any more: a card that stands tells its end', async () => {
    await hit(stage, kim, noSuchMailbox);
    await deliver(stage);
    await stage.subscribe('alerts', { alerts: null });
    await recover(stage, kim, noSuchMailbox);
    expect(await deliver(stage)).toEqual(['alerts incident edit']);
  });
});

describe('a digest', () => {
  it('tells how often a cause came and went, and what finished, in one card', async () => {
    for (let times = 0; times < 3; times += 1) {
      await hit(stage, lee, storeUnavailable);
      await recover(stage, lee, storeUnavailable);
      await round();
    }
    const { run } = await startRun(stage, env, ada, 'chat-ada', { kind: 'approved' }, await stage.mailboxes([kim]));
    await stage.work();
    await stage.sendAll();
    expect(await pass(61)).toEqual(['60 alerts alert-digest new']);
    const [digest] = await digests();
    expect(digest).toMatchObject({ ended: [{ times: 3 }], runs: [run.id], moreEnded: 0, moreRuns: 0 });
    expect(await pass(300)).toEqual([]);
  });

  it('tells of finished runs only where all is wanted, not where their card stands, and not while information is off', async () => {
    await stage.subscribe('second', { alerts: 'warnings' });
    await recordConversation(stage.store, conversation('third'), 0);
    await stage.subscribe('third', { alerts: 'all' });
    const { run } = await startRun(stage, env, ada, 'third', { kind: 'approved' }, await stage.mailboxes([kim]));
    await stage.work();
    await stage.sendAll();
    await round();
    expect((await digests('gathering')).map(({ conversationId }) => conversationId)).toEqual(['alerts']);
    expect(await pass(61)).toEqual(['60 alerts alert-digest new']);
    await stage.settings({ alertsForInformation: false });
    await stage.store.commit([runEvent(env, run.id, stage.clock.now())]);
    expect(await pass(120)).toEqual([]);
    expect(await stage.all('alertEvent')).toEqual([]);
  });

  it('comes each day at its time where that is wanted, and not in quiet hours', async () => {
    await stage.subscribe('alerts', { digest: { time: '12:00', timeZone: 'UTC' } });
    await stage.subscribe('second', {
      alerts: 'all',
      digest: { time: '12:00', timeZone: 'UTC' },
      quietHours: { from: '11:00', to: '14:00', timeZone: 'UTC' },
    });
    await hit(stage, lee, storeUnavailable);
    expect(await passTo('11:59')).toEqual([]);
    expect(await passTo('12:00')).toEqual(['1 alerts alert-digest new']);
    expect(await passTo('14:00')).toEqual(['120 second alert-digest new']);
  });

  it('is not sent where nothing is left of it, and is forgotten where nothing comes any more', async () => {
    await hit(stage, lee, storeUnavailable);
    await round();
    await handleIncident(stage, env, ada, (await incidentOf(storeUnavailable.code)).id, { kind: 'mute' }, null);
    expect(await pass(61)).toEqual([]);
    expect(await stage.all('alertDigest')).toEqual([]);
    await hit(stage, kim, sendAsDenied, { triesLeft: true });
    await recover(stage, lee, storeUnavailable);
    await round();
    expect(await digests('gathering')).toHaveLength(1);
    await stage.subscribe('alerts', { alerts: null });
    expect(await pass(61)).not.toContain('60 alerts alert-digest new');
    expect(await stage.all('alertDigest')).toEqual([]);
  });

  it('goes by what the channel wants when it is due', async () => {
    await hit(stage, lee, storeUnavailable);
    await round();
    stage.clock.advance(hour);
    const late = stage.subscribe('alerts', { digest: { time: '20:00', timeZone: 'UTC' } });
    await Promise.all([late, closeDigests(stage, env)]);
    const soFar = (await deliver(stage)).length;
    const rest = await pass(12 * 60);
    // Before the change or after it, but once.
    expect(soFar + rest.length).toBe(1);
  });

  it('is told once each, whenever the process is killed', async () => {
    const told: string[] = [];
    for (let kill = 0; kill < 6; kill += 1) {
      await hit(stage, lee, storeUnavailable);
      await stage.reopen();
      await recover(stage, lee, storeUnavailable);
      await stage.reopen();
      if (kill % 2 === 0) await gatherEvents(stage, env);
      await stage.reopen();
    }
    stage.clock.advance(2 * hour);
    for (let kill = 0; kill < 5; kill += 1) {
      await round();
      await stage.reopen();
      told.push(...(await deliver(stage)));
    }
    stage.clock.advance(2 * hour);
    await round();
    told.push(...(await deliver(stage)));
    const ended = (await digests()).flatMap((digest) => digest.ended.map(({ times }) => times));
    expect(ended.reduce((sum, times) => sum + times, 0)).toBe(6);
    expect(told).toHaveLength((await digests()).length);
  });

  it('comes once after days in which no process ran', async () => {
    await hit(stage, lee, storeUnavailable);
    await round();
    stage.clock.advance(72 * hour);
    await stage.reopen();
    const job = startAlertDigests(stage, env);
    onTestFinished(() => job.stop());
    await job.idle();
    expect(await deliver(stage)).toEqual(['alerts alert-digest new']);
    stage.clock.advance(minute);
    await job.idle();
    expect(await deliver(stage)).toEqual([]);
  });

  it('waits no longer for a clock that was set back, and is not told twice by one that was set forward', async () => {
    await hit(stage, lee, storeUnavailable);
    await round();
    stage.clock.jump(-10 * 24 * hour);
    await pullDueTimes(stage, env);
    expect(await pass(2)).toEqual(['1 alerts alert-digest new']);
    await recover(stage, lee, storeUnavailable);
    await round();
    stage.clock.jump(20 * 24 * hour);
    expect(await pass(2)).toEqual(['1 alerts alert-digest new']);
    expect(await pass(120)).toEqual([]);
  });

  it('is put away a week after it was sent, and what was shown when as soon as it holds up nothing', async () => {
    await hit(stage, lee, storeUnavailable);
    await hit(stage, kim, noSuchMailbox);
    await pass(62);
    expect(await digests()).toHaveLength(1);
    await sweep(stage, env);
    expect(await digests()).toHaveLength(1);
    expect(await stage.all('shownCause')).toEqual([]);
    stage.clock.advance(8 * 24 * hour);
    await sweep(stage, env);
    expect(await stage.all('alertDigest')).toEqual([]);
  });
});

describe('quiet hours', () => {
  beforeEach(async () => {
    await stage.subscribe('alerts', { quietHours: { from: '22:00', to: '07:00', timeZone: 'UTC' } });
  });

  it('hold back errors, which come at their end where they are still open; what came and went is in the digest', async () => {
    await passTo('23:00');
    await hit(stage, kim, noSuchMailbox);
    await hit(stage, lee, sendAsDenied, { triesLeft: false });
    expect(await deliver(stage)).toEqual([]);
    await passTo('02:00', 1);
    await recover(stage, lee, sendAsDenied);
    expect(await deliver(stage)).toEqual([]);
    expect(await passTo('06:59', 1)).toEqual([]);
    // An hour after what came and went, that is at the end of the quiet hours, too.
    expect(await pass(1)).toEqual(['1 alerts alert-digest new', '1 alerts incident new']);
    const [digest] = await digests();
    if (digest === undefined) throw new Error('no digest');
    const { open, ended } = await readDigest(stage.store, digest);
    expect([open.map(({ code }) => code), ended.map(({ incident }) => incident.code)]).toEqual([
      [],
      [sendAsDenied.code],
    ]);
    expect(await pass(300)).toEqual([]);
  });

  it('let cards that stand tell the truth, and a recovery is no new message', async () => {
    await hit(stage, kim, noSuchMailbox);
    await deliver(stage);
    await passTo('23:00');
    await hit(stage, lee, noSuchMailbox);
    expect(await deliver(stage)).toEqual(['alerts incident edit']);
    await recover(stage, kim, noSuchMailbox);
    await recover(stage, lee, noSuchMailbox);
    expect(await deliver(stage)).toEqual(['alerts incident edit']);
    expect(await passTo('12:00', 1)).toEqual([]);
  });

  it('do not hold back what stops a whole profile', async () => {
    await passTo('23:00');
    await hit(stage, kim, noSuchMailbox, { causeId: accountCauseIdOf('p1') });
    expect(await deliver(stage)).toEqual(['alerts incident new']);
  });

  it('keep the return of a snoozed alert for their end', async () => {
    await stage.subscribe('second', { alerts: 'errors' });
    await hit(stage, kim, noSuchMailbox);
    await deliver(stage);
    await passTo('21:30');
    const { id } = await incidentOf(noSuchMailbox.code);
    await handleIncident(stage, env, ada, id, { kind: 'snooze', until: stage.clock.now() + hour }, null);
    await deliver(stage);
    stage.clock.advance(hour + minute);
    const watch = startIncidentWatch(stage, env);
    await watch.idle();
    await watch.stop();
    await stage.reopen();
    await round();
    expect(await deliver(stage)).toEqual(['alerts incident edit', 'second incident again']);
    await hit(stage, lee, noSuchMailbox);
    await deliver(stage);
    expect(await passTo('06:59', 1)).toEqual([]);
    expect(await pass(1)).toEqual(['1 alerts incident again']);
    expect(await pass(120)).toEqual([]);
  });

  it('end at once where somebody takes them away', async () => {
    await passTo('23:00');
    await hit(stage, kim, noSuchMailbox);
    await round();
    await stage.subscribe('alerts', { quietHours: null });
    expect(await pass(1)).toEqual(['1 alerts incident new']);
  });

  it('hold also for what is open when a channel subscribes', async () => {
    await passTo('23:00');
    await hit(stage, kim, noSuchMailbox);
    await hit(stage, lee, storeUnavailable);
    await stage.subscribe('second', { alerts: 'all', quietHours: { from: '20:00', to: '06:00', timeZone: 'UTC' } });
    expect(await deliver(stage)).toEqual([]);
    expect(await passTo('06:00', 1)).toEqual(['420 second alert-digest new', '420 second incident new']);
  });

  it('survive restarts and a clock that moves: nothing comes before their end', async () => {
    await passTo('23:00');
    await hit(stage, kim, noSuchMailbox);
    await stage.reopen();
    await pullDueTimes(stage, env);
    await round();
    expect(await deliver(stage)).toEqual([]);
    stage.clock.jump(3 * hour);
    await pullDueTimes(stage, env);
    expect(await pass(5)).toEqual([]);
    stage.clock.jump(6 * hour);
    expect(await pass(1)).toEqual(['1 alerts incident new']);
  });
});

describe('a cause that comes and goes each minute of a night', () => {
  const flap = async (passed: number): Promise<void> => {
    if (passed % 2 === 1) await hit(stage, kim, noSuchMailbox);
    else await recover(stage, kim, noSuchMailbox);
  };

  it('sends a card every half hour and a digest every hour, and is counted in full', async () => {
    const told = await pass(480, flap);
    const fresh = told.filter((line) => line.endsWith('new'));
    expect(fresh.filter((line) => line.includes('incident'))).toHaveLength(16);
    expect(fresh.filter((line) => line.includes('digest')).length).toBeLessThanOrEqual(8);
    await pass(120);
    const counted = (await digests()).flatMap(({ ended }) => ended).reduce((sum, { times }) => sum + times, 0);
    // The others had a card, which tells of its end.
    expect(counted).toBe(240 - 16);
  });

  it('is told when it stays', async () => {
    await pass(3, flap);
    await pass(26);
    const states = (await stage.all('incident')).map(({ state }) => state).sort();
    expect(states).toEqual(['open', 'resolved']);
    expect(await pass(5)).toEqual(['2 alerts incident new']);
  });

  it('says nothing in quiet hours but one digest at their end', async () => {
    await stage.subscribe('alerts', { quietHours: { from: '09:00', to: '17:00', timeZone: 'UTC' } });
    expect(await pass(478, flap)).toEqual([]);
    const told = await pass(4);
    expect(told).toEqual(['2 alerts alert-digest new']);
    expect((await digests())[0]?.ended).toMatchObject([{ times: 239 }]);
  });
});

it('serves a thousand channels in time, with a commit a round and not one an alert', async () => {
  await stage.store.commit(
    Array.from({ length: 1000 }, (_, index) => ({
      kind: 'put',
      collection: 'subscription',
      key: `${env}/c${index}`,
      value: {
        environmentId: env,
        conversationId: `c${index}`,
        alerts: 'all',
        profiles: {},
        approvals: false,
        nature: null,
        quietHours: index % 2 === 0 ? { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' } : null,
        digest: null,
        setBy: 'ada',
        setAt: 0,
        revision: 1,
      },
    })),
  );
  for (const [index, fault] of [storeUnavailable, sendAsDenied, noSuchMailbox].entries())
    await hit(stage, addresses(3)[index] ?? '', fault);
  const wishes = (await stage.all('intent')).length;
  await stage.sendAll();
  let commits = 0;
  const stop = stage.store.onCommit(() => (commits += 1));
  await round();
  expect(commits).toBe(1);
  stop();
  stage.clock.advance(hour);
  const begun = performance.now();
  await round();
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect((await digests()).length).toBe(1001);
  expect(wishes).toBeGreaterThanOrEqual(1001);
});
