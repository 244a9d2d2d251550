import { randomUUID } from 'node:crypto';
import type { Attachment } from './wire.ts';

export const FILE_DOWNLOAD_INFO = 'application/vnd.microsoft.teams.file.download.info';

/** Stands for the SharePoint site behind a personal chat: files that people attach, fetched by a pre-signed address. */
export class FileShare {
  private readonly files = new Map<string, { name: string; content: string }>();
  private readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** Stores a file and returns the attachment that Teams puts into the message. */
  upload(file: { name: string; content: string }): Attachment {
    const uniqueId = randomUUID();
    this.files.set(uniqueId, file);
    return {
      contentType: FILE_DOWNLOAD_INFO,
      name: file.name,
      contentUrl: `${this.url}/files/${encodeURIComponent(file.name)}`,
      content: {
        downloadUrl: `${this.url}/files/download.aspx?UniqueId=${uniqueId}&tempauth=sandbox`,
        uniqueId,
        fileType: file.name.split('.').at(-1) ?? '',
      },
    };
  }

  /** What a download address leads to, whoever asks. */
  find(url: URL): { name: string; content: string } | undefined {
    return url.pathname === '/files/download.aspx' && url.searchParams.get('tempauth') === 'sandbox'
      ? this.files.get(url.searchParams.get('UniqueId') ?? '')
      : undefined;
  }
}
