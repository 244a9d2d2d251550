import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ServerResponse } from 'node:http';
import { sendJson } from './http-body.ts';

/** A value to copy, under the name of the field that it goes into. */
export interface Hint {
  label: string;
  value: string;
}

/** Another way through the conversation: what to choose, to copy, and to hand in. */
export interface Way {
  title: string;
  text: string;
  hints?: Hint[];
  /** For downloading. */
  files?: { name: string; content: Buffer }[];
}

/** What the page's header offers to copy. */
export interface PageOptions {
  /** Addresses and accounts of the other stand-ins, such as the Exchange service account. */
  hints?: Hint[];
  /** Folded away until somebody looks. */
  ways?: Way[];
  /** Mailboxes to paste after `import mailboxes`. */
  sampleCsv?: string;
  /** A word or two about each person, by short name, where one chooses who looks. */
  about?: Record<string, string>;
}

const { resolve } = createRequire(import.meta.url);
const JAVASCRIPT = 'text/javascript; charset=utf-8';

/** Looked up on demand: the connector alone works without the page's packages. */
const FILES: Record<string, { type: string; path: () => string }> = {
  '/': { type: 'text/html; charset=utf-8', path: () => pageFile('index.html') },
  '/page.js': { type: JAVASCRIPT, path: () => pageFile('page.js') },
  '/cards.js': { type: JAVASCRIPT, path: () => pageFile('cards.js') },
  '/column.js': { type: JAVASCRIPT, path: () => pageFile('column.js') },
  '/dialog.js': { type: JAVASCRIPT, path: () => pageFile('dialog.js') },
  '/header.js': { type: JAVASCRIPT, path: () => pageFile('header.js') },
  '/charts.js': { type: JAVASCRIPT, path: () => pageFile('charts.js') },
  '/icons.js': { type: JAVASCRIPT, path: () => pageFile('icons.js') },
  '/typeahead.js': { type: JAVASCRIPT, path: () => pageFile('typeahead.js') },
  '/elements.js': { type: JAVASCRIPT, path: () => pageFile('elements.js') },
  '/page.css': { type: 'text/css; charset=utf-8', path: () => pageFile('page.css') },
  '/card.css': { type: 'text/css; charset=utf-8', path: () => pageFile('card.css') },
  '/vendor/adaptivecards.js': {
    type: JAVASCRIPT,
    path: () => resolve('adaptivecards/dist/adaptivecards.min.js'),
  },
  '/vendor/markdown-it.js': {
    type: JAVASCRIPT,
    // The package exports the module build only; the script build lies beside it.
    path: () => resolve('markdown-it').replace(/dist[/\\].*$/, 'dist/browser/markdown-it.umd.min.js'),
  },
};

/** Scripts and styles from here only. `data:` images because cards may carry small inline icons. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export async function servePage(pathname: string, options: PageOptions, response: ServerResponse): Promise<void> {
  if (pathname === '/api/page') {
    const ways = (options.ways ?? []).map((way) => ({ ...way, files: (way.files ?? []).map(({ name }) => name) }));
    const { hints = [], sampleCsv = '', about = {} } = options;
    return sendJson(response, 200, { hints, ways, sampleCsv, about });
  }
  const download = options.ways?.flatMap(({ files = [] }) => files).find(({ name }) => pathname === `/files/${name}`);
  if (download !== undefined) {
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${download.name}"`,
      'cache-control': 'no-store',
    });
    response.end(download.content);
    return;
  }
  if (pathname === '/favicon.ico') return sendJson(response, 204, undefined);
  const file = Object.hasOwn(FILES, pathname) ? FILES[pathname] : undefined;
  if (file === undefined) return sendJson(response, 404, { error: { message: 'There is nothing here.' } });
  const content = await readFile(file.path());
  response.writeHead(200, {
    'content-type': file.type,
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  });
  response.end(content);
}

function pageFile(name: string): string {
  return join(import.meta.dirname, '..', 'page', name);
}
