import { describe, expect, it } from 'vitest';
import { sweep } from '../../../services/jobs/sweep.ts';
import { noMaintenanceValues, type MaintenanceValues } from '../../../services/model/maintenance.ts';
import { closeMaintenance, extendMaintenance } from '../../../services/profiles/change-maintenance.ts';
import { maintenanceEffect } from '../../../services/profiles/maintenance-effect.ts';
import {
  openWindows,
  restingProfiles,
  restUntil,
  waitingTests,
} from '../../../services/profiles/maintenance-windows.ts';
import { announceMaintenance, askMaintenance } from '../../../services/profiles/plan-maintenance.ts';
import { checksOf, troubleOf } from '../../../services/testing/mailbox-checks.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import {
  abe,
  ada,
  adaChat,
  addresses,
  env,
  location,
  MailroomStage,
  pia,
  refusal,
} from '../../support/mailroom-stage.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const works = { status: 1, enabled: true, fault: null } as const;

async function opened(): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile();
  return stage;
}

const ask = (stage: MailroomStage, values: Partial<MaintenanceValues> = {}, actor = ada) =>
  askMaintenance(stage, env, actor, 'p1', { ...noMaintenanceValues, reason: 'Update', ...values }, 'UTC', adaChat);

async function asked(stage: MailroomStage, values: Partial<MaintenanceValues> = {}) {
  const answer = await ask(stage, values);
  if (answer.kind === 'errors') throw new Error(JSON.stringify(answer.errors));
  return answer.window;
}

describe('planning', () => {
  it('holds nobody back before the yes, and then at once', async () => {
    const stage = await opened();
    const { id } = await asked(stage);
    const profile = await stage.get('profile', 'p1');
    expect(await restUntil(stage.store, profile, stage.clock.now())).toBeNull();
    expect(await stage.wishes()).toEqual([]);
    stage.clock.advance(10 * minute);
    const window = await announceMaintenance(stage, env, ada, id);
    // It begins with the yes, and is as long as was chosen.
    expect(window).toMatchObject({ startsAt: stage.clock.now(), endsAt: stage.clock.now() + 60 * minute });
    expect(await restUntil(stage.store, profile, stage.clock.now())).toBe(window.endsAt);
    expect(await stage.audit('maintenance.announced')).toMatchObject([
      { actorId: 'ada', subjects: [id], details: { host: 'mail.contoso.test', reason: 'Update' } },
    ]);
  });

  it('announces once, however often somebody clicks', async () => {
    const stage = await opened();
    const { id } = await asked(stage);
    const answers = await Promise.all([1, 2, 3].map(() => announceMaintenance(stage, env, ada, id)));
    expect(new Set(answers.map(({ revision }) => revision)).size).toBe(1);
    expect(await stage.audit('maintenance.announced')).toHaveLength(1);
  });

  it('is for admins, and the yes for whoever was asked', async () => {
    const stage = await opened();
    const { id, revision } = await asked(stage);
    expect(await refusal(ask(stage, {}, pia))).toBe('access.denied');
    expect(await refusal(announceMaintenance(stage, env, pia, id))).toBe('access.denied');
    expect(await refusal(announceMaintenance(stage, env, abe, id))).toBe('maintenance.not-yours');
    await announceMaintenance(stage, env, ada, id);
    expect(await refusal(closeMaintenance(stage, env, pia, id))).toBe('access.denied');
    expect(await refusal(extendMaintenance(stage, env, pia, id, revision, '60'))).toBe('access.denied');
    expect((await closeMaintenance(stage, env, abe, id)).closed).toMatchObject({ byName: 'Abe Admin' });
  });

  it('refuses a yes that comes too late, and one to a profile that leads elsewhere by now or is gone', async () => {
    const stage = await opened();
    const late = await asked(stage, { length: 'end', endDate: '2026-01-05', endTime: '09:30' });
    stage.clock.advance(31 * minute);
    expect(await refusal(announceMaintenance(stage, env, ada, late.id))).toBe('maintenance.too-late');
    const moved = await asked(stage);
    await stage.changeProfile('p1', { serverLocation: 'https://new.contoso.test/EWS/Exchange.asmx' });
    expect(await refusal(announceMaintenance(stage, env, ada, moved.id))).toBe('maintenance.no-server');
    await stage.store.commit([{ kind: 'delete', collection: 'profile', key: `${env}/p1` }]);
    expect(await refusal(announceMaintenance(stage, env, ada, moved.id))).toBe('maintenance.no-server');
    expect(await refusal(announceMaintenance(stage, env, ada, 'x/../y'))).toBe('maintenance.unknown');
  });

  it('keeps to a hundred windows at once', async () => {
    const stage = await opened();
    for (let count = 0; count < 100; count += 1) await announceMaintenance(stage, env, ada, (await asked(stage)).id);
    const { id } = await asked(stage);
    expect(await refusal(announceMaintenance(stage, env, ada, id))).toBe('maintenance.too-many');
  });

  it('tells a form what is wrong and keeps nothing of it', async () => {
    const stage = await opened();
    expect(await ask(stage, { reason: '' })).toEqual({ kind: 'errors', errors: { reason: 'reason-missing' } });
    expect(await stage.all('maintenance')).toEqual([]);
  });
});

