import { describe, expect, it } from 'vitest';
import { decidedCard } from '../../../cards/approval-end-card.ts';
import { cardReaders } from '../../../services/approvals/card-readers.ts';
import { countPending } from '../../../services/approvals/count-pending.ts';
import { decideMailboxes } from '../../../services/approvals/decide-mailboxes.ts';
import { requestsToDecide } from '../../../services/approvals/requests-to-decide.ts';
import { mostReaders } from '../../../services/model/card-readers.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { approvalStage, giveRoles, requestFor } from '../../support/approval-stage.ts';
import { abe, ada, addresses, env, pia, stranger, type MailroomStage } from '../../support/mailroom-stage.ts';

const approved = { verdict: 'approved', reason: null } as const;

async function seen(stage: MailroomStage, aadObjectId: string, teamsId: string | null): Promise<void> {
  const value = { environmentId: env, aadObjectId, teamsId, account: null, name: aadObjectId, seenAt: 0 };
  await stage.store.commit([{ kind: 'put', collection: 'person', key: keyOf(env, aadObjectId), value }]);
}

describe('who gets a view of a card by themselves', () => {
  it('those who decide and whoever asked, as far as the bot has seen them, each once', async () => {
    const stage = await approvalStage();
    await seen(stage, 'pia', '29:pia');
    await seen(stage, 'pete', null);
    await seen(stage, 'ada', '29:ada');
    const asked = { environmentId: env, requestedBy: 'ada' };
    expect(await cardReaders(stage.store, asked, ['pia', 'pete', 'nobody', 'ada'])).toEqual({
      userIds: ['29:pia', '29:ada'],
      isTooMany: false,
    });
  });

  it.each([
    [mostReaders - 1, { length: mostReaders, isTooMany: false }],
    [mostReaders, { length: 0, isTooMany: true }],
  ])('with %i who decide and the one who asked', async (count, { length, isTooMany }) => {
    const stage = await approvalStage();
    const people = Array.from({ length: count }, (_, index) => `person-${index}`);
    for (const id of [...people, 'ada']) await seen(stage, id, `29:${id}`);
    const readers = await cardReaders(stage.store, { environmentId: env, requestedBy: 'ada' }, people);
    expect([readers.userIds.length, readers.isTooMany]).toEqual([length, isTooMany]);
  });
});

describe('what waits of a request, in numbers', () => {
  it('is looked at once for each revision, by however many at one instant', async () => {
    const stage = await approvalStage();
    const request = await requestFor(stage, addresses(7));
    const { store } = stage;
    const query = store.query.bind(store);
    let looks = 0;
    store.query = async (collection, conditions) => {
      if (collection === 'mailbox') looks += 1;
      return query(collection, conditions);
    };
    const counts = await Promise.all(Array.from({ length: 60 }, () => countPending(store, request)));
    expect(looks).toBe(1);
    for (const { groups, sample } of counts) {
      expect(groups).toEqual([{ profileId: 'p1', type: 'user', count: 7 }]);
      expect(sample.map(({ address }) => address)).toEqual(addresses(7).slice(0, 5));
    }
    await decideMailboxes(stage, env, pia, addresses(1), approved);
    const now = (await stage.all('approvalRequest'))[0] ?? request;
    looks = 0;
    expect((await countPending(store, now)).groups).toMatchObject([{ count: 6 }]);
    await countPending(store, now);
    expect(looks).toBe(1);
  });

  it('is not kept where a decision came between the request and its mailboxes, nor where the store failed', async () => {
    const stage = await approvalStage();
    const request = await requestFor(stage, addresses(3));
    await decideMailboxes(stage, env, pia, addresses(1), approved);
    expect((await countPending(stage.store, request)).groups).toMatchObject([{ count: 2 }]);
    await stage.store.commit([
      {
        kind: 'put',
        collection: 'mailbox',
        key: keyOf(env, addresses(1)[0] ?? ''),
        value: { ...(await stage.mailbox(addresses(1)[0] ?? '')), approval: 2 },
      },
    ]);
    // The numbers of the revision itself, not those that were seen by chance.
    expect((await countPending(stage.store, request)).groups).toMatchObject([{ count: 3 }]);
    const { store } = stage;
    const fresh = { ...request, revision: 99 };
    const query = store.query.bind(store);
    store.query = () => Promise.reject(new Error('gone'));
    await expect(countPending(store, fresh)).rejects.toThrow('gone');
    store.query = query;
    expect((await countPending(store, fresh)).groups).toMatchObject([{ count: 3 }]);
  });

  it('knows why others were rejected, also when nothing waits any more', async () => {
    const stage = await approvalStage();
    await requestFor(stage, addresses(4));
    const [one = '', two = '', three = '', four = ''] = addresses(4);
    await decideMailboxes(stage, env, pia, [one, two], { verdict: 'rejected', reason: 'Left' });
    await decideMailboxes(stage, env, pia, [three], { verdict: 'rejected', reason: 'Not ours' });
    await decideMailboxes(stage, env, pia, [four], approved);
    const [request] = await stage.all('approvalRequest');
    if (request === undefined) throw new Error('no request');
    expect((await countPending(stage.store, request)).rejections).toEqual([
      { by: 'Pia Approver', reason: 'Left', count: 2 },
      { by: 'Pia Approver', reason: 'Not ours', count: 1 },
    ]);
  });

  it('names the mailbox of a request about one, also when it is decided', async () => {
    const stage = await approvalStage();
    const [address = ''] = addresses(1);
    const { id } = await requestFor(stage, [address]);
    await decideMailboxes(stage, env, pia, [address], approved);
    const request = (await stage.all('approvalRequest')).find((one) => one.id === id);
    if (request === undefined) throw new Error('no request');
    const pending = await countPending(stage.store, request);
    expect(pending).toMatchObject({ groups: [], only: { address } });
    const { card } = decidedCard(request, pending, { locale: 'en', now: 0, roles: [] });
    expect(JSON.stringify(card)).toContain(`Request for ${address}`);
  });

  it('needs no look where nothing waits', async () => {
    const stage = await approvalStage();
    const request = await requestFor(stage, addresses(2));
    const { store } = stage;
    store.query = () => Promise.reject(new Error('looked'));
    expect(await countPending(store, { ...request, pending: 0 })).toEqual({
      groups: [],
      sample: [],
      only: null,
      rejections: [],
    });
  });
});

it('somebody decides about the requests of others that wait, and about none without the role', async () => {
  const stage = await approvalStage();
  await giveRoles(stage, ada, ['admin', 'approver']);
  const [one = '', two = '', three = ''] = addresses(3);
  const own = await requestFor(stage, [one], ada);
  const others = await requestFor(stage, [two], abe);
  const decided = await requestFor(stage, [three], abe);
  await decideMailboxes(stage, env, pia, [three], approved);
  expect(await requestsToDecide(stage, env, ada)).toEqual([others.id]);
  expect((await requestsToDecide(stage, env, pia)).toSorted()).toEqual([own.id, others.id].toSorted());
  expect(await requestsToDecide(stage, env, pia)).not.toContain(decided.id);
  for (const nobody of [abe, stranger]) expect(await requestsToDecide(stage, env, nobody)).toEqual([]);
});
