import { describe, expect, it, onTestFinished } from 'vitest';
import { startPoller } from '../../../services/jobs/poller.ts';
import { confirmMailboxChange } from '../../../services/mailboxes/confirm-change.ts';
import { planMailboxChange } from '../../../services/mailboxes/plan-change.ts';
import { confirmImport } from '../../../services/mailboxes/confirm-import.ts';
import { planImport } from '../../../services/mailboxes/plan-import.ts';
import { answerProposal } from '../../../services/mailboxes/settings-proposals.ts';
import type { Mailbox } from '../../../services/model/mailbox.ts';
import { activateProfile } from '../../../services/profiles/activate-profile.ts';
import { deactivateProfile } from '../../../services/profiles/deactivate-profile.ts';
import { deleteProfile } from '../../../services/profiles/delete-profile.ts';
import { makeDefaultProfile } from '../../../services/profiles/make-default-profile.ts';
import { profileEffect } from '../../../services/profiles/profile-effect.ts';
import { getEnvironment } from '../../../services/platform/environments.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { recordOutage } from '../../../services/testing/server-outage.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import {
  abe,
  ada,
  adaChat,
  addresses,
  audit,
  env,
  MailroomStage,
  password,
  pia,
  refusal,
  refusalOf,
} from '../../support/mailroom-stage.ts';
import { saveSettings } from '../../support/save-settings.ts';
import { DraftJourney } from '../../support/draft-journey.ts';

const works = { status: 1, enabled: true, fault: null } as const;
const working: Partial<Mailbox> = { incoming: works, outgoing: works, act: works, status: 1 };
const [kim = '', lee = '', max = ''] = addresses(3);
const minute = 60_000;

/** Two profiles; the second one is the default. */
async function two(): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile('p1');
  await stage.profile('p2');
  return stage;
}

const settings = async (stage: MailroomStage) => (await getEnvironment(stage.store, env)).value.settings;
const revisionOf = async (stage: MailroomStage, id: string) => (await stage.get('profile', id)).revision;
const remove = async (stage: MailroomStage, id: string, actor = ada) =>
  deleteProfile(stage, env, actor, id, await revisionOf(stage, id));
const off = async (stage: MailroomStage, id: string, actor = ada) =>
  deactivateProfile(stage, env, actor, id, await revisionOf(stage, id));

it.each([pia, audit])('is for admins alone, and changes nothing for $name', async (actor) => {
  const stage = await two();
  const before = [await stage.all('profile'), await stage.all('environment'), await stage.audit()];
  for (const work of [
    makeDefaultProfile(stage, env, actor, 'p1'),
    activateProfile(stage, env, actor, 'p1'),
    deactivateProfile(stage, env, actor, 'p1', 1),
    deleteProfile(stage, env, actor, 'p1', 1),
  ])
    expect(await refusal(work)).toBe('access.denied');
  expect([await stage.all('profile'), await stage.all('environment'), await stage.audit()]).toEqual(before);
});

it('says of a profile that is not there that it is not', async () => {
  const stage = await two();
  for (const work of [
    makeDefaultProfile(stage, env, ada, 'p3'),
    activateProfile(stage, env, ada, 'p3'),
    deactivateProfile(stage, env, ada, 'p3', 1),
    deleteProfile(stage, env, ada, 'p3', 1),
  ])
    expect(await refusal(work)).toBe('profile.unknown');
});

