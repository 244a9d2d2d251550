import { neverSent } from '../gate-faults.ts';
import type { Fault } from '../../model/fault.ts';
import { normalizeHost } from '../address-guard.ts';
import { headerOf, schemesOf } from '../ews/http-headers.ts';
import type { WireAnswer } from '../wire-answer.ts';
import { readPox } from './pox.ts';
import type { Ask, Heard } from './search-state.ts';
import type { SettingsAnswer } from './settings-answer.ts';
import { readSoap } from './soap.ts';

/** What an answer means to the search. */
export type Meaning =
  | {
      readonly kind: 'challenge';
      /** As offered, in order. */
      readonly schemes: readonly string[];
      readonly speaksSoap: boolean;
    }
  | { readonly kind: 'redirect'; readonly target: string }
  /** Looks at the method before it looks at who is asking. */
  | { readonly kind: 'wrong-method' }
  | Exclude<SettingsAnswer, { readonly kind: 'error' }>
  | { readonly kind: 'servers'; readonly hosts: readonly { readonly host: string; readonly port: number }[] }
  | { readonly kind: 'failed'; readonly fault: Fault }
  /** The credential was judged, or may have been, and not accepted: no other place may see it. */
  | { readonly kind: 'stop'; readonly fault: Fault };

export function judge(ask: Ask, heard: Heard, account: string): Meaning {
  if (heard.kind === 'srv') {
    if (heard.fault !== null) return { kind: 'failed', fault: heard.fault };
    return { kind: 'servers', hosts: inOrder(heard.records) };
  }
  const signsIn = ask.kind === 'soap' || ask.kind === 'pox';
  if (heard.result.fault !== null) {
    const { fault } = heard.result;
    return signsIn && !isNeverTried(fault) ? { kind: 'stop', fault } : { kind: 'failed', fault };
  }
  const url = ask.kind === 'srv' ? '' : ask.url;
  const { answer } = heard.result;
  const host = hostOf(url);
  if (signsIn) return judgeSignedIn(ask, answer, { host, address: ask.address, account });
  const target = locationOf(answer);
  if (target !== null) return { kind: 'redirect', target };
  if (ask.kind === 'http-redirect') return { kind: 'failed', fault: statusFault(answer, host) };
  if (answer.status === 401) return challengeOf(answer);
  if (ask.kind === 'probe' && ask.method === 'GET' && methodComplaints.has(answer.status)) {
    return { kind: 'wrong-method' };
  }
  return { kind: 'failed', fault: statusFault(answer, host) };
}

/** The password was not sent, or not even asked for: another place may be asked. */
const isNeverTried = ({ code }: Fault): boolean => neverSent.has(code) || code === 'NtlmNotOffered';

const methodComplaints: ReadonlySet<number> = new Set([200, 400, 405, 411, 415, 501]);

interface SignInContext {
  readonly host: string;
  readonly address: string;
  readonly account: string;
}

function judgeSignedIn(
  ask: Extract<Ask, { readonly kind: 'soap' | 'pox' }>,
  answer: WireAnswer,
  context: SignInContext,
): Meaning {
  const { host, account } = context;
  // The one thing that a bare 401 sometimes tells beyond "no" (facts/exchange.md §6.5).
  if (answer.status === 456 || /account is (currently )?locked out/i.test(answer.body.slice(0, 4096))) {
    return { kind: 'stop', fault: { code: 'AccountLocked', params: { host, account } } };
  }
  if (answer.status === 401) {
    // NTLM has causes of its own (Extended Protection), so the sentence needs to know.
    const params = { host, account, ...(ask.scheme === 'ntlm' ? { scheme: 'ntlm' } : {}) };
    return { kind: 'stop', fault: { code: 'CredentialRefused', params } };
  }
  const target = locationOf(answer);
  if (target !== null) return { kind: 'redirect', target };
  // A SOAP fault comes with 500.
  if (answer.status !== 200 && !(ask.kind === 'soap' && answer.status === 500 && answer.body !== '')) {
    return { kind: 'failed', fault: statusFault(answer, host) };
  }
  const said = ask.kind === 'soap' ? readSoap(answer.body, context) : readPox(answer.body, context);
  if (said.kind !== 'error') return said;
  const isPage = answer.status === 500 && said.fault.code === 'AutodiscoverAnswerInvalid';
  return { kind: 'failed', fault: isPage ? statusFault(answer, host) : said.fault };
}

function challengeOf(answer: WireAnswer): Meaning {
  return {
    kind: 'challenge',
    schemes: schemesOf(answer.headers),
    speaksSoap: /^true$/i.test((headerOf(answer.headers, 'x-soap-enabled') ?? '').trim()),
  };
}

/** 303 too: some proxies answer so. An answer without a place to go is no redirect. */
function locationOf(answer: WireAnswer): string | null {
  if (![301, 302, 303, 307, 308].includes(answer.status)) return null;
  return headerOf(answer.headers, 'location');
}

function statusFault({ status }: WireAnswer, host: string): Fault {
  const params = { host };
  if (status === 200) return { code: 'AutodiscoverAnswerInvalid', params };
  if (status === 404 || status === 410) return { code: 'HttpNotFound', params };
  if ([429, 502, 503, 504].includes(status)) return { code: 'HttpUnavailable', params: { host, status } };
  return { code: 'HttpStatus', params: { host, status } };
}

/** Lowest priority, then highest weight (RFC 2782 draws lots among weights; a trace that repeats itself serves better). */
function inOrder(records: Extract<Heard, { readonly kind: 'srv'; readonly fault: null }>['records']) {
  return [...records]
    .sort((one, other) => one.priority - other.priority || other.weight - one.weight)
    .map(({ name, port }) => ({ host: name, port }));
}

export const hostOf = (url: string): string => (URL.canParse(url) ? normalizeHost(new URL(url).hostname) : '');