describe('changing', () => {
  it('extends what was seen, within the longest, and not what is over', async () => {
    const stage = await opened();
    let window = await announceMaintenance(stage, env, ada, (await asked(stage)).id);
    expect(await refusal(extendMaintenance(stage, env, ada, window.id, window.revision, '100000'))).toBe(
      'maintenance.length-missing',
    );
    for (let hours = 1; hours + 4 <= 7 * 24; hours += 4)
      window = await extendMaintenance(stage, env, ada, window.id, window.revision, '240');
    expect(await refusal(extendMaintenance(stage, env, ada, window.id, window.revision, '240'))).toBe(
      'maintenance.too-long',
    );
    stage.clock.advance(7 * day);
    expect(await extendMaintenance(stage, env, ada, window.id, window.revision, '30')).toEqual(window);
  });

  it('cancels before its begin and ends after it, each once', async () => {
    const stage = await opened();
    const ahead = { start: 'later', startDate: '2026-01-06', startTime: '09:00' };
    const planned = await announceMaintenance(stage, env, ada, (await asked(stage, ahead)).id);
    expect(planned.shown).toBe('planned');
    expect((await closeMaintenance(stage, env, ada, planned.id)).shown).toBe('cancelled');
    const running = await announceMaintenance(stage, env, ada, (await asked(stage)).id);
    expect((await closeMaintenance(stage, env, ada, running.id)).shown).toBe('ended');
    expect((await closeMaintenance(stage, env, abe, running.id)).closed?.byName).toBe('Ada Admin');
    expect(await stage.audit('maintenance.closed')).toHaveLength(2);
    expect(await openWindows(stage.store, env, stage.clock.now())).toEqual([]);
  });
});

it('says in numbers whom it hits: all profiles of the server, and the tests that wait', async () => {
  const stage = await opened();
  await stage.profile('p2', { serverLocation: location, state: 'inactive' });
  await stage.profile('p3', { serverLocation: 'https://other.contoso.test/EWS/Exchange.asmx' });
  await stage.mailboxes(addresses(3));
  await stage.mailboxes(addresses(2, 'two.test'), { profileId: 'p2' });
  await startRun(stage, env, ada, adaChat, { kind: 'approved' }, (await stage.all('mailbox')).slice(0, 1));
  expect(await maintenanceEffect(stage.store, env, 'mail.contoso.test')).toEqual({
    profiles: [
      { name: 'Contoso p1', state: 'active', mailboxes: 3 },
      { name: 'Contoso p2', state: 'inactive', mailboxes: 2 },
    ],
    checks: 0,
    tests: 1,
  });
});

it('is what a profile, a mailbox and a run say that they wait for', async () => {
  const stage = await opened();
  const [mailbox] = await stage.mailboxes(addresses(1), { incoming: works });
  if (mailbox === undefined) throw new Error('no mailbox');
  const { run } = await startRun(stage, env, ada, adaChat, { kind: 'approved' }, [mailbox]);
  const profile = await stage.get('profile', 'p1');
  expect(await waitingTests(stage.store, run, stage.clock.now())).toBeNull();
  const { id, endsAt: until } = await announceMaintenance(stage, env, ada, (await asked(stage)).id);
  expect(await troubleOf(stage, profile)).toEqual({ kind: 'maintenance', until });
  expect(await checksOf(stage, mailbox)).toMatchObject({ restsUntil: until });
  expect(await waitingTests(stage.store, run, stage.clock.now())).toEqual({ count: 1, until });
  expect([...(await restingProfiles(stage.store, stage.clock.now()))]).toEqual([[`${env}/p1`, until]]);
  await closeMaintenance(stage, env, ada, id);
  expect(await troubleOf(stage, profile)).toBeNull();
});

it('is swept a month after its end; a question after a day', async () => {
  const stage = await opened();
  await asked(stage);
  const { id } = await announceMaintenance(stage, env, ada, (await asked(stage)).id);
  stage.clock.advance(day + minute);
  await sweep(stage, env);
  expect((await stage.all('maintenance')).map((window) => window.id)).toEqual([id]);
  stage.clock.advance(30 * day);
  await sweep(stage, env);
  expect(await stage.all('maintenance')).toEqual([]);
});