describe('the default', () => {
  it('is another profile at once, with what it was before in the trail; asked twice it is written once', async () => {
    const stage = await two();
    await makeDefaultProfile(stage, env, ada, 'p1');
    await makeDefaultProfile(stage, env, abe, 'p1');
    expect((await settings(stage)).defaultProfileId).toBe('p1');
    expect(await stage.audit('profile.made-default')).toMatchObject([
      { actorId: 'ada', subjects: ['p1'], details: { name: 'Contoso p1', default: 'p1', 'default.before': 'p2' } },
    ]);
  });

  it('is one profile, also when two admins choose at once', async () => {
    const stage = await two();
    await stage.profile('p3');
    await Promise.all([makeDefaultProfile(stage, env, ada, 'p1'), makeDefaultProfile(stage, env, abe, 'p2')]);
    const written = await stage.audit('profile.made-default');
    expect(written).toHaveLength(2);
    expect((await settings(stage)).defaultProfileId).toBe(written[1]?.details['default']);
    expect(written[1]?.details['default.before']).toBe(written[0]?.details['default']);
  });

  it('is none that is switched off', async () => {
    const stage = await two();
    await off(stage, 'p1');
    expect(await refusalOf(makeDefaultProfile(stage, env, ada, 'p1'))).toEqual({
      code: 'profile.inactive',
      params: { name: 'Contoso p1' },
    });
  });

  it('is not a profile that is deleted at that moment', async () => {
    const stage = await two();
    const [made, deleted] = await Promise.allSettled([
      makeDefaultProfile(stage, env, ada, 'p1'),
      deleteProfile(stage, env, abe, 'p1', 1),
    ]);
    expect(deleted.status).toBe('fulfilled');
    const { defaultProfileId } = await settings(stage);
    expect(defaultProfileId).toBe(made.status === 'fulfilled' ? null : 'p2');
  });
});

describe('a profile that is switched off', () => {
  it('is counted before, page by page: mailboxes, enabled ones, tests to come and their runs', async () => {
    const stage = await two();
    const mailboxes = await stage.mailboxes(addresses(1200));
    for (const { address } of mailboxes.slice(0, 3)) await stage.change(address, working);
    await stage.mailboxes(['other@contoso.test'], { ...working, profileId: 'p2' });
    await startRun(stage, env, ada, adaChat, { kind: 'selection', text: 'x' }, mailboxes.slice(0, 2));
    await startRun(stage, env, ada, adaChat, { kind: 'selection', text: 'y' }, mailboxes.slice(2, 7));
    expect(await profileEffect(stage.store, env, 'p1')).toEqual({ mailboxes: 1200, enabled: 3, testing: 7, runs: 2 });
    expect(await profileEffect(stage.store, env, 'p3')).toEqual({ mailboxes: 0, enabled: 0, testing: 0, runs: 0 });
  });

  it('is written once with its audit entry, and keeps its secret and its mailboxes', async () => {
    const stage = await two();
    const [mailbox] = await stage.mailboxes([kim], working);
    const credentials = await stage.all('credential');
    await off(stage, 'p1');
    expect(await off(stage, 'p1', abe)).toMatchObject({ stale: false, profile: { state: 'inactive', revision: 2 } });
    expect(await stage.audit('profile.deactivated')).toMatchObject([
      { actorId: 'ada', subjects: ['p1'], details: { name: 'Contoso p1', mailboxes: 1 } },
    ]);
    expect(await stage.mailbox(kim)).toEqual(mailbox);
    expect(await stage.all('credential')).toEqual(credentials);
  });

  it('is not what somebody said yes to before it changed (law 1)', async () => {
    const stage = await two();
    await stage.changeProfile('p1', { revision: 2, serverLocation: 'https://other.contoso.test/EWS/Exchange.asmx' });
    expect(await deactivateProfile(stage, env, ada, 'p1', 1)).toMatchObject({ stale: true });
    expect((await stage.get('profile', 'p1')).state).toBe('active');
  });

  it('has its tests left out, asks Exchange nothing and disables nobody', async () => {
    const stage = await two();
    const mailboxes = await stage.mailboxes([kim], working);
    await startRun(stage, env, ada, adaChat, { kind: 'selection', text: 'x' }, mailboxes);
    await off(stage, 'p1');
    await stage.work();
    expect(stage.exchange.tests).toEqual([]);
    expect((await stage.mailbox(kim)).incoming).toMatchObject({ enabled: true, fault: null });
    expect(await stage.all('run')).toMatchObject([{ state: 'completed', failed: 0, leftOut: { profileInactive: 1 } }]);
  });

  it('is not checked until it is active again; then it goes on by itself', async () => {
    const stage = await two();
    await stage.mailboxes([kim], working);
    const poller = startPoller(stage, env);
    onTestFinished(() => poller.stop());
    await poller.idle();
    const pass = async (minutes: number): Promise<number> => {
      stage.exchange.tests.length = 0;
      for (let passed = 0; passed < minutes; passed += 1) {
        stage.clock.advance(minute);
        await poller.idle();
      }
      return stage.exchange.tests.length;
    };
    expect(await pass(20)).toBeGreaterThan(0);
    await off(stage, 'p1');
    expect(await pass(120)).toBe(0);
    expect((await stage.mailbox(kim)).incoming.enabled).toBe(true);
    await activateProfile(stage, env, ada, 'p1');
    await activateProfile(stage, env, abe, 'p1');
    expect(await pass(20)).toBeGreaterThan(0);
    expect(await stage.audit('profile.activated')).toMatchObject([{ actorId: 'ada', subjects: ['p1'] }]);
  });

  it('stays off through an edit', async () => {
    const stage = await two();
    await off(stage, 'p1');
    const journey = await DraftJourney.edit(stage, 'p1');
    await journey.toReview({ name: 'Renamed', isDefault: 'false' });
    await journey.save();
    expect(await stage.get('profile', 'p1')).toMatchObject({ name: 'Renamed', state: 'inactive' });
  });
});

