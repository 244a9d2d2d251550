import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { authorityOf } from '../../../services/exchange/autodiscover/leads.ts';
import type { Ask, Heard } from '../../../services/exchange/autodiscover/search-state.ts';
import { faultCatalogue, type FaultCode } from '../../../services/model/fault-catalogue.ts';
import {
  poxError,
  poxFound,
  poxRedirectAddress,
  poxRedirectUrl,
  soapEnvelope,
  soapError,
  soapFault,
  soapFound,
} from './samples.ts';
import { answer, at, challenge, fault, moved, noServers, runSearch, servers, subject } from './scripted-search.ts';

const hosts = [
  'contoso.test',
  'autodiscover.contoso.test',
  'mail.contoso.test',
  'evil.test',
  'a.evil.test:8443',
  '127.0.0.1',
];

/** Places that answers point at: good, bad and broken. */
const target = fc.oneof(
  fc.constantFrom(...hosts).map((host) => at(host).xml),
  fc.constantFrom(...hosts).map((host) => at(host).svc),
  fc.nat(1000).map((index) => at(`h${index}.test`).xml),
  fc.constantFrom(
    'http://x.test/',
    '',
    '//evil.test',
    'https://',
    '/owa',
    'file:///',
    'https://a:b@evil.test/',
    'https://[::1]/',
  ),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.string({ maxLength: 40, unit: 'binary' }),
);
const address = fc.oneof(
  fc.nat(1000).map((index) => `kim@d${index}.test`),
  fc.constantFrom('kim@contoso.test', 'kim@evil.test', '@', 'kim@', 'kim@@x', 'kim@[127.0.0.1]', 'kim@evil.test/x'),
  fc.emailAddress(),
);
const escaped = (text: string): string => text.replaceAll(/[&<>]/g, '');
const body = fc.oneof(
  target.map((url) => soapFound({ ExternalEwsUrl: escaped(url) })),
  target.map((url) => poxFound(escaped(url), escaped(url))),
  target.map((url) => soapError('RedirectUrl', escaped(url))),
  target.map((url) => poxRedirectUrl(escaped(url))),
  address.map((to) => soapError('RedirectAddress', escaped(to))),
  address.map((to) => poxRedirectAddress(escaped(to))),
  fc.constantFrom(
    soapFault,
    soapEnvelope(''),
    soapError('InvalidUser'),
    poxError('500'),
    '<html>',
    '',
    '<a>'.repeat(500),
  ),
);

/** Cuts, doubles or overwrites a piece of a text. */
const mutated = fc
  .tuple(body, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(200), fc.string({ maxLength: 8 }), fc.nat(5))
  .map(([text, where, length, piece, how]) => {
    const from = Math.floor(where * text.length);
    if (how > 3 || how === 0) return text;
    if (how === 1) return text.slice(0, from) + piece + text.slice(from + length);
    return how === 2 ? text.slice(0, from) + text.slice(from, from + length) + text.slice(from) : text.slice(0, from);
  });

const status = fc.oneof(
  fc.constantFrom(200, 200, 200, 301, 302, 400, 401, 403, 404, 405, 456, 500, 503),
  fc.integer({ min: 100, max: 999 }),
);
const challenges = fc.constantFrom(
  'Basic realm="x"',
  'NTLM',
  'Negotiate',
  'Bearer a="Basic"',
  'Basic',
  '"',
  'Basic,,=,"',
);
/** What a connection can come to. */
const wireFaults = (Object.keys(faultCatalogue) as FaultCode[]).filter((code) =>
  /^(Address|Dns|Connection|Host|Tls|Deadline|Answer)/.test(code),
);
const page: fc.Arbitrary<Heard> = fc.tuple(status, mutated).map(([code, text]) => answer(code, text));
const anyFault: fc.Arbitrary<Heard> = fc.constantFrom<FaultCode[]>(...wireFaults).map((code) => fault(code));
const redirect: fc.Arbitrary<Heard> = fc
  .tuple(target, fc.constantFrom(301, 302, 307))
  .map(([url, code]) => moved(url, code));
const refusal: fc.Arbitrary<Heard> = fc
  .tuple(fc.array(challenges, { maxLength: 3 }), fc.constantFrom('True', 'False', undefined), mutated)
  .map(([schemes, soap, text]) => answer(401, text, { 'www-authenticate': schemes, 'x-soap-enabled': soap }));

