import { hasAttachments } from '../mailbox/attachment.ts';
import type { Correspondent, ItemContent, StoredItem } from '../mailbox/item.ts';
import { ewsMessageError } from '../soap/ews-error.ts';

type Matches = (content: ItemContent, words: string) => boolean;

const within = (text: string | undefined, words: string): boolean => text?.toLowerCase().includes(words) ?? false;
const anybody = (people: readonly (Correspondent | undefined)[], words: string): boolean =>
  people.some((person) => within(person?.name, words) || within(person?.address, words));
const isYes = (words: string): boolean => words === 'true' || words === 'yes';

/** Keywords of the Advanced Query Syntax. */
const KEYWORDS: ReadonlyMap<string, Matches> = new Map<string, Matches>([
  ['subject', ({ subject }, words) => within(subject, words)],
  ['body', ({ body }, words) => within(body?.text, words)],
  ['from', ({ from, sender }, words) => anybody([from, sender], words)],
  ['to', ({ to }, words) => anybody(to, words)],
  ['cc', ({ cc }, words) => anybody(cc, words)],
  ['hasattachment', ({ attachments }, words) => hasAttachments(attachments) === isYes(words)],
  ['hasattachments', ({ attachments }, words) => hasAttachments(attachments) === isYes(words)],
]);
const ANYWHERE: Matches = (content, words) =>
  within(content.subject, words) || within(content.body?.text, words) || anybody([content.from, ...content.to], words);

/**
 * A QueryString as a test: terms that must all fit, each `keyword:words` or words alone, in quotation marks where there
 * are spaces in them. Other keywords, and terms joined in another way, are refused rather than ignored.
 */
export function readQuery(query: string | undefined): (item: StoredItem) => boolean {
  const terms = [...(query ?? '').matchAll(/(?:(\w+):\s*)?(?:"([^"]*)"|([^\s"]+))/g)];
  const tests = terms.flatMap(([, keyword, quoted, plain]) => {
    if (keyword === undefined && plain === 'AND') return [];
    if (keyword === undefined && (plain === 'OR' || plain === 'NOT'))
      throw ewsMessageError('ErrorUnsupportedPathForQuery');
    const matches = keyword === undefined ? ANYWHERE : KEYWORDS.get(keyword.toLowerCase());
    if (!matches) throw ewsMessageError('ErrorUnsupportedPathForQuery');
    const words = (quoted ?? plain ?? '').toLowerCase();
    return [(item: StoredItem): boolean => matches(item.content, words)];
  });
  return (item) => tests.every((test) => test(item));
}
