import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectorContext, ConnectorReply, ConnectorRequest } from './connector-routes.ts';
import { routeConnector, sendTarget } from './connector-routes.ts';
import { ConnectorError } from './errors.ts';
import { faultCode } from './faults.ts';
import type { Fault, FaultQueue } from './faults.ts';
import { readBody, sendJson } from './http-body.ts';
import { splitConversationId } from './state.ts';

/** Checks the bearer of a request; resolves when it may pass. */
export type VerifyBearer = (token: string) => Promise<unknown>;

/** 100 KB of UTF-16, Teams' limit for the whole message. */
export const MAX_MESSAGE_BYTES = 100 * 1024;

/** Serves one connector request: who asks, planned faults, size, rate, then the work; and writes the call log. */
export async function serveConnector(
  context: ConnectorContext & { faults: FaultQueue; verifyBearer: VerifyBearer | undefined },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedAt = context.now();
  const url = new URL(request.url ?? '/', 'http://localhost');
  const segments = url.pathname
    .replace(/^.*?\/v3\//, '')
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeURIComponent);
  const text = await readBody(request, 4 * MAX_MESSAGE_BYTES);
  const method = request.method ?? 'GET';
  const conversation = segments[0] === 'conversations' ? segments[1] : undefined;
  const call: ConnectorRequest = { method, segments, query: url.searchParams, body: undefined };
  const [, region = ''] = url.pathname.split('/');
  const target = sendTarget(context, { ...call, body: readJson(text) });
  const fault = context.faults.take({
    method,
    path: url.pathname,
    ...(conversation === undefined ? {} : { conversation }),
    ...(target === undefined ? {} : { target }),
  });

  const reply = await answer();
  if (fault?.delayMs !== undefined) await delay(fault.delayMs);
  context.log.add({
    kind: 'call',
    at: startedAt,
    tookMs: context.now() - startedAt,
    method,
    path: `/${segments.join('/')}`,
    ...(conversation === undefined ? {} : { conversation }),
    status: fault?.reset === true ? 0 : reply.status,
    ...(reply.code === undefined ? {} : { code: reply.code }),
    ...(call.body === undefined ? {} : { body: call.body }),
  });
  if (fault?.reset === true) {
    request.socket.destroy();
    return;
  }
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  sendJson(response, reply.status, reply.body);

  async function answer(): Promise<ConnectorReply & { code?: string; headers?: Record<string, string> }> {
    try {
      await checkBearer(context.verifyBearer, request);
      if (text.length * 2 > MAX_MESSAGE_BYTES) {
        throw new ConnectorError(413, 'MessageSizeTooBig', 'Message size too large.');
      }
      call.body = parseJson(text);
      const planned = fault?.status !== undefined || fault?.reset === true;
      if (fault !== undefined && planned && fault.afterwards !== true) return failure(fault);
      checkAddress(context, region, conversation ?? target);
      if (target !== undefined) {
        if (context.enforceRateLimits && context.log.wouldExceed(target, context.now())) {
          return failure({ status: 429, retryAfter: 1 });
        }
        context.log.addSend(target, context.now());
      }
      const reply = routeConnector(context, call);
      return fault !== undefined && planned ? failure(fault) : reply;
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      const { status, code, message } = error;
      return { status, code, body: { error: { code, message } } };
    }
  }
}

/** A conversation that has moved is served at its new address only, which its next activity names. */
function checkAddress({ state }: ConnectorContext, region: string, conversation = ''): void {
  const place = state.conversations.get(splitConversationId(conversation).conversationId);
  if (place === undefined || place.region === region) return;
  throw new ConnectorError(403, 'InvalidBotApiHost', 'The conversation is served at another address.');
}

async function checkBearer(verify: VerifyBearer | undefined, request: IncomingMessage): Promise<void> {
  if (verify === undefined) return;
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  try {
    if (token === undefined) throw new Error('no bearer token');
    await verify(token);
  } catch {
    throw new ConnectorError(401, 'Unauthorized', 'Authorization has been denied for this request.');
  }
}

function failure(answer: Fault['answer']): ConnectorReply & { code: string; headers: Record<string, string> } {
  const code = faultCode(answer);
  return {
    status: answer.status ?? 500,
    code,
    body: { error: { code, message: `${code} (planned by the sandbox)` } },
    headers: answer.retryAfter === undefined ? {} : { 'retry-after': String(answer.retryAfter) },
  };
}

/** To know where a request leads before anything is decided about it; what is no JSON leads nowhere. */
function readJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ConnectorError(400, 'BadSyntax', 'The body is no JSON.');
  }
}
