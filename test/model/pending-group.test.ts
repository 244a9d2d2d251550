import { expect, it } from 'vitest';
import { groupsOf } from '../../services/model/pending-group.ts';

it('counts by profile and type, the largest group first', () => {
  const of = (profileId: string | null, type: 'user' | 'queue', count: number) =>
    Array.from({ length: count }, () => ({ profileId, type }));
  expect(
    groupsOf([...of('p1', 'user', 2), ...of(null, 'queue', 1), ...of('p1', 'queue', 3), ...of('p1', 'user', 2)]),
  ).toEqual([
    { profileId: 'p1', type: 'user', count: 4 },
    { profileId: 'p1', type: 'queue', count: 3 },
    { profileId: null, type: 'queue', count: 1 },
  ]);
  expect(groupsOf([])).toEqual([]);
});

it('keeps apart a profile whose id reads like a type', () => {
  const groups = groupsOf([
    { profileId: 'user', type: 'queue' },
    { profileId: 'queue', type: 'user' },
    { profileId: null, type: 'user' },
    { profileId: '', type: 'user' },
  ]);
  expect(groups).toHaveLength(3);
});
