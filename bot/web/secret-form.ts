import { timingSafeEqual } from 'node:crypto';
import { localeOfBrowser } from '../../locales/accept-language.ts';
import { fallbackLocale, translate } from '../../locales/translate.ts';
import { isMailroomError } from '../../services/model/error.ts';
import { profileLimits } from '../../services/model/profile.ts';
import { secretRequestLifetimeMs } from '../../services/model/secret-request.ts';
import { findOpenRequest, parkSecret } from '../../services/secrets/secret-form.ts';
import { Secret } from '../../services/secrets/secret.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { codePage, formPage, problemPage } from './secret-form-page.ts';

/** The services behind the form. */
export type SecretFormServices = Pick<ServiceContext, 'store' | 'clock' | 'keys'>;

/** What of a request matters to the form; no HTTP library here. */
export interface FormRequest {
  readonly token: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface FormAnswer {
  readonly status: number;
  readonly html: string;
}

/** A whole post: a password of 250 characters, percent-encoded, and the check. */
export const formBodyLimit = 4096;

/** How long a link, and then its code, works. */
const minutes = secretRequestLifetimeMs / 60_000;

/** Problems with a page of their own; the name is that of its sentences, `form.NAME.title` and `form.NAME.next`. */
const problems: Readonly<Record<string, { readonly status: number; readonly name: string }>> = {
  'secret.link-invalid': { status: 404, name: 'link-invalid' },
  'secret.link-used': { status: 410, name: 'link-used' },
  'secret.link-expired': { status: 410, name: 'link-expired' },
  'form.too-large': { status: 413, name: 'too-large' },
  'form.wrong-type': { status: 415, name: 'wrong-type' },
  'form.foreign': { status: 403, name: 'foreign' },
  'form.too-many': { status: 429, name: 'too-many' },
};

/** The page for a problem of the form or its link. */
export function formProblem(code: string, locale: string = fallbackLocale): FormAnswer {
  const { status, name } = problems[code] ?? { status: 500, name: 'unexpected' };
  return { status, html: problemPage(locale, name, { limit: profileLimits.password, minutes }) };
}

/** GET and HEAD: shows the form and consumes nothing, since previews and scanners fetch every link in a chat. */
export async function showForm(services: SecretFormServices, request: FormRequest): Promise<FormAnswer> {
  const locale = localeOf(request);
  return withProblems(locale, () => renderForm(services, request.token, locale, 200, null));
}

/** POST: checks that the form came from this page, parks the password and shows the code. `body` null: too large. */
export async function receiveForm(
  services: SecretFormServices,
  request: FormRequest,
  publicUrl: string,
  body: string | null,
): Promise<FormAnswer> {
  const locale = localeOf(request);
  return withProblems(locale, async () => {
    if (body === null) return formProblem('form.too-large', locale);
    // A link that is spent is told so even when the rest of the post is wrong.
    await findOpenRequest(services, request.token);
    const form = new URLSearchParams(body);
    const check = checkOf(services, request.token);
    if (!isFromOwnPage(request.headers, publicUrl) || !equal(form.get('check') ?? '', check)) {
      return formProblem('form.foreign', locale);
    }
    try {
      const { code } = await parkSecret(services, request.token, new Secret(form.get('password') ?? ''));
      return { status: 200, html: codePage(locale, code, minutes) };
    } catch (error) {
      if (isMailroomError(error, 'secret.empty')) {
        return await renderForm(services, request.token, locale, 422, translate(locale, 'form.password-missing'));
      }
      if (isMailroomError(error, 'secret.too-long')) {
        const text = translate(locale, 'form.password-too-long', { limit: profileLimits.password });
        return await renderForm(services, request.token, locale, 422, text);
      }
      throw error;
    }
  });
}

async function renderForm(
  services: SecretFormServices,
  token: string,
  locale: string,
  status: number,
  problem: string | null,
): Promise<FormAnswer> {
  const { value } = await findOpenRequest(services, token);
  const html = formPage(locale, {
    host: value.host,
    userName: value.userName,
    ownerName: value.ownerName,
    expiresAt: value.expiresAt,
    now: services.clock.now(),
    maxLength: profileLimits.password,
    check: checkOf(services, token),
    problem,
  });
  return { status, html };
}

/** What the browser asks for; whoever opens the link may not be the person of the chat. */
function localeOf({ headers }: FormRequest): string {
  const asked = headers['accept-language'];
  return localeOfBrowser(typeof asked === 'string' ? asked : '');
}

async function withProblems(locale: string, work: () => Promise<FormAnswer>): Promise<FormAnswer> {
  try {
    return await work();
  } catch (error) {
    if (isMailroomError(error) && problems[error.code] !== undefined) return formProblem(error.code, locale);
    throw error;
  }
}

/** Bound to the link, so a form for one link cannot be posted to another, and no cookie is needed. */
function checkOf(services: SecretFormServices, token: string): string {
  return services.keys.derive('one-time form check', token);
}

function equal(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Browsers say where a post comes from. With our `Referrer-Policy: no-referrer` they send `Origin: null`
 * (fetch.spec.whatwg.org, "append a request Origin header"), so null alone is no proof of another site; Sec-Fetch-Site is,
 * where the browser sends it.
 */
function isFromOwnPage(headers: FormRequest['headers'], publicUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  const { origin } = headers;
  return origin === undefined || origin === 'null' || origin === new URL(publicUrl).origin;
}
