import { readFile } from 'node:fs/promises';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { commandsPage } from '../../docs/commands-page.ts';

test('the page of the commands says what the table says (node docs/commands-page.ts writes it)', async () => {
  const page = await readFile(new URL('../../docs/commands.md', import.meta.url), 'utf8');
  expect(page).toBe(await format(commandsPage(), { parser: 'markdown', printWidth: 120, singleQuote: true }));
});
