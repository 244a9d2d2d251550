import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { commands, usageOf, type CommandGroup } from '../bot/commands.ts';
import { hasText, translate } from '../locales/translate.ts';
import { rightOf, verbs, type Verb } from '../cards/verbs.ts';
import { hasRight, type Right, type Role } from '../services/model/access.ts';

/** The page `commands.md`, from the command table. */
export function commandsPage(): string {
  const groups = [...new Set(commands.map(({ group }) => group))].toSorted(
    (a, b) => Number(a === 'general') - Number(b === 'general'),
  );
  return `# Commands

Type them in your own chat with Mailroom; in a channel or group chat, mention it first. Case and extra spaces do not matter.
\`help\` shows what _you_ may do, \`help COMMAND\` explains one. Without a role only \`help\` answers; guests are refused whatever they type.

<!-- Written by \`node docs/commands-page.ts\` from bot/commands.ts; a test compares them. -->
${groups.map(section).join('')}${matrix()}`;
}

const roles: readonly { title: string; role: Role }[] = [
  { title: 'Admin', role: 'admin' },
  { title: 'Approver', role: 'approver' },
  { title: 'Auditor', role: 'auditor' },
  { title: 'Viewer', role: 'viewer' },
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
  return `\n## ${translate('en', `chat.group.${group}`)}\n\n${head}\n${row(['-', '-', ...roles.map(() => '-')])}\n${rows.join('\n')}\n`;
}

/** What the use case checks by itself: an admin or an approver may answer, whoever did not ask and does not profit. */
const eitherMayAnswer: readonly Verb[] = ['proposal.agree', 'proposal.refuse', 'role.agree', 'role.refuse'];

/** Who may do what, by right: the commands and the buttons of the cards, from the tables that the checks read. */
function matrix(): string {
  const head = row(['Right', 'Commands', 'Buttons', ...roles.map(({ title }) => title)]);
  const rows = rights.map(({ right, title }) => {
    const words = commands.filter((command) => command.right === right).map((command) => `\`${command.words}\``);
    const buttons = verbs.filter(
      (verb) =>
        verb !== 'command.run' &&
        rightOf(verb) === right &&
        !eitherMayAnswer.includes(verb) &&
        !verb.startsWith('bulk.'),
    );
    const may = roles.map(({ role }) => (hasRight([role], right) ? 'yes' : ''));
    return row([title, words.join(', '), buttons.map((verb) => `\`${verb}\``).join(', '), ...may]);
  });
  const either = roles.map(({ role }) => (hasRight([role], 'manage') || hasRight([role], 'decide') ? 'yes' : ''));
  rows.push(
    row(['answer for a second person', '', eitherMayAnswer.map((verb) => `\`${verb}\``).join(', '), ...either]),
  );
  return `\n## Who may do what

A role is a set of rights, and roles add up. Each message and each click is checked anew, so a role that is taken away is gone at once, also on cards of before; what a card leaves out is only a kindness. Whoever tries what the role does not allow leaves an entry in the history. \`bulk.confirm\` needs what the command behind it needs.

${head}\n${row(['-', '-', '-', ...roles.map(() => '-')])}\n${rows.join('\n')}
`;
}

const rights: readonly { title: string; right: Right }[] = [
  { title: 'read', right: 'read' },
  { title: 'see who did what', right: 'audit' },
  { title: 'decide about mailboxes', right: 'decide' },
  { title: 'test', right: 'test' },
  { title: 'choose what a conversation receives', right: 'subscribe' },
  { title: 'manage', right: 'manage' },
];

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

if (import.meta.main) {
  const page = await format(commandsPage(), { parser: 'markdown', printWidth: 120, singleQuote: true });
  await writeFile(new URL('./commands.md', import.meta.url), page);
}
