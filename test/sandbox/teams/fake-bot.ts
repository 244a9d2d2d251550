import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Activity } from '../../../sandbox/teams/wire.ts';

export interface BotTurn {
  activity: Activity;
  headers: IncomingHttpHeaders;
}

/** A bot of a few lines: it records what arrives and answers what the test says. */
export interface FakeBot {
  url: string;
  turns: BotTurn[];
  /** HTTP status and JSON body of the next answers; `never` keeps the connection open. */
  answer: (turn: BotTurn) => { status: number; body?: unknown } | 'never' | Promise<{ status: number; body?: unknown }>;
  close: () => Promise<void>;
}

export async function startFakeBot(): Promise<FakeBot> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const activity = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Activity;
      const turn = { activity, headers: request.headers };
      bot.turns.push(turn);
      void Promise.resolve(bot.answer(turn)).then((answer) => {
        if (answer === 'never') return;
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bot: FakeBot = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/messages`,
    turns: [],
    answer: () => ({ status: 200 }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return bot;
}

/** The body of a handled invoke: the outcome stands in it, the HTTP status is 200. */
export function invokeAnswer(type: string, value: unknown, statusCode = 200): { status: number; body: unknown } {
  return { status: 200, body: { statusCode, type, value } };
}

/** Calls the connector as a bot's SDK does. */
export function connectorClient(serviceUrl: string, token?: string) {
  return async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${serviceUrl}v3/${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      body: (text === '' ? {} : JSON.parse(text)) as {
        id?: string;
        activityId?: string;
        error?: { code: string; message: string };
        members?: { id: string; email: string; userRole: string }[];
        continuationToken?: string;
        conversations?: { id: string; name?: string }[];
      } & Record<string, unknown>,
    };
  };
}

export function card(body: unknown[], more: Record<string, unknown> = {}): Record<string, unknown> {
  return { type: 'AdaptiveCard', version: '1.5', body, ...more };
}

export function cardMessage(content: unknown): Activity {
  return {
    type: 'message',
    summary: 'a card',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  };
}
