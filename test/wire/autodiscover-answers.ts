import { parseAllowList } from '../../services/exchange/address-guard.ts';
import type {
  AutodiscoverHttp,
  HttpRequest,
  HttpResult,
  ResolveSrv,
} from '../../services/exchange/autodiscover/autodiscover-port.ts';
import {
  defaultRequestDeadlineMs,
  defaultSearchDeadlineMs,
  discover,
} from '../../services/exchange/autodiscover/discover.ts';
import { searchLimits } from '../../services/exchange/autodiscover/search-state.ts';
import type { WireAnswer, WireHeaders } from '../../services/exchange/wire-answer.ts';
import type { FaultCode } from '../../services/model/fault-catalogue.ts';
import {
  poxError,
  poxFound,
  poxRedirectAddress,
  poxRedirectUrl,
  soapError,
  soapFault,
  soapFound,
} from '../exchange/autodiscover/samples.ts';
import { FakeClock } from '../exchange/fake-clock.ts';
import { problemsOf } from './fault-problems.ts';
import { randomOfCase, type Random } from './random.ts';
import { offers, places, statuses, tellingHeaders } from './raw-answers.ts';
import { addProblems, countEnd, newTally, type Tally } from './tally.ts';
import { mutateText } from './text-mutations.ts';

const password = 'Hush-77-Sync';
const userName = 'svc@contoso.test';
const basicToken = Buffer.from(`${userName}:${password}`).toString('base64');

const soapBodies = [
  soapFound(),
  soapFound(),
  soapFound({ ExternalEwsUrl: 'https://127.0.0.1/EWS/Exchange.asmx' }),
  soapError('InvalidUser'),
  soapError('ServerBusy'),
  soapError('InternalServerError'),
  soapError('RedirectUrl', 'https://mail.contoso.test/autodiscover/autodiscover.xml'),
  soapError('RedirectAddress', 'kim@other.test'),
  soapFault,
];
const poxBodies = [
  poxFound(),
  poxFound(),
  poxError('500'),
  poxError('600'),
  poxRedirectUrl('https://mail.contoso.test/autodiscover/autodiscover.xml'),
  poxRedirectAddress('kim@other.test'),
];

const challenge = (random: Random): WireAnswer => ({
  status: 401,
  headers: {
    'www-authenticate': ['Negotiate', 'NTLM', 'Basic realm="x"'],
    ...(random.once(3) ? {} : { 'x-soap-enabled': 'True' }),
    'x-owa-version': '15.2.1544.14',
  },
  body: '',
});

function headersOf(random: Random): WireHeaders {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of tellingHeaders(random)) {
    const known = headers[name.toLowerCase()];
    headers[name.toLowerCase()] = known === undefined ? value : [known, value].flat();
  }
  return headers;
}

const wireFaults: readonly FaultCode[] = [
  'DnsNotFound',
  'ConnectionRefused',
  'ConnectionReset',
  'TlsUntrusted',
  'AnswerTooLarge',
];

/** Autodiscover over HTTP whose answers are made up; a silent one takes the deadline on the clock that was handed in. */
function scriptedHttp(random: Random, clock: FakeClock, tally: Tally): AutodiscoverHttp {
  const stranger = (): WireAnswer => {
    if (!random.once(4)) return challenge(random);
    tally.answers += 1;
    const location = random.once(3) ? random.pick(places) : `https://mail.contoso.test/autodiscover/autodiscover.xml`;
    if (random.once(3)) return { status: random.pick([301, 302, 307]), headers: { location }, body: '' };
    const { status, headers } = challenge(random);
    const spoilt = { ...headers, ...headersOf(random), 'www-authenticate': [random.pick(offers), random.pick(offers)] };
    return random.once(2) ? { status, headers: spoilt, body: '' } : page(random, poxFound());
  };
  const signedIn = (url: string): WireAnswer => {
    tally.answers += 1;
    const body = random.pick(url.endsWith('.svc') ? soapBodies : poxBodies);
    return page(random, random.once(30) ? body.replace(/(?<=>)[^<>]+(?=<)/, `Basic ${basicToken}`) : body);
  };
  const send = async ({ url, authentication, deadlineMs }: HttpRequest): Promise<HttpResult> => {
    const { host } = new URL(url);
    if (random.once(60)) {
      await clock.advance(deadlineMs);
      return {
        answer: null,
        fault: { code: 'DeadlineExceeded', params: { host, seconds: Math.ceil(deadlineMs / 1000) } },
      };
    }
    if (random.once(40)) return { answer: null, fault: { code: random.pick(wireFaults), params: { host } } };
    return { answer: authentication === null ? stranger() : signedIn(url), fault: null };
  };
  return { get: send, post: send };
}

const page = (random: Random, body: string): WireAnswer => ({
  status: random.once(6) ? random.pick(statuses) : 200,
  headers: random.once(4) ? headersOf(random) : {},
  body: random.once(8) ? body : mutateText(random, body),
});

/** DNS that knows nothing, something wrong, or does not answer at all. */
const scriptedDns =
  (random: Random, clock: FakeClock): ResolveSrv =>
  async () => {
    if (random.once(20)) {
      setImmediate(() => void clock.advance(defaultRequestDeadlineMs));
      return new Promise(() => undefined);
    }
    if (random.once(2))
      throw Object.assign(new Error('dns'), { code: random.pick(['ENOTFOUND', 'ESERVFAIL', 'EBADNAME', '']) });
    const name = random.pick(['mail.contoso.test', '.', '', 'a b', `${'x'.repeat(300)}.test`, '127.0.0.1']);
    return [{ name, port: random.pick([443, 0, -1, 70_000, 8443]), priority: 0, weight: 0 }];
  };

/** Whole searches in which the answers of Autodiscover, in both of its languages, are mutated. */
export async function fuzzAutodiscover(seed: number, answers: number): Promise<Tally> {
  const tally = newTally('Autodiscover, SOAP and POX');
  const policy = parseAllowList([]);
  for (let index = 0; tally.answers < answers; index += 1) {
    const random = randomOfCase(seed, index);
    const clock = new FakeClock();
    const startedAt = clock.now();
    const result = await discover({
      address: 'kim@contoso.test',
      authentication: { scheme: random.pick(['basic', 'ntlm']), userName, password, credentialId: 'c' },
      http: scriptedHttp(random, clock, tally),
      resolver: scriptedDns(random, clock),
      policy,
      clock,
      confirmedHosts: random.once(2) ? ['mail.contoso.test'] : [],
    });
    const fault = 'fault' in result ? result.fault : null;
    countEnd(tally, fault, result.kind);
    const problems = fault === null ? [] : problemsOf(fault, [password, basicToken]);
    for (const step of result.trace)
      if (step.fault !== null) problems.push(...problemsOf(step.fault, [password, basicToken]));
    if (JSON.stringify(result).includes(basicToken)) problems.push('the credential is in the report');
    if (result.trace.length > searchLimits.requests) problems.push(`${result.trace.length} requests`);
    const tookMs = clock.now() - startedAt;
    if (tookMs > defaultSearchDeadlineMs + defaultRequestDeadlineMs) problems.push(`${tookMs} ms`);
    addProblems(tally, `case ${index}`, problems);
  }
  return tally;
}
