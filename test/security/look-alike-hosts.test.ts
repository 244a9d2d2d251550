import { expect, test } from 'vitest';
import type { Ask } from '../../services/exchange/autodiscover/search-state.ts';
import {
  at,
  challenge,
  moved,
  runSearch,
  subject,
  type ScriptedRun,
} from '../exchange/autodiscover/scripted-search.ts';

/*
 * Plain HTTP can be answered by anybody on the way, and its redirect names where the password may go. Only the domain's own
 * two hosts get it without a question, however a name is written; every other is asked about as what it is.
 */

const own = ['contoso.test', 'autodiscover.contoso.test'];
const signsIn = ({ kind }: Ask): boolean => kind === 'soap' || kind === 'pox';

/** A search whose plain question is answered by this redirect; whatever it leads to asks for a password. */
function redirectedTo(location: string): ScriptedRun {
  return runSearch(subject(), (ask) => {
    if (ask.kind === 'srv') return { kind: 'srv', records: [], fault: null };
    if (ask.kind === 'http-redirect') return moved(location);
    const isFirstLook = own.some((host) => ask.url === at(host).xml || ask.url === at(host).svc);
    if (isFirstLook) return { kind: 'http', result: { answer: null, fault: { code: 'DnsNotFound', params: {} } } };
    return challenge();
  });
}

const path = '/autodiscover/other.xml';

test.each([
  ['another port', 'https://autodiscover.contoso.test:8443', 'autodiscover.contoso.test:8443'],
  ['a host that begins so', 'https://autodiscover.contoso.test.evil.test', 'autodiscover.contoso.test.evil.test'],
  ['a dot written as a code', 'https://autodiscover.contoso.test%2eevil.test', 'autodiscover.contoso.test.evil.test'],
  ['a host that ends so', 'https://notcontoso.test', 'notcontoso.test'],
  ['a host below', 'https://mail.contoso.test', 'mail.contoso.test'],
  ['two dots at the end', 'https://contoso.test..', 'contoso.test.'],
  ['a letter of another alphabet', 'https://autodiscover.cont\u043eso.test', 'autodiscover.xn--contso-zqf.test'],
  ['a letter that looks like none', 'https://contoso\u00b7.test', 'xn--contoso-1ma.test'],
  ['a host that is missing, for which the parser takes the first part of the path', 'https://', 'autodiscover'],
  ['an address', 'https://203.0.113.9', '203.0.113.9'],
  ['an address as one number', 'https://3405803785', '203.0.113.9'],
  ['an address inside of another', 'https://[::ffff:203.0.113.9]', '[::ffff:cb00:7109]'],
])('%s is asked about by its own name, and gets nothing', (_name, origin, shown) => {
  const { result, asks } = redirectedTo(`${origin}${path}`);
  expect(asks.filter(signsIn)).toEqual([]);
  expect(result).toMatchObject({ kind: 'confirm-host', host: shown });
});

test.each([
  ['a name and password in front', 'https://autodiscover.contoso.test@evil.test'],
  ['a password in front', 'https://:autodiscover.contoso.test@evil.test'],
  ['a backslash', 'https://evil.test\\@autodiscover.contoso.test'],
  ['a tab', 'https://evil.test\t.contoso.test'],
  ['plain HTTP', 'http://autodiscover.contoso.test'],
  ['a port of another protocol', 'https://autodiscover.contoso.test:25'],
  ['a script', 'javascript://autodiscover.contoso.test'],
])('a redirect with %s is not followed', (_name, origin) => {
  const { result, asks } = redirectedTo(`${origin}${path}`);
  expect(asks.filter(signsIn)).toEqual([]);
  expect(result).toMatchObject({ kind: 'fault', fault: { code: 'AutodiscoverRedirectRefused' } });
});

test.each([
  'https://AUTODISCOVER.Contoso.Test',
  'https://autodiscover.contoso.test.',
  'https://autodiscover.contoso.test:443',
  'https://autodiscover。contoso。test',
  'https://ａutodiscover.contoso.test',
])('%s is the domain’s own host, and the password goes to that and no other', (origin) => {
  const { asks } = redirectedTo(`${origin}${path}`);
  const hosts = asks.filter(signsIn).map((ask) => ('url' in ask ? new URL(ask.url).host.replace(/\.$/, '') : ''));
  expect(new Set(hosts)).toEqual(new Set(['autodiscover.contoso.test']));
});
