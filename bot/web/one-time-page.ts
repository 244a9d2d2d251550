import { localeOfBrowser } from '../../locales/accept-language.ts';
import { fallbackLocale, type TextParams } from '../../locales/translate.ts';
import { isMailroomError } from '../../services/model/error.ts';
import { problemPage } from './secret-form-page.ts';

/** What of a request matters to the pages behind one-time links; no HTTP library here. */
export interface PageRequest {
  readonly token: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface PageAnswer {
  readonly status: number;
  readonly html: string;
}

/** What the browser asks for; whoever opens the link may not be the person of the chat. */
export function localeOf({ headers }: PageRequest): string {
  const asked = headers['accept-language'];
  return localeOfBrowser(typeof asked === 'string' ? asked : '');
}

/**
 * The pages of problems, by their code: status, and the name of their sentences `form.NAME.title` and `form.NAME.next`,
 * which get `params`.
 */
export function problemPages(
  pages: Readonly<Record<string, { readonly status: number; readonly name: string }>>,
  params: TextParams,
) {
  const page = (code: string, locale: string = fallbackLocale): PageAnswer => {
    const { status, name } = pages[code] ?? { status: 500, name: 'unexpected' };
    return { status, html: problemPage(locale, name, params) };
  };
  return {
    page,
    /** Runs `work`; a problem with a page is answered by it, any other error goes on. */
    async within<Answer>(locale: string, work: () => Promise<Answer>): Promise<Answer | PageAnswer> {
      try {
        return await work();
      } catch (error) {
        if (isMailroomError(error) && pages[error.code] !== undefined) return page(error.code, locale);
        throw error;
      }
    },
  };
}
