import type { FaultCode } from '../../model/fault-catalogue.ts';
import type { Fault } from '../../model/fault.ts';
import type { SecureAnswer } from './secure-requests.ts';

/** What a fault of a token names. */
export interface TokenParties {
  /** The app that asked. */
  readonly clientId: string;
  /** Host of the sign-in service, of the resource, and the address of the tenant there. */
  readonly loginHost: string;
  readonly authority: string;
  readonly resource: string;
}

/** What judging a refusal needs besides the answer: the dates that no refusal tells by a code. */
export interface RefusalContext extends TokenParties {
  /** End of the certificate that signed, epoch milliseconds; null where a client secret was used. */
  readonly certificateEndsAt: number | null;
  readonly nowMs: number;
}

/**
 * Entra's numbers for what can be told apart. Microsoft keeps the right to split them further
 * (learn.microsoft.com/entra/identity-platform/reference-error-codes), so a number that is not here is OAuthOther and
 * shown as it came. Their texts are never read: they change more often.
 */
const byNumber: Readonly<Record<number, FaultCode>> = {
  // Client secret or certificate.
  7000215: 'OAuthInvalidClient',
  7000222: 'OAuthInvalidClient',
  7000218: 'OAuthInvalidClient',
  700027: 'OAuthInvalidClient',
  700030: 'OAuthInvalidClient',
  50012: 'OAuthInvalidClient',
  50013: 'OAuthInvalidClient',
  // The assertion begins or ends at another time than Entra has.
  700024: 'OAuthClockSkew',
  500133: 'OAuthClockSkew',
  // App.
  700016: 'OAuthAppNotFound',
  70001: 'OAuthAppNotFound',
  7000112: 'OAuthAppNotFound',
  // Tenant.
  90002: 'OAuthTenantNotFound',
  900021: 'OAuthTenantNotFound',
  900023: 'OAuthTenantNotFound',
  900971: 'OAuthTenantNotFound',
  // Resource.
  500011: 'OAuthResourceNotFound',
  500014: 'OAuthResourceNotFound',
  50001: 'OAuthResourceNotFound',
  650052: 'OAuthResourceNotFound',
  // Consent, and the service principal that a consent creates.
  65001: 'OAuthConsentMissing',
  65004: 'OAuthConsentMissing',
  65005: 'OAuthConsentMissing',
  650056: 'OAuthConsentMissing',
  650057: 'OAuthConsentMissing',
  7000229: 'OAuthConsentMissing',
  // The resource wants a role before it lets an app have a token.
  501051: 'OAuthRoleMissing',
  // Busy or broken; the next try may succeed.
  90006: 'OAuthUnreachable',
  90024: 'OAuthUnreachable',
  90033: 'OAuthUnreachable',
  90055: 'OAuthUnreachable',
};

/** The words of RFC 6749 §5.2 and RFC 8707, for servers without numbers. */
const byWord: Readonly<Record<string, FaultCode>> = {
  invalid_client: 'OAuthInvalidClient',
  invalid_tenant: 'OAuthTenantNotFound',
  invalid_target: 'OAuthResourceNotFound',
  invalid_resource: 'OAuthResourceNotFound',
  consent_required: 'OAuthConsentMissing',
  temporarily_unavailable: 'OAuthUnreachable',
  server_error: 'OAuthUnreachable',
};

/** A refusal of the token endpoint as a fault; also of an answer that is no refusal of OAuth at all. */
export function judgeRefusal(answer: SecureAnswer, context: RefusalContext): Fault {
  const { numbers, word } = readRefusal(answer.body);
  const known = numbers.find((number) => Object.hasOwn(byNumber, number));
  const responseCode = responseCodeOf(known ?? numbers[0], word, answer.status);
  const byStatus = answer.status === 429 || answer.status >= 500 ? 'OAuthUnreachable' : undefined;
  const spoken = word !== null && Object.hasOwn(byWord, word) ? byWord[word] : undefined;
  // An unknown number is more than the word beside it: invalid_client stands beside a dozen different reasons.
  const code = (known === undefined ? undefined : byNumber[known]) ?? byStatus ?? (numbers.length > 0 ? null : spoken);
  const judged = code === 'OAuthInvalidClient' && hasEnded(answer, context) ? 'OAuthCertificateExpired' : code;
  const fault = tokenFault(judged ?? 'OAuthOther', context, responseCode);
  // Two apps may be refused on the way to one token: the vault's app has a client secret, the profile's a certificate.
  return context.certificateEndsAt === null ? { ...fault, params: { ...fault.params, scheme: 'clientSecret' } } : fault;
}

/**
 * Entra refuses an ended certificate with the same number as an unknown one (700027). Our own clock may lag behind, so
 * the hour on the answer counts as well.
 */
function hasEnded(answer: SecureAnswer, { certificateEndsAt, nowMs }: RefusalContext): boolean {
  if (certificateEndsAt === null) return false;
  const date = answer.headers['date'];
  const theirs = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return certificateEndsAt < nowMs || certificateEndsAt < theirs;
}

/** A fault with what its sentence names. `responseCode` is the number or word as it came, for whoever looks it up. */
export function tokenFault(code: FaultCode, parties: TokenParties, responseCode?: string): Fault {
  const { clientId, loginHost, authority, resource } = parties;
  return {
    code,
    params: {
      host: loginHost,
      account: clientId,
      location: code === 'OAuthTenantNotFound' ? authority : resource,
      ...(responseCode === undefined ? {} : { responseCode }),
    },
    ...(responseCode === undefined ? {} : { raw: responseCode }),
  };
}

function responseCodeOf(number: number | undefined, word: string | null, status: number): string {
  if (number !== undefined) return `AADSTS${number}`;
  return word ?? `HTTP ${status}`;
}

interface Refusal {
  readonly numbers: readonly number[];
  readonly word: string | null;
}

function readRefusal(body: string): Refusal {
  const fields = parseObject(body) ?? {};
  const { error, error_codes: codes, error_description: description } = fields;
  const listed = Array.isArray(codes) ? codes.filter(isNumber).slice(0, 8) : [];
  const said = typeof description === 'string' ? /^AADSTS(\d{4,9})\b/.exec(description)?.[1] : undefined;
  const word = typeof error === 'string' && /^[a-z][a-z_]{0,39}$/.test(error) ? error : null;
  return { numbers: listed.length === 0 && said !== undefined ? [Number(said)] : listed, word };
}

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 1_000_000_000;

/** The object that a JSON text holds; null for anything else. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}
