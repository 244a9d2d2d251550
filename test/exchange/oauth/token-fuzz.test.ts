import { expect, test } from 'vitest';
import { readLoginService } from '../../../services/exchange/oauth/login-service.ts';
import type { SecureAnswer, SecureRequests } from '../../../services/exchange/oauth/secure-requests.ts';
import { requestToken } from '../../../services/exchange/oauth/token-request.ts';
import { systemClock } from '../../../services/model/clock.ts';
import { faultCatalogue } from '../../../services/model/fault-catalogue.ts';
import { Secret } from '../../../services/secrets/secret.ts';

const rounds = 2000;

/** The same sequence in every run (mulberry32), so that a failure can be looked at. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const random = randomFrom(20_261_124);
const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)] as Item;

const good = {
  token_type: 'Bearer',
  expires_in: 3599,
  ext_expires_in: 3599,
  access_token: 'eyJ0.eyJyb2xlcyI6W119.c2ln',
};
const bad = {
  error: 'invalid_client',
  error_description: 'AADSTS700027: The certificate … Trace ID: 1',
  error_codes: [700027],
  timestamp: '2026-11-24 00:00:00Z',
  trace_id: 't',
  correlation_id: 'c',
};
const values: readonly unknown[] = [
  null,
  '',
  0,
  -1,
  1e308,
  'NaN',
  true,
  [],
  {},
  [[]],
  'x'.repeat(20_000),
  'a\r\nX-Evil: 1',
  'é',
  '\u0000',
  { a: { a: {} } },
  [65001],
  ['90002'],
  2 ** 53,
  'invalid_grant',
  '__proto__',
  '3599',
];

function mutate(): SecureAnswer {
  const fields: Record<string, unknown> = { ...pick([good, bad]) };
  for (let changes = random(3); changes >= 0; changes -= 1) {
    const key = pick([...Object.keys(fields), 'suberror', 'claims', 'refresh_in', 'id_token', 'client_info']);
    if (random(3) === 0) delete fields[key];
    else fields[key] = pick(values);
  }
  let body = JSON.stringify(fields);
  const how = random(8);
  if (how === 0) body = body.slice(0, random(body.length));
  if (how === 1) body = body.split('').toReversed().join('');
  if (how === 2) {
    const at = random(body.length);
    body = body.slice(0, at) + String.fromCodePoint(random(0xd7ff)) + body.slice(at + 1);
  }
  if (how === 3) body = pick(['', 'null', '[]', '<html></html>', '"x"', '{}', '[{}]', '\ufeff{}']);
  const status = pick([200, 200, 200, 400, 401, 403, 404, 429, 500, 503, 204, 302, 600, 999]);
  return {
    status,
    headers: pick([{}, { date: 'x' }, { 'retry-after': '-1' }, { 'x-ms-request-id': ['a', 'b'] }]),
    body,
  };
}

test(`${rounds} mutated token answers end in a token or in a code of the catalogue`, async () => {
  const login = readLoginService();
  if (login === null) throw new Error('the default is a sign-in service');
  const codes = new Map<string, number>();
  let openTimers = 0;
  const clock = {
    now: () => systemClock.now(),
    after: (ms: number, callback: () => void) => {
      const cancel = systemClock.after(ms, callback);
      openTimers += 1;
      return () => {
        openTimers -= 1;
        cancel();
      };
    },
  };
  for (let round = 0; round < rounds; round += 1) {
    const answer = mutate();
    const requests: SecureRequests = { send: () => Promise.resolve({ answer, fault: null }) };
    const subject = { tenant: 'contoso.test', clientId: 'app-1', resource: 'https://mail.contoso.test' };
    const credential = { kind: 'secret', secret: new Secret('hush-hush') } as const;
    const result = await requestToken({ login, requests, clock }, subject, credential);
    const code = result.fault?.code ?? 'token';
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (result.fault === null) {
      expect(answer.status).toBe(200);
      expect(result.token.token.reveal()).toMatch(/^[\w.~+/-]+=*$/);
      expect(result.token.expiresAt).toBeGreaterThan(Date.now());
      expect(result.token.expiresAt).toBeLessThan(Date.now() + 29 * 3_600_000);
    } else {
      expect(faultCatalogue).toHaveProperty(result.fault.code);
      const shown = JSON.stringify(result.fault);
      expect(shown).not.toContain('hush-hush');
      expect(shown.length).toBeLessThan(500);
    }
  }
  expect(openTimers).toBe(0);
  expect([...codes.values()].reduce((sum, count) => sum + count, 0)).toBe(rounds);
  // What is not told apart is an answer without any number or word: cut, replaced, or no answer of Entra's at all.
  console.log(`token answers: ${JSON.stringify(Object.fromEntries(codes))}`);
});
