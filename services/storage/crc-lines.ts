import { createReadStream } from 'node:fs';
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

/** Reads the lines of a file in order. Never throws for what it finds there: the caller knows which damage is harmless. */
export async function* readLines(path: string): AsyncGenerator<Line> {
  let offset = 0;
  let pieces: Buffer[] = [];
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, start)) {
      const tail = chunk.subarray(start, at);
      const line = pieces.length === 0 ? tail : Buffer.concat([...pieces, tail]);
      pieces = [];
      start = at + 1;
      const end = offset + line.length + 1;
      yield { offset, end, value: decodeLine(line) };
      offset = end;
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start));
  }
  const rest = pieces.reduce((length, piece) => length + piece.length, 0);
  if (rest > 0) yield { offset, end: offset + rest, value: undefined };
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
