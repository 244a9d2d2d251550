import { approvalWord, methodWord, testWord } from '../../cards/status-words.ts';
import { faultTitle } from '../../locales/fault-text.ts';
import { translate } from '../../locales/translate.ts';
import { directions, methodOf, type Direction, type Mailbox } from '../../services/model/mailbox.ts';
import { byteOrderMark, csvLine, type FileFormat } from './csv.ts';

/** The columns that an import reads back: their titles are the same in every language. */
const importTitles = ['address', 'type', 'owner'];

const otherTitles = [
  'state',
  'profile',
  'received-after',
  ...directions.flatMap((direction) => [`${direction}-method`, `${direction}-number`]),
  'approval',
  'decided-by',
  'decided-at',
  'reason',
  'status',
  ...directions.flatMap((direction) => [
    `${direction}-status`,
    `${direction}-enabled`,
    `${direction}-code`,
    `${direction}-fault`,
  ]),
  'tested-at',
  'failed-tries',
  'next-try',
];

/**
 * Mailboxes as a CSV file, a line each; pages come and go, so that memory does not grow with their number. Words are in
 * the reader's language beside the platform's numbers; times are UTC.
 */
export async function* mailboxesCsv(
  pages: AsyncIterable<readonly Mailbox[]>,
  profileNames: Readonly<Record<string, string>>,
  { locale, separator = ',' }: Pick<FileFormat, 'locale' | 'separator'>,
): AsyncGenerator<string> {
  const titles = otherTitles.map((title) => translate(locale, `report.mailboxes.${title}`));
  yield byteOrderMark + csvLine([...importTitles, ...titles], separator);
  for await (const page of pages)
    yield page.map((mailbox) => csvLine(cellsOf(mailbox, profileNames, locale), separator)).join('');
}

type Cell = string | number | null;

function cellsOf(mailbox: Mailbox, profileNames: Readonly<Record<string, string>>, locale: string): Cell[] {
  const say = (key: string, params = {}): string => translate(locale, `card.${key}`, params);
  const { profileId, decidedAt, lastTestedAt, postponedUntil } = mailbox;
  return [
    mailbox.address,
    mailbox.type,
    mailbox.owner,
    translate(locale, `report.mailboxes.state.${mailbox.state}`),
    profileId === null ? '' : (profileNames[profileId] ?? profileId),
    mailbox.processEmailsReceivedAfter ?? '',
    ...directions.flatMap((direction): Cell[] => {
      const method = methodOf(mailbox, direction);
      return [methodWord(say, direction, method), method];
    }),
    approvalWord(say, mailbox.approval).text,
    mailbox.decidedBy ?? '',
    decidedAt === null ? '' : timeText(decidedAt),
    mailbox.decisionReason ?? '',
    testWord(say, mailbox.status).text,
    ...directions.flatMap((direction) => directionCells(mailbox, direction, locale)),
    lastTestedAt === null ? '' : timeText(lastTestedAt),
    mailbox.transientFailureCount,
    postponedUntil === null ? '' : timeText(postponedUntil),
  ];
}

function directionCells(mailbox: Mailbox, direction: Direction, locale: string): Cell[] {
  const { status, enabled, fault } = mailbox[direction];
  return [
    testWord((key, params) => translate(locale, `card.${key}`, params), status).text,
    translate(locale, enabled ? 'report.mailboxes.yes' : 'report.mailboxes.no'),
    fault?.code ?? '',
    fault === null ? '' : faultTitle(locale, fault.code),
  ];
}

/** In the form that spreadsheets take for a time. */
function timeText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
