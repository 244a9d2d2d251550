import { createHybridModernAuth, type HmaCertificate } from '../../services/exchange/oauth/hybrid-modern-auth.ts';
import type { SecureAnswer, SecureRequests, SecureResult } from '../../services/exchange/oauth/secure-requests.ts';
import type { ClientCertificate } from '../../services/exchange/oauth/certificate.ts';
import { Secret } from '../../services/secrets/secret.ts';
import { FakeClock } from '../exchange/fake-clock.ts';
import { makeCertificate } from '../exchange/oauth/certificate-samples.ts';
import { problemsOf } from './fault-problems.ts';
import { randomOfCase, type Random } from './random.ts';
import { statuses, waits } from './raw-answers.ts';
import { addProblems, countEnd, newTally, type Tally } from './tally.ts';
import { mutateText } from './text-mutations.ts';

const day = 86_400_000;
const vaultSecret = 'Hush-77-Vault';
const vaultUrl = 'https://contoso.vault.azure.net';
const tenant = 'contoso.test';
const deadlineMs = 10_000;
/** One look at the vault and one at a newer version, each with its token, and the token of Exchange twice. */
const mostWaits = 8;

const claims = Buffer.from(JSON.stringify({ roles: ['full_access_as_app'] })).toString('base64url');
const accessToken = `eyJ0.${claims}.aHVzaC03Nw`;

const tokenFields = { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: accessToken };
interface Refusal {
  readonly status: number;
  readonly fields: object;
}

const refusal = (status: number, number: number, error: string): Refusal => ({
  status,
  fields: refusalFields(number, error),
});
const refusalFields = (number: number, error: string) => ({
  error,
  error_description: `AADSTS${number}: Something. Trace ID: 1`,
  error_codes: [number],
  timestamp: '2026-11-24 00:00:00Z',
  trace_id: 't',
  correlation_id: 'c',
});
const refusals = [
  refusal(401, 700_027, 'invalid_client'),
  refusal(401, 7_000_215, 'invalid_client'),
  refusal(401, 700_024, 'invalid_client'),
  refusal(400, 65_001, 'invalid_grant'),
  refusal(400, 90_002, 'invalid_request'),
  refusal(400, 53_003, 'invalid_grant'),
];
const vaultRefusals = [
  { status: 403, fields: { error: { code: 'Forbidden', message: 'x', innererror: { code: 'ForbiddenByPolicy' } } } },
  { status: 404, fields: { error: { code: 'SecretNotFound', message: 'x' } } },
  { status: 429, fields: { error: { code: 'Throttled', message: 'x' } } },
];
const loginFields = {
  token_endpoint: `https://login.fuzz.test/${tenant}/oauth2/v2.0/token`,
  issuer: `https://login.fuzz.test/${tenant}/v2.0`,
  authorization_endpoint: `https://login.fuzz.test/${tenant}/oauth2/v2.0/authorize`,
  jwks_uri: `https://login.fuzz.test/${tenant}/keys`,
};

const values: readonly unknown[] = [
  null,
  '',
  0,
  -1,
  1e308,
  2 ** 53,
  'NaN',
  true,
  [],
  {},
  [[]],
  { a: { a: {} } },
  'x'.repeat(20_000),
  'a\r\nX-Evil: 1',
  'é',
  '\u0000',
  [65_001],
  ['90002'],
  'invalid_grant',
  '__proto__',
  'https://evil.test/token',
];

/** An object's text with fields missing, of another type or added; at times the text itself is spoilt. */
function mutateFields(random: Random, fields: object): string {
  const changed: Record<string, unknown> = { ...fields };
  for (let changes = random.below(3); changes > 0; changes -= 1) {
    const key = random.pick([...Object.keys(changed), 'suberror', 'claims', 'refresh_in', 'value', 'contentType']);
    if (random.once(3)) delete changed[key];
    else changed[key] = random.pick(values);
  }
  const text = JSON.stringify(changed);
  return random.once(3) ? mutateText(random, text) : text;
}

const headers = (random: Random): SecureAnswer['headers'] =>
  random.pick<SecureAnswer['headers']>([
    {},
    { date: 'x' },
    { date: 'Wed, 21 Oct 2099 07:28:00 GMT' },
    { 'retry-after': random.pick(waits) },
    { 'x-ms-request-id': ['a', 'b'] },
    { 'www-authenticate': 'Bearer authorization="https://evil.test"' },
  ]);

