/** Where the certificate of a profile comes from. */
export type CertificateSource = 'file' | 'key-vault';

/**
 * Hybrid Modern Authentication of a profile: the inputs that
 * learn.microsoft.com/power-platform/admin/connect-exchange-server-onprem-hma asks for. Nothing here is secret.
 */
export interface ModernAuthentication {
  /** `exchangeonlinetenantid`: GUID or domain name. */
  readonly tenant: string;
  /** `oauthclientid`: the HMA app. */
  readonly clientId: string;
  /** `aadresourceid`; empty: the host of the EWS address. */
  readonly resource: string;
  readonly certificate:
    | { readonly source: 'file' }
    | {
        readonly source: 'key-vault';
        /** `keyvaulturi` and `keyname` of `keyvaultreference`. */
        readonly vaultUrl: string;
        readonly certificateName: string;
        /** The KV app, in the same tenant. */
        readonly clientId: string;
      };
}

/**
 * A tenant is a GUID or one of its domain names, which have a dot; `common` and its like have none, and give no token to
 * an app without a user.
 */
export function isTenant(text: string): boolean {
  const isDomain =
    text.length <= 253 && /^[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)+$/i.test(text);
  return isDomain || isClientId(text);
}

/** An app's id ("Application (client) ID"). */
export const isClientId = (text: string): boolean => /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(text);

/** A resource goes into a scope, where a blank would make two of it; a name and password in it would be shown and kept. */
export const isResource = (text: string): boolean =>
  text.length <= 1024 &&
  /^[\x21-\x7e]+$/.test(text) &&
  !text.includes('/.default') &&
  !/^[a-z][a-z\d+.-]*:\/*[^/]*@/i.test(text);

/** The vault's path takes letters, digits and dashes (learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates). */
export const isVaultObjectName = (name: string): boolean => /^[\dA-Za-z-]{1,127}$/.test(name);
