/** A vault, and the resource that a token for it is for. */
export interface VaultLocation {
  /** `https://NAME.vault.azure.net`, without a slash at the end. */
  readonly url: string;
  readonly host: string;
  readonly resource: string;
}

/** A vault that the operator vouches for: the stand-in. */
export interface VaultStandIn {
  /** With the port. */
  readonly host: string;
  readonly resource: string;
}

/**
 * Where vaults live, and what a token for them is for: worldwide, 21Vianet, US government
 * (learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates, "DNS suffixes for object identifiers").
 */
const clouds: readonly { readonly suffix: string; readonly resource: string }[] = [
  { suffix: '.vault.azure.net', resource: 'https://vault.azure.net' },
  { suffix: '.vault.azure.cn', resource: 'https://vault.azure.cn' },
  { suffix: '.vault.usgovcloudapi.net', resource: 'https://vault.usgovcloudapi.net' },
];

/** `keyvaulturi` of `keyvaultreference`. */
const longest = 100;

/**
 * Reads the address of a vault. Null for anything that is not one: the KV app's token opens every vault of the tenant
 * it may read, so it goes to Microsoft's hosts (or the stand-in that the operator named) and nowhere else.
 */
export function readVaultLocation(text: string, standIn: VaultStandIn | null = null): VaultLocation | null {
  const trimmed = text.trim();
  // The parser drops tabs and line breaks silently, and takes a backslash for a slash.
  if (trimmed.length > longest || /[\s\p{Cc}\\]/u.test(trimmed) || !URL.canParse(trimmed)) return null;
  const url = new URL(trimmed);
  const isBare = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (url.protocol !== 'https:' || !isBare || url.password !== '') return null;
  if (standIn !== null && url.host === standIn.host.toLowerCase()) {
    return { url: url.origin, host: url.host, resource: standIn.resource };
  }
  const cloud = clouds.find(({ suffix }) => url.host.endsWith(suffix));
  // A vault's own name is one label of 3 to 24 letters, digits and dashes; a port never belongs to it.
  const isVault = cloud !== undefined && /^[a-z][\da-z-]{2,23}$/.test(url.host.slice(0, -cloud.suffix.length));
  return isVault ? { url: url.origin, host: url.host, resource: cloud.resource } : null;
}
