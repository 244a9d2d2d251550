import type { SecureContext } from 'node:tls';
import { MailroomError } from '../../model/error.ts';
import { systemClock, type Clock } from '../../model/clock.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { Resolve } from '../guarded-lookup.ts';
import type { Proxy } from '../proxy.ts';
import { createTlsContext } from '../tls-context.ts';
import type { ClientCertificate } from './certificate.ts';
import { fixedCertificate, type CertificateSource } from './certificate-source.ts';
import { createVaultCertificates } from './key-vault.ts';
import { policyFor, readLoginService, resourceOf } from './login-service.ts';
import { createSecureRequests, type SecureRequests } from './secure-requests.ts';
import type { TokenRequester } from './token-request.ts';
import { createCertificateTokenSource, createSecretTokenSource, type TokenSource } from './token-source.ts';
import { readVaultLocation, type VaultStandIn } from './vault-location.ts';

/** What a profile stores for Hybrid Modern Authentication (the inputs of facts/dynamics.md §6.8). */
export interface HybridModernAuth {
  /** EWS address. */
  readonly serverLocation: string;
  /** `aadresourceid`; null: the host of the EWS address. */
  readonly resource: string | null;
  /** `exchangeonlinetenantid`: GUID or domain name. */
  readonly tenant: string;
  /** `oauthclientid`: the HMA app. */
  readonly clientId: string;
  readonly certificate: HmaCertificate;
  /** Sends the chain too, for apps that trust an issuer and a name (`keytype` 2, CertificateWithX5c). Default: no. */
  readonly sendChain?: boolean;
}

export type HmaCertificate =
  | { readonly kind: 'own'; readonly certificate: ClientCertificate }
  | {
      readonly kind: 'key-vault';
      readonly vaultUrl: string;
      readonly certificateName: string;
      /** The KV app, in the same tenant. */
      readonly clientId: string;
      readonly clientSecret: Secret;
    };

/** What the operator sets, once for all profiles. */
export interface OAuthSettings {
  readonly loginUrl?: string;
  readonly vaultStandIn?: VaultStandIn;
  /** CIDRs that stand-ins lie in; loopback is reachable by being listed only. */
  readonly networks?: readonly string[];
  readonly clock?: Clock;
  readonly deadlineMs?: number;
  readonly tlsContext?: SecureContext;
  readonly resolve?: Resolve;
  /** Corporate proxy on the way to Microsoft. */
  readonly proxy?: Proxy | null;
  /** Replaces the calls themselves. */
  readonly requests?: SecureRequests;
  readonly onToken?: TokenRequester['onToken'];
}

/**
 * The source of tokens of one profile. Build one a credential and keep it: it holds the token, and two of them ask twice.
 * @throws MailroomError `config.login-url-invalid`, `profile.vault-invalid`: both are checked where they are typed in
 */
export function createHybridModernAuth(profile: HybridModernAuth, settings: OAuthSettings = {}): TokenSource {
  const login = readLoginService(settings.loginUrl);
  if (login === null) throw new MailroomError('config.login-url-invalid');
  const requests = settings.requests ?? requestsTo(login.url, settings);
  const requester: TokenRequester = {
    login,
    requests,
    clock: settings.clock ?? systemClock,
    ...(settings.deadlineMs === undefined ? {} : { deadlineMs: settings.deadlineMs }),
    ...(settings.onToken === undefined ? {} : { onToken: settings.onToken }),
  };
  return createCertificateTokenSource({
    ...requester,
    subject: {
      tenant: profile.tenant,
      clientId: profile.clientId,
      resource: resourceOf(profile.serverLocation, profile.resource),
    },
    certificates: certificatesOf(profile, requester, settings),
    sendChain: profile.sendChain ?? false,
  });
}

function certificatesOf(
  { certificate, tenant }: HybridModernAuth,
  requester: TokenRequester,
  settings: OAuthSettings,
): CertificateSource {
  if (certificate.kind === 'own') return fixedCertificate(certificate.certificate);
  const { vaultUrl, certificateName, clientId, clientSecret } = certificate;
  const vault = readVaultLocation(vaultUrl, settings.vaultStandIn ?? null);
  if (vault === null) throw new MailroomError('profile.vault-invalid');
  return createVaultCertificates({
    vault,
    certificateName,
    clientId,
    tokens: createSecretTokenSource({
      ...requester,
      subject: { tenant, clientId, resource: vault.resource },
      secret: clientSecret,
    }),
    requests: settings.requests ?? requestsTo(vault.url, settings),
    clock: requester.clock,
    ...(settings.deadlineMs === undefined ? {} : { deadlineMs: settings.deadlineMs }),
  });
}

function requestsTo(origin: string, settings: OAuthSettings): SecureRequests {
  const { host, hostname } = new URL(origin);
  return createSecureRequests({
    host,
    policy: policyFor([hostname], settings.networks),
    tlsContext: settings.tlsContext ?? createTlsContext(),
    proxy: settings.proxy ?? null,
    ...(settings.resolve === undefined ? {} : { resolve: settings.resolve }),
  });
}
