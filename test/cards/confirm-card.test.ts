import { expect, it } from 'vitest';
import { confirmCard, type Confirmation } from '../../cards/confirm-card.ts';

const question: Confirmation = {
  id: 'b1',
  revision: 1,
  verb: 'bulk.confirm',
  cancelVerb: 'bulk.cancel',
  title: 'Test 3 mailboxes?',
  text: 'Each gets one test message.',
  count: 3,
  sample: ['kim@contoso.test'],
  state: 'waiting',
};
const shown = (changes: Partial<Confirmation>): string =>
  JSON.stringify(confirmCard({ ...question, ...changes }, { locale: 'en', now: 0, roles: ['admin'] }).card);

it('offers to take mailboxes over only where the question has that choice and waits, and never as if it were made', () => {
  expect(shown({ mayTakeOver: true })).toContain('"id":"takeOver"');
  expect(shown({ mayTakeOver: true })).toContain(
    '"title":"Sync items with Exchange from this org only, even if Exchange was set to sync with a different org","value":"false"',
  );
  for (const changes of [
    {},
    { mayTakeOver: false },
    { mayTakeOver: true, state: 'done' },
    { mayTakeOver: true, state: 'cancelled' },
  ] as const)
    expect(shown(changes)).not.toContain('takeOver');
});

it('says of a test that it has started, and names its run', () => {
  const text = shown({ state: 'started', runId: 'K7Q2', resultText: 'Run K7Q2: testing 3 mailboxes.' });
  expect(text).toContain('Started');
  expect(text).toContain('Type “run K7Q2” to see how it goes.');
  expect(text).not.toMatch(/Done|Type “mailboxes”/);
});
