import { expect, it } from 'vitest';
import {
  countMailboxes,
  getMailbox,
  pageOfMailboxes,
  selectMailboxes,
  streamMailboxes,
} from '../../../services/mailboxes/find-mailboxes.ts';
import { approvalStatus } from '../../../services/model/mailbox.ts';
import { addresses, env, MailroomStage, refusal, refusalOf } from '../../support/mailroom-stage.ts';

const works = { status: 1, enabled: true, fault: null } as const;
const fails = { status: 2, enabled: false, fault: { code: 'ErrorAccessDenied', params: {} } } as const;

async function mixed(): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile('p1', { name: 'Contoso on-prem' });
  await stage.mailboxes(['kim@x.test'], { status: 1, incoming: works, outgoing: works, act: works });
  await stage.mailboxes(['lee@x.test'], { status: 2, incoming: works, outgoing: fails });
  await stage.mailboxes(['info@x.test'], { type: 'queue', approval: approvalStatus.pending, profileId: null });
  await stage.mailboxes(['old@y.test'], { approval: approvalStatus.rejected });
  return stage;
}

it.each([
  ['', ['info@x.test', 'kim@x.test', 'lee@x.test', 'old@y.test']],
  ['all', ['info@x.test', 'kim@x.test', 'lee@x.test', 'old@y.test']],
  ['X.TEST', ['info@x.test', 'kim@x.test', 'lee@x.test']],
  ['x.test kim', ['kim@x.test']],
  ['status:failure', ['lee@x.test']],
  ['incoming:success', ['kim@x.test', 'lee@x.test']],
  ['incoming:success outgoing:failure', ['lee@x.test']],
  ['act:notrun', ['info@x.test', 'lee@x.test', 'old@y.test']],
  ['cause:ErrorAccessDenied', ['lee@x.test']],
  ['approval:pending', ['info@x.test']],
  ['type:user approval:rejected', ['old@y.test']],
  ['profile:"contoso ON-prem"', ['kim@x.test', 'lee@x.test', 'old@y.test']],
  ['profile:"contoso on-prem" act:success', ['kim@x.test']],
  ['nobody', []],
])('finds, counts and pages %j alike', async (filter, expected) => {
  const { store } = await mixed();
  const streamed: string[] = [];
  for await (const { value } of streamMailboxes(store, env, filter)) streamed.push(value.address);
  expect(streamed).toEqual(expected);
  expect(await countMailboxes(store, env, filter)).toBe(expected.length);
  const page = await pageOfMailboxes(store, env, filter, 0, 10);
  expect(page.rows.map(({ address }) => address)).toEqual(expected);
});

it('refuses what it cannot read and names profiles it does not know', async () => {
  const { store } = await mixed();
  expect(await refusal(countMailboxes(store, env, 'status:odd'))).toBe('filter.unknown-value');
  expect(await refusal(countMailboxes(store, env, 'colour:red'))).toBe('filter.unknown-key');
  expect(await refusalOf(countMailboxes(store, env, 'profile:Nowhere'))).toEqual({
    code: 'profile.unknown',
    params: { name: 'Nowhere' },
  });
});

it('pages through more than it holds at once, and never past the ends', async () => {
  const stage = await MailroomStage.open();
  const all = addresses(1_203);
  await stage.mailboxes(all, { incoming: works });
  const seen: string[] = [];
  for (let page = 0; page < 13; page += 1) {
    const { rows, total, page: shown } = await pageOfMailboxes(stage.store, env, 'incoming:success', page, 100);
    expect([total, shown]).toEqual([1_203, page]);
    seen.push(...rows.map(({ address }) => address));
  }
  expect(seen).toEqual(all);
  expect(await pageOfMailboxes(stage.store, env, '', 99, 100)).toMatchObject({ page: 12, total: 1_203 });
  expect((await pageOfMailboxes(stage.store, env, '', -5, 100)).page).toBe(0);
  expect(await pageOfMailboxes(stage.store, env, 'nobody', 3, 10)).toEqual({ rows: [], total: 0, page: 0 });
});

it('sees the mailboxes of its own environment alone', async () => {
  const { store } = await mixed();
  expect(await countMailboxes(store, 'mai', '')).toBe(0);
  expect(await countMailboxes(store, 'other', 'incoming:success')).toBe(0);
});

it('finds one by its address, however it is written', async () => {
  const { store } = await mixed();
  expect((await getMailbox(store, env, ' KIM@x.test ')).value.address).toBe('kim@x.test');
  const { code, params } = await refusalOf(getMailbox(store, env, 'n'.repeat(500)));
  expect([code, String(params['address']).length]).toEqual(['mailbox.unknown', 100]);
});

it('takes addresses as addresses and everything else as a filter', async () => {
  const { store } = await mixed();
  const named = async (text: string): Promise<string[]> =>
    (await selectMailboxes(store, env, text)).map(({ value }) => value.address);
  expect(await named('lee@x.test, kim@x.test')).toEqual(['lee@x.test', 'kim@x.test']);
  expect(await named('x.test type:user')).toEqual(['kim@x.test', 'lee@x.test']);
  expect(await named('all')).toHaveLength(4);
  expect(await refusal(selectMailboxes(store, env, 'kim@x.test nobody@x.test'))).toBe('mailbox.unknown');
  expect(await refusal(selectMailboxes(store, env, ' , '))).toBe('mailbox.none-named');
});

it('counts a mailbox once that is named in two spellings', async () => {
  const { store } = await mixed();
  expect(await selectMailboxes(store, env, 'kim@x.test KIM@x.test Kim@X.test')).toHaveLength(1);
});
