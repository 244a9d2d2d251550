import type { SecureContext } from 'node:tls';
import { Client, type Dispatcher } from 'undici';
import { parseAllowList } from '../exchange/address-guard.ts';
import { createConnector, createPlainConnector } from '../exchange/connector.ts';
import type { Resolve } from '../exchange/guarded-lookup.ts';
import type { Proxy } from '../exchange/proxy.ts';
import { wireFault } from '../exchange/wire-fault.ts';
import type { Clock } from '../model/clock.ts';
import { MailroomError } from '../model/error.ts';
import type { Log } from '../service-context.ts';
import { fileUrlOf } from './file-hosts.ts';
import { fileByteLimit, shownName, type SharedFiles } from './shared-file.ts';

export interface SharedFilesOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly tlsContext: SecureContext;
  readonly proxy: Proxy | null;
  /** Origin of a stand-in for SharePoint on this machine; null: none. */
  readonly standInOrigin: string | null;
  /** For tests that decide what a name resolves to, and where it listens. */
  readonly resolve?: Resolve;
  readonly listensOn?: (host: string, port: number) => number;
  /** For tests: networks that the hosts of files may lie in, although they never do. */
  readonly networks?: readonly string[];
}

/** For the whole of a file. Teams gives a turn up after ten seconds at the earliest (facts/teams.md §C4). */
export const downloadDeadlineMs = 8000;
const connectTimeoutMs = 5000;
const mostRedirects = 3;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Of an address whose signature has run out, or of a file that is not there any more. */
const gone: ReadonlySet<number> = new Set([401, 403, 404, 410]);

/**
 * Fetches attached files under the rules of every outgoing call (DESIGN law 5): hosts of Teams alone, also behind a redirect;
 * the address that was judged is the one connected to; verified TLS; a cap while reading, and one deadline. Sends neither
 * cookies nor authorization. It is done within the turn, since the address is a secret that must not be stored for later.
 */
export function createSharedFiles(options: SharedFilesOptions): SharedFiles {
  const { clock, log, standInOrigin } = options;
  const road = {
    policy: parseAllowList(options.networks ?? []),
    proxy: options.proxy,
    ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
    ...(options.listensOn === undefined ? {} : { listensOn: options.listensOn }),
  };
  const secure = createConnector({ ...road, tlsContext: options.tlsContext }, connectTimeoutMs);
  const standInRoad = { policy: parseAllowList(['127.0.0.0/8', '::1/128']), proxy: null };
  const toStandIn = {
    'http:': createPlainConnector(standInRoad, connectTimeoutMs),
    'https:': createConnector({ ...standInRoad, tlsContext: options.tlsContext }, connectTimeoutMs),
  };
  const connectTo = ({ origin, protocol }: URL) => {
    if (origin !== standInOrigin) return secure;
    return protocol === 'http:' ? toStandIn['http:'] : toStandIn['https:'];
  };

  return {
    async download(file) {
      const name = shownName(file);
      if (file.downloadUrl === null) throw new MailroomError('import.file-personal-only', { name });
      const controller = new AbortController();
      const stopWaiting = clock.after(downloadDeadlineMs, () => controller.abort());
      try {
        let url = fileUrlOf(file.downloadUrl.reveal(), standInOrigin);
        for (let hops = 0; hops <= mostRedirects; hops += 1) {
          if (url === null) throw new MailroomError('import.file-host', { name });
          const answer = await ask(url, connectTo(url), controller.signal, name);
          if ('bytes' in answer) return answer.bytes;
          url = URL.canParse(answer.location, url.href)
            ? fileUrlOf(new URL(answer.location, url).href, standInOrigin)
            : null;
        }
        throw new MailroomError('import.file-host', { name });
      } catch (error) {
        if (error instanceof MailroomError) throw error;
        // Without a cause: errors of the client may quote what they were asked for.
        if (controller.signal.aborted) throw new MailroomError('import.file-slow', { name });
        log.warn({ code: wireFault(error, '').code }, 'a file could not be fetched');
        throw new MailroomError('import.file-unreachable', { name });
      } finally {
        stopWaiting();
      }
    },
  };
}

type Answer = { readonly bytes: Uint8Array } | { readonly location: string };

async function ask(
  url: URL,
  connect: ReturnType<typeof createConnector>,
  signal: AbortSignal,
  name: string,
): Promise<Answer> {
  const client = new Client(url.origin, { connect, pipelining: 1 });
  try {
    const response = await client.request({
      path: url.pathname + url.search,
      method: 'GET',
      // Nothing packed: 2 kB of gzip can be 2 MB of text, and the cap counts what arrives.
      headers: { accept: '*/*', 'accept-encoding': 'identity' },
      signal,
    });
    const { statusCode, headers } = response;
    if (redirects.has(statusCode)) return { location: headerOf(headers['location']) };
    if (gone.has(statusCode)) throw new MailroomError('import.file-gone', { name });
    if (statusCode !== 200) throw new MailroomError('import.file-unreachable', { name });
    if (!['', 'identity'].includes(headerOf(headers['content-encoding']).toLowerCase()))
      throw new MailroomError('import.file-not-text', { name });
    return { bytes: await readCapped(response.body, Number(headerOf(headers['content-length'])), name) };
  } finally {
    // Not awaited: a server that keeps the connection half open must not hold the answer back.
    client.destroy().catch(() => undefined);
  }
}

async function readCapped(body: Dispatcher.ResponseData['body'], announced: number, name: string): Promise<Uint8Array> {
  const tooLarge = new MailroomError('import.file-too-large', { name, megabytes: fileByteLimit / 1024 / 1024 });
  if (announced > fileByteLimit) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > fileByteLimit) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const headerOf = (value: string | readonly string[] | undefined): string =>
  typeof value === 'string' ? value : (value?.[0] ?? '');
