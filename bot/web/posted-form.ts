import { largestCertificateBytes } from '../../services/exchange/oauth/certificate.ts';

/** The two ways in which browsers send a form; one with a file is sent as `multipart`. */
export type FormEncoding = 'urlencoded' | 'multipart';

/** Bytes of a whole post: a password of 250 characters, percent-encoded, and the check; with a file, that and its headers. */
export const postLimits: Readonly<Record<FormEncoding, number>> = {
  urlencoded: 4096,
  multipart: largestCertificateBytes + 4096,
};

export function encodingOf(contentType: string | undefined): FormEncoding | null {
  if (/^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType ?? '')) return 'urlencoded';
  return /^multipart\/form-data\s*;/i.test(contentType ?? '') ? 'multipart' : null;
}

/** What the one-time form sends. */
export interface PostedForm {
  readonly check: string;
  readonly password: string;
  /** Null when none was sent; one without bytes when none was chosen. */
  readonly file: Uint8Array | null;
}

/** The fields of a post; null when it holds anything but the form's own fields, each once and as what it is. */
export async function readPostedForm(contentType: string, body: Buffer): Promise<PostedForm | null> {
  const fields = await fieldsOf(contentType, body);
  if (fields === null || new Set(fields.map(([name]) => name)).size !== fields.length) return null;
  let form: PostedForm = { check: '', password: '', file: null };
  for (const [name, value] of fields) {
    if ((name === 'check' || name === 'password') && typeof value === 'string') form = { ...form, [name]: value };
    else if (name === 'file' && typeof value !== 'string') form = { ...form, file: await value.bytes() };
    else return null;
  }
  return form;
}

async function fieldsOf(contentType: string, body: Buffer): Promise<(readonly [string, string | File])[] | null> {
  if (encodingOf(contentType) === 'urlencoded') return [...new URLSearchParams(body.toString('utf8'))];
  try {
    const headers = { 'content-type': contentType };
    return [...(await new Response(new Uint8Array(body), { headers }).formData())];
  } catch {
    // A boundary that does not fit, or a post that was cut off. The platform's error is of no use to anybody.
    return null;
  }
}
