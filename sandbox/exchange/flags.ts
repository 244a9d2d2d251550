import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SCHEME_NAMES, type SchemeName } from './authentication/scheme.ts';
import { FaultRuleError, readFaultRules, type FaultRule } from './faults/rule.ts';
import type { ExchangeOptions } from './options.ts';
import { isProductName } from './products.ts';
import { CERTIFICATE_KINDS, type CertificateKind } from './tls/certificates.ts';

/** A flag that cannot be obeyed; the message is one line for the person who typed it. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

const FLAGS = {
  port: { type: 'string' },
  host: { type: 'string' },
  product: { type: 'string' },
  schemes: { type: 'string' },
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
  if (values.schemes !== undefined) options.schemes = readSchemes(values.schemes);
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
  if (values.faults !== undefined) options.faults = readFaultFile(values.faults);
  if (values['tls-dir'] !== undefined) options.tlsDir = filled('tls-dir', values['tls-dir']);
  if (values.certificate !== undefined) options.certificate = readCertificate(values.certificate);
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

/** `ews=Negotiate,NTLM`: the lists of the virtual directories, in the order of their 401. */
function readSchemes(text: string): SchemeName[] {
  const lists = text.split(';').filter((list) => list.trim() !== '');
  let schemes: SchemeName[] | undefined;
  for (const list of lists) {
    const [directory = '', names] = list.split('=').map((part) => part.trim());
    if (directory.toLowerCase() !== 'ews' || names === undefined) {
      throw new FlagError(`--schemes: "${list.trim()}" is not supported, only ews=SCHEME,… is`);
    }
    schemes = names.split(',').map((name) => {
      const known = SCHEME_NAMES.find((scheme) => scheme.toLowerCase() === name.trim().toLowerCase());
      if (known === undefined) throw expected('schemes', name.trim(), SCHEME_NAMES.join(', '));
      return known;
    });
  }
  if (!schemes) throw new FlagError('--schemes: ews=SCHEME,… is expected');
  return schemes;
}

function readFaultFile(file: string): FaultRule[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new FlagError(`--faults: ${file} cannot be read`);
  }
  try {
    return readFaultRules(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof FaultRuleError ? error.message : 'it is not JSON';
    throw new FlagError(`--faults: ${file}: ${reason}`);
  }
}

function readCertificate(text: string): CertificateKind {
  const kind = CERTIFICATE_KINDS.find((candidate) => candidate === text);
  if (kind === undefined) throw expected('certificate', text, CERTIFICATE_KINDS.join(', '));
  return kind;
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
