import type { Fault } from '../../model/fault.ts';
import type { ClientCertificate } from './certificate.ts';

export type CertificateResult =
  | { readonly certificate: ClientCertificate; readonly fault: null }
  | { readonly certificate: null; readonly fault: Fault };

/** Where a profile's certificate comes from. */
export interface CertificateSource {
  /** Never rejects. */
  get(): Promise<CertificateResult>;
  /**
   * Looks once more where the certificate comes from, after Entra refused `refused`. Null when there is nowhere to look
   * or the same one is still there.
   */
  renew(refused: ClientCertificate): Promise<CertificateResult | null>;
  /** Forgets refusals on the way to it (`TokenSource.retryNow`). */
  retryNow(): void;
}

/** A certificate that was handed in by the one-time form: a new one comes as a new credential. */
export const fixedCertificate = (certificate: ClientCertificate): CertificateSource => ({
  get: () => Promise.resolve({ certificate, fault: null }),
  renew: () => Promise.resolve(null),
  retryNow: () => undefined,
});
