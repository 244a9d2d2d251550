import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAdapter } from '../../../bot/adapter.ts';
import { readConfig } from '../../../bot/config.ts';
import { createBotConnector } from '../../../bot/deliver/bot-connector.ts';
import type { TeamsConnector } from '../../../bot/deliver/connector.ts';
import { createLog } from '../../../bot/log.ts';
import type { ConversationReference } from '../../../services/model/conversation.ts';
import { placeOf } from './outbox-stage.ts';

/* What a connector, or something on the way to it, can answer, over HTTP and through the SDK. */

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const now = Date.UTC(2026, 0, 5, 9);
let server: Server;
let answer: Answer;
let paths: string[];
let connector: TeamsConnector;

beforeAll(async () => {
  server = createServer((request, response) => {
    paths.push(request.url ?? '');
    request.resume();
    request.on('end', () => {
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(answer.body ?? '');
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  // An application nobody signs for: the calls go out unsigned.
  const config = readConfig({
    MAILROOM_UNAUTHENTICATED: '1',
    MAILROOM_KEY: Buffer.alloc(32).toString('base64'),
  });
  connector = createBotConnector(createAdapter(config, createLog({ level: 'silent' })), { now: () => now });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  paths = [];
});

const place = (changes: Partial<ConversationReference> = {}): ConversationReference =>
  placeOf('a:1', { serviceUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/amer/`, ...changes });
const message = { card: { type: 'AdaptiveCard' }, summary: 'x' };
const refusal = (code: string): string => JSON.stringify({ error: { code, message: 'no' } });

describe('only the platform’s own word kills a conversation', () => {
  test.each([
    [403, 'BotDisabledByAdmin', 'dead'],
    [403, 'BotNotInConversationRoster', 'dead'],
    [403, 'ConversationBlockedByUser', 'dead'],
    [403, 'MessageWritesBlocked', 'dead'],
    [403, 'ForbiddenOperationException', 'dead'],
    [404, 'ConversationNotFound', 'dead'],
    [404, 'BotNotInConversationRoster', 'dead'],
    [404, 'ActivityNotFoundInConversation', 'gone'],
    [403, 'NotEnoughPermissions', 'rejected'],
    [403, 'Forbidden', 'rejected'],
    [403, 'InvalidBotApiHost', 'unavailable'],
    [401, 'BotNotRegistered', 'unavailable'],
    [500, 'ServiceError', 'unavailable'],
  ])('%d %s: %s', async (status, code, kind) => {
    answer = { status, body: refusal(code) };
    await expect(connector.post(place(), message)).rejects.toMatchObject({ kind, code });
  });

  test.each([
    ['a 403 of a proxy', { status: 403, headers: { 'content-type': 'text/html' }, body: '<h1>No</h1>' }, 'unavailable'],
    ['an empty 403', { status: 403 }, 'unavailable'],
    ['a 404 of a proxy', { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>No</h1>' }, 'gone'],
    ['a code that is no word', { status: 403, body: refusal('Message Writes\nBlocked') }, 'unavailable'],
    ['a code that is no text', { status: 403, body: '{"error":{"code":{"toString":1}}}' }, 'unavailable'],
    ['a redirection', { status: 302, headers: { location: '/login' } }, 'unavailable'],
  ] as const)('%s', async (_name, given, kind) => {
    answer = given;
    await expect(connector.post(place(), message)).rejects.toMatchObject({ name: 'DeliveryError', kind });
  });
});

describe('Retry-After', () => {
  test.each([
    ['seconds', '7', 7000],
    ['a date', new Date(now + 90_000).toUTCString(), 90_000],
    ['a date that has passed', new Date(now - 90_000).toUTCString(), 0],
    ['a day', '86400', 3_600_000],
    ['years', '999999999999', 3_600_000],
    ['more digits than a number has', '9'.repeat(400), 3_600_000],
    ['a date in years', 'Fri, 05 Jan 2035 09:00:00 GMT', 3_600_000],
    ['a date that is none', 'Fri, 99 Foo 2035 09:00:00 GMT', null],
    ['a negative number', '-5', null],
    ['a fraction', '1.5', null],
    ['two of them', '5, 7', null],
    ['garbage', 'soon; drop table', null],
    ['nothing', '', null],
  ])('%s', async (_name, text, retryAfterMs) => {
    answer = { status: 429, headers: { 'retry-after': text } };
    await expect(connector.post(place(), message)).rejects.toMatchObject({ kind: 'throttled', retryAfterMs });
  });
});

describe('the id of a message', () => {
  test.each([
    ['', null],
    ['{}', null],
    ['{"id":""}', null],
    ['{"id":7}', null],
    ['{"id":', null],
    ['{"id":null}', null],
    ['{"id":"1700000000000"}', '1700000000000'],
  ])('in a chat, of the answer %s: %s', async (body, activityId) => {
    answer = { status: 201, body };
    expect(await connector.post(place(), message)).toEqual({ activityId });
  });

  test.each([
    ['{"id":"19:c@thread.tacv2;messageid=17","activityId":"17"}', '17'],
    ['{"id":"19:c@thread.tacv2;messageid=17"}', '17'],
    ['{"id":"19:c@thread.tacv2;messageid=17","activityId":""}', '17'],
    ['{"id":["19:c"],"activityId":null}', null],
    ['{"id":""}', null],
  ])('in a channel, of the answer %s: %s', async (body, activityId) => {
    answer = { status: 201, body };
    expect(await connector.post(place({ kind: 'channel' }), message)).toEqual({ activityId });
  });
});

describe('sizes and characters', () => {
  test('a card of 10 MB does not leave the house', async () => {
    const card = { type: 'AdaptiveCard', note: 'x'.repeat(10_000_000) };
    await expect(connector.post(place(), { card, summary: 'x' })).rejects.toMatchObject({ kind: 'too-large' });
    await expect(connector.update(place(), '17', { card, summary: 'x' })).rejects.toMatchObject({ kind: 'too-large' });
    expect(paths).toEqual([]);
  });

  test('a refusal of 10 MB is read for its code, and nothing of it is in the error’s own words', async () => {
    answer = {
      status: 403,
      body: JSON.stringify({ error: { code: 'MessageWritesBlocked', message: 'y'.repeat(10_000_000) } }),
    };
    const error: unknown = await connector.post(place(), message).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'dead', code: 'MessageWritesBlocked' });
    expect(String(error).length).toBeLessThan(200);
  });

  test.each(['19:a/b?c=d#e@thread.tacv2', '../../v3/botstate', 'a:ünïcode ✓', '%2e%2e/', 'a:1\r\nx: y'])(
    'a conversation called %j stays one part of the path',
    async (conversationId) => {
      answer = { status: 201, body: '{"id":"1"}' };
      await connector.post(place({ conversationId }), message);
      await connector.update(place({ conversationId }), '1/../2', message);
      const id = encodeURIComponent(conversationId);
      expect(paths).toEqual([
        `/amer/v3/conversations/${id}/activities`,
        `/amer/v3/conversations/${id}/activities/${encodeURIComponent('1/../2')}`,
      ]);
    },
  );
});
