import { createHash } from 'node:crypto';
import type { Mailbox } from '../mailbox/mailbox.ts';
import { buildText, type Product } from '../products.ts';

/** Addresses of Exchange Web Services as Autodiscover publishes them; undefined where an admin has set none. */
export interface PublishedUrls {
  readonly external: string | undefined;
  readonly internal: string | undefined;
}

/** What Autodiscover knows of a mailbox, by the names of UserSettingName; POX shows some of it under names of its own. */
export type UserSettings = ReadonlyMap<string, string>;

export function userSettings(mailbox: Mailbox, product: Product, domain: string, urls: PublishedUrls): UserSettings {
  const { computer } = product;
  const digest = createHash('sha256').update(mailbox.address.toLowerCase()).digest('hex');
  const guid = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}`;
  const organization =
    '/o=Contoso/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=' +
    `${digest.slice(32, 64)}-${mailbox.address.replace(/@.*$/, '')}`;
  const version = longVersion(product);
  const settings: [string, string | undefined][] = [
    ['UserDisplayName', mailbox.displayName],
    ['UserDN', organization],
    ['UserDeploymentId', 'c3f6d9a2-4b1e-4d0a-8a52-5f2a1c9e7b30'],
    ['AutoDiscoverSMTPAddress', mailbox.address],
    ['InternalMailboxServer', `${guid}@${domain}`],
    ['InternalRpcClientServer', `${guid}@${domain}`],
    ['ActiveDirectoryServer', `dc-01.${domain}`],
    ['InternalEwsUrl', urls.internal],
    ['ExternalEwsUrl', urls.external],
    ['InternalEcpUrl', urls.internal?.replace(/\/EWS\/.*$/i, '/owa/')],
    ['ExternalEcpUrl', urls.external?.replace(/\/EWS\/.*$/i, '/owa/')],
    ['ExternalEwsVersion', version],
    ['CasVersion', version],
    ['EwsSupportedSchemas', product.requestVersions.filter((name) => name.startsWith('Exchange')).join(', ')],
    ['MailboxDN', `${organization}/cn=${computer}`],
  ];
  return new Map(settings.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}

/** `15.02.1544.000`, as settings write it. */
function longVersion(product: Product): string {
  const pad = (value: number, width: number): string => String(value).padStart(width, '0');
  return `${pad(product.major, 2)}.${pad(product.minor, 2)}.${pad(product.build, 4)}.${pad(product.revision, 3)}`;
}

/**
 * `<ServerVersion>` of POX: four bits 7, six of the major version, six of the minor, a set bit, fifteen of the build
 * (shared facts, exchange.md §3: 73C28B16 is 15.2.2838).
 */
export function serverVersionHex(product: Product): string {
  const value = 7 * 2 ** 28 + product.major * 2 ** 22 + product.minor * 2 ** 16 + 2 ** 15 + product.build;
  return value.toString(16).toUpperCase();
}

/** `Version` in the header of the SOAP service (shared facts, exchange.md §6.2). */
export function soapVersionName(product: Product): string {
  return buildText(product).startsWith('15.0.') ? 'Exchange2013' : 'Exchange2015';
}
