import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { servePage } from '../sandbox/teams/page-files.ts';
import { openChromium } from '../test/browser/open-chromium.ts';
import { palettePng } from './palette-png.ts';
import { conditions, facesOf, fixtureOf } from '../test/cards/template-fixtures.ts';

// node docs/take-gallery.ts [TEMPLATE …]: a picture of each card in each condition, as the demo page draws it. Needs Chromium.
const folder = new URL('./gallery/', import.meta.url);
/** Of the card: in a wide window, and on a phone. */
const widths = [620, 340];
const wanted = process.argv.slice(2);

/** In a page of the demo's own files, so that the same code draws the cards. */
const frame = `<!doctype html><html lang="en"><head><meta charset="utf-8">
<link rel="stylesheet" href="/page.css"><link rel="stylesheet" href="/card.css">
<script src="/vendor/markdown-it.js" defer></script><script src="/vendor/adaptivecards.js" defer></script>
<script src="/gallery-page.js" type="module"></script></head>
<body><main></main></body></html>`;

const script = await readFile(new URL('gallery-page.js', import.meta.url));

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (pathname === '/gallery') response.writeHead(200, { 'content-type': 'text/html' }).end(frame);
  else if (pathname === '/gallery-page.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
  else void servePage(pathname, {}, response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const browser = await openChromium();
try {
  await mkdir(folder, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 1040, height: 600 }, colorScheme: 'light' });
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/gallery`);
  await page.waitForFunction('globalThis.gallery !== undefined');
  const templates = Object.keys(facesOf).toSorted();
  for (const template of templates.filter((name) => wanted.length === 0 || wanted.includes(name)))
    await take(page, template);
  if (wanted.length === 0) {
    const kept = new Set(templates.map((name) => `${name}.png`));
    for (const file of await readdir(folder)) if (!kept.has(file)) await rm(new URL(file, folder));
    await writeFile(new URL('../gallery.md', folder), list(templates));
  }
} finally {
  await browser.close();
  server.close();
}

async function take(page: Page, template: string): Promise<void> {
  const rows = conditions.map((condition) => ({ condition, card: fixtureOf(template, condition)?.card }));
  await page.evaluate(`gallery.draw(${JSON.stringify(rows)}, ${JSON.stringify(widths)})`);
  const tooWide = await page.evaluate<string[]>('gallery.overflowing()');
  if (tooWide.length > 0) throw new Error(`${template}: wider than the card: ${tooWide.join(', ')}`);
  const picture = await page.locator('main').screenshot();
  const { width, height, pixels } = await page.evaluate<Pixels>(`gallery.readPixels('${picture.toString('base64')}')`);
  await writeFile(new URL(`${template}.png`, folder), palettePng(width, height, Buffer.from(pixels, 'base64')));
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly pixels: string;
}

function list(templates: readonly string[]): string {
  const parts = templates.map(
    (name) => `## ${name}\n\n![The card ${name}: ${conditions.join(', ')}](gallery/${name}.png)\n`,
  );
  return `# The cards

Each card as the demo page draws it, in a window and on a phone: with usual words, with nothing to show, with as much and as
long text as it gets, and with text that attacks. Made by \`node docs/take-gallery.ts\`; Teams' own look differs in details.

${parts.join('\n')}`;
}
