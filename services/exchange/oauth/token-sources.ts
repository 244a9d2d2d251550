import { systemClock } from '../../model/clock.ts';
import type { Fault } from '../../model/fault.ts';
import { hostOf } from '../../model/secret-target.ts';
import type { ServerAccess, TokenAuthentication } from '../exchange-port.ts';
import { readCertificate } from './certificate.ts';
import { createHybridModernAuth, type HmaCertificate, type OAuthSettings } from './hybrid-modern-auth.ts';
import { readLoginService, resourceOf } from './login-service.ts';
import { tokenFault } from './token-refusal.ts';
import type { TokenSource } from './token-source.ts';
import { readVaultLocation } from './vault-location.ts';

/** What a token is taken for. */
export type TokenAccess = Pick<ServerAccess, 'serverLocation' | 'credentialId'> & {
  readonly authentication: TokenAuthentication;
};

export type TokenSources = (access: TokenAccess) => TokenSource;

/** Sources beyond this many are forgotten, the one that was used longest ago first: at the cost of one more request. */
const mostSources = 200;

/**
 * The sources of tokens, one a credential and resource: its secret is bound to tenant, app, resource and vault (law 3), so
 * none of these can change under it, but a resource that is not named is the host that is asked, and there may be two. A source is built when it is asked for first, and one that cannot be built says why.
 */
export function createTokenSources(settings: OAuthSettings, most: number = mostSources): TokenSources {
  const sources = new Map<string, TokenSource>();
  return (access) => {
    const { credentialId, serverLocation, authentication } = access;
    const key = JSON.stringify([credentialId, resourceOf(serverLocation, authentication.app.resource)]);
    const source = sources.get(key) ?? buildSource(access, settings);
    // A map keeps the order in which keys were put: the first is the one that was used longest ago.
    sources.delete(key);
    sources.set(key, source);
    for (const oldest of sources.keys()) {
      if (sources.size <= most) break;
      sources.delete(oldest);
    }
    return source;
  };
}

function buildSource(access: TokenAccess, settings: OAuthSettings): TokenSource {
  const { serverLocation, authentication } = access;
  const { tenant, clientId, resource } = authentication.app;
  if (readLoginService(settings.loginUrl) === null) return refusing(loginRefused(access, settings));
  const { certificate, fault } = certificateOf(access, settings);
  if (certificate === null) return refusing(fault);
  return createHybridModernAuth({ serverLocation, resource, tenant, clientId, certificate }, settings);
}

type HmaCertificateResult =
  | { readonly certificate: HmaCertificate; readonly fault: null }
  | { readonly certificate: null; readonly fault: Fault };

function certificateOf({ serverLocation, authentication }: TokenAccess, settings: OAuthSettings): HmaCertificateResult {
  const { app, secret } = authentication;
  if (app.certificate.source === 'file') {
    // As the one-time form seals it: PEM, with the key and not encrypted. Dates are judged each time it is used.
    const nowMs = (settings.clock ?? systemClock).now();
    const { certificate } = readCertificate({ content: secret, password: null }, nowMs);
    const missing: Fault = {
      code: 'CredentialMissing',
      params: { host: new URL(serverLocation).host, account: app.clientId },
    };
    return certificate === null
      ? { certificate: null, fault: missing }
      : { certificate: { kind: 'own', certificate }, fault: null };
  }
  const { vaultUrl, certificateName, clientId } = app.certificate;
  if (readVaultLocation(vaultUrl, settings.vaultStandIn ?? null) === null) {
    const params = { host: hostOf(vaultUrl), account: clientId, location: vaultUrl };
    const responseCode = 'vault-address-not-allowed';
    return {
      certificate: null,
      fault: { code: 'KeyVaultOther', params: { ...params, responseCode }, raw: responseCode },
    };
  }
  const certificate = { kind: 'key-vault', vaultUrl, certificateName, clientId, clientSecret: secret } as const;
  return { certificate, fault: null };
}

/** The operator's address of the sign-in service is not https: fine for a bot in a sandbox, and no place for an assertion. */
function loginRefused(
  { serverLocation, authentication: { app } }: TokenAccess,
  { loginUrl = '' }: OAuthSettings,
): Fault {
  const resource = resourceOf(serverLocation, app.resource);
  const parties = { clientId: app.clientId, resource, loginHost: hostOf(loginUrl), authority: app.tenant };
  return tokenFault('OAuthOther', parties, 'login-url-not-https');
}

const refusing = (fault: Fault): TokenSource => ({
  get: () => Promise.resolve({ token: null, fault }),
  discard: () => undefined,
  retryNow: () => undefined,
});
