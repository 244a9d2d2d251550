import { MailroomError } from '../../services/model/error.ts';
import { shownName, type SharedFile, type SharedFiles } from '../../services/files/shared-file.ts';

/** Files as a test puts them there, by the address that a message names. */
export class ScriptedFiles implements SharedFiles {
  readonly contents = new Map<string, Uint8Array | MailroomError>();
  readonly fetched: string[] = [];

  async download(file: SharedFile): Promise<Uint8Array> {
    const url = file.downloadUrl?.reveal() ?? '';
    this.fetched.push(url);
    const content = this.contents.get(url);
    if (content === undefined) throw new MailroomError('import.file-gone', { name: shownName(file) });
    if (content instanceof MailroomError) throw content;
    return content;
  }
}