const exchangeChallenge: fc.Arbitrary<Heard> = fc
  .constantFrom('True', undefined)
  .map((soap) => challenge({ 'x-soap-enabled': soap }));

/** For strangers mostly a challenge or a redirect, for who signs in mostly an answer: otherwise few worlds go deep. */
const toStranger = fc.oneof(
  { weight: 6, arbitrary: exchangeChallenge },
  { weight: 2, arbitrary: refusal },
  { weight: 5, arbitrary: redirect },
  { weight: 1, arbitrary: page },
  { weight: 1, arbitrary: anyFault },
);
const toSignedIn: fc.Arbitrary<Heard> = fc.oneof(
  { weight: 12, arbitrary: mutated.map((text) => answer(200, text)) },
  { weight: 2, arbitrary: page },
  { weight: 1, arbitrary: redirect },
  { weight: 1, arbitrary: refusal },
  { weight: 1, arbitrary: anyFault },
);
const records: fc.Arbitrary<Heard> = fc.oneof(
  fc.constant(noServers),
  fc
    .array(
      fc.record({
        name: fc.oneof(fc.constantFrom(...hosts, '.', ''), fc.string()),
        port: fc.integer({ min: -1, max: 70_000 }),
        priority: fc.nat(3),
        weight: fc.nat(3),
      }),
      { maxLength: 8 },
    )
    .map((list) => servers(...list)),
);

const own = new Set(['contoso.test', 'autodiscover.contoso.test']);
const signsIn = (ask: Ask) => ask.kind === 'soap' || ask.kind === 'pox';
const isRefusal = (from: Heard): boolean =>
  from.kind === 'http' && [401, 456].includes(from.result.answer?.status ?? 0);

/**
 * Whole searches against hostile worlds. Each ends within the cap (else `runSearch` throws); no host but the domain's own
 * and the confirmed ones gets the credential, over https alone; and the first refusal is the last sign-in.
 */
test('5,000 mutated answers end in a result, and none of them moves a credential', () => {
  const ends = new Map<string, number>();
  let answers = 0;
  const world = fc.tuple(
    fc.infiniteStream(toStranger),
    fc.infiniteStream(toSignedIn),
    fc.infiniteStream(records),
    fc.constantFrom<string[]>([], ['mail.contoso.test'], ['evil.test', 'mail.contoso.test']),
  );
  fc.assert(
    fc.property(world, ([strangers, signedIn, srv, confirmedHosts]) => {
      const said: Heard[] = [];
      const { result, asks } = runSearch(subject({ confirmedHosts }), (ask) => {
        const next = (ask.kind === 'srv' ? srv : signsIn(ask) ? signedIn : strangers).next().value;
        said.push(next);
        return next;
      });
      answers += asks.length;

      const end = result.kind === 'fault' ? result.fault.code : result.kind;
      ends.set(end, (ends.get(end) ?? 0) + 1);
      expect(result.trace).toHaveLength(asks.length);
      for (const ask of asks) {
        if (ask.kind === 'srv' || !signsIn(ask)) continue;
        const url = new URL(ask.url);
        expect(url.protocol).toBe('https:');
        expect(own.has(authorityOf(url)) || confirmedHosts.includes(authorityOf(url)), ask.url).toBe(true);
      }
      const refused = asks.findIndex(
        (ask, index) => signsIn(ask) && said[index] !== undefined && isRefusal(said[index]),
      );
      if (refused >= 0) {
        expect(refused).toBe(asks.length - 1);
        expect(['CredentialRefused', 'AccountLocked']).toContain(result.kind === 'fault' ? result.fault.code : '');
      }
      expect(JSON.stringify(result.trace).length).toBeLessThan(60_000);
    }),
    { numRuns: 2000, seed: 20_251_124 },
  );
  expect(answers).toBeGreaterThan(5000);
  // The worlds go deep: every kind of end is met more than by chance.
  const rare = ['found', 'confirm-host', 'not-found', 'CredentialRefused', 'AutodiscoverRedirectLoop'].filter(
    (end) => (ends.get(end) ?? 0) < 10,
  );
  expect(rare).toEqual([]);
});
