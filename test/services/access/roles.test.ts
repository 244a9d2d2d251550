import { expect, it, onTestFinished } from 'vitest';
import { approvers, rememberName, requireRight, rolesOf, seedRoles } from '../../../services/access/roles.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { openTempStore } from '../../storage/open-temp-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ada, audit, env, MailroomStage, pia, refusalOf, stranger } from '../../support/mailroom-stage.ts';

it('seeds the roles of the configuration in an empty store, adding up those of one person', async () => {
  const temp = await openTempStore();
  onTestFinished(() => temp.dispose());
  const context = { store: temp.store, clock: new ManualClock() };
  await seedRoles(context, env, { admin: ['ADA-1'], approver: ['ada-1', 'pia-1'] });
  expect(await rolesOf(context, env, 'ada-1')).toEqual(['admin', 'approver']);
  expect(await rolesOf(context, env, 'pia-1')).toEqual(['approver']);
  const seeded = [];
  for await (const entry of temp.store.readLog('audit')) seeded.push([entry.kind, entry.actorId, ...entry.subjects]);
  expect(seeded).toEqual([
    ['role.seeded', 'system', 'ada-1'],
    ['role.seeded', 'system', 'pia-1'],
  ]);
});

it('never seeds a store that has roles: an edited environment file makes nobody an admin (law 10)', async () => {
  const stage = await MailroomStage.open();
  await stage.reopen();
  await seedRoles(stage, env, { admin: [stranger.aadObjectId, pia.aadObjectId] });
  expect(await rolesOf(stage, env, stranger.aadObjectId)).toEqual([]);
  expect(await rolesOf(stage, env, pia.aadObjectId)).toEqual(['approver']);
  expect(await stage.audit('role.seeded')).toHaveLength(5);
});

it('refuses whoever lacks the right and says which role has it; a name gives no right', async () => {
  const stage = await MailroomStage.open();
  await expect(requireRight(stage, env, ada, 'manage')).resolves.toBeUndefined();
  const denied = { code: 'access.denied', params: { roles: 'approver' } };
  expect(await refusalOf(requireRight(stage, env, ada, 'decide'))).toEqual(denied);
  expect(await refusalOf(requireRight(stage, env, stranger, 'decide'))).toEqual(denied);
  expect((await refusalOf(requireRight(stage, env, audit, 'test'))).params).toEqual({ roles: 'admin' });
});

it('holds roles for one environment only', async () => {
  const stage = await MailroomStage.open();
  expect((await refusalOf(requireRight(stage, 'other', ada, 'read'))).code).toBe('access.denied');
  // An environment whose id begins with the same letters is another one.
  expect(await approvers(stage, 'mai')).toEqual([]);
});

it('lists who may decide and remembers the names they were last seen with', async () => {
  const stage = await MailroomStage.open();
  await rememberName(stage, env, pia);
  await rememberName(stage, env, { ...pia, name: '' });
  await rememberName(stage, env, stranger);
  expect((await approvers(stage, env)).map(({ aadObjectId, name }) => [aadObjectId, name])).toEqual([
    ['pete', ''],
    ['pia', 'Pia Approver'],
  ]);
  expect(await rolesOf(stage, env, stranger.aadObjectId)).toEqual([]);
});

it('does not give a role back that was taken away while the name was remembered', async () => {
  const stage = await MailroomStage.open();
  const { key, value } = await stage.stored('role', pia.aadObjectId);
  const remembering = rememberName(stage, env, pia);
  await stage.store.commit([{ kind: 'put', collection: 'role', key, value: { ...value, roles: [] } }]);
  await remembering;
  expect(await rolesOf(stage, env, pia.aadObjectId)).toEqual([]);
  expect(await stage.store.get('role', keyOf(env, stranger.aadObjectId))).toBeUndefined();
});
