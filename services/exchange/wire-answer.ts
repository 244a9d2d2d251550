import type { Fault } from '../model/fault.ts';

/** Headers by lower-case name; a name that came several times has all its values. */
export type WireHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What came back. The library's error objects lose status, headers and codes (facts/exchange.md §1.3): this is the record. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: WireHeaders;
  readonly body: string;
}

/** A password as the wire needs it, opened. It goes into `Authorization` (or the NTLM messages) and nowhere else. */
export interface OpenPassword {
  readonly scheme: 'basic' | 'ntlm';
  readonly userName: string;
  readonly password: string;
  /** Connections that NTLM has signed in belong to this credential and are used for no other. */
  readonly credentialId: string;
}

export type OpenAuthentication = OpenPassword | { readonly scheme: 'bearer'; readonly token: string };

export interface WireRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Left out: nobody signs in. */
  readonly authentication?: OpenAuthentication;
  /** Shorter than the transport's own. */
  readonly deadlineMs?: number;
}

export type WireResult =
  | { readonly answer: WireAnswer; readonly fault: null; readonly errorCode: null }
  | { readonly answer: null; readonly fault: Fault; readonly errorCode: string };
