import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Attachment } from './wire.ts';

export const FILE_DOWNLOAD_INFO = 'application/vnd.microsoft.teams.file.download.info';

/**
 * What goes wrong with the download of a file: it is `gone` (404); it never ends (`slow`, a byte a second); it is `huge`
 * whatever was attached; it is `packed` though nobody asked for that; it is `elsewhere`, behind a redirect to an address that
 * serves secrets to machines, or `moved` within the share.
 */
export const FILE_FAULTS = ['gone', 'slow', 'huge', 'packed', 'elsewhere', 'moved'] as const;
export type FileFault = (typeof FILE_FAULTS)[number];

export interface SharedFile {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly fault?: FileFault | undefined;
}

const PATH = '/files/download.aspx';
const SIGNATURE = 'sandbox';
const ELSEWHERE = 'http://169.254.169.254/latest/meta-data/';
const HUGE_BYTES = 8 * 1024 * 1024;

/** Stands for the SharePoint site behind a personal chat: files that people attach, fetched by a pre-signed address. */
export class FileShare {
  private readonly files = new Map<string, SharedFile>();
  private readonly url: string;
  /** Headers of each download, in order: whoever fetches a file must send nothing that is nobody's business here. */
  readonly downloads: Readonly<Record<string, string | string[] | undefined>>[] = [];

  constructor(url: string) {
    this.url = url;
  }

  /** Stores a file and returns the attachment that Teams puts into the message. */
  upload(file: SharedFile): Attachment {
    const uniqueId = randomUUID();
    this.files.set(uniqueId, file);
    return {
      contentType: FILE_DOWNLOAD_INFO,
      name: file.name,
      contentUrl: `${this.url}/files/${encodeURIComponent(file.name)}`,
      content: {
        downloadUrl: `${this.url}${PATH}?UniqueId=${uniqueId}&tempauth=${SIGNATURE}`,
        uniqueId,
        fileType: file.name.split('.').at(-1) ?? '',
      },
    };
  }

  /** Answers a request for a download address, whoever asks. False: it is none, and nothing is answered. */
  serve(url: URL, headers: Readonly<Record<string, string | string[] | undefined>>, response: ServerResponse): boolean {
    if (url.pathname !== PATH) return false;
    this.downloads.push(headers);
    const signed = url.searchParams.get('tempauth') === SIGNATURE;
    const file = this.files.get(url.searchParams.get('UniqueId') ?? '');
    if (!signed || file === undefined) {
      response.writeHead(signed ? 404 : 403).end();
      return true;
    }
    const hasMoved = url.searchParams.get('moved') === '1';
    answer(file, hasMoved ? undefined : file.fault, `${url.pathname}${url.search}&moved=1`, response);
    return true;
  }
}

function answer(
  { content }: SharedFile,
  fault: FileFault | undefined,
  newPlace: string,
  response: ServerResponse,
): void {
  const binary = { 'content-type': 'application/octet-stream' };
  switch (fault) {
    case 'gone':
      response.writeHead(404).end();
      return;
    case 'elsewhere':
      response.writeHead(302, { location: ELSEWHERE }).end();
      return;
    case 'moved':
      response.writeHead(302, { location: newPlace }).end();
      return;
    case 'packed':
      response.writeHead(200, { ...binary, 'content-encoding': 'gzip' }).end(content);
      return;
    case 'huge':
      // Without a length, so that only counting helps.
      response.writeHead(200, { ...binary, 'transfer-encoding': 'chunked' });
      response.end(Buffer.alloc(HUGE_BYTES, 'a@b.test\n'));
      return;
    case 'slow': {
      response.writeHead(200, binary);
      const drip = setInterval(() => response.write('a'), 1000);
      response.once('close', () => clearInterval(drip));
      return;
    }
    case undefined:
      response.writeHead(200, binary).end(content);
  }
}
