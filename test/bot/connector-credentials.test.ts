import { describe, expect, test } from 'vitest';
import { cacheTokens, ConnectorCredentialsFactory } from '../../bot/connector-credentials.ts';

const hour = 3_600_000;

/** Entra as a list of answers, with the time in the test's hand. */
function stage(answers: (string | Error)[]) {
  const state = { now: 0, asked: 0 };
  const tokens = cacheTokens(
    async () => {
      state.asked += 1;
      const answer = answers.shift() ?? new Error('no more answers');
      await Promise.resolve();
      if (answer instanceof Error) throw answer;
      return { token: answer, expiresAt: state.now + hour };
    },
    () => state.now,
  );
  return { state, get: () => tokens.get('scope/.default') };
}

describe('the access token', () => {
  test('is asked for once, however many need it at the same time', async () => {
    const { state, get } = stage(['one']);
    expect(await Promise.all(Array.from({ length: 50 }, get))).toEqual(Array.from({ length: 50 }, () => 'one'));
    expect(await get()).toBe('one');
    expect(state.asked).toBe(1);
  });

  test('is asked for anew when the clock was set back, and so is one that was refused', async () => {
    const { state, get } = stage(['one', 'two', new Error('no'), 'three']);
    state.now = 24 * hour;
    await get();
    state.now = 0;
    expect(await get()).toBe('two');
    state.now = 24 * hour;
    await expect(get()).rejects.toThrow('no');
    state.now = 1;
    expect(await get()).toBe('two');
    state.now = -1;
    expect(await get()).toBe('three');
  });

  test('is renewed five minutes before its end', async () => {
    const { state, get } = stage(['one', 'two']);
    await get();
    state.now = hour - 6 * 60_000;
    expect(await get()).toBe('one');
    state.now = hour - 4 * 60_000;
    expect(await get()).toBe('two');
  });

  test('serves on while a new one cannot be had, until its end', async () => {
    const { state, get } = stage(['one', new Error('down'), new Error('down')]);
    await get();
    state.now = hour - 60_000;
    expect(await get()).toBe('one');
    state.now = hour + 1;
    await expect(get()).rejects.toThrow('down');
  });

  test('is not asked for again at once after a refusal', async () => {
    const { state, get } = stage([new Error('AADSTS7000215'), 'one']);
    await expect(get()).rejects.toThrow('AADSTS7000215');
    await expect(get()).rejects.toThrow('AADSTS7000215');
    expect(state.asked).toBe(1);
    state.now = 6000;
    expect(await get()).toBe('one');
  });
});

test('each scope has one set of credentials, and an app id is compared without case', async () => {
  const factory = new ConnectorCredentialsFactory('aa-bb', { get: () => Promise.resolve('t') });
  const first = await factory.createCredentials('aa-bb', 'https://api.botframework.com');
  expect(await factory.createCredentials('aa-bb', 'https://api.botframework.com/.default')).toBe(first);
  expect(await factory.isValidAppId('AA-BB')).toBe(true);
  expect(await factory.isValidAppId('')).toBe(false);
  expect(await factory.isAuthenticationDisabled()).toBe(false);
});

test('without an app nobody is valid and nothing is signed', async () => {
  const factory = new ConnectorCredentialsFactory(null, null);
  expect(await factory.isAuthenticationDisabled()).toBe(true);
  expect(await factory.isValidAppId('')).toBe(false);
});
