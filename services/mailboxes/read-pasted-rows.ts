import { readRows, type ReadRows } from './read-rows.ts';

/**
 * Reads rows from a chat message: cells as in `readRows`, with the links that Teams makes of addresses.
 * @throws as readRows
 */
export function readPastedRows(text: string): ReadRows {
  return readRows(untangle(text));
}

/**
 * Reads rows from a file: as they stand there. What looks like markup is somebody's text.
 * @throws as readRows
 */
export function readFileRows(text: string): ReadRows {
  return readRows(withPlainBlanks(text));
}

/**
 * Takes away what Teams and Excel put around the text: links, non-breaking spaces, BOM, CRLF. Each pattern stops at the
 * sign that opens the next one of its kind: one that reads on to the end takes minutes for a paste of nothing but openings.
 */
function untangle(text: string): string {
  return withPlainBlanks(
    text
      .replaceAll(/<a ([^<>]*)>[^<]*<\/a>/gi, (link, attributes: string) => mailtoOf(attributes) ?? link)
      .replaceAll(/\[[^[\]\n]*\]\(mailto:([^()[\]\s]*)\)/gi, '$1')
      .replaceAll(/<mailto:([^|<>\s]*)(\|[^<>]*)?>/gi, '$1')
      .replaceAll(/(^|[\s,;"<])mailto:/gi, '$1')
      .replaceAll(/<br\s*\/?>/gi, '\n')
      .replaceAll(/&nbsp;/gi, ' ')
      .replaceAll('&amp;', '&'),
  );
}

const withPlainBlanks = (text: string): string =>
  text
    .replaceAll(/\u200B|\uFEFF/g, '')
    .replaceAll('\u00A0', ' ')
    .replaceAll(/\r\n?/g, '\n');

const mailtoOf = (attributes: string): string | undefined => /href="mailto:([^"]*)"/i.exec(attributes)?.[1];
