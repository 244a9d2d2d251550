import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { MailroomError } from '../model/error.ts';
import type { DiskFile } from './disk.ts';

/** One line of a file of ours: `crc32 JSON`. `value` is undefined when the line is torn or damaged. */
export interface Line {
  readonly offset: number;
  /** Offset of the next line. */
  readonly end: number;
  readonly value: unknown;
}

const newline = 0x0a;
const prefixLength = 9;

/** The line for a JSON text, newline included. JSON never contains a raw newline, so a line is always a whole value. */
export function encodeLine(json: string): string {
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

/**
 * The same of a text that comes in parts, as pieces to be written one after the other. A commit about thousands of records is
 * megabytes of text: other work goes on between its pieces.
 */
export async function encodeParts(parts: Iterable<string>): Promise<string[]> {
  const pieces: string[] = [];
  let piece = '';
  let crc = 0;
  let started = performance.now();
  for (const part of parts) {
    piece += part;
    if (piece.length < sliceLength && performance.now() - started < sliceMs) continue;
    crc = crc32(piece, crc);
    pieces.push(piece);
    piece = '';
    await setImmediate();
    started = performance.now();
  }
  const sum = crc32(piece, crc).toString(16).padStart(8, '0');
  if (pieces.length === 0) return [`${sum} ${piece}\n`];
  return [`${sum} `, ...pieces, `${piece}\n`];
}

/** Reads the lines of a file in order. Never throws for what it finds there: the caller knows which damage is harmless. */
export function readLines(path: string): AsyncGenerator<Line> {
  return linesIn(createReadStream(path, { highWaterMark: 1024 * 1024 }));
}

/** The same of any stream of bytes. A line longer than `longest` bytes counts as torn, and nothing after it is read. */
export async function* linesIn(stream: AsyncIterable<Buffer>, longest = Infinity): AsyncGenerator<Line> {
  let offset = 0;
  let pieces: Buffer[] = [];
  let kept = 0;
  for await (const chunk of stream) {
    let start = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, start)) {
      const tail = chunk.subarray(start, at);
      const line = pieces.length === 0 ? tail : Buffer.concat([...pieces, tail]);
      pieces = [];
      kept = 0;
      start = at + 1;
      const end = offset + line.length + 1;
      yield { offset, end, value: decodeLine(line) };
      offset = end;
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start));
    kept += chunk.length - start;
    if (kept > longest) break;
  }
  if (kept > 0) yield { offset, end: offset + kept, value: undefined };
}

/** What `readLinesBackwards` reads at once, bytes. */
const backwardBytes = 256 * 1024;

/**
 * Reads the lines of a file from its end to its beginning, without reading more than is asked for. What follows the last
 * line end counts as torn, as it does forwards.
 */
export async function* readLinesBackwards(path: string): AsyncGenerator<Line> {
  const file = await open(path, 'r');
  try {
    let start = (await file.stat()).size;
    let end = start;
    /** Bytes from `start` on that belong to the line that ends at `end`. */
    let rest: Buffer = Buffer.alloc(0);
    while (start > 0) {
      const length = Math.min(backwardBytes, start);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start - length);
      // Files of this kind are never cut while they are read.
      if (bytesRead < length) return;
      start -= length;
      rest = Buffer.concat([buffer, rest]);
      for (let at = rest.lastIndexOf(newline, -2); at >= 0; at = rest.lastIndexOf(newline, -2)) {
        yield lineOf(rest.subarray(at + 1), start + at + 1, end);
        end = start + at + 1;
        rest = rest.subarray(0, at + 1);
      }
    }
    if (rest.length > 0) yield lineOf(rest, 0, end);
  } finally {
    await file.close();
  }
}

/** A line with its line end, if it has one. */
function lineOf(bytes: Buffer, offset: number, end: number): Line {
  const isWhole = bytes.at(-1) === newline;
  return { offset, end, value: isWhole ? decodeLine(bytes.subarray(0, -1)) : undefined };
}

function decodeLine(line: Buffer): unknown {
  const json = line.subarray(prefixLength);
  if (json.length === 0 || line.toString('latin1', 0, prefixLength) !== `${crc32(json).toString(16).padStart(8, '0')} `)
    return undefined;
  return JSON.parse(json.toString()) as unknown;
}

/** Work between two turns of the event loop. Handing the slice over costs some more; 8 ms in all go unnoticed. */
const sliceMs = 4;
const sliceLength = 512 * 1024;

/** Appends many lines in slices, so that a snapshot of 100 000 records does not hold up the event loop. */
export async function appendLines(file: DiskFile, lines: Iterable<string>): Promise<void> {
  let slice = '';
  let started = performance.now();
  for (const line of lines) {
    slice += line;
    if (slice.length < sliceLength && performance.now() - started < sliceMs) continue;
    await file.append(slice);
    slice = '';
    started = performance.now();
  }
  if (slice !== '') await file.append(slice);
}

export function damaged(file: string, offset: number): MailroomError {
  return new MailroomError('store.damaged', { file, offset });
}
