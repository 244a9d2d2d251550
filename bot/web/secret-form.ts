import { timingSafeEqual } from 'node:crypto';
import { isMailroomError } from '../../services/model/error.ts';
import { profileLimits } from '../../services/model/profile.ts';
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

const newLink =
  'Go back to your chat with Mailroom in Teams and choose "New link" on the card; the new link works for 10 minutes.';

const problems: Readonly<Record<string, { status: number; title: string; nextStep: string }>> = {
  'secret.link-invalid': {
    status: 404,
    title: 'This link is not known',
    nextStep: `The address may be cut off: open the link from the card again. ${newLink}`,
  },
  'secret.link-used': {
    status: 410,
    title: 'This link was already used',
    nextStep: `A password was sent with it, or the profile has moved on. If it was not you: ${newLink}`,
  },
  'secret.link-expired': { status: 410, title: 'This link has expired', nextStep: newLink },
  'form.too-large': {
    status: 413,
    title: 'That is too long',
    nextStep: `A password can have ${profileLimits.password} characters. Go back and try again.`,
  },
  'form.wrong-type': {
    status: 415,
    title: 'That is not a form',
    nextStep: 'Open the link from the card in a browser.',
  },
  'form.foreign': {
    status: 403,
    title: 'The form was not sent from this page',
    nextStep: 'Nothing was stored. Open the link from the card again and send the password from there.',
  },
  'form.too-many': { status: 429, title: 'Too many tries', nextStep: 'Wait a minute and open the link again.' },
};

/** The page for a problem of the form or its link. */
export function formProblem(code: string): FormAnswer {
  const { status, title, nextStep } = problems[code] ?? {
    status: 500,
    title: 'That did not work',
    nextStep: 'Nothing was stored. Try again in a minute; if it stays so, tell the operator of Mailroom.',
  };
  return { status, html: problemPage(title, nextStep) };
}

/** GET and HEAD: shows the form and consumes nothing, since previews and scanners fetch every link in a chat. */
export async function showForm(services: SecretFormServices, request: FormRequest): Promise<FormAnswer> {
  return withProblems(() => renderForm(services, request.token, 200, null));
}

/** POST: checks that the form came from this page, parks the password and shows the code. `body` null: too large. */
export async function receiveForm(
  services: SecretFormServices,
  request: FormRequest,
  publicUrl: string,
  body: string | null,
): Promise<FormAnswer> {
  return withProblems(async () => {
    if (body === null) return formProblem('form.too-large');
    // A link that is spent is told so even when the rest of the post is wrong.
    await findOpenRequest(services, request.token);
    const form = new URLSearchParams(body);
    const check = checkOf(services, request.token);
    if (!isFromOwnPage(request.headers, publicUrl) || !equal(form.get('check') ?? '', check)) {
      return formProblem('form.foreign');
    }
    try {
      const { code } = await parkSecret(services, request.token, new Secret(form.get('password') ?? ''));
      return { status: 200, html: codePage(code) };
    } catch (error) {
      if (isMailroomError(error, 'secret.empty')) {
        return await renderForm(services, request.token, 422, 'Enter the password.');
      }
      if (isMailroomError(error, 'secret.too-long')) {
        const text = `The password is too long: at most ${profileLimits.password} characters.`;
        return await renderForm(services, request.token, 422, text);
      }
      throw error;
    }
  });
}

async function renderForm(
  services: SecretFormServices,
  token: string,
  status: number,
  problem: string | null,
): Promise<FormAnswer> {
  const { value } = await findOpenRequest(services, token);
  const html = formPage({
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

async function withProblems(work: () => Promise<FormAnswer>): Promise<FormAnswer> {
  try {
    return await work();
  } catch (error) {
    if (isMailroomError(error) && problems[error.code] !== undefined) return formProblem(error.code);
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
