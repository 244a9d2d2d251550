import { readCertificate, type CertificateMaterial, type ClientCertificate } from '../exchange/oauth/certificate.ts';
import { MailroomError } from '../model/error.ts';
import { profileLimits } from '../model/profile.ts';
import type { CertificateFacts } from '../model/secret-request.ts';
import type { SecretTarget } from '../model/secret-target.ts';
import { Secret } from './secret.ts';

/** What a person gives: a password or a client secret, or a certificate with the password of its file. */
export type HandedIn = Secret | CertificateMaterial;

/** What is stored of it, and what may be shown. */
export interface Sealable {
  readonly secret: Secret;
  /** Of a certificate. */
  readonly certificate: CertificateFacts | null;
}

/**
 * Judges what was handed in for a target of this scheme. A certificate is opened here, and its key goes on without the
 * password of the file, which nobody needs any more.
 * @throws MailroomError `secret.wrong-kind`, `secret.empty`, `secret.too-long`, or a CertificateProblem; with the subject
 *   and the days of a certificate that is read but not valid now
 */
export function readHandedIn(handedIn: HandedIn, scheme: SecretTarget['scheme'], nowMs: number): Sealable {
  if (handedIn instanceof Secret !== (scheme !== 'certificate')) throw new MailroomError('secret.wrong-kind');
  if (handedIn instanceof Secret) {
    if (handedIn.reveal() === '') throw new MailroomError('secret.empty');
    return { secret: withinLimit(handedIn), certificate: null };
  }
  if (handedIn.password !== null) withinLimit(handedIn.password);
  const { certificate, problem } = readCertificate(handedIn, nowMs);
  if (problem !== null) throw new MailroomError(problem, certificate === null ? {} : daysOf(certificate));
  const { subject, thumbprint, notAfter, privateKey, chain } = certificate;
  return { secret: new Secret(privateKey.reveal() + chain), certificate: { subject, thumbprint, notAfter } };
}

function withinLimit(secret: Secret): Secret {
  const limit = profileLimits.password;
  if (secret.reveal().length > limit) throw new MailroomError('secret.too-long', { limit });
  return secret;
}

const daysOf = ({ subject, notBefore, notAfter }: ClientCertificate): Record<string, string> => ({
  subject: subject.slice(0, 200),
  from: dayOf(notBefore),
  until: dayOf(notAfter),
});

/** In UTC; a certificate may end in a year that ISO 8601 writes with a sign. */
const dayOf = (ms: number): string => new Date(ms).toISOString().split('T')[0] ?? '';
