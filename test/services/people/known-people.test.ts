import { describe, expect, it } from 'vitest';
import { peopleOfAddresses, personOfAddress, rememberPerson } from '../../../services/people/known-people.ts';
import type { KnownPerson } from '../../../services/model/known-person.ts';
import { env, inOrder, MailroomStage } from '../../support/mailroom-stage.ts';

const day = 24 * 60 * 60_000;

const kim: KnownPerson = {
  environmentId: env,
  aadObjectId: 'kim',
  teamsId: '29:kim',
  account: 'kim@contoso.test',
  name: 'Kim Abercrombie',
  seenAt: 1000,
};

const people = async (stage: MailroomStage): Promise<Record<string, string | null>> =>
  Object.fromEntries((await stage.all('person')).map(({ aadObjectId, account }) => [aadObjectId, account]));

describe('whom the roster vouched for', () => {
  it('is found by the address that they sign in with, however it is written', async () => {
    const stage = await MailroomStage.open();
    await rememberPerson(stage.store, { ...kim, account: ' Kim@Contoso.TEST ' });
    expect(await personOfAddress(stage.store, env, ' KIM@contoso.test')).toMatchObject({ aadObjectId: 'kim' });
    expect(await personOfAddress(stage.store, env, 'kim')).toBeUndefined();
    expect(await personOfAddress(stage.store, env, '  ')).toBeUndefined();
    expect(await personOfAddress(stage.store, 'other', 'kim@contoso.test')).toBeUndefined();
  });

  it('is not found by a name, which anybody can bear', async () => {
    const stage = await MailroomStage.open();
    await rememberPerson(stage.store, kim);
    await rememberPerson(stage.store, { ...kim, aadObjectId: 'eve', account: 'eve@contoso.test' });
    expect(await personOfAddress(stage.store, env, 'Kim Abercrombie')).toBeUndefined();
    expect(await personOfAddress(stage.store, env, 'kim@contoso.test')).toMatchObject({ aadObjectId: 'kim' });
  });

  it('is written again when something changed, or once a day, and not each time', async () => {
    const stage = await MailroomStage.open();
    await rememberPerson(stage.store, kim);
    const first = await stage.stored('person', 'kim');
    await rememberPerson(stage.store, { ...kim, seenAt: 1000 + day - 1 });
    expect((await stage.stored('person', 'kim')).version).toBe(first.version);
    await rememberPerson(stage.store, { ...kim, seenAt: 1000 + day });
    expect((await stage.get('person', 'kim')).seenAt).toBe(1000 + day);
    await rememberPerson(stage.store, { ...kim, name: 'Kim A.', seenAt: 1001 + day });
    expect((await stage.get('person', 'kim')).name).toBe('Kim A.');
  });

  it('keeps what an answer leaves out', async () => {
    const stage = await MailroomStage.open();
    await rememberPerson(stage.store, kim);
    await rememberPerson(stage.store, { ...kim, account: null, teamsId: null, name: '', seenAt: 1000 + day });
    expect(await stage.get('person', 'kim')).toEqual({ ...kim, seenAt: 1000 + day });
  });

  it('loses an address to whoever has it now, also when seen again without one', async () => {
    const stage = await MailroomStage.open();
    await rememberPerson(stage.store, kim);
    await rememberPerson(stage.store, { ...kim, aadObjectId: 'new', name: 'Kim Other', seenAt: 2000 });
    expect(await people(stage)).toEqual({ kim: null, new: 'kim@contoso.test' });
    // The roster does not say: the name of before is not hers again.
    await rememberPerson(stage.store, { ...kim, account: null, seenAt: 5000 + day });
    expect(await personOfAddress(stage.store, env, 'kim@contoso.test')).toMatchObject({ aadObjectId: 'new' });
    await rememberPerson(stage.store, { ...kim, account: 'kim.a@contoso.test', seenAt: 6000 + day });
    expect(await people(stage)).toEqual({ kim: 'kim.a@contoso.test', new: 'kim@contoso.test' });
  });

  it('asks for their mailboxes to be looked at, and for those of whoever had the address', async () => {
    const stage = await MailroomStage.open();
    await rememberPerson(stage.store, kim);
    await stage.store.commit(
      (await stage.store.query('ownerReview', { limit: 10 })).map(({ key }) => ({
        kind: 'delete',
        collection: 'ownerReview',
        key,
      })),
    );
    await rememberPerson(stage.store, { ...kim, name: 'Kim A.' });
    expect(await stage.all('ownerReview')).toEqual([]);
    await rememberPerson(stage.store, { ...kim, aadObjectId: 'new' });
    expect((await stage.all('ownerReview')).map((review) => 'aadObjectId' in review && review.aadObjectId)).toEqual([
      'kim',
      'new',
    ]);
  });

  it('is one of many, looked up at once; of two records with one address whoever was seen last', async () => {
    const stage = await MailroomStage.open();
    const others = Array.from({ length: 300 }, (_, index) => ({
      ...kim,
      aadObjectId: `p${index}`,
      account: `p${index}@contoso.test`,
    }));
    await stage.store.commit(
      [...others, { ...kim, aadObjectId: 'p300', account: 'p1@contoso.test', seenAt: 2000 }].map((value) => ({
        kind: 'put',
        collection: 'person',
        key: `${env}/${value.aadObjectId}`,
        value,
      })),
    );
    const found = await peopleOfAddresses(stage.store, env, [
      'p1@contoso.test',
      'p7@contoso.test',
      'x@contoso.test',
      '',
    ]);
    expect(inOrder([...found].map(([address, { aadObjectId }]) => [address, aadObjectId]))).toEqual([
      ['p1@contoso.test', 'p300'],
      ['p7@contoso.test', 'p7'],
    ]);
  });

  it('is kept once when two turns meet her at the same moment', async () => {
    const stage = await MailroomStage.open();
    await Promise.all([rememberPerson(stage.store, kim), rememberPerson(stage.store, { ...kim, name: 'Kim B.' })]);
    expect(await people(stage)).toEqual({ kim: 'kim@contoso.test' });
  });
});
