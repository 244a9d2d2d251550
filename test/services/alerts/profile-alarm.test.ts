import { describe, expect, it, test } from 'vitest';
import { alarmCauseIdOf, causeIdOf, isAlarming, isCritical, serverCauseIdOf } from '../../../services/model/alert.ts';
import type { Fault } from '../../../services/model/fault.ts';
import { testStatus } from '../../../services/model/mailbox.ts';
import { noMaintenanceValues, type MaintenanceWindow } from '../../../services/model/maintenance.ts';
import type { Outcome } from '../../../services/model/run.ts';
import { ownerToldOfAlarm } from '../../../services/alerts/profile-alarm.ts';
import { keyOf, type Change } from '../../../services/storage/store.ts';
import { hitByIncident } from '../../../services/testing/incident-mailboxes.ts';
import { projectOutcomes } from '../../../services/testing/project-outcomes.ts';
import { retestIncident } from '../../../services/testing/retest.ts';
import { addresses, ada, env, MailroomStage } from '../../support/mailroom-stage.ts';
import { noSuchMailbox, sendAsDenied, storeUnavailable } from '../../support/scripted-exchange.ts';

const hourMs = 3_600_000;
const alarm = async (stage: MailroomStage, profileId = 'p1') =>
  (await stage.all('incident')).filter(({ causeId }) => causeId === alarmCauseIdOf(profileId));

/** What a test or a check leaves behind, with the mailbox as it is then. */
async function result(
  stage: MailroomStage,
  address: string,
  fault: Fault | null,
  { profileId = 'p1', causeId = causeIdOf(profileId, fault?.code ?? noSuchMailbox.code) } = {},
): Promise<Change[]> {
  const at = stage.clock.now();
  const { key, value } = await stage.stored('mailbox', address);
  const alerts = await stage.store.query('alert', { prefix: keyOf(env, address, ''), limit: 10 });
  const outcome: Outcome = {
    environmentId: env,
    runId: null,
    mailboxId: address,
    profileId,
    phases: [],
    fault,
    willRetry: false,
    at,
    markerFound: false,
    causes: [
      ...alerts.map((one) => ({ causeId: one.value.causeId, fault: one.value.fault })),
      ...(fault === null ? [] : [{ causeId, fault }]),
    ],
    folded: false,
  };
  const status = fault === null ? testStatus.success : testStatus.failure;
  return [
    { kind: 'put', collection: 'mailbox', key, value: { ...value, status } },
    { kind: 'put', collection: 'outcome', key: keyOf(env, 'poll', address, String(at)), value: outcome },
    ...alerts.map((one): Change => ({ kind: 'delete', collection: 'alert', key: one.key })),
    ...(fault === null
      ? []
      : [
          {
            kind: 'put' as const,
            collection: 'alert' as const,
            key: keyOf(env, address, fault.code),
            value: {
              environmentId: env,
              mailboxId: address,
              directions: ['incoming' as const],
              address,
              profileId,
              causeId,
              fault,
              level: 'error' as const,
              firstAt: at,
              lastAt: at,
              count: 1,
            },
          },
        ]),
  ];
}

/** All of them at once, as a run or the checks bring them. */
async function come(stage: MailroomStage, all: readonly string[], fault: Fault | null, options = {}): Promise<void> {
  const changes = await Promise.all(all.map((address) => result(stage, address, fault, options)));
  await stage.store.commit(changes.flat());
  await stage.fold();
}

async function profileOf(count: number): Promise<{ stage: MailroomStage; all: string[] }> {
  const stage = await MailroomStage.open();
  await stage.profile();
  const all = addresses(count);
  await stage.mailboxes(all, { status: testStatus.success });
  return { stage, all };
}

