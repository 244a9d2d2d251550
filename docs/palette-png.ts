import { crc32, deflateSync } from 'node:zlib';

/** So many colours show a card as well as all of them do: a few fills, and the greys at the edges of letters. */
const mostColors = 16;

/** A picture as PNG with a palette, at half a byte a pixel: a quarter of the size. `rgba` as a canvas gives it, opaque. */
export function palettePng(width: number, height: number, rgba: Uint8Array): Buffer {
  const palette = frequentColors(rgba);
  const nearest = new Map<number, number>();
  const rowLength = Math.ceil(width / 2);
  const rows = Buffer.alloc(height * (rowLength + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const color = colorAt(rgba, y * width + x);
      let index = nearest.get(color);
      if (index === undefined) {
        index = nearestOf(palette, color);
        nearest.set(color, index);
      }
      const at = y * (rowLength + 1) + 1 + (x >> 1);
      rows[at] = (rows[at] ?? 0) | (x % 2 === 0 ? index << 4 : index);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // Four bits a pixel, colours from the palette.
  head.set([4, 3, 0, 0, 0], 8);
  const colors = Buffer.from(palette.flatMap((color) => channels(color)));
  const signature = Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1');
  const data = deflateSync(rows, { level: 9 });
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('PLTE', colors),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The most frequent colours: each fill of an area, however pale, then those that differ enough to be worth a place. */
function frequentColors(rgba: Uint8Array): number[] {
  const counts = new Map<number, number>();
  for (let pixel = 0; pixel < rgba.length / 4; pixel += 1) {
    const color = colorAt(rgba, pixel);
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  const chosen: number[] = [];
  for (const [color, count] of [...counts].sort(([, a], [, b]) => b - a)) {
    if (chosen.length === mostColors) break;
    const least = count * 250 > rgba.length / 4 ? 20 : 1200;
    if (chosen.every((other) => distance(color, other) > least)) chosen.push(color);
  }
  return chosen;
}

const colorAt = (rgba: Uint8Array, pixel: number): number =>
  ((rgba[pixel * 4] ?? 0) << 16) | ((rgba[pixel * 4 + 1] ?? 0) << 8) | (rgba[pixel * 4 + 2] ?? 0);

const channels = (color: number): [number, number, number] => [color >> 16, (color >> 8) & 255, color & 255];

function distance(one: number, other: number): number {
  const [a, b] = [channels(one), channels(other)];
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
}

function nearestOf(palette: readonly number[], color: number): number {
  const distances = palette.map((one) => distance(one, color));
  return distances.indexOf(Math.min(...distances));
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, sum]);
}
