import { afterAll, beforeAll, expect, test } from 'vitest';
import { approvals, personal, Stage } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage?.close());

test('without a channel for approvals the request reaches the approver’s own chat, and the import says so', async () => {
  await stage.createProfile();
  await stage.importMailboxes();
  const { seen } = await stage.find('ben', personal, 'approval.approve-all');
  expect(seen.text).toContain('Approve 3 mailboxes?');
  const says = ({ text }: { text: string }): boolean =>
    text.includes('One approver has the request in a personal chat');
  await stage.journey.see('ada', personal, says, 'who has the request');
});

test('whoever asks with “pending” but does not decide is asked nothing, and reads who decides', async () => {
  await stage.ask('ada', personal, 'pending');
  const { card, text } = await stage.journey.see(
    'ada',
    personal,
    (one) => one.text.includes('3 mailboxes wait for approval'),
    'the request',
  );
  expect(text).toContain('Nothing for you to do: Ben Brandt decides.');
  // Whoever asked may take it back, and no more.
  expect(JSON.stringify(card)).not.toMatch(/"approval\.(?!withdraw)|Input\./);
});

test('a channel that is named later gets what waits, and a decision by words changes every copy', async () => {
  await stage.ask('ben', personal, 'pending');
  await stage.ask('ada', approvals, 'approvers here');
  await stage.find('ben', approvals, 'approval.approve-all');
  await stage.ask('ben', personal, `approve ${stage.world.mailboxes.map(({ address }) => address).join(' ')}`);
  for (const [who, where] of [
    ['ben', personal],
    ['ada', personal],
    ['ben', approvals],
  ] as const)
    await stage.world.teams.waitFor(
      () =>
        stage.journey
          .cards(who, where)
          .every(({ card, text }) => !/"approval\./.test(JSON.stringify(card)) && !text.includes('wait for approval')),
      { timeoutMs: 30_000, what: `no copy asks any more: ${who}, ${where}` },
    );
});
