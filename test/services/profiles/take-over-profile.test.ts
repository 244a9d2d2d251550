import { expect, it } from 'vitest';
import { takeOverProfile } from '../../../services/profiles/take-over-profile.ts';
import { abe, ada, env, MailroomStage, pia, refusal } from '../../support/mailroom-stage.ts';

async function owned(): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile();
  const { key, value } = await stage.stored('role', ada.aadObjectId);
  await stage.store.commit([{ kind: 'put', collection: 'role', key, value: { ...value, name: ada.name } }]);
  return stage;
}

it('an admin becomes the owner, with who it was before said and written down, in one commit', async () => {
  const stage = await owned();
  let commits = 0;
  const stop = stage.store.onCommit(() => (commits += 1));
  const { profile, formerOwner } = await takeOverProfile(stage, env, abe, 'p1', 1);
  stop();
  expect([commits, formerOwner]).toEqual([1, ada.name]);
  expect(profile).toMatchObject({ ownerId: 'abe', revision: 2 });
  expect(await stage.get('profile', 'p1')).toEqual(profile);
  expect(await stage.audit('profile.taken-over')).toMatchObject([
    { actorId: 'abe', subjects: ['p1'], details: { name: 'Contoso p1', before: ada.name, formerOwnerId: 'ada' } },
  ]);
});

it('changes nothing else of it: its secret stays', async () => {
  const stage = await owned();
  const before = await stage.get('profile', 'p1');
  const credential = await stage.get('credential', before.credentialId);
  await takeOverProfile(stage, env, abe, 'p1', 1);
  expect(await stage.get('profile', 'p1')).toEqual({ ...before, ownerId: 'abe', revision: 2 });
  expect(await stage.get('credential', before.credentialId)).toEqual(credential);
});

it('a second click does nothing, and a click on an older card takes it from nobody', async () => {
  const stage = await owned();
  await takeOverProfile(stage, env, abe, 'p1', 1);
  expect(await takeOverProfile(stage, env, abe, 'p1', 1)).not.toHaveProperty('formerOwner');
  expect((await takeOverProfile(stage, env, ada, 'p1', 1)).profile.ownerId).toBe('abe');
  expect(await stage.audit('profile.taken-over')).toHaveLength(1);
});

it('of two admins at once one is the owner, and the other sees it', async () => {
  const stage = await owned();
  await stage.changeProfile('p1', { ownerId: 'somebody-else' });
  const both = await Promise.all([ada, abe].map((actor) => takeOverProfile(stage, env, actor, 'p1', 1)));
  const { ownerId } = await stage.get('profile', 'p1');
  expect(both.map(({ profile }) => profile.ownerId)).toEqual([ownerId, ownerId]);
  expect(both.filter(({ formerOwner }) => formerOwner !== undefined)).toHaveLength(1);
});

it('is for admins, and for a profile that is there', async () => {
  const stage = await owned();
  expect(await refusal(takeOverProfile(stage, env, pia, 'p1', 1))).toBe('access.denied');
  expect(await refusal(takeOverProfile(stage, env, abe, 'p9', 1))).toBe('profile.unknown');
  expect((await stage.get('profile', 'p1')).ownerId).toBe('ada');
});
