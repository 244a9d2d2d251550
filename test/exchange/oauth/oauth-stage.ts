import { startEntra, type Entra } from '../../../sandbox/entra/start-entra.ts';
import type { Application } from '../../../sandbox/entra/token-endpoint.ts';
import { startKeyVault, type KeyVault, type VaultSecret } from '../../../sandbox/entra/key-vault.ts';
import {
  createHybridModernAuth,
  type HmaCertificate,
  type HybridModernAuth,
  type OAuthSettings,
} from '../../../services/exchange/oauth/hybrid-modern-auth.ts';
import type { TokenSource } from '../../../services/exchange/oauth/token-source.ts';
import { createTlsContext } from '../../../services/exchange/tls-context.ts';
import { Secret } from '../../../services/secrets/secret.ts';
import { FakeClock } from '../fake-clock.ts';
import { makeCertificate, type OwnCertificate } from './certificate-samples.ts';

export const tenantId = '5f1b2c3d-0000-4c0a-9a7e-c0470500a001';
export const hmaApp = '3a11f00a-0000-4b07-8b07-3a1120030002';
export const vaultApp = '3a11f00a-0000-4b07-8b07-3a1120030003';
export const vaultSecret = 'kv-secret-hush';
export const resource = 'https://mail.contoso.test';
export const day = 86_400_000;

/** An Entra and a Key Vault on loopback, and what a profile needs to use them. */
export interface Stage {
  readonly entra: Entra;
  readonly vault: KeyVault;
  readonly secrets: Map<string, VaultSecret>;
  /** The HMA app as Entra has it; tests change it. */
  readonly app: Application;
  readonly vaultApp: Application;
  readonly own: OwnCertificate;
  /** Requests to the token endpoint of one app since the last `reset`. */
  readonly asked: (clientId: string) => number;
  readonly reset: () => void;
  readonly source: (changes?: Partial<HybridModernAuth>, settings?: OAuthSettings) => TokenSource;
  readonly ownCertificate: HmaCertificate;
  readonly vaultCertificate: HmaCertificate;
  readonly close: () => Promise<void>;
}

/** A clock at the hour of this machine, which the stand-ins go by. */
export async function clockOfNow(): Promise<FakeClock> {
  const clock = new FakeClock();
  await clock.advance(Date.now() - clock.now());
  return clock;
}

export async function startStage(): Promise<Stage> {
  const own = await makeCertificate(new Date(Date.now() - day), new Date(Date.now() + 30 * day));
  const app: Application = { clientId: hmaApp };
  const vaultApplication: Application = { clientId: vaultApp };
  const entra = await startEntra({
    tenantId,
    applications: [app, vaultApplication],
    resources: [resource, 'https://vault.azure.net'],
  });
  const secrets = new Map<string, VaultSecret>();
  const vault = await startKeyVault({ entra, secrets, readers: [vaultApp] });
  let from = 0;

  const reset = (): void => {
    from = entra.tokenRequests.length;
    Object.assign(app, { certificatePem: own.pem, roles: ['full_access_as_app'] });
    Object.assign(vaultApplication, { secret: vaultSecret });
    for (const each of [app, vaultApplication]) delete each.refusal;
    secrets.clear();
    secrets.set('hma', { value: own.withKey, contentType: 'application/x-pem-file' });
    vault.misbehave(null);
    entra.setClockOffset(0);
  };
  reset();

  const ownCertificate: HmaCertificate = { kind: 'own', certificate: own.certificate };
  return {
    entra,
    vault,
    secrets,
    app,
    vaultApp: vaultApplication,
    own,
    ownCertificate,
    vaultCertificate: {
      kind: 'key-vault',
      vaultUrl: vault.url,
      certificateName: 'hma',
      clientId: vaultApp,
      clientSecret: new Secret(vaultSecret),
    },
    asked: (clientId) => entra.tokenRequests.slice(from).filter((entry) => entry.clientId === clientId).length,
    reset,
    source: (changes = {}, settings = {}) =>
      createHybridModernAuth(
        {
          serverLocation: `${resource}/EWS/Exchange.asmx`,
          resource: null,
          tenant: tenantId,
          clientId: hmaApp,
          certificate: ownCertificate,
          ...changes,
        },
        {
          loginUrl: entra.url,
          vaultStandIn: { host: vault.host, resource: vault.resource },
          networks: ['127.0.0.0/8'],
          tlsContext: createTlsContext(entra.caPem),
          ...settings,
        },
      ),
    close: async () => {
      await vault.close();
      await entra.close();
    },
  };
}
