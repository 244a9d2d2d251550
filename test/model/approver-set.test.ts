import { describe, expect, it } from 'vitest';
import {
  approverSetLimits,
  approverSetOf,
  changedSets,
  movesToOtherSet,
  withoutSet,
  withSet,
  type ApproverSet,
} from '../../services/model/approver-set.ts';
import { readApproverSet } from '../../services/model/approver-set-input.ts';
import { initialEmailSettings } from '../../services/model/environment.ts';
import type { MailboxType } from '../../services/model/mailbox.ts';
import { weakenedControls } from '../../services/model/weakened-controls.ts';

const set = (id: string, profileId: string | null, mailboxType: MailboxType | null): ApproverSet => ({
  id,
  name: id,
  profileId,
  mailboxType,
  members: ['ben'],
  secondSetId: null,
});
const both = set('both', 'p1', 'queue');
const profile = set('profile', 'p1', null);
const queues = set('queues', null, 'queue');
const sets = [queues, profile, both];

it.each([
  ['p1', 'queue', 'both'],
  ['p1', 'user', 'profile'],
  ['p2', 'queue', 'queues'],
  ['p2', 'user', null],
  [null, 'queue', 'queues'],
  [null, 'user', null],
] as const)('a mailbox of profile %s and type %s belongs to the most specific set: %s', (profileId, type, id) => {
  expect(approverSetOf(sets, { profileId, type })?.id ?? null).toBe(id);
  expect(approverSetOf(sets.toReversed(), { profileId, type })?.id ?? null).toBe(id);
});

describe('a mailbox that waits and gets another profile or type', () => {
  const before = { profileId: 'p1', type: 'user' } as const;
  it.each([
    ['the same profile and type', { ...before }, 'profile', false],
    ['into another set', { profileId: 'p1', type: 'queue' }, 'profile', true],
    ['out of every set: it stays with those who were asked', { profileId: 'p2', type: 'user' }, 'profile', false],
    ['from every approver into a set', { profileId: 'p2', type: 'queue' }, null, true],
    ['into the set that was asked already', { profileId: 'p2', type: 'queue' }, 'queues', false],
  ] as const)('%s', (_, after, askedSetId, moves) => {
    expect(movesToOtherSet(sets, askedSetId, before, after)).toBe(moves);
  });
});

it('a set that is deleted is nobody’s second set any more', () => {
  const first = { ...profile, secondSetId: 'queues' };
  expect(withoutSet([first, queues], 'queues')).toEqual([profile]);
});

it('a set keeps its place when it is edited, and a new one comes last', () => {
  const edited = { ...profile, name: 'Other' };
  expect(withSet(sets, edited)).toEqual([queues, edited, both]);
  expect(withSet([queues], profile)).toEqual([queues, profile]);
  expect(changedSets(sets, withSet(sets, edited))).toEqual(['profile']);
  expect(changedSets([queues], [profile])).toEqual(['queues', 'profile']);
});

it('naming approvers, and letting people approve their own mailbox, weakens a control', () => {
  const before = { ...initialEmailSettings, approverSets: [profile] };
  expect(weakenedControls(before, { ...before, approverSets: [queues] })).toEqual(['approverSets']);
  expect(weakenedControls(before, { ...before, approverSets: [] })).toEqual(['approverSets']);
  expect(weakenedControls(before, { ...before, approverSets: [{ ...profile }] })).toEqual([]);
  expect(weakenedControls(before, { ...before, selfApproval: true })).toEqual(['selfApproval']);
  expect(weakenedControls({ ...before, selfApproval: true }, before)).toEqual([]);
});

describe('the form of a set', () => {
  const known = { profileIds: new Set(['p1', 'p2']), approvers: new Set(['ben', 'cleo']) };
  const right = { setName: 'North', setProfile: 'p2', setType: 'user', setMembers: 'ben,cleo', setSecond: 'queues' };
  const read = (inputs: Readonly<Record<string, unknown>>, id = 'new') => readApproverSet(sets, id, inputs, known);

  it('is read as it was typed', () => {
    expect(read({ ...right, setName: ' North ', setMembers: 'BEN, cleo,ben' })).toEqual({
      set: {
        id: 'new',
        name: 'North',
        profileId: 'p2',
        mailboxType: 'user',
        members: ['ben', 'cleo'],
        secondSetId: 'queues',
      },
      problems: {},
    });
    expect(read({ ...right, setType: 'any', setSecond: 'any' }).set).toMatchObject({
      mailboxType: null,
      secondSetId: null,
    });
  });

  const many = { ...known, approvers: new Set(Array.from({ length: 60 }, (_, index) => `m${index}`)) };
  it.each([
    ['setName', '', 'name-missing'],
    ['setName', ' ', 'name-missing'],
    ['setName', 'x'.repeat(approverSetLimits.nameCharacters + 1), 'name-too-long'],
    ['setName', 'No\u202erth', 'name-unseen'],
    ['setName', 'QUEUES', 'name-taken'],
    ['setProfile', 'gone', 'profile-unknown'],
    ['setProfile', '__proto__', 'profile-unknown'],
    ['setType', 'toString', 'type-unknown'],
    ['setMembers', '', 'members-missing'],
    ['setMembers', ' , ', 'members-missing'],
    ['setMembers', 'ben,stranger', 'members-no-approvers'],
    ['setSecond', 'new', 'second-itself'],
    ['setSecond', 'gone', 'second-unknown'],
  ])('refuses %s "%s": %s', (field, typed, code) => {
    expect(read({ ...right, [field]: typed }).problems).toEqual({
      [field]: expect.objectContaining({ code: `approver-set.${code}` }),
    });
  });

  it('refuses what is no text, as forged clicks may send', () => {
    const { problems } = read({ setName: { a: 1 }, setProfile: ['p1'], setType: null, setMembers: 7, setSecond: true });
    expect(Object.keys(problems)).toEqual(['setName', 'setProfile', 'setMembers']);
  });

  it('refuses a set about everything, and a second one about the same', () => {
    expect(read({ ...right, setProfile: 'any', setType: 'any' }).problems.setProfile?.code).toBe(
      'approver-set.scope-missing',
    );
    const twin = { ...right, setProfile: 'p1', setType: 'queue' };
    expect(read(twin).problems.setProfile).toEqual({ code: 'approver-set.scope-taken', params: { name: 'both' } });
    // The set itself is no twin of itself.
    expect(read({ ...twin, setName: 'both' }, 'both').problems).toEqual({});
  });

  it('takes 50 members and no more', () => {
    const members = (count: number): string => [...many.approvers].slice(0, count).join();
    const of = (count: number) =>
      readApproverSet([], 'new', { ...right, setSecond: 'any', setMembers: members(count) }, many);
    expect(of(50).problems).toEqual({});
    expect(of(51).problems.setMembers).toEqual({ code: 'approver-set.members-too-many', params: { limit: 50 } });
  });
});
