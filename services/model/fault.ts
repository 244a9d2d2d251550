import type { Params } from './error.ts';
import { faultCatalogue, type FaultCode } from './fault-catalogue.ts';

/** transient: the next tries may succeed by themselves; permanent: a person must act. */
export type FaultNature = 'transient' | 'permanent';
/** Whom it hits: one message, one mailbox, or everything behind a server profile. */
export type FaultScope = 'email' | 'mailbox' | 'server';

/** What went wrong, as a value. Decisions use the code; sentences come from `locales/faults.*` by the code. */
export interface Fault {
  readonly code: FaultCode;
  /** Values for the sentence (host, address, status, backOffMs …). Never a secret. */
  readonly params: Params;
  /** The code as the server said it, when `code` is one of the honest defaults. */
  readonly raw?: string;
}

export const natureOf = (fault: Fault): FaultNature => faultCatalogue[fault.code].nature;
export const scopeOf = (fault: Fault): FaultScope => faultCatalogue[fault.code].scope;

/** Exchange's own codes are shorter. What a server says is kept with every mailbox, so it does not decide how long it is. */
const longestResponseCode = 80;

/** An EWS response code as a fault; a code the catalogue does not know becomes the honest default that shows it. */
export function ewsFault(responseCode: string, params: Params = {}): Fault {
  if (Object.hasOwn(faultCatalogue, responseCode) && responseCode.startsWith('Error')) {
    return { code: responseCode as FaultCode, params };
  }
  const shown = isCode(responseCode) ? responseCode.slice(0, longestResponseCode) : 'unknown';
  return { code: 'EwsOther', params: { ...params, responseCode: shown }, raw: shown };
}

/**
 * A code is one word. Anything else is not shown: it may be what a broken proxy sends back of the request, with the
 * credential in it.
 */
export const isCode = (text: string): boolean => /^[\w.-]*$/.test(text);
