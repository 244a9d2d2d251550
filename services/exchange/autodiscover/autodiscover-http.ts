import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';
import { Agent, buildConnector } from 'undici';
import { MailroomError } from '../../model/error.ts';
import type { Fault } from '../../model/fault.ts';
import { judgeAddress, normalizeHost, type AddressPolicy } from '../address-guard.ts';
import { guardedLookup, type Resolve } from '../guarded-lookup.ts';
import { isPortAllowed } from '../server-location.ts';
import { wireFault } from '../wire-fault.ts';
import type { Authentication, AutodiscoverHttp, HttpAnswer, HttpRequest, HttpResult } from './autodiscover-port.ts';
import { xmlLimits } from './bounded-xml.ts';
import { portOf } from './leads.ts';

/** An authenticated request that another transport makes (NTLM: several messages on one connection). */
export type AuthenticatedSend = (
  request: HttpRequest & { readonly method: 'GET' | 'POST'; readonly authentication: Authentication },
) => Promise<HttpResult>;

export interface AutodiscoverHttpOptions {
  readonly policy: AddressPolicy;
  readonly tlsContext: SecureContext;
  readonly resolve?: Resolve;
  /** Signs in with NTLM over its own guarded, verified connections; without it NTLM is not offered to a search. */
  readonly ntlm?: AuthenticatedSend;
  readonly maxAnswerBytes?: number;
  /** Where a host listens, for stand-ins: Autodiscover knows 443 and 80 alone, which they cannot open. */
  readonly listensOn?: (host: string, port: number) => number;
}

/**
 * HTTP/1.1 for Autodiscover. No redirect is followed, no compressed answer asked for; each handshake verifies chain and
 * name. Plain HTTP is spoken on port 80 alone and only without a credential, which this file refuses by itself and does
 * not leave to its caller.
 */
export function createAutodiscoverHttp(options: AutodiscoverHttpOptions): AutodiscoverHttp {
  const { policy, listensOn = (_host: string, port: number) => port } = options;
  const connector = buildConnector({
    secureContext: options.tlsContext,
    lookup: guardedLookup(policy, options.resolve),
    timeout: connectTimeoutMs,
    allowH2: false,
    // Said out loud, since NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's environment changes the default.
    rejectUnauthorized: true,
    maxCachedSessions: 0,
  });
  const agent = new Agent({
    pipelining: 1,
    keepAliveTimeout: 4000,
    maxResponseSize: options.maxAnswerBytes ?? xmlLimits.characters,
    connect: (target, callback) => {
      const usual = target.port === '' ? (target.protocol === 'https:' ? 443 : 80) : Number(target.port);
      connector({ ...target, port: String(listensOn(target.hostname, usual)) }, callback);
    },
  });

  async function exchange(method: 'GET' | 'POST', url: URL, request: HttpRequest, signal: AbortSignal) {
    const headers = { ...request.headers, ...basicHeader(request.authentication) };
    const response = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers,
      signal,
      headersTimeout: request.deadlineMs,
      bodyTimeout: request.deadlineMs,
      ...(request.body === null ? {} : { body: request.body }),
    });
    const body = await response.body.text();
    const answer: HttpAnswer = { status: response.statusCode, headers: response.headers, body };
    return answer;
  }

  async function send(method: 'GET' | 'POST', request: HttpRequest): Promise<HttpResult> {
    const { authentication, signal, deadlineMs } = request;
    const url = new URL(request.url);
    const host = normalizeHost(url.hostname);
    const refusal = refuse(policy, url, authentication);
    if (refusal !== null) return { answer: null, fault: refusal };
    signal?.throwIfAborted();
    if (authentication?.scheme === 'ntlm') {
      if (options.ntlm === undefined) throw new MailroomError('exchange.scheme-unknown', { scheme: 'ntlm' });
      return options.ntlm({ ...request, method, authentication });
    }
    const late = AbortSignal.timeout(deadlineMs);
    try {
      const either = signal === undefined ? late : AbortSignal.any([signal, late]);
      return { answer: await exchange(method, url, request, either), fault: null };
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (!late.aborted) return { answer: null, fault: wireFault(error, host) };
      const seconds = Math.ceil(deadlineMs / 1000);
      return { answer: null, fault: { code: 'DeadlineExceeded', params: { host, seconds } } };
    }
  }

  return {
    schemes: options.ntlm === undefined ? ['basic'] : ['basic', 'ntlm'],
    get: (request) => send('GET', request),
    post: (request) => send('POST', request),
    close: () => agent.destroy(),
  };
}

const connectTimeoutMs = 5000;

function basicHeader(authentication: Authentication | null): Record<string, string> {
  if (authentication?.scheme !== 'basic') return {};
  const { userName, password } = authentication;
  return { authorization: `Basic ${Buffer.from(`${userName}:${password.reveal()}`, 'utf8').toString('base64')}` };
}

/** A literal address never reaches the lookup, so it is judged here, for every request. */
function refuse(policy: AddressPolicy, url: URL, authentication: Authentication | null): Fault | null {
  const host = normalizeHost(url.hostname);
  const isPlain = url.protocol === 'http:' && url.port === '' && authentication === null;
  const isSecure = url.protocol === 'https:' && isPortAllowed(portOf(url));
  if (!(isPlain || isSecure) || url.username !== '' || url.password !== '') {
    return { code: 'AddressNotAllowed', params: { host, address: url.host } };
  }
  return isIP(host) === 0 ? null : judgeAddress(policy, host, host);
}