describe('a profile that is deleted', () => {
  it('is gone with its secret, also from the default, in one commit with the audit entry', async () => {
    const stage = await two();
    let commits = 0;
    onTestFinished(stage.store.onCommit(() => (commits += 1)));
    await remove(stage, 'p2');
    expect(commits).toBe(1);
    expect((await stage.all('profile')).map(({ id }) => id)).toEqual(['p1']);
    expect((await stage.all('credential')).map(({ id }) => id)).toEqual(['credential-p1']);
    expect((await settings(stage)).defaultProfileId).toBeNull();
    const trail = await stage.audit('profile.deleted');
    expect(trail).toMatchObject([{ actorId: 'ada', subjects: ['p2'], details: { name: 'Contoso p2', default: true } }]);
    expect(JSON.stringify(trail)).not.toContain(password);
  });

  it('leaves another default alone', async () => {
    const stage = await two();
    await remove(stage, 'p1');
    expect((await settings(stage)).defaultProfileId).toBe('p2');
  });

  it('is refused while mailboxes use it, and says how many', async () => {
    const stage = await two();
    await stage.mailboxes([kim, lee]);
    await stage.mailboxes([max], { profileId: 'p2' });
    expect(await refusalOf(remove(stage, 'p1'))).toEqual({
      code: 'profile.in-use',
      params: { name: 'Contoso p1', count: 2 },
    });
    expect((await stage.all('profile')).map(({ id }) => id)).toEqual(['p1', 'p2']);
    expect(await stage.audit('profile.deleted')).toEqual([]);
  });

  it('is not one that changed since somebody was asked (law 1)', async () => {
    const stage = await two();
    await stage.changeProfile('p1', { revision: 2 });
    expect(await deleteProfile(stage, env, ada, 'p1', 1)).toMatchObject({ stale: true });
    expect(await stage.all('profile')).toHaveLength(2);
  });

  it('takes its checks with it, but not those of a mailbox that has another profile by now', async () => {
    const stage = await two();
    await stage.mailboxes([kim], { ...working, profileId: 'p2' });
    await stage.mailboxes([lee], { profileId: 'p2' });
    const row = { environmentId: env, profileId: 'p1', dueAt: 5, checkedAt: null, unansweredSince: null };
    await stage.store.commit(
      [kim, lee, 'gone@contoso.test'].map((mailboxId) => ({
        kind: 'put',
        collection: 'poll',
        key: keyOf(env, mailboxId),
        value: { ...row, mailboxId },
      })),
    );
    await remove(stage, 'p1');
    expect(await stage.all('poll')).toEqual([{ ...row, mailboxId: kim, profileId: 'p2' }]);
  });

  it('ends the outage of its server, unless another profile waits for that server too', async () => {
    for (const shared of [true, false]) {
      const stage = await two();
      await stage.subscribe('alerts', { alerts: 'all' });
      await stage.mailboxes([kim], { ...working, profileId: shared ? 'p2' : null });
      const profiles = (await stage.all('profile')).filter(({ id }) => shared || id === 'p1');
      await recordOutage(stage, env, 'mail.contoso.test', profiles, { code: 'ConnectionRefused', params: {} });
      await remove(stage, 'p1');
      expect((await stage.all('outage')).map(({ profileIds }) => profileIds)).toEqual(shared ? [['p2']] : []);
    }
  });

  it('voids a change of the settings that waits for a second person, since that may name it', async () => {
    const stage = await two();
    const { proposal } = await saveSettings(stage, { defaultProfileId: 'p1', requireApprovalForUsers: 'false' });
    await remove(stage, 'p1');
    expect((await answerProposal(stage, env, pia, proposal?.id ?? '', true)).state).toBe('void');
    expect(await settings(stage)).toMatchObject({ defaultProfileId: 'p2', requireApprovalForUsers: true });
  });

  /** No mailbox may name a profile that is not there, whoever was first. */
  async function expectNoOrphan(stage: MailroomStage): Promise<void> {
    const ids = new Set((await stage.all('profile')).map(({ id }) => id));
    for (const { profileId, address } of await stage.all('mailbox'))
      expect(profileId === null || ids.has(profileId), address).toBe(true);
    const { defaultProfileId } = await settings(stage);
    expect(defaultProfileId === null || ids.has(defaultProfileId)).toBe(true);
  }

  it.each(['import first', 'deletion first'])('never leaves a mailbox that an import gives it: %s', async (first) => {
    const stage = await two();
    const batch = await planImport(stage, env, ada, adaChat, `${kim}\n${lee}`);
    const acts = [() => confirmImport(stage, env, ada, batch.id, false), () => deleteProfile(stage, env, abe, 'p2', 1)];
    if (first === 'deletion first') acts.reverse();
    await Promise.allSettled(acts.map((act) => act()));
    expect(await stage.all('mailbox')).toHaveLength(2);
    await expectNoOrphan(stage);
  });

  it('is counted again when an import commits between its count and its commit', async () => {
    const stage = await two();
    const batch = await planImport(stage, env, ada, adaChat, kim);
    // The import is let in at the very last moment: when the deletion has counted and decided.
    const { store } = stage;
    let imported = false;
    stage.store = new Proxy(store, {
      get(target, name) {
        if (name !== 'commit') {
          const member: unknown = Reflect.get(target, name);
          return typeof member === 'function' ? member.bind(target) : member;
        }
        return async (...args: Parameters<typeof store.commit>) => {
          if (!imported) {
            imported = true;
            await confirmImport({ store, clock: stage.clock }, env, ada, batch.id, false);
          }
          return store.commit(...args);
        };
      },
    });
    expect(await refusalOf(remove(stage, 'p2', abe))).toMatchObject({ code: 'profile.in-use', params: { count: 1 } });
    stage.store = store;
    await expectNoOrphan(stage);
  });

  it.each(['defaults first', 'deletion first'])('never leaves a mailbox that gets the defaults: %s', async (first) => {
    const stage = await two();
    await stage.mailboxes([kim, lee], { profileId: null });
    const { id } = await planMailboxChange(stage, env, ada, 'apply-defaults', { text: 'all' });
    const acts = [
      () => confirmMailboxChange(stage, env, ada, id, 1, adaChat),
      () => deleteProfile(stage, env, abe, 'p2', 1),
    ];
    if (first === 'deletion first') acts.reverse();
    await Promise.allSettled(acts.map((act) => act()));
    await expectNoOrphan(stage);
  });

  it('cannot be saved again by an edit that was under way, and leaves no secret of it', async () => {
    const stage = await two();
    const journey = await DraftJourney.edit(stage, 'p1');
    await journey.toReview({ isDefault: 'false' });
    await remove(stage, 'p1');
    expect(await refusal(journey.save())).toBe('profile.unknown');
    expect((await stage.all('profile')).map(({ id }) => id)).toEqual(['p2']);
    await journey.say({ kind: 'cancel' });
    expect((await stage.all('credential')).map(({ id }) => id)).toEqual(['credential-p2']);
  });
});
