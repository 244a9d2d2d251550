import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoMailboxes } from '../../sandbox/exchange/index.ts';
import { shownActivity } from '../../sandbox/teams/state.ts';
import { alerts, approvals, personal, Stage, wordsOfMessage } from './stage.ts';

let stage: Stage;
const mailboxes = demoMailboxes().map((mailbox) => ({ ...mailbox, trouble: undefined }));

beforeAll(async () => {
  stage = await Stage.open({ mailboxes });
});
afterAll(() => stage?.close());

test('200 mailboxes that fail for one cause make one alert card, which is edited and not repeated', async () => {
  const { exchange, teams } = stage.world;
  await stage.createProfile();
  await stage.ask('ada', approvals, 'approvers here');
  await stage.ask('ada', alerts, 'subscribe');
  await stage.importMailboxes();
  exchange.setFaults([{ mailbox: '*', then: { fault: 'ErrorAccessDenied' } }]);
  await stage.approveAll('ben', approvals);
  await stage.journey.see('ada', personal, ({ text }) => text.includes('All failed'), 'the end of the run', 60_000);

  const inChannel = (pattern: RegExp) =>
    teams.state
      .visibleMessages(stage.journey.conversationId('ada', alerts))
      .filter((message) => message.from === 'bot' && pattern.test(wordsOfMessage(message)))
      // That a whole profile fails is an alarm of its own, which may come a moment later.
      .filter((message) => !/ProfileMostlyFailing/.test(wordsOfMessage(message)));
  const incidentWords = /Exchange refused .+ the access|Solved after/;
  const [incident] = await teams.waitFor(
    () => {
      const found = inChannel(incidentWords);
      return found.some((message) => /200 mailboxes/.test(wordsOfMessage(message))) ? found : undefined;
    },
    { timeoutMs: 30_000, what: 'the alert counts all of them' },
  );

  expect(inChannel(incidentWords)).toHaveLength(1);
  expect(inChannel(/./), 'the answer to subscribe, the alert').toHaveLength(2);
  const words = incident === undefined ? '' : wordsOfMessage(incident);
  expect(words).toContain('Get-ManagementRoleAssignment');
  expect(words).toMatch(/and \d+ more/);
  expect(incident === undefined ? 0 : JSON.stringify(shownActivity(incident)).length).toBeLessThan(20_000);
  expect(exchange.mail(), 'nobody got a test message').toEqual([]);

  // Mended: one click tests them all again, and the one card says that it is over.
  exchange.setFaults([]);
  await stage.press('ada', alerts, 'incident.retest');
  await teams.waitFor(() => inChannel(/Solved after/).length === 1, {
    timeoutMs: 60_000,
    what: 'the alert is resolved',
  });
  expect(inChannel(incidentWords)).toHaveLength(1);
  expect(new Set(exchange.mail().map(({ mailbox }) => mailbox)).size).toBe(mailboxes.length);
  expect(exchange.mail()).toHaveLength(mailboxes.length);
});