describe('the alarm of a profile', () => {
  test.each([
    [0, 0, false],
    [1, 1, false],
    [2, 2, false],
    [2, 3, false],
    [3, 3, true],
    [3, 5, true],
    [3, 6, false],
    [50, 100, false],
    [51, 100, true],
  ])('%i of %i: %s', (failing, total, raised) => {
    expect(isAlarming(failing, total)).toBe(raised);
  });

  it('is raised once when more than half fail within an hour, counts exactly, and says what most of them have', async () => {
    const { stage, all } = await profileOf(10);
    await come(stage, all.slice(0, 5), sendAsDenied);
    expect(await alarm(stage)).toEqual([]);
    stage.clock.advance(hourMs / 2);
    await come(stage, all.slice(5, 6), noSuchMailbox);
    expect(await alarm(stage)).toMatchObject([
      {
        code: 'ProfileMostlyFailing',
        nature: 'permanent',
        scope: 'server',
        level: 'error',
        open: 6,
        peak: 6,
        profileIds: ['p1'],
        sample: all.slice(0, 6),
        fault: { params: { failing: 6, total: 10, mostly: sendAsDenied.code } },
      },
    ]);
    await come(stage, all.slice(6, 9), noSuchMailbox);
    expect(await alarm(stage)).toMatchObject([{ open: 9, peak: 9, fault: { params: { failing: 9, total: 10 } } }]);
  });

  it('is critical, so that nobody mutes it alone', async () => {
    expect(isCritical({ causeId: alarmCauseIdOf('p1') })).toBe(true);
    expect(isCritical({ causeId: causeIdOf('p1', 'ErrorAccessDenied') })).toBe(false);
  });

  it('is not raised by those that failed longer than an hour ago', async () => {
    const { stage, all } = await profileOf(10);
    await come(stage, all.slice(0, 5), sendAsDenied);
    stage.clock.advance(hourMs + 1);
    await come(stage, all.slice(5, 8), sendAsDenied);
    expect(await alarm(stage)).toEqual([]);
  });

  it('is over when no more than half fail, says how long it lasted and what ended it, and may come again', async () => {
    const { stage, all } = await profileOf(6);
    await come(stage, all.slice(0, 5), sendAsDenied);
    const [raised] = await alarm(stage);
    stage.clock.advance(3 * hourMs);
    await come(stage, all.slice(0, 1), null);
    // They failed hours ago, but they fail: four of six is more than half.
    expect(await alarm(stage)).toMatchObject([{ state: 'open', open: 4, peak: 5 }]);
    await come(stage, all.slice(1, 2), null);
    expect(await alarm(stage)).toMatchObject([
      {
        id: raised?.id,
        state: 'resolved',
        open: 0,
        peak: 5,
        firstAt: raised?.firstAt,
        resolvedAt: stage.clock.now(),
        ending: { by: 'check', runId: null },
      },
    ]);
    await come(stage, all, sendAsDenied);
    expect((await alarm(stage)).map(({ state }) => state).toSorted()).toEqual(['open', 'resolved']);
  });

  it('speaks of its own profile alone', async () => {
    const { stage, all } = await profileOf(4);
    await stage.profile('p2', { name: 'Other' });
    const others = addresses(4, 'other.test');
    await stage.mailboxes(others, { status: testStatus.success, profileId: 'p2' });
    await come(stage, all, sendAsDenied);
    expect(await alarm(stage, 'p2')).toEqual([]);
    await come(stage, others.slice(0, 3), sendAsDenied, { profileId: 'p2' });
    expect(await alarm(stage, 'p2')).toMatchObject([{ open: 3, profileName: 'Other' }]);
    expect(await alarm(stage)).toMatchObject([{ open: 4 }]);
  });

  it('leaves a server that is out of reach, or a refused password, to their own card', async () => {
    const { stage, all } = await profileOf(6);
    const refused: Fault = { code: 'ConnectionRefused', params: { host: 'mail.contoso.test' } };
    await come(stage, all, refused, { causeId: serverCauseIdOf('mail.contoso.test') });
    expect(await alarm(stage)).toEqual([]);
    const { stage: other, all: theirs } = await profileOf(6);
    const { credentialId } = await other.get('profile', 'p1');
    const known = await other.stored('credential', credentialId);
    await other.store.commit([
      { kind: 'put', collection: 'credential', key: known.key, value: { ...known.value, refused: true } },
    ]);
    await come(other, theirs, sendAsDenied);
    expect(await alarm(other)).toEqual([]);
  });

  it('waits while a maintenance of its server lasts, as announced', async () => {
    const { stage, all } = await profileOf(4);
    const profile = await stage.get('profile', 'p1');
    const now = stage.clock.now();
    const window: MaintenanceWindow = {
      environmentId: env,
      id: 'w1',
      host: new URL(profile.serverLocation).host,
      profileId: 'p1',
      startsAt: now - 1,
      endsAt: now + hourMs,
      reason: 'update',
      state: 'announced',
      closed: null,
      plannedBy: 'ada',
      plannedByName: 'Ada',
      plannedAt: now - 1,
      conversationId: 'c1',
      values: noMaintenanceValues,
      timeZone: null,
      shown: 'running',
      revision: 1,
    };
    await stage.store.commit([{ kind: 'put', collection: 'maintenance', key: keyOf(env, 'w1'), value: window }]);
    await come(stage, all, sendAsDenied);
    expect(await alarm(stage)).toEqual([]);
    stage.clock.advance(hourMs);
    await come(stage, all, sendAsDenied);
    expect(await alarm(stage)).toMatchObject([{ open: 4 }]);
  });

  it('does not take the first few results of a run of thousands for the whole profile', async () => {
    const stage = await MailroomStage.open();
    await stage.profile();
    const all = addresses(20);
    const mailboxes = await stage.mailboxes(all);
    await stage.store.commit(
      mailboxes.map((mailbox): Change => ({
        kind: 'put',
        collection: 'task',
        key: keyOf(env, 'test-mailbox', mailbox.id),
        value: {
          environmentId: env,
          id: mailbox.id,
          kind: 'test-mailbox',
          subjectId: mailbox.id,
          profileId: 'p1',
          runId: 'RUN1',
          state: 'ready',
          dueAt: 0,
          priority: 1,
          claims: 0,
          createdAt: 0,
        },
      })),
    );
    await come(stage, all.slice(0, 10), sendAsDenied);
    expect(await alarm(stage)).toEqual([]);
    await come(stage, all.slice(10, 11), sendAsDenied);
    expect(await alarm(stage)).toMatchObject([{ open: 11, fault: { params: { total: 20 } } }]);
  });

  it('does not count mailboxes that are switched off', async () => {
    const { stage, all } = await profileOf(7);
    for (const address of all.slice(4)) await stage.change(address, { state: 'inactive' });
    await come(stage, all.slice(0, 3), sendAsDenied);
    expect(await alarm(stage)).toMatchObject([{ open: 3, fault: { params: { total: 4 } } }]);
  });

  it('leads to all its mailboxes, and to a test of them', async () => {
    const { stage, all } = await profileOf(6);
    await come(stage, all.slice(0, 4), sendAsDenied);
    const [raised] = await alarm(stage);
    if (raised === undefined) throw new Error('no alarm');
    expect([...(await hitByIncident(stage.store, env, raised.id))]).toEqual(all.slice(0, 4));
    const started = await retestIncident(stage, env, ada, raised.id, 'c1');
    expect(started.run.total).toBe(4);
  });

  it('tells the owner only where the profile says so', async () => {
    const { stage } = await profileOf(1);
    const profile = await stage.get('profile', 'p1');
    expect(ownerToldOfAlarm({ ...profile, sendEmailAlert: true })).toBe(profile.ownerId);
    expect(ownerToldOfAlarm({ ...profile, sendEmailAlert: false })).toBeNull();
  });

  it('is looked at once for many batches, remembers it over a restart, and leaves nothing behind', async () => {
    const stage = await MailroomStage.open();
    await stage.profile();
    const all = addresses(1_200);
    await stage.mailboxes(all, { status: testStatus.success });
    const changes = await Promise.all(all.map((address) => result(stage, address, storeUnavailable)));
    await stage.store.commit(changes.flat());
    const commits: number[] = [];
    commits.push(await projectOutcomes(stage, env));
    expect(await alarm(stage)).toEqual([]);
    await stage.reopen();
    commits.push(await projectOutcomes(stage, env));
    expect(await alarm(stage)).toEqual([]);
    // The last ones say nothing about the profile; what came before is remembered.
    const rest = await stage.store.query('outcome', {
      prefix: keyOf(env, 'poll', ''),
      where: { folded: false },
      limit: 500,
    });
    await stage.store.commit(
      rest.map(({ key, value }) => ({ kind: 'put', collection: 'outcome', key, value: { ...value, causes: [] } })),
    );
    commits.push(await projectOutcomes(stage, env));
    expect(commits).toEqual([500, 500, 200]);
    expect(await alarm(stage)).toMatchObject([{ open: 1_200, revision: 1 }]);
    expect(await stage.all('outcome')).toEqual([]);
  });
});
