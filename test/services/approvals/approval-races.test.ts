import { describe, expect, it } from 'vitest';
import { answerQuestion, askAboutRequest } from '../../../services/approvals/ask-requester.ts';
import { decideMailboxes, decideRequest, type Decision } from '../../../services/approvals/decide-mailboxes.ts';
import { askAgain, withdrawMailboxes, withdrawRequest } from '../../../services/approvals/withdraw-request.ts';
import { followRequests } from '../../../services/jobs/approval-watch.ts';
import { isMailroomError } from '../../../services/model/error.ts';
import { approvalStatus } from '../../../services/model/mailbox.ts';
import { randomFrom } from '../../chaos/random.ts';
import { approvalStage, giveRoles, requestFor } from '../../support/approval-stage.ts';
import {
  abe,
  ada,
  adaChat,
  addresses,
  env,
  pete,
  pia,
  stranger,
  type MailroomStage,
} from '../../support/mailroom-stage.ts';

const approved: Decision = { verdict: 'approved', reason: null };
const rejected: Decision = { verdict: 'rejected', reason: 'not ours' };

/** What must hold whoever did what, and in whichever order. */
async function expectSound(stage: MailroomStage): Promise<void> {
  const mailboxes = await stage.all('mailbox');
  const audit = await stage.audit();
  for (const request of await stage.all('approvalRequest')) {
    const mine = mailboxes.filter(({ approvalRequestId }) => approvalRequestId === request.id);
    const count = (state: number): number => mine.filter(({ approval }) => approval === state).length;
    expect({ ...request }).toMatchObject({
      total: mine.length,
      pending: count(approvalStatus.pending),
      approved: count(approvalStatus.approved),
      rejected: count(approvalStatus.rejected),
    });
    // Four eyes: nobody decided about what they have asked for.
    for (const { decidedBy, decidedAt } of mine)
      if (decidedAt !== null) expect(decidedBy).not.toBe(request.requestedByName);
  }
  // Each mailbox is decided at most as often as it was asked about.
  const decisions = audit
    .filter(({ kind }) => kind === 'approval.approved' || kind === 'approval.rejected')
    .flatMap(({ subjects }) => subjects);
  expect(decisions.length).toBe(new Set(decisions).size);
  for (const { address, approval } of mailboxes)
    expect(decisions.includes(address)).toBe(
      approval === approvalStatus.approved || approval === approvalStatus.rejected,
    );
}

describe('fifty clicks at one instant on one request', () => {
  it('one counts, the others get the card as it is now', async () => {
    const stage = await approvalStage();
    const five = addresses(5);
    const { id, revision } = await requestFor(stage, five);
    const clicks = Array.from({ length: 50 }, (_, index) =>
      decideRequest(
        stage,
        env,
        index % 2 === 0 ? pia : pete,
        id,
        revision,
        index % 3 === 0 ? 'all' : five.slice(0, 1 + (index % 5)),
        index % 7 === 3 ? rejected : approved,
      ),
    );
    const answers = await Promise.all(clicks);
    // Which of them that is, the machine decides.
    const [winner, ...others] = answers.filter(({ stale }) => !stale);
    expect(others).toEqual([]);
    const decided = winner?.result?.decided ?? [];
    expect(decided.length).toBeGreaterThan(0);
    for (const { request } of answers) {
      expect(request.pending).toBe(five.length - decided.length);
      expect(request.approved + request.rejected).toBe(decided.length);
    }
    await expectSound(stage);
  });

  it('by address, each about another mailbox: each counts, and says so', async () => {
    const stage = await approvalStage();
    const fifty = addresses(50);
    await requestFor(stage, fifty);
    const results = await Promise.all(
      fifty.map((address, index) => decideMailboxes(stage, env, index % 2 === 0 ? pia : pete, [address], approved)),
    );
    expect(results.map(({ decided }) => decided)).toEqual(fifty.map((address) => [address]));
    await expectSound(stage);
    expect((await stage.all('approvalRequest'))[0]).toMatchObject({ pending: 0, approved: 50 });
  });
});

describe('people and time at random', () => {
  it.each(Array.from({ length: 20 }, (_, index) => index + 1))('seed %i', async (seed) => {
    const random = randomFrom(seed);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const stage = await approvalStage();
    const people = [ada, abe, pia, pete];
    for (const person of people) await giveRoles(stage, person, ['admin', 'approver']);
    const all = addresses(12);
    const first = await requestFor(stage, all.slice(0, 6), ada);
    const second = await requestFor(stage, all.slice(6), abe);
    // Cards of every age: whatever was ever shown can be clicked.
    const cards = [first, second, { ...first, id: 'FORGED' }, { ...second, revision: 99 }];
    const some = (): string[] => all.filter(() => random() < 0.3);

    for (let round = 0; round < 12; round += 1) {
      const acts = Array.from({ length: 6 }, () => {
        const { id, revision } = pick(cards);
        const who = random() < 0.05 ? stranger : pick(people);
        const decision = pick([approved, rejected]);
        const act = pick([
          () => decideRequest(stage, env, who, id, revision, 'all', decision),
          () => decideRequest(stage, env, who, id, revision, some(), decision),
          () => decideRequest(stage, env, who, id, revision, some(), decision),
          () => decideMailboxes(stage, env, who, some(), decision),
          () => askAboutRequest(stage, env, who, id, revision, 'Why?'),
          () => answerQuestion(stage, env, who, id, revision, 'So.'),
          () => askAgain(stage, env, who, id, revision, adaChat),
          ...(random() < 0.1
            ? [
                () => withdrawRequest(stage, env, who, id, revision),
                () => withdrawMailboxes(stage, env, who, some().slice(0, 1)),
              ]
            : []),
        ]);
        return act();
      });
      if (random() < 0.2) stage.clock.advance(pick([1, 2, 29]) * 24 * 3_600_000);
      const [answers] = await Promise.all([Promise.allSettled(acts), followRequests(stage, env)]);
      for (const answer of answers) {
        if (answer.status === 'fulfilled') continue;
        // Refused by a rule, never by the race.
        expect(isMailroomError(answer.reason)).toBe(true);
        expect(isMailroomError(answer.reason, 'store.conflict')).toBe(false);
      }
      cards.push(...(await stage.all('approvalRequest')));
      await expectSound(stage);
    }
    // The runs are worth something: they decide.
    expect((await stage.audit()).filter(({ kind }) => kind.startsWith('approval.')).length).toBeGreaterThan(4);
  });
});
