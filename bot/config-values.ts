import { isIP, isIPv4 } from 'node:net';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { isSecureUrl } from './loopback.ts';

/*
 * The kinds of values that settings have. Each gives one sentence without the value itself: a secret may have been put
 * into the wrong variable, and the line goes to logs.
 */

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const guid = (sentence: string) =>
  z
    .string()
    .trim()
    .regex(guidPattern, sentence)
    .transform((text) => text.toLowerCase());

export const word = (sentence: string) => z.string().trim().regex(/^\S+$/, sentence);

export const choice = <const T extends string>(options: readonly T[], sentence: string) =>
  z.enum(options, { error: sentence });

export const number = (sentence: string, range: { least: number; most: number; whole: boolean }) =>
  z
    .string()
    .trim()
    .regex(/^\d+(\.\d+)?$/, sentence)
    .transform(Number)
    .refine((value) => value >= range.least && value <= range.most, sentence)
    .refine((value) => !range.whole || Number.isInteger(value), sentence);

/** The same as `number` for a port, or `off`, which is null. */
export const portOrOff = (sentence: string) =>
  z
    .string()
    .trim()
    .toLowerCase()
    .refine((text) => text === 'off' || (/^\d{1,5}$/.test(text) && Number(text) <= 65_535), sentence)
    .transform((text) => (text === 'off' ? null : Number(text)));

/** A list separated by commas, semicolons or blanks; every entry has to be right. */
export const list = <T extends z.ZodType<string, string>>(entry: T) =>
  z
    .string()
    .transform((text) => text.split(/[\s,;]+/).filter((part) => part !== ''))
    .pipe(z.array(entry));

/** Without a slash at the end; a query or fragment would break the links that are made from it. */
export const secureUrl = (sentence: string) =>
  z
    .string()
    .trim()
    .refine((text) => isSecureUrl(text) && !/[?#]/.test(text), sentence)
    .transform((text) => text.replace(/\/+$/, ''));

/** Base64 of 32 bytes, several separated by commas or line ends, newest first. */
export const keyList = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
  .refine(
    (keys) =>
      keys.length > 0 &&
      keys.every((key) => /^[A-Za-z0-9+/]+={0,2}$/.test(key) && Buffer.from(key, 'base64').length === 32),
    'must be 32 bytes in base64 (44 characters), several separated by commas, newest first',
  );

/** A host name in which `*` stands for anything, an address, or a network such as 10.0.0.0/8. */
export const hostPattern = z
  .string()
  .refine(isHostPattern, 'must be host names (with * as a wildcard), addresses or networks, separated by commas')
  .transform((text) => text.toLowerCase());

function isHostPattern(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  if (bits !== undefined) {
    if (rest.length > 0 || isIP(address) === 0 || !/^\d{1,3}$/.test(bits)) return false;
    return Number(bits) <= (isIPv4(address) ? 32 : 128);
  }
  return isIP(text) !== 0 || /^[a-z0-9*]([a-z0-9*.-]*[a-z0-9*])?$/i.test(text);
}

/**
 * Reads the variables of a schema; one that is set to nothing counts as not set.
 * @throws ConfigError for the first that is wrong
 */
export function readVariables<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Readonly<Record<string, string | undefined>>,
): z.infer<z.ZodObject<Shape>> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ConfigError(String(issue?.path[0] ?? 'environment'), issue?.message ?? 'is wrong');
}
