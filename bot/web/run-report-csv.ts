import type { CardContext } from '../../cards/card-context.ts';
import { causesOf, leftOutOf, runTitle, runWord } from '../../cards/run-words.ts';
import { methodWord, testWord } from '../../cards/status-words.ts';
import { faultText, faultTitle } from '../../locales/fault-text.ts';
import { formatDuration, formatMoment } from '../../locales/format-time.ts';
import { translate } from '../../locales/translate.ts';
import { directions, methodOf, serverSide, type Direction } from '../../services/model/mailbox.ts';
import type { Run } from '../../services/model/run.ts';
import type { ReportRow } from '../../services/testing/run-report.ts';
import { byteOrderMark, csvLine, type FileFormat } from './csv.ts';

/** Lines that go out together: a write for each of fifty thousand would be slow. */
const linesInChunk = 200;

/**
 * The report of a run as one CSV file: first a few names and values that can be pasted into a change ticket, then a line a
 * mailbox. In sentences times name the zone of who asked; in columns they are UTC, since programs read those.
 */
export async function* runReportCsv(
  run: Run,
  rows: AsyncIterable<ReportRow>,
  { locale, now, timeZone = null, separator = ',' }: FileFormat,
): AsyncGenerator<string> {
  const context: CardContext = { locale, now, roles: [] };
  yield (
    byteOrderMark +
    summary(run, context, timeZone)
      .map((line) => csvLine(line, separator))
      .join('')
  );
  const titles = [
    'address',
    'type',
    'result',
    ...directions.flatMap((direction) => [direction, `${direction}-code`, `${direction}-seconds`]),
    'tested-at',
    'fault',
    'next-step',
    'state-now',
    'failed-tries',
    'next-try',
  ];
  let chunk =
    csvLine([]) +
    csvLine(
      titles.map((title) => translate(locale, `report.column.${title}`)),
      separator,
    );
  let lines = 0;
  for await (const row of rows) {
    chunk += csvLine(cellsOf(row, context), separator);
    lines += 1;
    if (lines % linesInChunk > 0) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

type Line = readonly [string, string];

/** A few lines only: who filters the table by its titles should not have to scroll past a page of them. */
function summary(run: Run, context: CardContext, timeZone: string | null): Line[] {
  const { locale, now } = context;
  const moment = (at: number): string => formatMoment(locale, at, timeZone);
  const say = sayer(locale);
  const text = (key: string, params = {}): string => translate(locale, `report.${key}`, params);
  const { startedAt, finishedAt, total, done, succeeded, failed, retrying } = run;
  const elapsed = formatDuration(locale, (finishedAt ?? now) - startedAt);
  const end = finishedAt === null ? 'none' : moment(finishedAt);
  const leftOut = leftOutOf(run).map(([reason, count]) => text(`left-out.${reason}`, { count }));
  const causes = causesOf(run).map(([code, count]) => text('cause', { count, code, title: faultTitle(locale, code) }));
  const lines: Line[] = [
    [text('run'), text('run-is', { id: run.id, what: runTitle(run, context), state: runWord(say, run).text })],
    [text('started-by'), run.requestedByName],
    [text('time'), text('time-is', { start: moment(startedAt), end, elapsed })],
    [text('mailboxes'), text('mailboxes-are', { total, succeeded, failed, retrying, left: total - done })],
    [text('left-out'), leftOut.join('; ')],
    [text('causes'), causes.join('; ')],
    [text('made'), moment(now)],
  ];
  return lines.filter(([, value]) => value !== '');
}

function cellsOf({ address, fault, testedAt, phases, mailbox }: ReportRow, context: CardContext) {
  const { locale } = context;
  const say = sayer(locale);
  const words = fault === null ? null : faultText(locale, { ...fault, params: { address, ...fault.params } });
  return [
    address,
    mailbox === undefined ? '' : say(`type.${mailbox.type}`),
    translate(locale, fault === null ? 'report.succeeded' : 'report.failed'),
    ...directions.flatMap((direction) => directionCells(direction, { phases, mailbox }, context)),
    timeText(testedAt),
    words?.title ?? '',
    words?.nextStep ?? '',
    mailbox === undefined ? translate(locale, 'report.deleted') : testWord(say, mailbox.status).text,
    mailbox?.transientFailureCount ?? null,
    mailbox === undefined || mailbox.postponedUntil === null ? '' : timeText(mailbox.postponedUntil),
  ];
}

/** State, error code and duration of one direction; of one that is not tested, why. */
function directionCells(
  direction: Direction,
  { phases, mailbox }: Pick<ReportRow, 'phases' | 'mailbox'>,
  { locale }: CardContext,
): (string | number | null)[] {
  const phase = phases[direction];
  if (phase !== undefined)
    return [
      translate(locale, phase.fault === null ? 'report.succeeded' : 'report.failed'),
      phase.fault?.code ?? '',
      phase.durationMs / 1000,
    ];
  const method = mailbox === undefined ? undefined : methodOf(mailbox, direction);
  const word =
    method === undefined || method === serverSide[direction] ? '' : methodWord(sayer(locale), direction, method);
  return [translate(locale, 'report.not-tested-direction', { method: word, known: word !== '' }), '', null];
}

const sayer =
  (locale: string) =>
  (key: string, params = {}): string =>
    translate(locale, `card.${key}`, params);

/** In the form that spreadsheets take for a time. */
function timeText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
