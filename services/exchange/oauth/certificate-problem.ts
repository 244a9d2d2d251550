/** What is wrong with a client certificate as it was handed in: a key of `form.*` in locales. */
export type CertificateProblem =
  | 'certificate.unreadable'
  | 'certificate.wrong-password'
  | 'certificate.no-key'
  /** Entra takes assertions signed with RSA only. */
  | 'certificate.key-not-rsa'
  /** An encryption other than those that `pbe.ts` lists, or more iterations than it makes. */
  | 'certificate.unsupported-encryption'
  | 'certificate.expired'
  | 'certificate.not-yet-valid';

/** Carries a problem out of the readers. It holds no cause: OpenSSL's texts quote what they were given. */
export class CertificateError extends Error {
  readonly problem: CertificateProblem;

  constructor(problem: CertificateProblem) {
    super(problem);
    this.name = 'CertificateError';
    this.problem = problem;
  }
}

export const unreadable = (): CertificateError => new CertificateError('certificate.unreadable');
