import { afterEach, beforeEach, expect, test } from 'vitest';
import { approvalStatus } from '../../services/model/mailbox.ts';
import { randomFrom } from '../chaos/random.ts';
import { addresses } from '../support/mailroom-stage.ts';
import { ApprovalChat, type Button } from './approval-chat.ts';
import { ada, ben, cleo, eve, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;
let chat: ApprovalChat;
const unforeseen: unknown[] = [];
const all = addresses(12);

beforeEach(async () => {
  stage = await openStage();
  chat = new ApprovalChat(stage);
  unforeseen.length = 0;
  stage.services.log.error = (details) => void unforeseen.push(details);
  await chat.hold(ada, 'admin', 'approver');
  for (const person of [ben, cleo]) await chat.hold(person, 'approver');
  for (const person of [ada, ben, cleo]) await chat.say(person, 'help');
  await chat.say(ada, 'approvers here', 'channel');
});
afterEach(() => stage.dispose());

/** What must hold whoever did what, and in whichever order. */
async function expectSound(): Promise<void> {
  const { store } = stage.services;
  const mailboxes = (await store.query('mailbox', { limit: 100 })).map(({ value }) => value);
  for (const { value } of await store.query('approvalRequest', { limit: 100 })) {
    const mine = mailboxes.filter(({ approvalRequestId }) => approvalRequestId === value.id);
    const count = (state: number): number => mine.filter(({ approval }) => approval === state).length;
    expect({ ...value }).toMatchObject({
      total: mine.length,
      pending: count(approvalStatus.pending),
      approved: count(approvalStatus.approved),
      rejected: count(approvalStatus.rejected),
    });
    for (const { decidedBy } of mine) if (decidedBy !== null) expect(decidedBy).not.toBe(value.requestedByName);
  }
  // Once each: an approval may only follow a rejection of before, where somebody typed the address.
  for (const kind of ['approval.approved', 'approval.rejected'] as const) {
    const subjects = (await chat.trail(kind)).flatMap((entry) => entry.subjects);
    expect(subjects.length).toBe(new Set(subjects).size);
  }
  expect(unforeseen).toEqual([]);
}

/** The button of a card, an older or a newer one of it, or one that nobody gave. */
function agedBy(random: () => number, { id, revision }: Button): Button {
  const roll = random();
  if (roll < 0.05) return { id: 'FORGED', revision };
  return { id, revision: roll < 0.2 ? revision + 1 : roll < 0.3 ? Math.max(0, revision - 1) : revision };
}

test.each(Array.from({ length: 8 }, (_, index) => index + 1))(
  'clicks, refreshes, dialogs and commands of everybody at once: seed %i',
  async (seed) => {
    const random = randomFrom(seed);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const requests = [await chat.imported(all.slice(0, 6)), await chat.imported(all.slice(6))];
    await chat.delivered();

    for (let round = 0; round < 10; round += 1) {
      const cards = await Promise.all(requests.map((request) => chat.now(request)));
      const act = (): Promise<unknown> => {
        const who: Person = pick([ada, ben, cleo, ben, cleo, eve]);
        const of = agedBy(random, pick(cards));
        const reason = { reason: `Reason ${round}` };
        return pick<() => Promise<unknown>>([
          () => chat.refresh(who, of.id),
          () => chat.refresh(who, of.id),
          () => chat.click(who, 'approval.view', of),
          () => chat.click(who, 'approval.approve-all', of),
          () => (random() < 0.15 ? chat.click(who, 'approval.confirm-all', of) : chat.refresh(who, of.id)),
          () => chat.open(who, 'approval.reject-dialog', of),
          () => (random() < 0.15 ? chat.type(who, 'approval.reject', of, reason) : chat.refresh(who, of.id)),
          () => chat.open(who, 'approval.ask-dialog', of),
          () => chat.type(who, 'approval.ask', of, { question: 'Why?' }),
          () => chat.type(who, 'approval.answer', of, { answer: 'So.' }),
          () => chat.click(who, 'approval.choose', of),
          () => chat.submit(who, 'approval.view', of),
          () => chat.say(who, `approve ${pick(all)}`),
          () => chat.say(who, `reject ${pick(all)} because ${reason.reason}`),
          () => (random() < 0.1 ? chat.click(who, 'approval.withdraw', of) : chat.refresh(who, of.id)),
        ])();
      };
      await Promise.all(Array.from({ length: 8 }, act));
      await expectSound();
    }
    // The runs are worth something: they decide.
    expect((await chat.states()).filter((state) => state !== approvalStatus.pending).length).toBeGreaterThan(2);
  },
);

test('fifty clicks at one instant on the card of a mailbox: one decides, and each shows the mailbox as it is then', async () => {
  await chat.imported(all.slice(0, 2));
  const button = { id: all[0] ?? '', revision: 1 };
  const shown = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      chat.click([ben, cleo][index % 2] ?? ben, 'mailbox.approve', button, { where: 'personal' }),
    ),
  );
  for (const { words } of shown) expect(words).toMatch(/Approved by (Ben Brandt|Cleo Clark)/);
  expect(await chat.trail('approval.approved')).toHaveLength(1);
  await expectSound();
});
