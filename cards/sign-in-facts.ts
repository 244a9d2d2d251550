import type { ModernAuthentication } from '../services/model/modern-authentication.ts';
import type { CertificateFacts } from '../services/model/secret-request.ts';
import type { FactLine } from './card-facts.ts';
import type { Say } from './card-text.ts';
import { certificateText } from './certificate-text.ts';
import { plainText } from './plain-text.ts';
import { serverHost } from './server-host.ts';

export interface SignIn {
  readonly userName: string;
  /** With OAuth and only then. */
  readonly modernAuthentication: ModernAuthentication | null;
  /** Of a certificate that was handed in as a file, once it is known. */
  readonly certificate: CertificateFacts | null;
}

/** Who signs in: the service account; with OAuth the app, its tenant, and where its certificate is. */
export function signInFacts(say: Say, { userName, modernAuthentication, certificate }: SignIn): FactLine[] {
  if (modernAuthentication === null) return [[say('fact.account'), plainText(userName, 120)]];
  const { clientId, tenant, resource, certificate: place } = modernAuthentication;
  const shown =
    place.source === 'key-vault'
      ? say('certificate.in-vault', {
          name: plainText(place.certificateName),
          vault: serverHost(place.vaultUrl),
          app: plainText(place.clientId),
        })
      : certificate === null
        ? say('certificate.file')
        : certificateText(say, certificate);
  return [
    [say('fact.app'), plainText(clientId)],
    [say('fact.tenant'), plainText(tenant)],
    [say('fact.resource'), resource === '' ? null : plainText(resource, 200)],
    [say('fact.app-certificate'), shown],
  ];
}
