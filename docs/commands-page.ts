import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { commands, usageOf, type CommandGroup } from '../bot/commands.ts';
import { hasText, translate } from '../locales/translate.ts';
import { hasRight, type Role } from '../services/model/access.ts';

/** The page `commands.md`, from the command table. */
export function commandsPage(): string {
  const groups = [...new Set(commands.map(({ group }) => group))].toSorted(
    (a, b) => Number(a === 'general') - Number(b === 'general'),
  );
  return `# Commands

Type them in your own chat with Mailroom; in a channel or group chat, mention it first. Case and extra spaces do not matter.
\`help\` shows what _you_ may do, \`help COMMAND\` explains one. Without a role only \`help\` answers; guests are refused whatever they type.

<!-- Written by \`node docs/commands-page.ts\` from bot/commands.ts; a test compares them. -->
${groups.map(section).join('')}`;
}

const roles: readonly { title: string; role: Role }[] = [
  { title: 'Admin', role: 'admin' },
  { title: 'Approver', role: 'approver' },
  { title: 'Auditor', role: 'auditor' },
];

function section(group: CommandGroup): string {
  const rows = commands
    .filter((command) => command.group === group)
    .map((command) => {
      const key = `chat.command.${command.words.replaceAll(' ', '-')}`;
      const more = hasText(`${key}.more`) ? `. ${translate('en', `${key}.more`)}` : '';
      const may = roles.map(({ role }) => (command.right === null || hasRight([role], command.right) ? 'yes' : ''));
      return row([`\`${usageOf(command)}\``, translate('en', key) + more, ...may]);
    });
  const head = row(['Command', 'What it does', ...roles.map(({ title }) => title)]);
  return `\n## ${translate('en', `chat.group.${group}`)}\n\n${head}\n${row(['-', '-', '-', '-', '-'])}\n${rows.join('\n')}\n`;
}

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

if (import.meta.main) {
  const page = await format(commandsPage(), { parser: 'markdown', printWidth: 120, singleQuote: true });
  await writeFile(new URL('./commands.md', import.meta.url), page);
}
