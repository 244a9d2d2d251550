import { runTitle } from '../../cards/run-words.ts';
import { formatTimeOfDay } from '../../locales/format-time.ts';
import type { FileLink } from '../../services/model/file-link.ts';
import type { Run } from '../../services/model/run.ts';
import { htmlSpeaker, page } from './secret-form-page.ts';

export interface FileView {
  /** Of the owner; null: UTC. */
  readonly timeZone: string | null;
  readonly link: FileLink;
  /** Null: the file is not the report of a run. */
  readonly run: Run | null;
  readonly now: number;
}

/** What the link gives, who asked for it, until when; and the button, since only a person presses that. */
export function filePage(locale: string, { link, run, now, timeZone }: FileView): string {
  const say = htmlSpeaker(locale);
  const minutes = Math.max(1, Math.ceil((link.expiresAt - now) / 60_000));
  const until = new Date(link.expiresAt).toISOString();
  const time = formatTimeOfDay(locale, link.expiresAt, timeZone);
  const name = run !== null ? 'file' : link.kind === 'mailboxes' ? 'mailboxes' : 'history';
  return page(
    locale,
    `form.${name}-download.title`,
    `<dl>
${run !== null ? runLines(say, run, runTitle(run, { locale, now, roles: [] })) : contentLines(say, link)}
<dt>${say('form.asked-by')}</dt><dd>${say('form.asked-by.value', { owner: link.ownerName })}</dd>
<dt>${say('form.until')}</dt><dd><time datetime="${until}">${say('form.until.value', { time, minutes })}</time></dd>
</dl>
<form method="post">
<button type="submit" autofocus>${say('form.file-download.send')}</button>
<p class="quiet">${say(`form.${name}-download.hint`)}</p>
</form>`,
  );
}

type SayHtml = ReturnType<typeof htmlSpeaker>;

const runLines = (say: SayHtml, { id, done, total }: Run, title: string): string =>
  `<dt>${say('form.file-download.run')}</dt><dd>${say('form.file-download.run.value', { id, title })}</dd>
<dt>${say('form.file-download.mailboxes')}</dt><dd>${say('form.file-download.mailboxes.value', { done, total })}</dd>`;

const contentLines = (say: SayHtml, { content }: FileLink): string =>
  content === undefined
    ? `<dt>${say('form.history-download.what')}</dt><dd>${say('form.history-download.what.value')}</dd>`
    : `<dt>${say('form.mailboxes-download.what')}</dt><dd>${say('form.mailboxes-download.what.value', { count: content.count, filter: content.filter || 'none' })}</dd>`;
