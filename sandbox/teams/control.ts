import type { IncomingMessage, ServerResponse } from 'node:http';
import { act } from './control-acts.ts';
import { ActError } from './errors.ts';
import { readBody, sendJson } from './http-body.ts';
import { servePage } from './page-files.ts';
import type { PageOptions } from './page-files.ts';
import { snapshot } from './snapshot.ts';
import type { Teams } from './start-teams.ts';
import { waitForChange } from './wait-for-change.ts';

const MAX_BODY_BYTES = 8 * 1024 * 1024;
const POLL_MS = 25_000;

/**
 * The control API and the page. The `Host` header must be loopback's own and changes must come as JSON: a page somewhere
 * on the web can then neither rebind a name to this port nor post a form to it.
 */
export async function serveControl(
  teams: Teams,
  page: PageOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { port } = new URL(teams.url);
  if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(request.headers.host ?? '')) {
    return sendJson(response, 421, { error: { message: 'This server answers on loopback only.' } });
  }
  const url = new URL(request.url ?? '/', teams.url);
  if (request.method === 'POST' && url.pathname === '/api/act') return postAct(teams, request, response);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return sendJson(response, 405, { error: { message: 'Use GET, or POST /api/act.' } });
  }
  if (url.pathname === '/api/state') return getState(teams, url, request, response);
  if (url.pathname === '/api/log') {
    return sendJson(response, 200, { entries: teams.log.entries, limits: sendCounts(teams) });
  }
  if (teams.files.serve(url, request.headers, response)) return;
  await servePage(url.pathname, page, response);
}

async function postAct(teams: Teams, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!(request.headers['content-type'] ?? '').startsWith('application/json')) {
    return sendJson(response, 415, { error: { message: 'Send application/json.' } });
  }
  const { origin } = request.headers;
  if (origin !== undefined && new URL(origin).host !== request.headers.host) {
    return sendJson(response, 403, { error: { message: 'Another site may not act here.' } });
  }
  try {
    const result = await act(teams, JSON.parse(await readBody(request, MAX_BODY_BYTES)) as unknown);
    sendJson(response, 200, { result: result ?? null });
  } catch (error) {
    if (!(error instanceof ActError || error instanceof SyntaxError)) throw error;
    sendJson(response, 400, { error: { message: error.message } });
  }
}

/** With `?since=VERSION` the answer waits until there is something newer, at most 25 s. */
async function getState(teams: Teams, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const since = url.searchParams.get('since');
  if (since !== null && teams.state.version <= Number(since)) {
    await Promise.race([
      waitForChange(teams.state, () => teams.state.version > Number(since), { timeoutMs: POLL_MS }).catch(() => false),
      new Promise((resolve) => request.once('close', resolve)),
    ]);
  }
  if (response.destroyed) return;
  sendJson(response, 200, snapshot(teams.state, teams.bot.name ?? ''));
}

/** Sends per conversation, with the peaks that Teams' limits look at. */
function sendCounts(teams: Teams): Record<string, { sends: number; peak1s: number; peak2s: number; peak30s: number }> {
  return Object.fromEntries(
    [...teams.state.conversations.keys()].map((id) => [
      id,
      {
        sends: teams.log.sendTimes(id).length,
        peak1s: teams.log.peak(id, 1_000),
        peak2s: teams.log.peak(id, 2_000),
        peak30s: teams.log.peak(id, 30_000),
      },
    ]),
  );
}
