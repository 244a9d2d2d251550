import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

function filesOf(room: string): { path: string; code: string }[] {
  return readdirSync(root + room, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ path: `${room}/${name}`, code: readFileSync(`${root}${room}/${name}`, 'utf8') }));
}

const files = ['bot', 'dialogs', 'cards', 'locales', 'services'].flatMap(filesOf);
const code = files.map((file) => file.code).join('\n');

/** What a speaker puts before the key that its caller names. */
const prefixes = ['card.', 'chat.', 'error.', 'form.', 'report.', 'report.history.'];

/** Keys as the code writes them: whole, or with parts that are filled in, each of one word. */
const literals = new Set([...code.matchAll(/'([a-z][\w.-]*)'/gi)].map(([, key = '']) => key));
const filled = [...new Set([...code.matchAll(/`([a-z][\w.-]*\$\{[^`]*)`/gi)].map(([, text = '']) => text))]
  // The speakers themselves would vouch for every key.
  .filter(
    (text) => !prefixes.some((prefix) => text.startsWith(`${prefix}\${`) && text.indexOf('}') === text.length - 1),
  )
  .map((text) => {
    const parts = text.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/);
    return new RegExp(
      `^${parts.map((part) => part.replaceAll(/[.*+?^()|[\]\\{}$]/g, String.raw`\$&`)).join(String.raw`[\w-]+`)}$`,
    );
  });

/** True when some code names this key. */
export function isUsed(key: string): boolean {
  const names = [key, ...prefixes.filter((prefix) => key.startsWith(prefix)).map((prefix) => key.slice(prefix.length))];
  return names.some((name) => literals.has(name) || filled.some((pattern) => pattern.test(name)));
}

const calls = (pattern: RegExp, rooms: string, prefix = ''): { key: string; path: string }[] =>
  files
    .filter(({ path }) => path.startsWith(rooms))
    .flatMap((file) =>
      [...file.code.matchAll(pattern)].map(([, key = '']) => ({ key: prefix + key, path: file.path })),
    );

/** Keys that the code asks for by their whole name, and where. */
export const askedFor = [
  ...calls(/\b(?:translate|chatText)\(\s*[\w.]+(?:\([^()]*\))?(?:\.\w+)*,\s*'([\w.-]+)'/g, ''),
  ...calls(/\bsay\(\s*'([\w.-]+)'/g, 'cards/', 'card.'),
  ...calls(/\bsay\(\s*'([\w.-]+)'/g, 'bot/web/').filter(({ key }) => key.startsWith('form.')),
  ...calls(/new MailroomError\(\s*'([\w.-]+)'/g, '', 'error.'),
];
