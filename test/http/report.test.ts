import { afterAll, beforeAll, expect, test } from 'vitest';
import { linkOf } from '../../sandbox/journey.ts';
import { actionOf, approvals, auditOf, hasLink, personal, Stage, wordsOf } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage?.close());

test('the report of a run: asked for on its card, downloaded once, written down, and offered again', async () => {
  const { journey, world } = stage;
  const failing = world.mailboxes[1]?.address ?? '';
  world.exchange.setFaults([{ mailbox: failing, then: { fault: 'ErrorAccessDenied' } }]);
  await stage.createProfile();
  await stage.ask('ada', approvals, 'approvers here');
  await stage.importMailboxes();
  await stage.approveAll('ben', approvals);
  const ended = await journey.see('ada', personal, ({ text }) => text.includes('Some failed'), 'the end of the run');
  expect(actionOf(ended.card, 'run.report')).toBeDefined();
  const outcome = await stage.pressOn('ada', ended.message.id, 'run.report');
  if (outcome.kind !== 'card') throw new Error(wordsOf(outcome));
  const link = linkOf(outcome.card);
  const look = await fetch(link);
  expect([look.status, look.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(await look.text()).toContain('3 of 3 tested');

  const file = await fetch(link, { method: 'POST' });
  expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="mailroom-run-[2-9A-Z]{6}\.csv"$/);
  const lines = (await file.text()).split('\r\n');
  expect(lines).toContain('"Mailboxes","3: 2 succeeded, 1 failed"');
  const rows = lines.filter((line) => world.mailboxes.some(({ address }) => line.startsWith(`"${address}",`)));
  expect(rows).toHaveLength(3);
  expect(rows.filter((line) => line.includes('"ErrorAccessDenied"')).map((line) => line.split(',')[0])).toEqual([
    `"${failing}"`,
  ]);
  expect((await fetch(link, { method: 'POST' })).status).toBe(410);
  const again = await journey.see(
    'ada',
    personal,
    ({ card, message }) =>
      message.id === ended.message.id && !hasLink(card) && actionOf(card, 'run.report') !== undefined,
    'the button for a new link',
  );
  expect(again.text).toContain('Some failed');
  const audit = await stage.lookIntoStore(auditOf);
  expect(audit.filter(({ kind }) => kind === 'run.report-downloaded')).toMatchObject([{ actorName: 'Ada Admin' }]);
});
