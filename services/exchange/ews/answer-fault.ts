import type { FaultCode } from '../../model/fault-catalogue.ts';
import { ewsFault, type Fault } from '../../model/fault.ts';
import type { Params } from '../../model/error.ts';
import type { WireAnswer } from '../wire-answer.ts';
import { readEnvelope, type Envelope, type EwsError } from './envelope.ts';
import { headerOf, isOffered, locationHost, retryAfterMs, schemesOf, type SignInScheme } from './http-headers.ts';

/** Whom the answer is about, for the sentences. */
export interface AnswerContext {
  readonly host: string;
  /** The mailbox that was asked for. */
  readonly address: string;
  /** What was signed in with. */
  readonly scheme: SignInScheme;
  readonly nowMs: number;
}

export interface JudgedAnswer {
  readonly fault: Fault | null;
  /** One a response message, in order, for requests of several parts. */
  readonly messages: readonly (Fault | null)[];
  /** Null unless the answer is a SOAP envelope. */
  readonly envelope: Envelope | null;
}

/** No server's word keeps an account waiting for longer. */
export const maxBackOffMs = 5 * 60_000;

/**
 * What an HTTP answer means, decided by status, headers and response code before the library sees it: the library loses
 * all three, and answers such as an empty 500 or 456 leave its promises pending (facts/exchange.md §1.3, §1.5).
 */
export function judgeAnswer(answer: WireAnswer, context: AnswerContext): JudgedAnswer {
  const mayBeSoap = answer.status === 200 || answer.status >= 500;
  const envelope = mayBeSoap ? readEnvelope(answer.body) : null;
  const parts = answer.status === 200 && envelope !== null ? envelope.messages : [];
  const messages = parts.map((error) => (error === null ? null : errorFault(error, context)));
  if (envelope !== null && envelope.error !== null)
    return { fault: errorFault(envelope.error, context), messages, envelope };
  if (answer.status === 200) {
    const fault: Fault | null = envelope === null ? { code: 'AnswerNotSoap', params: { host: context.host } } : null;
    return { fault, messages, envelope };
  }
  return { fault: statusFault(answer, context), messages, envelope };
}

function errorFault(error: EwsError, context: AnswerContext): Fault {
  const backOff = Number(error.values['BackOffMilliseconds']);
  const params: Record<string, string | number> = { host: context.host, address: context.address };
  if (Number.isFinite(backOff) && backOff > 0) params['backOffMs'] = Math.min(backOff, maxBackOffMs);
  return ewsFault(error.code, params);
}

/** The one thing that a bare 401 sometimes tells beyond "no" (facts/exchange.md §6.5). */
const isLockedOut = (answer: WireAnswer): boolean =>
  /account is (currently )?locked out/i.test(answer.body.slice(0, 4096)) || answer.status === 456;

/** Everything that is not an EWS answer, by status. */
export function statusFault(answer: WireAnswer, context: AnswerContext): Fault {
  const params: Params = { host: context.host };
  const { status, headers } = answer;
  // No account is behind a token: what closes a credential for good is never said of one.
  if (context.scheme !== 'bearer' && isLockedOut(answer)) return { code: 'AccountLocked', params };
  if (status === 401) {
    const schemes = schemesOf(headers);
    if (schemes.length > 0 && !isOffered(schemes, context.scheme)) return notOffered(context, schemes);
    if (context.scheme === 'bearer') return tokenRefused(answer, context);
    // NTLM has causes of its own (Extended Protection), so the sentence needs to know.
    return { code: 'CredentialRefused', params: context.scheme === 'ntlm' ? { ...params, scheme: 'ntlm' } : params };
  }
  if (status === 403) return { code: 'HttpForbidden', params: { ...params, address: context.address } };
  if (status === 404) return { code: 'HttpNotFound', params };
  if (status >= 300 && status < 400) return redirectFault(answer, context);
  // Forms sign-in of a proxy that has timed out (facts/exchange.md §6.5).
  if (status === 440) return { code: 'HttpSignInPage', params };
  if (methodRefusals.has(status)) return { code: 'HttpRequestRefused', params: { ...params, status } };
  if ([429, 502, 503, 504].includes(status)) {
    const backOffMs = retryAfterMs(headers, context.nowMs);
    const waiting = backOffMs === null ? {} : { backOffMs: Math.min(backOffMs, maxBackOffMs) };
    return { code: 'HttpUnavailable', params: { ...params, status, ...waiting } };
  }
  return { code: 'HttpStatus', params: { ...params, status } };
}

/** What Exchange never says to an EWS request, but a proxy or a web server that does not know EWS does. */
const methodRefusals: ReadonlySet<number> = new Set([405, 411, 413, 415, 501]);

/**
 * A token is refused as a whole and not as a password is: no account gets locked, and the next token may be good. Exchange
 * names the reason by a number (`x-ms-diagnostics: 2000008;reason="…"`); its words are left alone.
 */
function tokenRefused({ headers }: WireAnswer, { host }: AnswerContext): Fault {
  const responseCode = /^\s*(\d{1,10})\s*(?:;|$)/.exec(headerOf(headers, 'x-ms-diagnostics') ?? '')?.[1];
  if (responseCode === undefined) return { code: 'OAuthTokenRefused', params: { host } };
  return { code: 'OAuthTokenRefused', params: { host, responseCode }, raw: responseCode };
}

const notOfferedCode = {
  basic: 'BasicNotOffered',
  ntlm: 'NtlmNotOffered',
  bearer: 'BearerNotOffered',
} as const satisfies Record<SignInScheme, FaultCode>;

/** The server signs nobody in the way that the profile wants. */
export const notOffered = (
  { host, scheme }: Pick<AnswerContext, 'host' | 'scheme'>,
  schemes: readonly string[],
): Fault => ({ code: notOfferedCode[scheme], params: { host, schemes: schemes.join(', ') } });

function redirectFault(answer: WireAnswer, context: AnswerContext): Fault {
  const target = headerOf(answer.headers, 'location') ?? '';
  // Exchange's own error page: the back end failed, nobody wants us elsewhere.
  if (/\/genericerrorpage\.htm/i.test(target)) {
    return { code: 'HttpUnavailable', params: { host: context.host, status: answer.status } };
  }
  // The host only: the rest of a sign-in page's address carries state that belongs in no card.
  const params = { host: context.host, location: locationHost(target, context.host) };
  return { code: signInPage.test(target) ? 'HttpSignInPage' : 'HttpRedirect', params };
}

/** Where pre-authenticating proxies and Exchange's own forms send people (facts/exchange.md §6.5). */
const signInPage = /^[^?#]*\/(?:owa\/auth\/logon\.aspx|CookieAuth\.dll|adfs\/ls)(?:[/?#]|$)/i;
