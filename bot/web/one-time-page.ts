import { localeOfBrowser } from '../../locales/accept-language.ts';
import { chooseLocale } from '../../locales/choose-locale.ts';
import { fallbackLocale, type TextParams } from '../../locales/translate.ts';
import { languageOfPerson } from '../../services/people/language.ts';
import { timeZoneOfPerson } from '../../services/people/time-zone.ts';
import type { Store } from '../../services/storage/store.ts';
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

/** Whom a page or a file speaks to. */
export interface Reader {
  readonly locale: string;
  /** IANA; null: not known, so times are UTC. */
  readonly timeZone: string | null;
}

/** The person whom a link was made for, in the language that they chose, else in the browser's. */
export async function readerOf(
  store: Store,
  request: PageRequest,
  { environmentId, ownerId }: { readonly environmentId: string; readonly ownerId: string },
): Promise<Reader> {
  return {
    locale: chooseLocale(await languageOfPerson(store, environmentId, ownerId), localeOf(request)),
    timeZone: await timeZoneOfPerson(store, environmentId, ownerId),
  };
}

/** What the browser asks for: nobody knows who opens a link that leads nowhere. */
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
