import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CHALLENGE_PLACES } from './authentication/front-door.ts';
import { EXTENDED_PROTECTIONS } from './authentication/ntlm/ntlm-scheme.ts';
import { SCHEME_NAMES, type SchemeName } from './authentication/scheme.ts';
import { EXCHANGE_SCHEMES, type DirectorySchemes } from './authentication/virtual-directories.ts';
import { readAutodiscoverRules } from './autodiscover/rule.ts';
import { FaultRuleError, readFaultRules } from './faults/rule.ts';
import { TLS_VERSIONS } from './http/tls-server.ts';
import type { ExchangeOptions } from './options.ts';
import { isProductName } from './products.ts';
import { CERTIFICATE_KINDS } from './tls/certificates.ts';

/** A flag that cannot be obeyed; the message is one line for the person who typed it. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

const FLAGS = {
  port: { type: 'string' },
  host: { type: 'string' },
  product: { type: 'string' },
  schemes: { type: 'string' },
  'ntlm-challenge': { type: 'string' },
  'extended-protection': { type: 'string' },
  'http-port': { type: 'string' },
  autodiscover: { type: 'string' },
  issuer: { type: 'string' },
  audience: { type: 'string' },
  'external-url': { type: 'string' },
  'internal-url': { type: 'string' },
  mailboxes: { type: 'string' },
  'service-account': { type: 'string' },
  password: { type: 'string' },
  'impersonation-scope': { type: 'string' },
  'latency-ms': { type: 'string' },
  concurrency: { type: 'string' },
  lockout: { type: 'string' },
  faults: { type: 'string' },
  'tls-dir': { type: 'string' },
  certificate: { type: 'string' },
  'tls-min': { type: 'string' },
  'tls-max': { type: 'string' },
  delegate: { type: 'string' },
} as const;

type Values = { readonly [flag in keyof typeof FLAGS]?: string };

/** Turns `npm run exchange -- …` into options. */
export function readFlags(args: readonly string[]): ExchangeOptions {
  const values = parse(args);
  const options: { -readonly [key in keyof ExchangeOptions]: ExchangeOptions[key] } = {};
  if (values.port !== undefined) options.port = wholeNumber('port', values.port, 0, 65_535);
  if (values.host !== undefined) options.host = hostName(values.host);
  if (values.product !== undefined) {
    if (!isProductName(values.product)) throw expected('product', values.product, '2013sp1, 2016, 2019 or se');
    options.product = values.product;
  }
  options.schemes = readSchemes(values.schemes ?? '');
  const place = values['ntlm-challenge'];
  if (place !== undefined) options.challengePlace = oneOf('ntlm-challenge', place, CHALLENGE_PLACES);
  const protection = values['extended-protection'];
  if (protection !== undefined) {
    options.extendedProtection = oneOf('extended-protection', protection, EXTENDED_PROTECTIONS);
  }
  if (values['http-port'] !== undefined) options.httpPort = wholeNumber('http-port', values['http-port'], 0, 65_535);
  const external = values['external-url'];
  if (external !== undefined) options.externalUrl = httpsUrl('external-url', external);
  const internal = values['internal-url'];
  if (internal !== undefined) options.internalUrl = httpsUrl('internal-url', internal);
  if (values.autodiscover !== undefined) {
    options.autodiscoverRules = readRuleFile('autodiscover', values.autodiscover, readAutodiscoverRules);
  }
  if (values.mailboxes !== undefined) options.mailboxes = wholeNumber('mailboxes', values.mailboxes, 0, 200_000);
  if (values['service-account'] !== undefined)
    options.serviceAccount = filled('service-account', values['service-account']);
  if (values.password !== undefined) options.password = filled('password', values.password);
  if (values['impersonation-scope'] !== undefined) {
    options.impersonationScope = filled('impersonation-scope', values['impersonation-scope']);
  }
  if (values['latency-ms'] !== undefined)
    options.latencyMs = wholeNumber('latency-ms', values['latency-ms'], 0, 600_000);
  if (values.concurrency !== undefined)
    options.concurrency = wholeNumber('concurrency', values.concurrency, 1, 100_000);
  if (values.lockout !== undefined) options.lockout = wholeNumber('lockout', values.lockout, 1, 1_000_000);
  const { issuer, audience } = values;
  if ((issuer === undefined) !== (audience === undefined)) {
    throw new FlagError('--issuer and --audience: one goes with the other');
  }
  if (issuer !== undefined && options.product === '2013sp1') {
    throw new FlagError('--issuer: Exchange 2013 SP1 has no Hybrid Modern Authentication; it came with 2013 CU19');
  }
  if (issuer !== undefined) options.issuer = httpsUrl('issuer', issuer);
  if (audience !== undefined) options.audience = filled('audience', audience);
  if (values.faults !== undefined) {
    options.faults = readRuleFile('faults', values.faults, readFaultRules);
  }
  if (values['tls-dir'] !== undefined) options.tlsDir = filled('tls-dir', values['tls-dir']);
  if (values.certificate !== undefined) {
    options.certificate = oneOf('certificate', values.certificate, CERTIFICATE_KINDS);
  }
  if (values['tls-min'] !== undefined) options.tlsMin = oneOf('tls-min', values['tls-min'], TLS_VERSIONS);
  if (values['tls-max'] !== undefined) options.tlsMax = oneOf('tls-max', values['tls-max'], TLS_VERSIONS);
  if (values.delegate !== undefined)
    options.delegates = [{ mailbox: filled('delegate', values.delegate), rights: 'editor' }];
  return options;
}

