import { runTitle } from '../../cards/run-words.ts';
import type { FileLink } from '../../services/model/file-link.ts';
import type { Run } from '../../services/model/run.ts';
import { htmlSpeaker, page } from './secret-form-page.ts';

export interface FileView {
  readonly link: FileLink;
  /** Null: the file is the history. */
  readonly run: Run | null;
  readonly now: number;
}

/** What the link gives, who asked for it, until when; and the button, since only a person presses that. */
export function filePage(locale: string, { link, run, now }: FileView): string {
  const say = htmlSpeaker(locale);
  const minutes = Math.max(1, Math.ceil((link.expiresAt - now) / 60_000));
  const until = new Date(link.expiresAt).toISOString();
  const isHistory = run === null;
  return page(
    locale,
    isHistory ? 'form.history-download.title' : 'form.file-download.title',
    `<dl>
${isHistory ? historyLines(say) : runLines(say, run, runTitle(run, { locale, now, roles: [] }))}
<dt>${say('form.asked-by')}</dt><dd>${say('form.asked-by.value', { owner: link.ownerName })}</dd>
<dt>${say('form.until')}</dt><dd><time datetime="${until}">${say('form.until.value', { time: until.slice(11, 16), minutes })}</time></dd>
</dl>
<form method="post">
<button type="submit" autofocus>${say('form.file-download.send')}</button>
<p class="quiet">${say(isHistory ? 'form.history-download.hint' : 'form.file-download.hint')}</p>
</form>`,
  );
}

type SayHtml = ReturnType<typeof htmlSpeaker>;

const runLines = (say: SayHtml, { id, done, total }: Run, title: string): string =>
  `<dt>${say('form.file-download.run')}</dt><dd>${say('form.file-download.run.value', { id, title })}</dd>
<dt>${say('form.file-download.mailboxes')}</dt><dd>${say('form.file-download.mailboxes.value', { done, total })}</dd>`;

const historyLines = (say: SayHtml): string =>
  `<dt>${say('form.history-download.what')}</dt><dd>${say('form.history-download.what.value')}</dd>`;
