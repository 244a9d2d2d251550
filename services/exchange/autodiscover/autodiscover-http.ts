import { isIP } from 'node:net';
import { Client } from 'undici';
import type { Fault } from '../../model/fault.ts';
import { judgeAddress, normalizeHost, type AddressPolicy } from '../address-guard.ts';
import { createPlainConnector, type Road } from '../connector.ts';
import { deadlineFault, type Transport } from '../transport.ts';
import { wireFault } from '../wire-fault.ts';
import type { AutodiscoverHttp, HttpRequest, HttpResult } from './autodiscover-port.ts';

export interface AutodiscoverHttpOptions {
  /** Everything over TLS, and with it every credential. */
  readonly transport: Transport;
  /** How plain HTTP gets there. */
  readonly road: Omit<Road, 'tlsContext'>;
}

/**
 * HTTP/1.1 for Autodiscover. Plain HTTP is spoken on port 80 alone and only without a credential, which this file refuses
 * by itself and does not leave to its caller.
 */
export function createAutodiscoverHttp({ transport, road }: AutodiscoverHttpOptions): AutodiscoverHttp {
  const send = (method: 'GET' | 'POST', request: HttpRequest): Promise<HttpResult> => {
    const { url, headers, body, authentication, deadlineMs, signal } = request;
    if (method === 'GET' && new URL(url).protocol === 'http:') return askPlainly(road, request);
    const wire = { url, method, headers, deadlineMs };
    return transport.send(
      {
        ...wire,
        ...(body === null ? {} : { body }),
        ...(authentication === null ? {} : { authentication }),
      },
      signal,
    );
  };
  return {
    get: (request) => send('GET', request),
    post: (request) => send('POST', request),
  };
}

const connectTimeoutMs = 5000;
/** Nothing but the head of the answer is read. */
const maxBodyBytes = 16 * 1024;

/** One question over plain HTTP; of the answer nothing but status and headers are used, since anybody may have written it. */
async function askPlainly(road: AutodiscoverHttpOptions['road'], request: HttpRequest): Promise<HttpResult> {
  const { deadlineMs, signal } = request;
  const url = new URL(request.url);
  const host = normalizeHost(url.hostname);
  const refusal = refuse(road.policy, url, request.authentication !== null);
  if (refusal !== null) return { answer: null, fault: refusal };
  signal?.throwIfAborted();
  const late = AbortSignal.timeout(deadlineMs);
  const client = new Client(url.origin, {
    connect: createPlainConnector(road, Math.min(connectTimeoutMs, deadlineMs)),
    pipelining: 1,
    maxResponseSize: maxBodyBytes,
  });
  try {
    const { statusCode, headers, body } = await client.request({
      path: url.pathname + url.search,
      method: 'GET',
      headers: request.headers,
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
    });
    // It is destroyed below, which the stream calls an error.
    body.on('error', () => undefined);
    return { answer: { status: statusCode, headers, body: '' }, fault: null };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    return { answer: null, fault: late.aborted ? deadlineFault(host, deadlineMs) : wireFault(error, host) };
  } finally {
    client.destroy().catch(() => undefined);
  }
}

/** A literal address never reaches the lookup, so it is judged here, for every request. */
function refuse(policy: AddressPolicy, url: URL, hasCredential: boolean): Fault | null {
  const host = normalizeHost(url.hostname);
  if (hasCredential || url.port !== '' || url.username !== '' || url.password !== '') {
    return { code: 'AddressNotAllowed', params: { host, address: url.host } };
  }
  return isIP(host) === 0 ? null : judgeAddress(policy, host, host);
}
