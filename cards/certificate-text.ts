import type { CertificateFacts } from '../services/model/secret-request.ts';
import { localTime, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';

const day = 24 * 60 * 60 * 1000;

/** So long before its end a certificate is worth a warning: a new one takes a request, an upload and a consent. */
const warnDays = 30;

/** Subject, thumbprint and end of a certificate, in one line. */
export function certificateText(say: Say, { subject, thumbprint, notAfter }: CertificateFacts): string {
  return say('certificate.text', {
    subject: plainText(subject, 120),
    thumbprint: plainText(thumbprint, 64),
    date: localTime(notAfter),
  });
}

/** What to say of a certificate that ends soon or is over; null when there is time. */
export function certificateWarning(say: Say, { notAfter }: CertificateFacts, now: number): string | null {
  if (notAfter <= now) return say('certificate.over');
  const days = Math.ceil((notAfter - now) / day);
  return days > warnDays ? null : say('certificate.ends', { count: days });
}
