import { auditSentence } from '../../cards/audit-words.ts';
import { formatMoment } from '../../locales/format-time.ts';
import { translate } from '../../locales/translate.ts';
import { tellsOfRemoval, type AuditEntry } from '../../services/model/audit.ts';
import { isMailroomError } from '../../services/model/error.ts';
import { ChainCheck, isNewer, type LogVerdict } from '../../services/storage/log-chain.ts';
import type { Store } from '../../services/storage/store.ts';
import { byteOrderMark, csvLine, type FileFormat } from './csv.ts';

const linesInChunk = 200;

const titles = ['number', 'time', 'actor', 'actor-id', 'event', 'sentence', 'subjects', 'details', 'from', 'hash'];

/**
 * The audit trail of an environment as a CSV file, oldest first. It is checked while it is written, so its last lines say
 * whether it was complete; details are JSON, so that nothing of an entry is lost. Times of
 * entries are UTC.
 */
export async function* historyCsv(
  store: Store,
  environmentId: string,
  { locale, now, timeZone = null, separator = ',' }: FileFormat,
): AsyncGenerator<string> {
  const head = await store.logHead('audit');
  const check = new ChainCheck<AuditEntry>(head, tellsOfRemoval);
  let chunk =
    byteOrderMark +
    csvLine(
      titles.map((title) => translate(locale, `report.history.${title}`)),
      separator,
    );
  let lines = 0;
  try {
    for await (const item of store.readChain('audit')) {
      if (isNewer(item, head)) break;
      check.add(item);
      const { entry, link } = item;
      if (entry.environmentId !== environmentId) continue;
      chunk += csvLine(
        [
          link === null ? '' : link.position,
          timeText(entry.at),
          entry.actorName,
          entry.actorId,
          entry.kind,
          auditSentence(locale, entry),
          entry.subjects.join(' '),
          JSON.stringify(entry.details),
          entry.from ?? '',
          link?.hash ?? '',
        ],
        separator,
      );
      lines += 1;
      if (lines % linesInChunk > 0) continue;
      yield chunk;
      chunk = '';
    }
  } catch (error) {
    // What could be read is in the file; that it ends here because it is damaged, its last lines say.
    if (!isMailroomError(error, 'store.damaged')) throw error;
    check.damaged();
  }
  yield chunk + csvLine([]) + lastLines(check.end(), { locale, now, timeZone, separator });
}

function lastLines(
  { problem, badPosition, removed, head }: LogVerdict,
  { locale, now, timeZone, separator }: Required<FileFormat>,
): string {
  const say = (key: string, params = {}): string => translate(locale, `report.history.${key}`, params);
  return [
    [say('trail'), say(`trail.${problem ?? 'whole'}`, { number: badPosition ?? 0 })],
    [say('entries'), head.position],
    ...(removed > 0 ? [[say('removed'), removed]] : []),
    [say('last-hash'), head.hash],
    [say('made'), formatMoment(locale, now, timeZone)],
  ]
    .map((line) => csvLine(line, separator))
    .join('');
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
