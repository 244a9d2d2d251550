import { timingSafeEqual } from 'node:crypto';
import { secretKind, type SecretKind } from '../../cards/secret-kind.ts';
import { translate } from '../../locales/translate.ts';
import { certificateText, largestCertificateBytes } from '../../services/exchange/oauth/certificate.ts';
import { isMailroomError } from '../../services/model/error.ts';
import { profileLimits } from '../../services/model/profile.ts';
import { secretRequestLifetimeMs, type SecretRequest } from '../../services/model/secret-request.ts';
import type { HandedIn } from '../../services/secrets/handed-in.ts';
import { findOpenRequest, parkSecret } from '../../services/secrets/secret-form.ts';
import { Secret } from '../../services/secrets/secret.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { encodingOf, readPostedForm, type FormEncoding, type PostedForm } from './posted-form.ts';
import { localeOf, problemPages, readerOf, type PageAnswer, type PageRequest, type Reader } from './one-time-page.ts';
import { codePage, formPage, type FormProblem } from './secret-form-page.ts';

/** The services behind the form. */
export type SecretFormServices = Pick<ServiceContext, 'store' | 'clock' | 'keys'>;

/** Of a certificate file. */
const kilobytes = largestCertificateBytes / 1024;

/** How long a link, and then its code, works. */
const minutes = secretRequestLifetimeMs / 60_000;

/** Problems with a page of their own. */
const problems = problemPages(
  {
    'secret.link-invalid': { status: 404, name: 'link-invalid' },
    'secret.link-replaced': { status: 410, name: 'link-replaced' },
    'secret.link-used': { status: 410, name: 'link-used' },
    'secret.link-expired': { status: 410, name: 'link-expired' },
    'form.too-large': { status: 413, name: 'too-large' },
    'form.file-too-large': { status: 413, name: 'file-too-large' },
    'form.wrong-type': { status: 415, name: 'wrong-type' },
    'form.unreadable': { status: 400, name: 'unreadable' },
    'form.foreign': { status: 403, name: 'foreign' },
    'form.too-many': { status: 429, name: 'too-many' },
  },
  { limit: profileLimits.password, kilobytes, minutes },
);

/** The page for a problem of the form or its link. */
export const formProblem = problems.page;

/** GET and HEAD: shows the form and consumes nothing, since previews and scanners fetch every link in a chat. */
export async function showForm(services: SecretFormServices, request: PageRequest): Promise<PageAnswer> {
  return problems.within(localeOf(request), async () => {
    const { value } = await findOpenRequest(services, request.token);
    return renderForm(services, request.token, value, await readerOf(services.store, request, value), null);
  });
}

/** POST: checks that the form came from this page, parks what it holds and shows the code. `body` null: too large. */
export async function receiveForm(
  services: SecretFormServices,
  request: PageRequest,
  publicUrl: string,
  body: Buffer | null,
): Promise<PageAnswer> {
  return problems.within(localeOf(request), async () => {
    // A link that is spent is told so even when the rest of the post is wrong.
    const { value } = await findOpenRequest(services, request.token);
    const reader = await readerOf(services.store, request, value);
    const { locale } = reader;
    const kind = secretKind(value.target);
    const contentType = request.headers['content-type'];
    if (typeof contentType !== 'string' || encodingOf(contentType) !== encodings[kind])
      return formProblem('form.wrong-type', locale);
    if (body === null) return formProblem(kind === 'certificate' ? 'form.file-too-large' : 'form.too-large', locale);
    const form = await readPostedForm(contentType, body);
    if (form === null) return formProblem('form.unreadable', locale);
    if (!isFromOwnPage(request.headers, publicUrl) || !equal(form.check, checkOf(services, request.token)))
      return formProblem('form.foreign', locale);
    const again = (problem: FormProblem): PageAnswer => renderForm(services, request.token, value, reader, problem);
    const lack = lackOf(kind, form, locale);
    if (lack !== null) return again(lack);
    try {
      const { code } = await parkSecret(services, request.token, handedIn(kind, form));
      return { status: 200, html: codePage(locale, kind, code, minutes) };
    } catch (error) {
      const problem = problemOf(error, kind, locale);
      if (problem === null) throw error;
      return again(problem);
    }
  });
}

/** How the form of each kind is sent. */
const encodings: Readonly<Record<SecretKind, FormEncoding>> = {
  password: 'urlencoded',
  certificate: 'multipart',
  clientSecret: 'urlencoded',
};

function handedIn(kind: SecretKind, { password, file }: PostedForm): HandedIn {
  const typed = new Secret(password);
  if (kind !== 'certificate' || file === null) return typed;
  return { content: certificateText(file), password: password === '' ? null : typed };
}

/** What the post of a certificate lacks, before anything reads it. */
function lackOf(kind: SecretKind, { file }: PostedForm, locale: string): FormProblem | null {
  if (kind !== 'certificate') return null;
  if (file === null || file.length === 0) return { field: 'file', text: translate(locale, 'form.file-missing') };
  if (file.length <= largestCertificateBytes) return null;
  return { field: 'file', text: translate(locale, 'form.file-too-long', { kilobytes }) };
}

/** What is wrong with what was handed in, beside the field that it is about; null: something else went wrong. */
function problemOf(error: unknown, kind: SecretKind, locale: string): FormProblem | null {
  if (!isMailroomError(error)) return null;
  const { code, params } = error;
  if (code === 'secret.empty') return { field: 'password', text: translate(locale, 'form.secret-missing', { kind }) };
  if (code === 'secret.too-long')
    return { field: 'password', text: translate(locale, 'form.secret-too-long', { kind, ...params }) };
  if (!code.startsWith('certificate.')) return null;
  const field = code === 'certificate.wrong-password' ? 'password' : 'file';
  return { field, text: translate(locale, `form.${code}`, params) };
}

function renderForm(
  services: SecretFormServices,
  token: string,
  { target, ownerName, expiresAt }: SecretRequest,
  { locale, timeZone }: Reader,
  problem: FormProblem | null,
): PageAnswer {
  const html = formPage(locale, {
    target,
    timeZone,
    ownerName,
    expiresAt,
    now: services.clock.now(),
    maxLength: profileLimits.password,
    check: checkOf(services, token),
    problem,
  });
  return { status: problem === null ? 200 : 422, html };
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
function isFromOwnPage(headers: PageRequest['headers'], publicUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  const { origin } = headers;
  return origin === undefined || origin === 'null' || origin === new URL(publicUrl).origin;
}
