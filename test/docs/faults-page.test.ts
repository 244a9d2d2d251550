import { readFile } from 'node:fs/promises';
import MarkdownIt from 'markdown-it';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { faultsPage, variants } from '../../docs/faults-page.ts';
import { faultText } from '../../locales/fault-text.ts';
import { faultCatalogue, type FaultCode } from '../../services/model/fault-catalogue.ts';
import { platformCodes } from '../../services/model/platform-code.ts';

const codes = Object.keys(faultCatalogue) as FaultCode[];
const page = await readFile(new URL('../../docs/faults.md', import.meta.url), 'utf8');

test('the page of the faults says what catalogue and locale say (node docs/faults-page.ts writes it)', async () => {
  expect(page).toBe(await format(faultsPage(), { parser: 'markdown', printWidth: 120, singleQuote: true }));
});

test('every code of the catalogue stands on the page once, and nothing else does', () => {
  expect([...readEntries(page).keys()].toSorted()).toEqual([...codes].toSorted());
  expect(page.match(/^### /gm)).toHaveLength(codes.length);
});

test('a reader of the rendered page sees nature, scope, title, cause and next step as a card says them', () => {
  const entries = readEntries(page);
  for (const code of codes) {
    const { title, cause, nextStep } = faultText('en', { code, params: {} });
    const { nature, scope } = faultCatalogue[code];
    expect(entries.get(code), code).toEqual([
      `${title} (${nature}, ${scope})`,
      `Cause: ${cause}`,
      `Next step: ${nextStep}`,
      ...variants
        .map(({ label, params }) => ({ label, step: faultText('en', { code, params }).nextStep }))
        .filter(({ step }) => step !== nextStep)
        .map(({ label, step }) => `${label}: ${step}`),
    ]);
  }
});

test('what delegate access and NTLM change stands there too', () => {
  const entries = readEntries(page);
  expect(entries.get('ErrorAccessDenied')?.join(' ')).toContain('Next step with delegate access: Give the account');
  expect(entries.get('CredentialRefused')?.join(' ')).toContain('ExtendedProtectionTokenChecking');
  expect(entries.get('TlsExpired')).toHaveLength(3);
});

test('every code of Dynamics 365 that facts and alerts name is in the last table, with what it comes to', () => {
  const rows = [...page.matchAll(/^\| 0x([\dA-F]{8}) +\|.*\|$/gm)];
  expect(new Set(rows.map(([, hex]) => hex))).toEqual(new Set(Object.keys(platformCodes)));
  expect(rows).toHaveLength(Object.keys(platformCodes).length);
  for (const [row] of rows) expect(row).toMatch(/\| (?:\[\w+\]\(#\w+\)|Never: [^|]+\.|“[^|]+”) +\|$/);
  for (const [, anchor] of page.matchAll(/\]\(#(\w+)\)/g)) expect(page.toLowerCase()).toMatch(`# ${anchor}`);
});

test('the list at the top leads to every group', () => {
  const anchors = [...page.matchAll(/^- \[.+\]\(#(.+)\)$/gm)].map(([, anchor]) => anchor);
  const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  expect(headings.length).toBeGreaterThan(5);
  expect(anchors).toEqual(headings);
});

/** The plain text of each paragraph and item below a code's heading, as a Markdown reader shows it. */
function readEntries(markdown: string): Map<string, string[]> {
  const entries = new Map<string, string[]>();
  const tokens = new MarkdownIt().parse(markdown, {});
  let current: string[] | null = null;
  for (const [index, { type, children }] of tokens.entries()) {
    if (type !== 'inline') continue;
    const before = tokens[index - 1];
    const text = (children ?? []).map(({ content }) => content).join('');
    if (before?.type === 'heading_open') {
      current = before.tag === 'h3' ? [] : null;
      if (current !== null) entries.set(text, current);
    } else current?.push(text);
  }
  return entries;
}