function parse(args: readonly string[]): Values {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node adds advice on a dash at the beginning of a value; the first sentence says it all.
    throw new FlagError(message.split(/\. |\n/)[0] ?? message);
  }
}

/**
 * `ews=Negotiate,NTLM;autodiscover=Basic`: the lists of the virtual directories, in the order of their 401. A directory
 * that is not named keeps the schemes Exchange is installed with.
 */
function readSchemes(text: string): DirectorySchemes {
  let schemes = EXCHANGE_SCHEMES;
  for (const list of text.split(';').filter((part) => part.trim() !== '')) {
    const [name = '', names] = list.split('=').map((part) => part.trim());
    const directory = name.toLowerCase();
    if ((directory !== 'ews' && directory !== 'autodiscover') || names === undefined) {
      throw new FlagError(`--schemes: "${list.trim()}" is not supported, ews=SCHEME,… or autodiscover=SCHEME,… is`);
    }
    schemes = { ...schemes, [directory]: names.split(',').map(readScheme) };
  }
  return schemes;
}

function readScheme(name: string): SchemeName {
  const known = SCHEME_NAMES.find((scheme) => scheme.toLowerCase() === name.trim().toLowerCase());
  if (known === undefined) throw expected('schemes', name.trim(), SCHEME_NAMES.join(', '));
  return known;
}

function readRuleFile<T>(flag: string, file: string, read: (value: unknown) => T): T {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new FlagError(`--${flag}: ${file} cannot be read`);
  }
  try {
    return read(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof FaultRuleError ? error.message : 'it is not JSON';
    throw new FlagError(`--${flag}: ${file}: ${reason}`);
  }
}

function oneOf<T extends string>(flag: string, text: string, values: readonly T[]): T {
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) throw expected(flag, text, values.join(', '));
  return value;
}

function httpsUrl(flag: string, text: string): string {
  if (!URL.canParse(text) || new URL(text).protocol !== 'https:') throw expected(flag, text, 'an https URL');
  return text;
}

function hostName(text: string): string {
  if (!/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(text)) throw expected('host', text, 'a host name');
  return text;
}

function filled(flag: string, text: string): string {
  if (text === '') throw new FlagError(`--${flag}: a value is expected`);
  return text;
}

function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw expected(flag, text, `a whole number from ${min} to ${max}`);
  }
  return value;
}

function expected(flag: string, got: string, what: string): FlagError {
  return new FlagError(`--${flag}: "${got}" is not supported, ${what} is expected`);
}
