import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Activity } from 'botbuilder';
import { pino } from 'pino';
import restify, { type Request, type RequestHandler, type Response, type Server } from 'restify';
import type { TurnAnswer } from '../adapter.ts';
import { checkActivity } from '../activity-schema.ts';
import type { Config } from '../config.ts';
import { reference, type BotLog } from '../log.ts';
import { isLoopbackHostHeader } from '../loopback.ts';
import { clientAddress, createRateLimit } from './rate-limit.ts';
import { readBody } from './read-body.ts';
import { encodingOf, postLimits } from './posted-form.ts';
import { fileProblem, sendFile, showFile, type FileAnswer } from './file-download.ts';
import type { PageAnswer } from './one-time-page.ts';
import { formProblem, receiveForm, showForm, type SecretFormServices } from './secret-form.ts';
import { formPageCsp } from './secret-form-page.ts';

export interface WebServerOptions {
  readonly config: Pick<Config, 'host' | 'port' | 'publicUrl' | 'app'>;
  readonly log: BotLog;
  /** Gets a checked activity and the Authorization header ('' when there is none); must not reject. */
  readonly processActivity: (activity: Activity, authorization: string) => Promise<TurnAnswer>;
  /** What the one-time form and the downloads work with. */
  readonly secretForm: SecretFormServices;
  /** Store and jobs answer, and the start is done. */
  readonly isReady: () => boolean;
}

export interface WebServer {
  /** Resolves once it listens, with the real port (for PORT 0). */
  listen(): Promise<{ port: number }>;
  /** Takes no more requests, lets those that run end for `graceMs`, then cuts the rest. */
  close(graceMs?: number): Promise<void>;
}

type Handler = (request: Request, response: Response) => Promise<void>;

/** Two thousand pasted rows come twice, as text and as the HTML that Teams adds. */
const activityBodyLimit = 1024 * 1024;

/** The routes of INTERFACES.md, "HTTP". restify's traps and their fixes: facts, stack §6. */
export function createWebServer(options: WebServerOptions): WebServer {
  const { config, log } = options;
  const secureOnly = config.publicUrl.startsWith('https:');
  const server = restify.createServer({
    name: '',
    // restify brings a pino of its own that would print whole requests.
    log: pino({ level: 'silent' }) as never,
    handleUncaughtExceptions: false,
    ignoreTrailingSlash: false,
  });
  limitTimes(server);
  // restify listens for upgrades and does nothing with them: the connection would stay open without an answer or a limit.
  server.server.removeAllListeners('upgrade');

  server.pre(async (request: Request, response: Response) => {
    securityHeaders(response, secureOnly);
    // Bodies come as they are: restify's reader bounds only the packed size, so a small gzip would fill the memory.
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') throw bare(415);
    // Against DNS rebinding: a page of another name that resolves to this machine must not reach an open bot.
    if (config.app === null && !isLoopbackHostHeader(request.headers.host)) throw bare(403);
  });
  server.on('restifyError', (_request: Request, response: Response, error: unknown, done: () => void) => {
    answerBare(response, statusOf(error));
    done();
  });

  const guarded =
    (route: string, handler: Handler): Handler =>
    async (request, response) => {
      try {
        await handler(request, response);
      } catch (error) {
        // The route, never the address: that of the form is a secret.
        log.error({ reference: reference(), route, error }, 'request failed');
        answerBare(response, 500);
      }
    };

  server.post(
    '/api/messages',
    requireJson,
    restify.plugins.bodyReader({ maxBodySize: activityBodyLimit }),
    // Only JSON: restify's own bodyParser would write uploaded files to disk.
    ...restify.plugins.jsonBodyParser({ bodyReader: true, mapParams: false }),
    guarded('/api/messages', async (request, response) => {
      const checked = checkActivity(request.body, { loopbackOnly: config.app === null });
      if (!checked.ok) {
        log.warn({ field: checked.field.slice(0, 100) }, 'malformed activity');
        return answerBare(response, 400);
      }
      const answer = await options.processActivity(checked.activity, request.headers.authorization ?? '');
      if (answer.body === undefined || answer.body === null) return answerBare(response, answer.status);
      response.sendRaw(answer.status, JSON.stringify(answer.body), {
        'Content-Type': 'application/json; charset=utf-8',
      });
    }),
  );

  const mayPass = createRateLimit(options.secretForm.clock, { burst: 30, refillMs: 2000, maxAddresses: 2000 });
  const formRoute = '/secrets/:token';
  const serveForm = (act: (request: Request, token: string) => Promise<PageAnswer>): Handler =>
    guarded(formRoute, async (request, response) => {
      const answer = mayPass(addressOf(request)) ? await act(request, tokenOf(request)) : formProblem('form.too-many');
      log.info({ route: formRoute, method: request.method, status: answer.status }, 'one-time form');
      answerPage(response, answer, request.method === 'HEAD');
    });
  const show = serveForm((request, token) => showForm(options.secretForm, { token, headers: request.headers }));
  server.get(formRoute, show);
  server.head(formRoute, show);
  server.post(
    formRoute,
    serveForm(async (request, token) => {
      const encoding = encodingOf(request.headers['content-type']);
      if (encoding === null) return formProblem('form.wrong-type');
      const body = await readBody(request, postLimits[encoding]);
      return receiveForm(options.secretForm, { token, headers: request.headers }, config.publicUrl, body);
    }),
  );

  const fileRoute = '/files/:token';
  const serveFile = (act: (request: Request, token: string) => Promise<FileAnswer>): Handler =>
    guarded(fileRoute, async (request, response) => {
      const answer = mayPass(addressOf(request)) ? await act(request, tokenOf(request)) : fileProblem('form.too-many');
      log.info({ route: fileRoute, method: request.method, status: answer.status }, 'one-time download');
      if ('html' in answer) return answerPage(response, answer, request.method === 'HEAD');
      await answerFile(response, answer).catch((error: unknown) => {
        // Who goes away in the middle has an incomplete file and needs a new link; nothing is wrong here.
        if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
        log.info({ route: fileRoute }, 'a download ended early');
      });
    });
  const showLink = serveFile((request, token) =>
    showFile(options.secretForm, { token, headers: request.headers }, request.method ?? ''),
  );
  server.get(fileRoute, showLink);
  server.head(fileRoute, showLink);
  server.post(
    fileRoute,
    serveFile((request, token) => sendFile(options.secretForm, { token, headers: request.headers })),
  );

  server.get(
    '/healthz',
    guarded('/healthz', (_request, response) => answerText(response, 200, 'alive')),
  );
  server.get(
    '/readyz',
    guarded('/readyz', (_request, response) =>
      options.isReady() ? answerText(response, 200, 'ready') : answerText(response, 503, 'not ready'),
    ),
  );

  return {
    listen: () => listen(server, config),
    close: (graceMs = 5000) => close(server, graceMs),
  };
}

