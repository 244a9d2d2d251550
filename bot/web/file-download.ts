import { findLink, takeLink } from '../../services/access/file-links.ts';
import { fileLinkLifetimeMs } from '../../services/model/file-link.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { resultDays, getRunWithResults } from '../../services/testing/run-results.ts';
import { streamReport } from '../../services/testing/run-report.ts';
import { filePage } from './file-page.ts';
import { historyCsv } from './history-csv.ts';
import { runReportCsv } from './run-report-csv.ts';
import { localeOf, problemPages, type PageAnswer, type PageRequest } from './one-time-page.ts';

export type FileServices = Pick<ServiceContext, 'store' | 'clock'>;

/** A page, or the file itself, made while it is sent. */
export type FileAnswer =
  PageAnswer | { readonly status: 200; readonly name: string; readonly chunks: AsyncIterable<string> };

const minutes = fileLinkLifetimeMs / 60_000;

/** Problems with a page of their own. */
const problems = problemPages(
  {
    'file.link-invalid': { status: 404, name: 'file-invalid' },
    'file.link-used': { status: 410, name: 'file-used' },
    'file.link-expired': { status: 410, name: 'file-expired' },
    'run.results-gone': { status: 410, name: 'file-gone' },
    'run.unknown': { status: 410, name: 'file-gone' },
    'access.denied': { status: 403, name: 'file-denied' },
    'form.too-many': { status: 429, name: 'too-many' },
  },
  { minutes, days: resultDays },
);

export const fileProblem = problems.page;

/**
 * GET and HEAD: the page with the button, and nothing is consumed, since previews and scanners fetch every link in a chat.
 * Who asks for CSV by name (a script) means the file.
 */
export async function showFile(services: FileServices, request: PageRequest, method: string): Promise<FileAnswer> {
  const { accept } = request.headers;
  if (method === 'GET' && typeof accept === 'string' && /^text\/csv\b/i.test(accept))
    return sendFile(services, request);
  const locale = localeOf(request);
  return problems.within(locale, async () => {
    const { value } = await findLink(services, request.token);
    const run =
      value.kind === 'history' ? null : await getRunWithResults(services.store, value.environmentId, value.subjectId);
    return { status: 200, html: filePage(locale, { link: value, run, now: services.clock.now() }) };
  });
}

/** POST: consumes the link and gives the file. */
export async function sendFile({ store, clock }: FileServices, request: PageRequest): Promise<FileAnswer> {
  const locale = localeOf(request);
  return problems.within(locale, async () => {
    const { environmentId, kind, subjectId } = (await findLink({ store, clock }, request.token)).value;
    if (kind === 'history') {
      await takeLink({ store, clock }, request.token);
      const now = clock.now();
      return {
        status: 200,
        name: `mailroom-history-${new Date(now).toISOString().slice(0, 10)}.csv`,
        chunks: historyCsv(store, environmentId, { locale, now }),
      };
    }
    const run = await getRunWithResults(store, environmentId, subjectId);
    await takeLink({ store, clock }, request.token);
    const rows = streamReport(store, environmentId, run.id);
    return {
      status: 200,
      name: `mailroom-run-${run.id.replaceAll(/[^A-Z0-9]/g, '')}.csv`,
      chunks: runReportCsv(run, rows, { locale, now: clock.now() }),
    };
  });
}
