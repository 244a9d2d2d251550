import type { TextEncoding } from '../model/import-batch.ts';

export interface DecodedText {
  /** Without its byte order mark. */
  readonly text: string;
  readonly encoding: TextEncoding;
}

/** What no text has, and a binary file has soon. */
const control = /[^\P{Cc}\s]/u;
/** Ctrl-Z, by which programs of DOS end a file. */
const endMark = '\u001A';

/**
 * The text of a file, whichever way a spreadsheet saved it: UTF-8 with or without a mark, UTF-16 with one (Excel's "Unicode
 * Text"), else Windows-1252, which Excel's plain "CSV" is in Western Europe and America. Without a mark nothing tells a code
 * page from another, so the card says that this one was assumed. Null: no text.
 */
export function decodeText(bytes: Uint8Array): DecodedText | null {
  const encoding = encodingOf(bytes);
  const decoded = tryDecode(bytes, encoding);
  if (decoded === null) return null;
  const text = decoded.endsWith(endMark) ? decoded.slice(0, -1) : decoded;
  return control.test(text) ? null : { text, encoding };
}

function encodingOf(bytes: Uint8Array): TextEncoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return tryDecode(bytes, 'utf-8') === null ? 'windows-1252' : 'utf-8';
}

/** Takes the mark away. Null: these bytes are not of this encoding. */
function tryDecode(bytes: Uint8Array, encoding: TextEncoding): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
