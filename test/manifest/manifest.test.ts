import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { commands } from '../../bot/commands.ts';
import { appPackage } from '../../manifest/app-package.ts';
import {
  commandLimits,
  personalWords,
  sharedWords,
  teamsManifest,
  type ManifestOptions,
} from '../../manifest/manifest.ts';
import { readPackageSettings } from '../../manifest/settings.ts';
import { manifestProblems } from '../../manifest/validate.ts';

const environment = {
  MicrosoftAppId: '0a1b2c3d-1111-4222-8333-444455556666',
  MAILROOM_PUBLIC_URL: 'https://mailroom.contoso.com:8443/forms',
};
const options: ManifestOptions = readPackageSettings(environment, '0.1.0');

describe('the manifest', () => {
  test('keeps to Microsoft’s schema', () => {
    expect(manifestProblems(teamsManifest(options))).toEqual([]);
  });

  test.each([
    ['a scope in the wrong case', (text: string) => text.replace('"groupChat"', '"groupchat"'), /scopes/],
    ['a property that Teams does not know', (text: string) => text.replace('"botId"', '"bot":1,"botId"'), /: bot$/m],
    ['a bot id that is no GUID', (text: string) => text.replaceAll(options.appId, 'mailroom'), /botId/],
    ['a missing icon', (text: string) => text.replace('"outline"', '"outlines"'), /icons/],
  ])('with %s would be found wrong', (_what, damage, problem) => {
    const damaged: unknown = JSON.parse(damage(JSON.stringify(teamsManifest(options))));
    expect(manifestProblems(damaged).join('\n')).toMatch(problem);
  });

  test('offers commands of the table only, each with what it does', () => {
    const lists = teamsManifest(options).bots.flatMap((bot) => bot.commandLists);
    expect(lists.map(({ scopes }) => scopes)).toEqual([['personal'], ['team', 'groupChat']]);
    const table = commands.map(({ words }) => words);
    for (const { commands: offered } of lists) {
      expect(offered.length).toBeLessThanOrEqual(commandLimits.commands);
      expect(new Set(offered.map(({ title }) => title)).size).toBe(offered.length);
      for (const { title, description } of offered) {
        expect(table).toContain(title);
        expect(title.length).toBeLessThanOrEqual(commandLimits.title);
        expect(description).toMatch(/^[A-Z].{5,}/);
        expect(description.length).toBeLessThanOrEqual(commandLimits.description);
      }
    }
  });

  test('leaves no admin’s or approver’s job out of both menus', () => {
    // Buttons on the card of the history, on the list of mailboxes, on what a change of them did, and on that of a request.
    const buttons = ['history', 'mailboxes'].map((list) => `export ${list}`);
    const changes = ['edit mailboxes', 'activate mailboxes', 'deactivate mailboxes', 'undo', 'ask', 'withdraw'];
    // Buttons on the card of a request for approval.
    const requests = ['ask', 'withdraw'];
    // Buttons on the card of an alert.
    const alerts = ['ack', 'assign', 'snooze', 'mute', 'retest'];
    const offered: readonly string[] = [
      ...personalWords,
      ...sharedWords,
      ...buttons,
      ...changes,
      ...requests,
      ...alerts,
    ];
    const jobs = commands.filter(({ right, args }) => right !== null && right !== 'read' && !/^(ID|NAME)$/.test(args));
    expect(jobs.map(({ words }) => words).filter((words) => !offered.includes(words))).toEqual([]);
  });

  test('trusts the host of the one-time form and no other', () => {
    expect(teamsManifest(options).validDomains).toEqual(['mailroom.contoso.com']);
  });
});

describe('the settings', () => {
  test.each([
    [{ MAILROOM_PUBLIC_URL: 'https://m.contoso.com' }, 'MicrosoftAppId is missing'],
    [{ ...environment, MicrosoftAppId: 'mailroom' }, 'MicrosoftAppId must be the GUID'],
    [{ MicrosoftAppId: environment.MicrosoftAppId }, 'MAILROOM_PUBLIC_URL is missing'],
    [{ ...environment, MAILROOM_PUBLIC_URL: 'http://m.contoso.com' }, 'MAILROOM_PUBLIC_URL must be an address'],
    [{ ...environment, MAILROOM_PACKAGE_PRIVACY: 'http://contoso.com' }, 'MAILROOM_PACKAGE_PRIVACY must be an address'],
    [{ ...environment, MAILROOM_PACKAGE_DEVELOPER: 'x'.repeat(33) }, 'MAILROOM_PACKAGE_DEVELOPER must have at most'],
    [{ ...environment, MAILROOM_PACKAGE_VERSION: 'new' }, 'MAILROOM_PACKAGE_VERSION must be three numbers'],
  ])('%j are refused in one line that names the variable', (env, sentence) => {
    expect(() => readPackageSettings(env, '0.1.0')).toThrow(sentence);
    expect(sentence).not.toContain('\n');
  });

  test('name an organization’s own pages', () => {
    const { developer, version } = readPackageSettings(
      {
        ...environment,
        MAILROOM_PACKAGE_DEVELOPER: 'Contoso IT',
        MAILROOM_PACKAGE_WEBSITE: 'https://it.contoso.com/mailroom',
        MAILROOM_PACKAGE_VERSION: '1.4.0',
      },
      '0.1.0',
    );
    expect(developer).toEqual({
      name: 'Contoso IT',
      websiteUrl: 'https://it.contoso.com/mailroom',
      privacyUrl: 'https://mailroom.contoso.com:8443/',
      termsOfUseUrl: 'https://mailroom.contoso.com:8443/',
    });
    expect(version).toBe('1.4.0');
  });
});

