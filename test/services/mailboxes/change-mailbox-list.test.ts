import { describe, expect, it } from 'vitest';
import { sweep } from '../../../services/jobs/sweep.ts';
import {
  changeMailboxList,
  openMailboxList,
  selectionOf,
  type ListChange,
  type MailboxList,
} from '../../../services/mailboxes/change-mailbox-list.ts';
import type { Actor } from '../../../services/model/access.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { abe, ada, addresses, env, MailroomStage, pia, refusal, stranger } from '../../support/mailroom-stage.ts';

const fails = { status: 2, enabled: false, fault: { code: 'ErrorAccessDenied', params: {} } } as const;

/** 25 mailboxes: the first twelve fail. */
async function opened(filter = '', actor = ada): Promise<{ stage: MailroomStage; list: MailboxList }> {
  const stage = await MailroomStage.open();
  await stage.profile('p1', { name: 'The "old" one' });
  const all = addresses(25);
  await stage.mailboxes(all.slice(0, 12), { status: 2, incoming: fails, lastTestedAt: 5 });
  await stage.mailboxes(all.slice(12), { type: 'queue', profileId: null, lastTestedAt: 9 });
  return { stage, list: await openMailboxList(stage, env, actor, filter) };
}

type Ticks = Readonly<Record<string, string>>;

const click = (stage: MailroomStage, list: MailboxList, change: ListChange, inputs: Ticks = {}, actor: Actor = ada) =>
  changeMailboxList(stage, env, actor, { id: list.view.id, revision: list.view.revision, inputs }, change);

const looksFor = (filter: string): ListChange => ({ kind: 'search', search: () => ({ filter }) });
const next = { kind: 'turn', step: 1 } as const;
const all = { kind: 'select-all' } as const;

describe('a selection', () => {
  it('grows over pages and filters, and shrinks by what is unticked', async () => {
    const { stage, list } = await opened();
    const second = await click(stage, list, next, { pick0: 'true', pick3: 'true' });
    expect([second.view.page, second.selected]).toEqual([1, [list.rows[0]?.id, list.rows[3]?.id]]);
    const queues = await click(stage, second, looksFor('type:queue'), { pick9: 'true' });
    expect(queues.selected).toHaveLength(3);
    const back = await click(stage, queues, looksFor(''), { pick0: 'true' });
    expect([back.view.page, back.selected]).toEqual([
      0,
      addresses(25).filter((_, index) => [0, 3, 12, 19].includes(index)),
    ]);
    expect((await click(stage, back, next, { pick0: 'false' })).selected).toHaveLength(3);
  });

  it('takes all that were counted, on every page, beside what was selected before', async () => {
    const { stage, list } = await opened();
    const queues = await click(stage, list, looksFor('type:queue'));
    const failing = await click(stage, queues, looksFor('status:failure'), { pick0: 'true' });
    expect((await click(stage, failing, all)).selected).toEqual(addresses(13));
  });

  it('selects nothing where others match than were counted, even if they are as many, and says so', async () => {
    const { stage, list } = await opened('status:failure');
    await stage.change('user0001@contoso.test', { status: 1 });
    await stage.change('user0020@contoso.test', { status: 2 });
    const answer = await click(stage, list, all);
    expect([answer.untouched, answer.view.total, answer.selected]).toEqual(['changed', 12, []]);
    const again = await click(stage, answer, all);
    expect([again.untouched, again.selected.length]).toEqual([null, 12]);
    expect(again.selected).toContain('user0020@contoso.test');
    expect(again.selected).not.toContain('user0001@contoso.test');
  });

  it('is cleared, and kept for a day', async () => {
    const { stage, list } = await opened();
    const full = await click(stage, list, all);
    expect(full.selected).toHaveLength(25);
    const none = await click(stage, full, { kind: 'clear' });
    expect(none.selected).toEqual([]);
    await click(stage, none, all);
    stage.clock.advance(24 * 60 * 60 * 1000);
    await sweep(stage, env);
    expect(await stage.all('mailboxSelection')).toHaveLength(1);
    stage.clock.advance(1);
    await sweep(stage, env);
    expect(await stage.all('mailboxSelection')).toEqual([]);
    expect(await stage.all('mailboxView')).toHaveLength(1);
    stage.clock.advance(7 * 24 * 60 * 60 * 1000);
    await sweep(stage, env);
    expect(await stage.all('mailboxView')).toEqual([]);
  });

  it('is what an action gets, with what is ticked at that moment; the card may be used again', async () => {
    const { stage, list } = await opened();
    const { id, revision } = list.view;
    const use = (inputs: Ticks) => selectionOf(stage, env, ada, { id, revision, inputs });
    expect((await use({ pick0: 'true', pick1: 'true' })).mailboxIds).toEqual(addresses(2));
    expect((await use({ pick0: 'true', pick1: 'true' })).mailboxIds).toEqual(addresses(2));
    expect((await use({ pick0: 'false', pick1: 'true' })).mailboxIds).toEqual(['user0002@contoso.test']);
    expect((await click(stage, list, next)).view.page).toBe(1);
  });
});

