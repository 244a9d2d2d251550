import { z } from 'zod';
import { asHost } from '../services/exchange/autodiscover/leads.ts';
import { isPortAllowed } from '../services/exchange/server-location.ts';
import type { VaultStandIn } from '../services/exchange/oauth/vault-location.ts';
import { hostPattern, list } from './config-values.ts';

/** What the way to Exchange, and to Entra and Key Vault for it, is set up with. */
export interface ExchangeConfig {
  /** Host globs and networks. */
  readonly allowList: readonly string[];
  /** By domain in ASCII: where its Autodiscover is, like the service connection point of Active Directory. */
  readonly autodiscoverAddresses: ReadonlyMap<string, string>;
  /** Sign-in service of Entra: the one that the bot itself uses, without the tenant. National clouds have their own. */
  readonly loginUrl: string;
  /** Null: Microsoft's vaults alone. */
  readonly vaultStandIn: VaultStandIn | null;
}

const autodiscoverSentence =
  'must be DOMAIN=https://HOST/autodiscover/autodiscover.xml, several separated by commas, each domain once';

const autodiscoverEntry = z.string().refine((text) => readAutodiscover(text) !== null, autodiscoverSentence);

const vaultSentence = 'must be the name of a host, with a port if it is not 443';

export const exchangeVariables = {
  MAILROOM_EXCHANGE_HOSTS: list(hostPattern).default([]),
  MAILROOM_AUTODISCOVER: list(autodiscoverEntry)
    .transform((entries) => entries.flatMap((text) => readAutodiscover(text) ?? []))
    .refine((named) => new Set(named.map(({ domain }) => domain)).size === named.length, autodiscoverSentence)
    .default([]),
  MAILROOM_KEY_VAULT: z
    .string()
    .trim()
    .toLowerCase()
    .refine((text) => hostOfVault(text) !== null, vaultSentence)
    .optional(),
};

type Given = z.infer<z.ZodObject<typeof exchangeVariables>>;

export function readExchange(given: Given, botLoginUrl: string): ExchangeConfig {
  const vaultHost = given.MAILROOM_KEY_VAULT === undefined ? null : hostOfVault(given.MAILROOM_KEY_VAULT);
  return {
    allowList: given.MAILROOM_EXCHANGE_HOSTS,
    autodiscoverAddresses: new Map(given.MAILROOM_AUTODISCOVER.map(({ domain, url }) => [domain, url])),
    loginUrl: new URL(botLoginUrl).origin,
    vaultStandIn: vaultHost === null ? null : { host: vaultHost, resource: 'https://vault.azure.net' },
  };
}

interface NamedAutodiscover {
  readonly domain: string;
  readonly url: string;
}

/** Null for an entry that is wrong. The address gets passwords of the domain, so nothing in it is left to chance. */
function readAutodiscover(text: string): NamedAutodiscover | null {
  const [, domainText = '', address = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  const domain = asHost(domainText);
  if (domain === null || !domain.includes('.') || address.includes('\\') || !URL.canParse(address)) return null;
  const url = new URL(address);
  const isBare = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  const isService = /^\/autodiscover\/autodiscover\.(?:xml|svc)$/i.test(url.pathname);
  if (url.protocol !== 'https:' || !isBare || !isService || !isPortAllowed(Number(url.port || 443))) return null;
  return { domain, url: url.href };
}

/** As an address of it would name it: without the usual port. */
function hostOfVault(text: string): string | null {
  if (!/^[a-z0-9.-]+(?::\d{1,5})?$/.test(text) || !URL.canParse(`https://${text}/`)) return null;
  const url = new URL(`https://${text}/`);
  return isPortAllowed(Number(url.port || 443)) ? url.host : null;
}
