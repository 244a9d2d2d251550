import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLog, reference, routeConsole, type BotLog } from '../../bot/log.ts';
import { MailroomError } from '../../services/model/error.ts';
import { Secret } from '../../services/secrets/secret.ts';

const planted = 'Tr0ub4dor&3';
let written: string[];
let log: BotLog;
beforeEach(() => {
  written = [];
  log = createLog({ level: 'trace' }, { write: (line) => void written.push(line) });
});

const lastLine = () => JSON.parse(written.at(-1) ?? '{}') as Record<string, unknown>;

describe('a planted password never appears', () => {
  const circular: Record<string, unknown> = { password: planted };
  circular['self'] = circular;
  const clientError = Object.assign(new Error('request failed'), {
    request: { headers: { authorization: `Basic ${Buffer.from(planted).toString('base64')}` }, body: planted },
    response: { config: { auth: { password: planted } } },
  });
  const activity = {
    type: 'invoke',
    channelId: 'msteams',
    id: 'a1',
    text: planted,
    conversation: { id: 'c1' },
    value: { action: { data: { field: planted } } },
  };
  const cases: [string, Record<string, unknown>][] = [
    ['under its own name', { password: planted }],
    ['deep down', { a: { b: [{ c: { userPassword: planted } }] } }],
    ['as an object', { credential: { envelope: { data: planted } } }],
    ['as a Secret', { anything: new Secret(planted) }],
    [
      'in another letter case',
      { ClientSecret: planted, 'X-API-Key': planted, Authorization: planted, cookie: planted },
    ],
    ['as a number', { password: 12_345_678 }],
    ['in a list', { passwords: [planted] }],
    ['in a cycle', circular],
    ['in the error of an HTTP client', { error: clientError }],
    ['in a chain of errors', { error: new Error('outer', { cause: new MailroomError('x', { password: planted }) }) }],
    ['in an activity', { activity }],
    ['in an activity under another name', { context: { turn: activity } }],
    ['in the value of an activity', { value: { password2: planted, note: planted } }],
    ['in the text of an error', { error: new Error(`login with password=${planted} failed`) }],
    [
      'in a query',
      { url: `https://a.test/?client_secret=${encodeURIComponent(planted)}&x=1`, text: `token: "${planted}"` },
    ],
    ['below the depth that is written', { a: { b: { c: { d: { e: { f: { g: { h: { i: planted } } } } } } } } }],
    ['in bytes', { body: Buffer.from(planted), map: new Map([['password', planted]]) }],
  ];
  test.each(cases)('%s', (_name, details) => {
    log.error(details, 'something failed');
    const line = written.join('');
    expect(line).toContain('something failed');
    expect(line).not.toContain(planted);
    expect(line).not.toContain(encodeURIComponent(planted));
    expect(line).not.toContain(JSON.stringify(planted).slice(1, -1));
    expect(line).not.toContain(Buffer.from(planted).toString('base64'));
    expect(line).not.toContain('12345678');
  });

  test('nor in the message itself', () => {
    log.info({}, `Authorization: Bearer abcdefgh.${'x'.repeat(20)} and password=${planted}`);
    expect(written.join('')).not.toContain(planted);
    expect(written.join('')).not.toContain('x'.repeat(20));
  });
});

describe('what operators need stays', () => {
  test('codes, ids, states and counts', () => {
    log.warn(
      { code: 'ErrorServerBusy', statusCode: 503, credentialId: 'c-1', tokenCount: 2, credential: 'x', attempts: 3 },
      'busy',
    );
    expect(lastLine()).toMatchObject({
      level: 'warn',
      code: 'ErrorServerBusy',
      statusCode: 503,
      credentialId: 'c-1',
      tokenCount: 2,
      credential: '[redacted]',
      attempts: 3,
      msg: 'busy',
    });
  });

  test('an error with its name, code, stack and cause', () => {
    log.error({ error: new MailroomError('store.conflict', { key: 'k' }, new Error('below')) }, 'failed');
    expect(lastLine()['error']).toMatchObject({
      name: 'MailroomError',
      code: 'store.conflict',
      params: { key: 'k' },
      cause: { message: 'below' },
    });
  });

  test('a confirmation code does not', () => {
    log.info({ code: '0429', confirmationCode: '1234' }, 'parked');
    expect(lastLine()).toMatchObject({ code: '[redacted]', confirmationCode: '[redacted]' });
  });

  test('the address of a one-time form loses its token', () => {
    log.info({ url: 'https://mailroom.contoso.test/secrets/AbCd_ef-123' }, 'shown');
    expect(lastLine()['url']).toBe('https://mailroom.contoso.test/secrets/[redacted]');
  });
});

describe('the console of libraries', () => {
  let restore: () => void = () => undefined;
  afterEach(() => restore());

  test('goes to the log, as one redacted line', () => {
    restore = routeConsole(log);
    console.error(Object.assign(new Error(`token=${planted}\nmore`), { headers: { authorization: planted } }));
    expect(lastLine()).toMatchObject({ level: 'warn', source: 'console' });
    expect(written.join('')).not.toContain(planted);
    expect(written.join('')).not.toContain('more');
  });
});

test('references are short, easy to read aloud and do not repeat', () => {
  const made = new Set(Array.from({ length: 1000 }, reference));
  expect(made.size).toBe(1000);
  for (const one of made) expect(one).toMatch(/^[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$/);
});
