import type { Activity } from 'botbuilder';
import type { SharedFile } from '../services/files/shared-file.ts';
import { Secret } from '../services/secrets/secret.ts';
import { fileDownloadInfo } from './activity-schema.ts';

/** How Teams names a file in a channel or group chat, where bots get no address for it. */
const reference = 'reference';

/** The files that a checked activity brings, in their order. Its other attachments are its own text again, and pictures. */
export function sharedFilesOf({ attachments, conversation }: Activity): SharedFile[] {
  const isPersonal = conversation.conversationType === 'personal';
  return (attachments ?? []).flatMap(({ contentType, name, content }): SharedFile[] => {
    if (contentType !== fileDownloadInfo && contentType !== reference) return [];
    const { downloadUrl, fileType } = (content ?? {}) as { downloadUrl?: string; fileType?: string | null };
    const isOpen = isPersonal && contentType === fileDownloadInfo && downloadUrl !== undefined;
    return [{ name: name ?? '', fileType: fileType ?? '', downloadUrl: isOpen ? new Secret(downloadUrl) : null }];
  });
}
