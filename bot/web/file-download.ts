import { localeOfBrowser } from '../../locales/accept-language.ts';
import { fallbackLocale } from '../../locales/translate.ts';
import { findLink, takeLink } from '../../services/access/file-links.ts';
import { isMailroomError } from '../../services/model/error.ts';
import { fileLinkLifetimeMs } from '../../services/model/file-link.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { resultDays, getRunWithResults } from '../../services/testing/run-results.ts';
import { streamReport } from '../../services/testing/run-report.ts';
import { filePage } from './file-page.ts';
import { historyCsv } from './history-csv.ts';
import { runReportCsv } from './run-report-csv.ts';
import type { FormAnswer, FormRequest } from './secret-form.ts';
import { problemPage } from './secret-form-page.ts';

export type FileServices = Pick<ServiceContext, 'store' | 'clock'>;

/** A page, or the file itself, made while it is sent. */
export type FileAnswer =
  FormAnswer | { readonly status: 200; readonly name: string; readonly chunks: AsyncIterable<string> };

const minutes = fileLinkLifetimeMs / 60_000;

/** Problems with a page of their own; the name is that of its sentences, `form.NAME.title` and `form.NAME.next`. */
const problems: Readonly<Record<string, { readonly status: number; readonly name: string }>> = {
  'file.link-invalid': { status: 404, name: 'file-invalid' },
  'file.link-used': { status: 410, name: 'file-used' },
  'file.link-expired': { status: 410, name: 'file-expired' },
  'run.results-gone': { status: 410, name: 'file-gone' },
  'run.unknown': { status: 410, name: 'file-gone' },
  'access.denied': { status: 403, name: 'file-denied' },
  'form.too-many': { status: 429, name: 'too-many' },
};

export function fileProblem(code: string, locale: string = fallbackLocale): FormAnswer {
  const { status, name } = problems[code] ?? { status: 500, name: 'unexpected' };
  return { status, html: problemPage(locale, name, { minutes, days: resultDays }) };
}

/**
 * GET and HEAD: the page with the button, and nothing is consumed, since previews and scanners fetch every link in a chat.
 * Who asks for CSV by name (a script) means the file.
 */
export async function showFile(services: FileServices, request: FormRequest, method: string): Promise<FileAnswer> {
  const { accept } = request.headers;
  if (method === 'GET' && typeof accept === 'string' && /^text\/csv\b/i.test(accept))
    return sendFile(services, request);
  const locale = localeOf(request);
  return withProblems(locale, async () => {
    const { value } = await findLink(services, request.token);
    const run =
      value.kind === 'history' ? null : await getRunWithResults(services.store, value.environmentId, value.subjectId);
    return { status: 200, html: filePage(locale, { link: value, run, now: services.clock.now() }) };
  });
}

/** POST: consumes the link and gives the file. */
export async function sendFile({ store, clock }: FileServices, request: FormRequest): Promise<FileAnswer> {
  const locale = localeOf(request);
  return withProblems(locale, async () => {
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

function localeOf({ headers }: FormRequest): string {
  const asked = headers['accept-language'];
  return localeOfBrowser(typeof asked === 'string' ? asked : '');
}

async function withProblems(locale: string, work: () => Promise<FileAnswer>): Promise<FileAnswer> {
  try {
    return await work();
  } catch (error) {
    if (isMailroomError(error) && problems[error.code] !== undefined) return fileProblem(error.code, locale);
    throw error;
  }
}
