import { randomBytes } from 'node:crypto';
import { makeAppCertificate, type AppCertificate } from './app-certificate.ts';
import { startKeyVault, type KeyVault, type VaultSecret } from './key-vault.ts';
import type { Entra } from './start-entra.ts';
import type { Application } from './token-endpoint.ts';

export const HMA_APP_ID = '4ba00000-0000-4a0a-8a0a-4ba400500001';
export const KEY_VAULT_APP_ID = '6e7a0000-0000-4a0a-8a0a-6e7a00500002';
/** The application permission "Use Exchange Web Services with full access to all mailboxes". */
const fullAccess = 'full_access_as_app';

/** What an admin of Entra has set up for Hybrid Modern Authentication: two apps and a certificate. */
export interface HybridApps {
  /** Signs in at Exchange; may be changed while Entra runs. */
  readonly app: Application;
  readonly certificate: AppCertificate;
  /** Reads the vault. */
  readonly reader: Application & { readonly secret: string };
}

export interface HybridModernAuth extends HybridApps {
  readonly vault: KeyVault;
  /** Of the vault, by name; may be changed while it runs. */
  readonly vaultSecrets: Map<string, VaultSecret>;
  /** The certificate's name in the vault. */
  readonly certificateName: string;
}

/** The applications, for an Entra that is to be started. */
export async function makeHybridApps(): Promise<HybridApps> {
  const certificate = await makeAppCertificate('Mailroom HMA');
  return {
    app: { clientId: HMA_APP_ID, certificatePem: certificate.certificatePem, roles: [fullAccess] },
    certificate,
    reader: { clientId: KEY_VAULT_APP_ID, secret: randomBytes(24).toString('base64url') },
  };
}

/** The vault beside them. */
export async function startHybridModernAuth(apps: HybridApps, entra: Entra): Promise<HybridModernAuth> {
  const certificateName = 'mailroom-hma';
  const vaultSecrets = new Map<string, VaultSecret>([
    [certificateName, { value: apps.certificate.pem, contentType: 'application/x-pem-file' }],
  ]);
  const vault = await startKeyVault({ entra, secrets: vaultSecrets, readers: [apps.reader.clientId] });
  return { ...apps, vault, vaultSecrets, certificateName };
}
