import type { TestAdapter } from 'botbuilder';
import { expect, test } from 'vitest';
import { withinTime } from './within-time.ts';
import { plainText } from '../../bot/command-text.ts';
import { plainText as shownText } from '../../cards/plain-text.ts';
import { faultText } from '../../locales/fault-text.ts';
import { readPastedRows } from '../../services/mailboxes/read-pasted-rows.ts';
import { emptyValues, presentable } from '../../services/model/draft-values.ts';
import { parseFilter } from '../../services/model/filter.ts';
import { isMailroomError } from '../../services/model/error.ts';
import { keyOf } from '../../services/storage/store.ts';
import { ada, openStage } from '../conversation/stage.ts';

/** As much as one message of Teams may hold here. */
const longest = 400_000;
const filled = (unit: string): string => unit.repeat(Math.ceil(longest / unit.length)).slice(0, longest);

/*
 * Everybody in the tenant may write to the bot, so the cost of reading a message must grow with its length and no faster:
 * the whole bot waits for it. Before these were closed one message took two to ten seconds.
 */

const markup = ['<p', '<div', '</span ', '<at>', '<br', '<br ', '<', '&', '&amp', ' ', '\n'];

test.each(markup)('a message of nothing but %j is read at once', (unit) => {
  withinTime(() => plainText(filled(unit)));
});

const pasted = [
  '[',
  '[](',
  '[](mailto:',
  '](mailto:',
  '<a ',
  '<a href="mailto:',
  '<a href="mailto:"',
  'href="mailto:"',
  '<a href="mailto:x">',
  '<mailto:',
  '<mailto:x|',
  '"',
  '""',
  '"a',
  ',',
  '\t',
];

test.each(pasted)('a paste of nothing but %j is read or refused at once', (unit) => {
  for (const text of [filled(unit), `<a ${filled(unit)}`, `x\n${filled(unit)}\n,`]) {
    withinTime(() => {
      try {
        readPastedRows(text);
      } catch (error) {
        if (!isMailroomError(error)) throw error;
      }
    });
  }
});

test('no command can be made to think for seconds by what follows it', async () => {
  const stage = await openStage();
  try {
    const { services, environmentId } = stage;
    const key = keyOf(environmentId, ada.aadObjectId);
    const role = await services.store.get('role', key);
    if (role === undefined) throw new Error('no role');
    await services.store.commit([
      { kind: 'put', collection: 'role', key, value: { ...role.value, roles: ['admin', 'approver'] } },
    ]);
    const spaces = filled(' ');
    const dots = filled('.');
    const rest = [`a${spaces}b`, `profile${spaces}x\ny`, `x@${dots}:`, `x@a.b ${filled('a:"')}`, `a${spaces}because`];
    for (const words of ['reject', 'approve', 'test', 'apply defaults', 'mailboxes', 'mailbox', 'profile']) {
      for (const text of rest) await withinTime(() => say(stage.talk(ada), `${words} ${text}`));
    }
  } finally {
    await stage.dispose();
  }
});

async function say(adapter: TestAdapter, words: string): Promise<void> {
  await adapter.send(words).startTest();
}

test.each(['/', 'https://', '@', ':'])('an address of nothing but %j is put back into the card at once', (unit) => {
  const address = `https:${filled(unit)}`;
  const typed = { ...emptyValues, serverLocation: address, vaultUrl: address, resource: address };
  const errors = { serverLocation: 'x', vaultUrl: 'x', resource: 'x' };
  const shown = withinTime(() => presentable(typed, errors));
  expect(shown.serverLocation.length).toBeLessThan(address.length);
});

test('a time that a mailbox or a server wrote into a fault is not filled in by the client', () => {
  const written = '{{{DATE(2026-01-01T00:00:00Z, SHORT)}}';
  for (const [code, name] of [
    ['OrganizationStampForeign', 'organization'],
    ['AutodiscoverUrlRefused', 'location'],
    ['EwsOther', 'responseCode'],
  ] as const) {
    const { cause } = faultText('en', { code, params: { [name]: written } });
    expect(cause).toContain('DATE(2026');
    expect(cause).not.toContain('{{');
  }
});

test.each(['{{DATE(1)}}', '{{{DATE(1)}}}', '{{{{DATE(1)}}}}'])('nor one in a name: %s', (written) => {
  expect(shownText(written)).not.toContain('{{');
});

test('a filter that repeats a word asks for it once', () => {
  expect(parseFilter(filled('a ')).words).toEqual(['a']);
});
