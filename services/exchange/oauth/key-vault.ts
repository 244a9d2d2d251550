import type { Clock } from '../../model/clock.ts';
import type { FaultCode } from '../../model/fault-catalogue.ts';
import type { Fault } from '../../model/fault.ts';
import { isVaultObjectName } from '../../model/modern-authentication.ts';
import { Secret } from '../../secrets/secret.ts';
import { largestCertificateBytes, readCertificate, validityProblem, type ClientCertificate } from './certificate.ts';
import type { CertificateResult, CertificateSource } from './certificate-source.ts';
import type { VaultLocation } from './vault-location.ts';
import type { SecureAnswer, SecureRequests } from './secure-requests.ts';
import { parseObject } from './token-refusal.ts';
import type { TokenSource } from './token-source.ts';

export interface VaultCertificateOptions {
  readonly vault: VaultLocation;
  /** Name of the certificate in the vault (`keyname` of `keyvaultreference`). */
  readonly certificateName: string;
  /** The KV app: for the fault's sentence. */
  readonly clientId: string;
  /** Tokens of the KV app for `vault.resource`. */
  readonly tokens: TokenSource;
  readonly requests: SecureRequests;
  readonly clock: Clock;
  readonly deadlineMs?: number;
}

const defaultDeadlineMs = 10_000;
const apiVersion = '7.4';

/**
 * The certificate of a profile out of Azure Key Vault (learn.microsoft.com/rest/api/keyvault/secrets/get-secret). The
 * object "certificate" of a vault holds the public half only; key and certificate together are the secret of the same
 * name, which is why the KV app needs Get on secrets and on certificates (facts/dynamics.md §6.8). Kept until the
 * certificate ends; Key Vault renews certificates by itself, so after a refusal the newest version is fetched once.
 */
export function createVaultCertificates(options: VaultCertificateOptions): CertificateSource {
  const { clock } = options;
  let held: ClientCertificate | null = null;
  let underWay: Promise<CertificateResult> | null = null;

  const fetchOnce = (): Promise<CertificateResult> => {
    underWay ??= fetchCertificate(options)
      .then((result) => {
        if (result.fault === null) held = result.certificate;
        return result;
      })
      .finally(() => {
        underWay = null;
      });
    return underWay;
  };

  return {
    get() {
      const isGood = held !== null && validityProblem(held, clock.now()) === null;
      return isGood && held !== null ? Promise.resolve({ certificate: held, fault: null }) : fetchOnce();
    },
    async renew(refused) {
      // Somebody else may have fetched it meanwhile.
      if (held !== null && held.x5tS256 !== refused.x5tS256) return { certificate: held, fault: null };
      const result = await fetchOnce();
      // A vault that is silent now changes nothing about the refusal, which says more.
      if (result.fault !== null) return null;
      return result.certificate.x5tS256 === refused.x5tS256 ? null : result;
    },
    retryNow: () => options.tokens.retryNow(),
  };
}

async function fetchCertificate(options: VaultCertificateOptions): Promise<CertificateResult> {
  const { certificateName, clock } = options;
  if (!isVaultObjectName(certificateName)) return failed(options, 'KeyVaultSecretNotFound');
  const first = await askVault(options);
  if (first.fault !== null) return { certificate: null, fault: first.fault };
  const { answer } = first;
  if (answer.status !== 200) return { certificate: null, fault: judgeVaultRefusal(answer, options) };
  const value = parseObject(answer.body)?.['value'];
  if (typeof value !== 'string' || value.length > largestCertificateBytes * 2) {
    return failed(options, 'KeyVaultOther', 'answer-malformed');
  }
  const reading = readCertificate({ content: new Secret(value), password: null }, clock.now());
  // The dates are judged where the certificate is used, with the sentence that belongs to them.
  if (reading.certificate !== null) return { certificate: reading.certificate, fault: null };
  return failed(options, 'KeyVaultOther', reading.problem ?? undefined);
}

type VaultAnswer =
  { readonly answer: SecureAnswer; readonly fault: null } | { readonly answer: null; readonly fault: Fault };

async function askVault(options: VaultCertificateOptions): Promise<VaultAnswer> {
  const token = await options.tokens.get();
  if (token.fault !== null) return { answer: null, fault: token.fault };
  const controller = new AbortController();
  const cancel = options.clock.after(options.deadlineMs ?? defaultDeadlineMs, () => controller.abort());
  try {
    const { answer, fault } = await options.requests.send(
      {
        url: `${secretAddress(options)}?api-version=${apiVersion}`,
        method: 'GET',
        headers: { accept: 'application/json', authorization: `Bearer ${token.token.token.reveal()}` },
      },
      controller.signal,
    );
    if (fault !== null) return { answer: null, fault: vaultFault('KeyVaultUnreachable', options, fault.code) };
    if (answer.status === 401) options.tokens.discard(token.token.token);
    return { answer, fault: null };
  } finally {
    cancel();
  }
}

const secretAddress = ({ vault, certificateName }: VaultCertificateOptions): string =>
  `${vault.url}/secrets/${encodeURIComponent(certificateName)}`;

/**
 * A refusal of the vault by status and code (learn.microsoft.com/azure/key-vault/general/rest-error-codes). Which of the
 * reasons of a 403 it was stands in `innererror.code`: access policy, role, firewall, or a disabled secret.
 */
export function judgeVaultRefusal(answer: SecureAnswer, options: VaultCertificateOptions): Fault {
  const error = objectIn(parseObject(answer.body)?.['error']);
  const inner = objectIn(error?.['innererror']);
  const words = [inner?.['code'], error?.['code']].filter(isCode);
  const responseCode = words[0] ?? `HTTP ${answer.status}`;
  if (answer.status === 401 || answer.status === 403) return vaultFault('KeyVaultForbidden', options, responseCode);
  if (answer.status === 404) return vaultFault('KeyVaultSecretNotFound', options, responseCode);
  const isPassing = answer.status === 429 || answer.status >= 500;
  return vaultFault(isPassing ? 'KeyVaultUnreachable' : 'KeyVaultOther', options, responseCode);
}

const isCode = (value: unknown): value is string => typeof value === 'string' && /^\w{1,60}$/.test(value);

function objectIn(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
}

function vaultFault(code: FaultCode, options: VaultCertificateOptions, responseCode?: string): Fault {
  return {
    code,
    params: {
      host: options.vault.host,
      account: options.clientId,
      location: secretAddress(options),
      ...(responseCode === undefined ? {} : { responseCode }),
    },
    ...(responseCode === undefined ? {} : { raw: responseCode }),
  };
}

const failed = (options: VaultCertificateOptions, code: FaultCode, responseCode?: string): CertificateResult => ({
  certificate: null,
  fault: vaultFault(code, options, responseCode),
});
