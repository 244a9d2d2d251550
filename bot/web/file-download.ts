import { findLink, takeLink } from '../../services/access/file-links.ts';
import { streamByIds } from '../../services/mailboxes/export-mailboxes.ts';
import { fileLinkLifetimeMs } from '../../services/model/file-link.ts';
import { listProfiles } from '../../services/profiles/profile-names.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { resultDays, getRunWithResults } from '../../services/testing/run-results.ts';
import { streamReport } from '../../services/testing/run-report.ts';
import { separatorFor, type FileFormat } from './csv.ts';
import { filePage } from './file-page.ts';
import { historyCsv } from './history-csv.ts';
import { mailboxesCsv } from './mailboxes-csv.ts';
import { runReportCsv } from './run-report-csv.ts';
import { localeOf, problemPages, readerOf, type PageAnswer, type PageRequest } from './one-time-page.ts';

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
  if (method === 'GET' && asksForCsv(request)) return sendFile(services, request);
  return problems.within(localeOf(request), async () => {
    const { value } = await findLink(services, request.token);
    const run =
      value.kind === 'run-report'
        ? await getRunWithResults(services.store, value.environmentId, value.subjectId)
        : null;
    const { locale, timeZone } = await readerOf(services.store, request, value);
    return { status: 200, html: filePage(locale, { link: value, run, timeZone, now: services.clock.now() }) };
  });
}

function asksForCsv({ headers: { accept } }: PageRequest): boolean {
  return typeof accept === 'string' && /^text\/csv\b/i.test(accept);
}

/** POST: consumes the link and gives the file. */
export async function sendFile({ store, clock }: FileServices, request: PageRequest): Promise<FileAnswer> {
  return problems.within(localeOf(request), async () => {
    const { value } = await findLink({ store, clock }, request.token);
    const { environmentId, kind, subjectId } = value;
    const { locale, timeZone } = await readerOf(store, request, value);
    const separator = asksForCsv(request) ? ',' : separatorFor(locale);
    const format: FileFormat = { locale, timeZone, separator, now: clock.now() };
    if (kind === 'history') {
      await takeLink({ store, clock }, request.token);
      return {
        status: 200,
        name: `mailroom-history-${new Date(format.now).toISOString().slice(0, 10)}.csv`,
        chunks: historyCsv(store, environmentId, format),
      };
    }
    if (kind === 'mailboxes') {
      const { content } = await takeLink({ store, clock }, request.token);
      const names = (await listProfiles(store, environmentId)).map(({ id, name }) => [id, name] as const);
      return {
        status: 200,
        name: `mailroom-mailboxes-${new Date(format.now).toISOString().slice(0, 10)}.csv`,
        chunks: mailboxesCsv(
          streamByIds(store, environmentId, content?.mailboxIds ?? []),
          Object.fromEntries(names),
          format,
        ),
      };
    }
    const run = await getRunWithResults(store, environmentId, subjectId);
    await takeLink({ store, clock }, request.token);
    const rows = streamReport(store, environmentId, run.id);
    return {
      status: 200,
      name: `mailroom-run-${run.id.replaceAll(/[^A-Z0-9]/g, '')}.csv`,
      chunks: runReportCsv(run, rows, format),
    };
  });
}