interface World {
  readonly certificate: ClientCertificate;
  /** PEM with key. */
  readonly withKey: string;
}

/** What one place answers: good, refusing, or spoilt. */
function answerOf(random: Random, good: object, bad: readonly Refusal[]): { answer: SecureAnswer; isGood: boolean } {
  if (random.once(2)) return { answer: { status: 200, headers: {}, body: JSON.stringify(good) }, isGood: true };
  const { status, fields } = random.once(2) ? { status: 200, fields: good } : random.pick(bad);
  const body = mutateFields(random, fields);
  return {
    answer: { status: random.once(4) ? random.pick(statuses) : status, headers: headers(random), body },
    isGood: false,
  };
}

async function makeWorld(now: number): Promise<World> {
  const own = await makeCertificate(new Date(now - day), new Date(now + 30 * day));
  return { certificate: own.certificate, withKey: own.withKey };
}

/** Tokens asked for with a certificate at hand, or with one that lies in Key Vault, where any answer on the way is mutated. */
export async function fuzzTokens(seed: number, answers: number, place: HmaCertificate['kind']): Promise<Tally> {
  const tally = newTally(place === 'own' ? 'token answers' : 'token and Key Vault answers');
  const startsAt = Date.UTC(2026, 10, 24);
  const world = await makeWorld(startsAt);
  for (let index = 0; tally.answers < answers; index += 1) {
    const random = randomOfCase(seed, index);
    const clock = new FakeClock();
    await clock.advance(startsAt - clock.now());
    const source = createHybridModernAuth(
      {
        serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
        resource: null,
        tenant,
        clientId: 'app-1',
        certificate: certificateOf(world, place),
      },
      {
        clock,
        deadlineMs,
        requests: requestsOf(random, clock, world, tally),
        ...(random.once(3) ? { loginUrl: 'https://login.fuzz.test' } : {}),
      },
    );
    const before = clock.now();
    const { token, fault } = await source.get();
    countEnd(tally, fault, 'token');
    const problems = fault === null ? [] : problemsOf(fault, [vaultSecret, accessToken, world.withKey.slice(40, 100)]);
    if (token !== null && !/^[\w.~+/-]+=*$/.test(token.token.reveal())) problems.push('a token that breaks a header');
    if (token !== null && token.expiresAt <= before) problems.push('a token that is over');
    if (clock.now() - before > mostWaits * deadlineMs) problems.push(`${clock.now() - before} ms`);
    if (clock.timers > 0) problems.push(`${clock.timers} timers left`);
    addProblems(tally, `case ${index}`, problems);
  }
  return tally;
}

const certificateOf = ({ certificate }: World, place: HmaCertificate['kind']): HmaCertificate =>
  place === 'own'
    ? { kind: 'own', certificate }
    : {
        kind: 'key-vault',
        vaultUrl,
        certificateName: 'hma',
        clientId: 'vault-app',
        clientSecret: new Secret(vaultSecret),
      };

function requestsOf(random: Random, clock: FakeClock, { withKey }: World, tally: Tally): SecureRequests {
  return {
    async send({ url }, signal): Promise<SecureResult> {
      const { host, pathname } = new URL(url);
      if (random.once(40)) return hang(clock, signal, host);
      if (random.once(40))
        return { answer: null, fault: { code: random.pick(['ConnectionReset', 'DnsNotFound']), params: { host } } };
      const isVault = host === new URL(vaultUrl).host;
      const isToken = pathname.endsWith('/token');
      const { answer, isGood } = isVault
        ? answerOf(random, { value: withKey, contentType: 'application/x-pem-file' }, vaultRefusals)
        : isToken
          ? answerOf(random, tokenFields, refusals)
          : answerOf(random, loginFields, refusals);
      if (!isGood) tally.answers += 1;
      return { answer, fault: null };
    },
  };
}

/** Silence until the caller's deadline, whose clock is moved on. */
async function hang(clock: FakeClock, signal: AbortSignal, host: string): Promise<SecureResult> {
  const ended = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await clock.advance(deadlineMs);
  await ended;
  return { answer: null, fault: { code: 'DeadlineExceeded', params: { host } } };
}
