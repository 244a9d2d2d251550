import { expect, it } from 'vitest';
import { createAutodiscoverCache, defaultTtlMs } from '../../../services/exchange/autodiscover/autodiscover-cache.ts';
import type { DiscoveryResult } from '../../../services/exchange/autodiscover/search-state.ts';
import { FakeClock } from '../fake-clock.ts';
import { ewsUrl } from './samples.ts';

type FoundResult = Extract<DiscoveryResult, { kind: 'found' }>;
const found: FoundResult = {
  kind: 'found',
  ewsUrl,
  source: 'soap',
  host: 'autodiscover.contoso.test',
  serverBuild: '15.2.1544.4',
  schemas: [],
  trace: [],
};

it('gives what was found, with source and time, for a day', async () => {
  const clock = new FakeClock();
  const cache = createAutodiscoverCache(clock);
  const foundAt = clock.now();
  cache.put('Kim@contoso.test', found);
  expect(cache.get(' kim@CONTOSO.test')).toMatchObject({ ewsUrl, source: 'soap', foundAt });
  expect(cache.get('lee@contoso.test')).toBeNull();
  await clock.advance(defaultTtlMs - 1);
  expect(cache.get('kim@contoso.test')).not.toBeNull();
  await clock.advance(1);
  expect(cache.get('kim@contoso.test')).toBeNull();
});

it('forgets an address whose server is elsewhere now, and keeps it while the server is only busy or refuses', () => {
  const cache = createAutodiscoverCache(new FakeClock());
  cache.put('kim@contoso.test', found);
  for (const code of ['ErrorServerBusy', 'CredentialRefused', 'DeadlineExceeded', 'ErrorQuotaExceeded'] as const) {
    cache.noteFault('kim@contoso.test', { code, params: {} });
    expect(cache.get('kim@contoso.test'), code).not.toBeNull();
  }
  for (const code of ['DnsNotFound', 'HttpNotFound', 'TlsNameMismatch', 'ErrorNonExistentMailbox'] as const) {
    cache.put('kim@contoso.test', found);
    cache.noteFault('Kim@contoso.test', { code, params: {} });
    expect(cache.get('kim@contoso.test'), code).toBeNull();
  }
});

it('forgets on request, and the oldest beyond its capacity', () => {
  const cache = createAutodiscoverCache(new FakeClock(), { capacity: 2 });
  for (const name of ['a', 'b', 'a', 'c']) cache.put(`${name}@contoso.test`, found);
  expect(['a', 'b', 'c'].map((name) => cache.get(`${name}@contoso.test`) !== null)).toEqual([true, false, true]);
  cache.invalidate('A@contoso.test');
  expect(cache.get('a@contoso.test')).toBeNull();
});