/** restify answers an error that a handler throws through `restifyError`; the number is all that is told. */
function bare(status: number): Error {
  return Object.assign(new Error(`HTTP ${status}`), { statusCode: status });
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}

/** restify's parser passes everything else through as text. */
const requireJson: RequestHandler = (request, _response, next) => {
  const isJson = /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '');
  next(isJson ? undefined : bare(415));
};

function securityHeaders(response: Response, secureOnly: boolean): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cache-Control', 'no-store');
  if (secureOnly) response.setHeader('Strict-Transport-Security', 'max-age=31536000');
}

function answerBare(response: Response, status: number): void {
  if (!response.headersSent) response.sendRaw(status, '');
}

function answerText(response: Response, status: number, text: string): Promise<void> {
  response.sendRaw(status, `${text}\n`, { 'Content-Type': 'text/plain; charset=utf-8' });
  return Promise.resolve();
}

function answerPage(response: Response, answer: PageAnswer, headOnly: boolean): void {
  response.sendRaw(answer.status, headOnly ? '' : answer.html, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': formPageCsp,
    ...(answer.status === 429 ? { 'Retry-After': '60' } : {}),
  });
}

/** Sends a file while it is made, as fast as the reader takes it: one that stops reading is let go after a minute. */
async function answerFile(response: Response, { name, chunks }: Exclude<FileAnswer, PageAnswer>): Promise<void> {
  response.writeHead(200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${name}"`,
  });
  response.setTimeout(60_000, () => response.destroy());
  await pipeline(Readable.from(chunks), response);
}

/** Whom a request counts for. */
function addressOf(request: Request): string {
  const forwarded = request.headers['x-forwarded-for'];
  return clientAddress(request.socket.remoteAddress ?? '', typeof forwarded === 'string' ? forwarded : undefined);
}

function tokenOf(request: Request): string {
  const token: unknown = (request.params as Record<string, unknown>)['token'];
  return typeof token === 'string' ? token : '';
}

/** Slow senders hold no connection: Node's defaults are five minutes a request. */
function limitTimes(server: Server): void {
  server.server.headersTimeout = 10_000;
  server.server.requestTimeout = 30_000;
  server.server.maxHeadersCount = 100;
}

function listen(server: Server, config: Pick<Config, 'host' | 'port'>): Promise<{ port: number }> {
  return new Promise((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(config.port, config.host, () => {
      server.server.off('error', reject);
      resolve({ port: (server.server.address() as AddressInfo).port });
    });
  });
}

/** restify's close waits for open connections, and keep-alive ones stay open. */
function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.server.closeIdleConnections();
  });
}
