import type { Random } from './random.ts';

/** Ways to spoil the text of an answer. Each gives a text that is as good as the one before, or worse. */
type Mutation = (random: Random, text: string) => string;

const overwrite: Mutation = (random, text) => {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + String.fromCodePoint(random.below(0xd7ff)) + text.slice(at + 1);
};

const cut: Mutation = (random, text) => text.slice(0, random.below(text.length + 1));

const spliceOut: Mutation = (random, text) => {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + text.slice(at + random.below(80));
};

const double: Mutation = (random, text) => {
  const at = random.below(text.length + 1);
  const end = at + random.below(200);
  return text.slice(0, end) + text.slice(at);
};

const elements = /<([\w:]+)(?:\s[^<>]*)?(?:\/>|>[^<]*<\/\1>)/g;

/** A leaf of the document: gone, doubled, or many times. */
const leaf: Mutation = (random, text) => {
  const found = [...text.matchAll(elements)];
  if (found.length === 0) return cut(random, text);
  const [whole = ''] = random.pick(found);
  return text.replace(whole, () => whole.repeat(random.pick([0, 0, 2, 2, 3, 300])));
};

/** One whole branch of the document, by the name it begins with. */
const branch: Mutation = (random, text) => {
  const [, name = ''] = random.pick([...text.matchAll(/<([\w:]+)/g), ['', 'none']]);
  const [from, to] = [text.indexOf(`<${name}`), text.lastIndexOf(`</${name}>`)];
  if (from < 0 || to < from) return spliceOut(random, text);
  const end = to + name.length + 3;
  return random.once(2) ? text.slice(0, from) + text.slice(end) : text.slice(0, end) + text.slice(from);
};

const junkAttributes = [
  ' a="b"',
  ' a=b',
  ' a="b" a="c"',
  ' xmlns=""',
  ' xmlns:s="urn:x"',
  ' ResponseClass="Error"',
  ' ResponseClass="Success"',
  ' ResponseClass="Warning"',
  ' ResponseClass=""',
  ' MajorVersion="9999999"',
  ' xsi:nil="true"',
  ' é="é"',
  ' "',
];

const attribute: Mutation = (random, text) => {
  const places = [...text.matchAll(/<[\w:]+/g)];
  if (places.length === 0) return overwrite(random, text);
  const { index, 0: start } = random.pick(places);
  const at = index + start.length;
  return text.slice(0, at) + random.pick(junkAttributes) + text.slice(at);
};

const attributeValue: Mutation = (random, text) =>
  replaceOne(random, text, /"[^"<>]*"/g, `"${random.pick(['', 'x', 'Error', 'Success', '-1', '99999', 'é', '&lt;'])}"`);

const namespace: Mutation = (random, text) => {
  const uri = random.pick([
    '',
    'urn:wrong',
    'http://www.w3.org/2003/05/soap-envelope',
    'http://schemas.microsoft.com/x',
  ]);
  return replaceOne(random, text, /(?<=xmlns(?::\w+)?=")[^"]*/g, uri);
};

const prefix: Mutation = (random, text) =>
  replaceOne(random, text, /(?<=<\/?)\w+:/g, random.pick(['', 'x:', 's:', 'm:', 't:', ':', 'xml:']));

const entity: Mutation = (random, text) => {
  const dtd =
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>';
  if (random.once(3)) return dtd + text;
  const junk = [
    '&c;',
    '&nbsp;',
    '&#0;',
    '&#x110000;',
    '&#xD800;',
    '&',
    '&amp;',
    '&#10;',
    '<![CDATA[x]]>',
    '<!--',
    '<?x?>',
  ];
  return replaceOne(random, text, />(?=[^<])/g, `>${random.pick(junk)}`);
};

const numbers = ['-1', '0', '1e999', 'NaN', 'Infinity', '99999999999999999999999', '0x7fffffff', '1.5', '٣', '007', ''];
const number: Mutation = (random, text) => replaceOne(random, text, /\b\d+\b/g, random.pick(numbers));

/** Longer than any level of ours, and once in a while longer than the stack of a parser that recurses. */
const nest: Mutation = (random, text) => {
  const depth = random.pick([5, 40, 120, 120, random.once(10) ? 20_000 : 500]);
  const inner = random.once(2) ? '</a>'.repeat(depth) : '';
  return replaceOne(random, text, />(?=<)/g, `>${'<a>'.repeat(depth)}${inner}`);
};

const value: Mutation = (random, text) =>
  replaceOne(
    random,
    text,
    /(?<=>)[^<>]+(?=<)/g,
    random.pick(['', ' ', 'x', 'é'.repeat(3000), 'A'.repeat(50_000), '🙂']),
  );

const responseCodes = [
  'NoError',
  'ErrorServerBusy',
  'ErrorInternalServerError',
  'ErrorNonExistentMailbox',
  'ErrorImpersonateUserDenied',
  'ErrorItemNotFound',
  'ErrorFolderNotFound',
  'ErrorSchemaValidation',
  'ErrorBatchProcessingStopped',
  'ErrorSomethingNew',
  'errorserverbusy',
  'HttpStatus',
  '__proto__',
  'constructor',
  '<b>x</b>',
  '',
];
const responseCode: Mutation = (random, text) =>
  replaceOne(
    random,
    text,
    /(?<=ResponseCode[^<>]*>|ErrorCode>|faultcode[^<>]*>)[^<>]*(?=<)/g,
    random.pick(responseCodes),
  );

const bodies = [
  '',
  ' ',
  'null',
  '{}',
  '<html><body>Sign in<br></body></html>',
  '<',
  '<a/>',
  '<?xml version="1.0"?>',
  'x\u0000',
];
const another: Mutation = (random) => random.pick(bodies);

/** Cuts and bytes spoil the form, which every reader sees at once; what keeps the form goes deeper and comes more often. */
const mutations: readonly Mutation[] = [
  overwrite,
  cut,
  spliceOut,
  double,
  leaf,
  leaf,
  leaf,
  branch,
  branch,
  attribute,
  attribute,
  attributeValue,
  attributeValue,
  namespace,
  prefix,
  entity,
  number,
  number,
  nest,
  value,
  value,
  responseCode,
  responseCode,
  another,
];

/** A text with one to three things wrong. */
export function mutateText(random: Random, text: string): string {
  let mutated = text;
  for (let changes = random.pick([1, 1, 1, 2, 3]); changes > 0; changes -= 1) {
    mutated = random.pick(mutations)(random, mutated);
  }
  return mutated;
}

/** Bytes of a text: mostly UTF-8, at times another alphabet, a mark in front, or flipped bits. */
export function encodeText(random: Random, text: string): Buffer {
  switch (random.below(16)) {
    case 0:
      return Buffer.from(`\uFEFF${text}`, 'utf16le');
    case 1:
      return Buffer.from(text, 'latin1');
    case 2:
      return Buffer.from(`\uFEFF${text}`);
    case 3:
      return Buffer.from(text.replace('utf-8', random.pick(['utf-16', 'utf-7', 'x-none', 'ISO-8859-1'])));
    case 4:
      return flipBits(random, Buffer.from(text));
    default:
      return Buffer.from(text);
  }
}

export function flipBits(random: Random, bytes: Buffer): Buffer {
  const flipped = Buffer.from(bytes);
  for (let flips = 1 + random.below(8); flips > 0 && flipped.length > 0; flips -= 1) {
    const at = random.below(flipped.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
  }
  return flipped;
}

function replaceOne(random: Random, text: string, pattern: RegExp, by: string): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text;
  const { index, 0: old } = random.pick(found);
  return text.slice(0, index) + by + text.slice(index + old.length);
}
