import type { SrvRecord } from 'node:dns';
import type { Fault } from '../../model/fault.ts';
import type { OpenPassword, WireAnswer } from '../wire-answer.ts';

/** The schemes that a search for a server may sign in with. */
export type Scheme = OpenPassword['scheme'];

export interface HttpRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Null: the request carries no credential at all. Anything else goes over verified TLS only. */
  readonly authentication: OpenPassword | null;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

export type HttpResult =
  { readonly answer: WireAnswer; readonly fault: null } | { readonly answer: null; readonly fault: Fault };

/**
 * What Autodiscover needs of HTTP: single requests, no redirect followed, the address guard and a byte cap in force.
 * With `authentication` the answer is the last one of the handshake; a 401 then means that the credential was refused.
 * Rejects only when the signal ends it, with its reason.
 */
export interface AutodiscoverHttp {
  get(request: HttpRequest): Promise<HttpResult>;
  post(request: HttpRequest): Promise<HttpResult>;
}

/** SRV records of a name; rejects like `node:dns/promises` (ENOTFOUND, ENODATA, ETIMEOUT …). */
export type ResolveSrv = (name: string) => Promise<readonly SrvRecord[]>;