describe('a click', () => {
  it('that comes twice turns one page', async () => {
    const { stage, list } = await opened();
    const both = await Promise.all([click(stage, list, next), click(stage, list, next)]);
    expect(both.map(({ view }) => [view.page, view.revision])).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('on a card of before changes nothing, ticks nothing, and gets the list as it is', async () => {
    const { stage, list } = await opened();
    await click(stage, list, next);
    for (const change of [next, all, looksFor('type:queue')] as const) {
      const { view, selected, untouched } = await click(stage, list, change, { pick0: 'true' });
      expect([view.page, view.filter, selected, untouched]).toEqual([1, '', [], 'stale']);
    }
    const { id } = list.view;
    const { mailboxIds } = await selectionOf(stage, env, ada, { id, revision: 1, inputs: { pick0: 'true' } });
    expect(mailboxIds).toBeNull();
  });

  it('by somebody else makes a copy with a selection of its own, and leaves the list alone', async () => {
    const { stage, list } = await opened('status:failure');
    const adas = await click(stage, list, next, { pick0: 'true' });
    for (const change of [all, next]) {
      const copy = await click(stage, adas, change, { pick1: 'true' }, abe);
      expect(copy.untouched).toBe('copied');
      expect(copy.selected).toEqual([]);
      expect([copy.view.filter, copy.view.page, copy.view.copiedFrom]).toEqual(['status:failure', 1, 'Ada Admin']);
    }
    const copy = await click(stage, adas, next, {}, abe);
    const abes = await click(stage, copy, all, {}, abe);
    expect(abes.selected).toHaveLength(12);
    const { id, revision } = adas.view;
    expect((await selectionOf(stage, env, abe, { id, revision, inputs: {} })).mailboxIds).toBeNull();
    expect((await selectionOf(stage, env, ada, { id, revision, inputs: {} })).mailboxIds).toEqual(addresses(1));
    expect(await stage.all('mailboxView')).toHaveLength(2);
  });

  it('by two others at once gives each one copy', async () => {
    const { stage, list } = await opened();
    await Promise.all([abe, abe, pia, pia].map((person) => click(stage, list, next, {}, person)));
    const owners = (await stage.all('mailboxView')).map(({ actorId }) => actorId);
    expect(owners.toSorted()).toEqual(['abe', 'ada', 'pia']);
  });

  it('needs a role, at that moment, and a list that is there', async () => {
    const { stage, list } = await opened();
    expect(await refusal(click(stage, list, next, {}, stranger))).toBe('access.denied');
    expect(await refusal(openMailboxList(stage, env, stranger, ''))).toBe('access.denied');
    await stage.store.commit([{ kind: 'delete', collection: 'role', key: keyOf(env, ada.aadObjectId) }]);
    expect(await refusal(click(stage, list, next))).toBe('access.denied');
    expect(await refusal(changeMailboxList(stage, env, abe, { id: 'x/y', revision: 1, inputs: {} }, next))).toBe(
      'view.unknown',
    );
  });

  it('with words that cannot be read leaves the list as it was', async () => {
    const { stage, list } = await opened();
    expect(await refusal(click(stage, list, looksFor('colour:red')))).toBe('filter.unknown-key');
    expect(await refusal(click(stage, list, looksFor('profile:Nowhere')))).toBe('profile.unknown');
    expect(await stage.get('mailboxView', list.view.id)).toEqual(list.view);
  });
});

describe('a list', () => {
  it('is ordered by address, failures first, or what was tested last first, over its pages', async () => {
    const { stage, list } = await opened();
    const sorted = async (sort: 'status' | 'lastTestedAt') =>
      click(stage, await openMailboxList(stage, env, ada, ''), { kind: 'search', search: () => ({ sort }) });
    const rows = ({ rows: found }: MailboxList) => found.map(({ address }) => address);
    expect(rows(list)).toEqual(addresses(25).slice(0, 10));
    const byTest = await sorted('lastTestedAt');
    expect(rows(byTest)).toEqual(addresses(25).slice(12, 22));
    expect(rows(await click(stage, byTest, next))).toEqual([...addresses(25).slice(22), ...addresses(7)]);
    await stage.change('user0025@contoso.test', { status: 2 });
    const failing = await click(stage, await sorted('status'), next);
    expect(rows(failing).slice(0, 4)).toEqual([
      'user0011@contoso.test',
      'user0012@contoso.test',
      'user0025@contoso.test',
      'user0013@contoso.test',
    ]);
  });

  it('knows its profile by id, so that a name with quotes, or a new one, is the same filter', async () => {
    const { stage, list } = await opened('profile:"the ""OLD"" one"');
    expect([list.view.filter, list.view.total]).toEqual(['profile:"p1"', 12]);
    await stage.profile('p2', { name: 'The old one' });
    expect((await openMailboxList(stage, env, ada, 'profile:"The old one"')).view.filter).toBe('profile:"p2"');
    await stage.changeProfile('p1', { name: 'Another' });
    expect((await click(stage, list, next)).view.total).toBe(12);
  });
});