describe('the package', () => {
  test('holds the manifest and two icons, and nothing else', async () => {
    const files = unzip(await appPackage(options));
    expect([...files.keys()].toSorted()).toEqual(['color.png', 'manifest.json', 'outline.png']);
    expect(JSON.parse(files.get('manifest.json')?.toString('utf8') ?? '')).toEqual(teamsManifest(options));
    expect(files.get('color.png')).toEqual(icon('color.png'));
    expect(files.get('outline.png')).toEqual(icon('outline.png'));
  });

  test('is the same, byte for byte, whenever and wherever it is built', async () => {
    const zone = process.env['TZ'];
    const here = await appPackage(options);
    try {
      process.env['TZ'] = 'Pacific/Auckland';
      expect((await appPackage(options)).equals(here)).toBe(true);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });
});

describe('the icons', () => {
  test('have the sizes that Teams asks for', () => {
    expect(pngHeader(icon('color.png'))).toMatchObject({ width: 192, height: 192 });
    expect(pngHeader(icon('outline.png'))).toMatchObject({ width: 32, height: 32 });
  });

  test('the outline is white on transparent ground', () => {
    const pixels = pngPixels(icon('outline.png'));
    expect(pixels.some(({ alpha }) => alpha === 0)).toBe(true);
    const drawn = pixels.filter(({ alpha }) => alpha > 0);
    expect(drawn.length).toBeGreaterThan(100);
    expect(drawn.filter(({ red, green, blue }) => red + green + blue < 3 * 240)).toEqual([]);
  });
});

function icon(name: string): Buffer {
  return readFileSync(new URL(`../../manifest/${name}`, import.meta.url));
}

/** Reads a zip by its central directory. */
function unzip(zip: Buffer): Map<string, Buffer> {
  const end = zip.lastIndexOf(Buffer.from('504b0506', 'hex'));
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  const files = new Map<string, Buffer>();
  for (let index = 0; index < count; index += 1) {
    const [method, packed] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const local = zip.readUInt32LE(at + 42);
    const data = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(data, data + packed);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    files.set(name, method === 0 ? Buffer.from(bytes) : inflateRawSync(bytes));
    at += 46 + nameLength + extraLength + commentLength;
  }
  return files;
}

interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** 6: red, green, blue, alpha. */
  readonly colorType: number;
}

function pngHeader(png: Buffer): PngHeader {
  expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  return {
    width: png.readUInt32BE(16),
    height: png.readUInt32BE(20),
    depth: png.readUInt8(24),
    colorType: png.readUInt8(25),
  };
}

/** The pixels of an 8-bit RGBA image that is not interlaced. */
function pngPixels(png: Buffer): { red: number; green: number; blue: number; alpha: number }[] {
  const { width, height, depth, colorType } = pngHeader(png);
  expect({ depth, colorType }).toEqual({ depth: 8, colorType: 6 });
  const raw = inflateZlib(png);
  const stride = width * 4;
  const image = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x += 1) {
      const left = x >= 4 ? (image[y * stride + x - 4] ?? 0) : 0;
      const up = y > 0 ? (image[(y - 1) * stride + x] ?? 0) : 0;
      const corner = x >= 4 && y > 0 ? (image[(y - 1) * stride + x - 4] ?? 0) : 0;
      const guess = [0, left, up, Math.floor((left + up) / 2), paeth(left, up, corner)][filter] ?? 0;
      image[y * stride + x] = (raw[y * (stride + 1) + 1 + x] ?? 0) + guess;
    }
  }
  return Array.from({ length: width * height }, (_, index) => {
    const [red = 0, green = 0, blue = 0, alpha = 0] = image.subarray(index * 4, index * 4 + 4);
    return { red, green, blue, alpha };
  });
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((value) => Math.abs(guess - value)) as [
    number,
    number,
    number,
  ];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

function inflateZlib(png: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const length = png.readUInt32BE(at);
    // The two bytes before the deflate stream are zlib's header.
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length));
  }
  return inflateRawSync(Buffer.concat(parts).subarray(2));
}
