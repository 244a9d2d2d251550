import type { Fault } from '../../model/fault.ts';
import type { FaultCode } from '../../model/fault-catalogue.ts';
import type { Finding, Outcome } from './search-state.ts';

/**
 * What a search without success comes to. Each place that did not lead on left a fault; the reader is told the one that
 * says most: what a server said to who had signed in, then what a server refused, then why none could be reached. When
 * nothing but silence and missing pages was met, nothing is published for the domain.
 */
export function verdictOf(findings: readonly Finding[], domain: string): Outcome {
  const telling = findings.filter(({ fault, isGuess }) => !isGuess && !quiet.has(fault.code));
  const best = telling.reduce<Finding | null>(
    (one, other) => (one === null || rankOf(other.fault) < rankOf(one.fault) ? other : one),
    null,
  );
  if (best !== null) return { kind: 'fault', fault: best.fault };
  return { kind: 'not-found', fault: { code: 'AutodiscoverNotFound', params: { host: `autodiscover.${domain}` } } };
}

/** What any host answers that has nothing to do with Exchange. */
const quiet: ReadonlySet<FaultCode> = new Set<FaultCode>(['DnsNotFound', 'HttpNotFound']);

const ranks: readonly (readonly FaultCode[])[] = [
  ['AutodiscoverUrlRefused', 'AutodiscoverUrlMissing'],
  ['AutodiscoverAddressUnknown'],
  ['ErrorServerBusy', 'AutodiscoverError'],
  ['AutodiscoverSchemeNotOffered'],
  // It answers as Autodiscover: only the admin's No was in the way.
  ['AutodiscoverHostDeclined'],
  ['AutodiscoverRedirectLoop', 'AutodiscoverRedirectRefused', 'HttpRedirect'],
  ['HttpUnavailable', 'HttpStatus', 'AutodiscoverAnswerInvalid'],
  ['TlsExpired', 'TlsUntrusted', 'TlsNameMismatch', 'TlsProtocol', 'TlsWeak', 'TlsFailure'],
  ['AddressNotAllowed', 'AddressLoopback', 'AddressLinkLocal'],
];

function rankOf(fault: Fault): number {
  const rank = ranks.findIndex((codes) => codes.includes(fault.code));
  return rank === -1 ? ranks.length : rank;
}
