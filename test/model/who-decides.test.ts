import { describe, expect, it } from 'vitest';
import type { ApprovalStage } from '../../services/model/approval-request.ts';
import type { ApproverSet } from '../../services/model/approver-set.ts';
import { mayDecideAbout, whoDecides } from '../../services/model/who-decides.ts';

const set = (id: string, members: readonly string[], secondSetId: string | null = null): ApproverSet => ({
  id,
  name: id.toUpperCase(),
  profileId: id,
  mailboxType: null,
  members,
  secondSetId,
});
const approvers = ['ada', 'ben', 'cleo', 'dan'];
const request = (approverSetId: string | null, stage: ApprovalStage = 'open', requestedBy = 'zoe') =>
  ({ requestedBy, approverSetId, stage }) as const;

it.each([
  ['whoever asked, with four-eyes', true, 'ada', false],
  ['somebody else, with four-eyes', true, 'ben', true],
  ['another spelling of the id is another person, who has no right', true, 'Ada', false],
  ['whoever asked, without four-eyes', false, 'ada', true],
  ['somebody else, without four-eyes', false, 'ben', true],
  ['somebody without the right', false, 'zoe', false],
])('%s', (_, fourEyes, person, decides) => {
  const asked = request(null, 'open', 'ada');
  expect(mayDecideAbout({ fourEyes, approverSets: [] }, asked, approvers, person)).toBe(decides);
});

describe('an approver set', () => {
  const settings = (approverSets: readonly ApproverSet[], fourEyes = true) => ({ fourEyes, approverSets });
  const deciding = (...given: Parameters<typeof whoDecides>) => whoDecides(...given).deciding;

  it('decides alone about its requests, and about no others', () => {
    const sets = settings([set('a', ['ben', 'cleo']), set('b', ['dan'])]);
    expect(deciding(sets, request('a'), approvers)).toEqual(['ben', 'cleo']);
    expect(deciding(sets, request('b'), approvers)).toEqual(['dan']);
    expect(deciding(sets, request(null), approvers)).toEqual(approvers);
  });

  it('counts only members who still hold the right', () => {
    expect(deciding(settings([set('a', ['ben', 'gone'])]), request('a'), approvers)).toEqual(['ben']);
  });

  it.each([
    ['nobody of it holds the right', ['gone'], 'zoe', approvers],
    ['four-eyes holds back its only member', ['ada'], 'ada', ['ben', 'cleo', 'dan']],
    ['it is empty', [], 'zoe', approvers],
  ])('gives way to every approver where %s', (_, members, requestedBy, expected) => {
    const found = whoDecides(settings([set('a', members)]), request('a', 'open', requestedBy), approvers);
    expect(found).toMatchObject({ fallsBack: true, deciding: expected, asked: approvers });
    expect(found.set?.id).toBe('a');
  });

  it('gives way to nobody where the only approver has asked', () => {
    const found = whoDecides(settings([set('a', ['ada'])]), request('a', 'open', 'ada'), ['ada']);
    expect(found).toMatchObject({ fallsBack: true, deciding: [], asked: ['ada'] });
  });

  it('that was deleted gives way to every approver', () => {
    expect(whoDecides(settings([]), request('a'), approvers)).toEqual({
      set: null,
      fallsBack: false,
      asked: approvers,
      deciding: approvers,
    });
  });

  it.each([
    ['open', ['ben']],
    ['reminded', ['ben']],
    ['escalated', ['ben', 'dan']],
    ['expired', ['ben', 'dan']],
  ] as const)('is joined by its second set in the stage %s', (stage, expected) => {
    const sets = settings([set('a', ['ben'], 'b'), set('b', ['dan'])]);
    expect(deciding(sets, request('a', stage), approvers)).toEqual(expected);
  });

  it.each([
    ['has none', null],
    ['has one that is deleted', 'gone'],
  ])('is joined by every approver where it %s', (_, second) => {
    expect(deciding(settings([set('a', ['ben'], second)]), request('a', 'escalated'), approvers)).toEqual(approvers);
  });
});
