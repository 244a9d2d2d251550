import { helpCard } from '../cards/help-card.ts';
import { hasText, translate } from '../locales/translate.ts';
import { hasRight, type Right } from '../services/model/access.ts';
import { MailroomError } from '../services/model/error.ts';
import { cardContext } from './card-context.ts';
import { editDistance, restAfter } from './command-text.ts';
import {
  acknowledgeCommand,
  assignCommand,
  muteCommand,
  retestCommand,
  snoozeCommand,
} from './handlers/incident-actions.ts';
import { showAlerts } from './handlers/alert-commands.ts';
import { showSubscriptions, subscribe, unsubscribe } from './handlers/subscription-commands.ts';
import { askCommand, withdrawCommand } from './handlers/approval-actions.ts';
import { approve, reject, showPending } from './handlers/approval-commands.ts';
import { approversCommand } from './handlers/approver-sets.ts';
import {
  activateMailboxesCommand,
  applyDefaultsCommand,
  deactivateMailboxesCommand,
  editMailboxesCommand,
  undoCommand,
} from './handlers/bulk-changes.ts';
import { exportHistory, showHistory } from './handlers/history-commands.ts';
import { languageCommand } from './handlers/language-command.ts';
import { importMailboxes } from './handlers/import-commands.ts';
import { showMailbox } from './handlers/mailbox-commands.ts';
import { exportMailboxes, showMailboxes } from './handlers/mailbox-list.ts';
import {
  activateProfileCommand,
  deactivateProfileCommand,
  defaultProfileCommand,
  deleteProfileCommand,
} from './handlers/profile-changes.ts';
import { showProfile, showProfiles } from './handlers/profile-commands.ts';
import {
  cancelRunCommand,
  pauseRunCommand,
  resumeRunCommand,
  showRun,
  showRuns,
  testMailboxes,
} from './handlers/run-commands.ts';
import { firstAddresses } from './handlers/mailbox-search.ts';
import { grantRole, revokeRole, showRoles } from './handlers/role-commands.ts';
import { ownMailboxHint } from './handlers/own-mailbox.ts';
import { showSettings } from './handlers/settings-commands.ts';
import { maintenanceCommand } from './handlers/maintenance-actions.ts';
import { showStatus } from './handlers/status-commands.ts';
import type { Reply, TurnInput } from './turn-input.ts';

export type CommandGroup = 'profiles' | 'mailboxes' | 'approval' | 'testing' | 'alerts' | 'access' | 'general';

export interface Command {
  /** What a person types, in lower case. */
  readonly words: string;
  /** What may follow, for help: `ADDRESS…|FILTER`. */
  readonly args: string;
  readonly group: CommandGroup;
  /** Right that the actor needs; null: everybody who may talk to Mailroom at all. */
  readonly right: Right | null;
  /** Whoever lacks the right is let through as well: for their own mailbox the use case may have another rule. */
  readonly isForOwners?: true;
  /** A command that begins a guided conversation is started by the turn, which has the dialog. */
  readonly dialog?: 'create-profile' | 'edit-profile' | 'copy-profile';
  readonly handle: (input: TurnInput, rest: string) => Promise<Reply[]>;
}

const noReply = async (): Promise<Reply[]> => [];

/** Every command, once. Help, permission checks, the manifest's command list and the tests read this table. */
export const commands: readonly Command[] = [
  { words: 'help', args: '[COMMAND]', group: 'general', right: null, handle: help },
  { words: 'language', args: '[CODE]', group: 'general', right: null, handle: languageCommand },
  { words: 'create profile', args: '', group: 'profiles', right: 'manage', dialog: 'create-profile', handle: noReply },
  { words: 'profiles', args: '', group: 'profiles', right: 'read', handle: showProfiles },
  { words: 'profile', args: 'NAME', group: 'profiles', right: 'read', handle: showProfile },
  {
    words: 'edit profile',
    args: 'NAME',
    group: 'profiles',
    right: 'manage',
    dialog: 'edit-profile',
    handle: noReply,
  },
  {
    words: 'copy profile',
    args: 'NAME',
    group: 'profiles',
    right: 'manage',
    dialog: 'copy-profile',
    handle: noReply,
  },
  { words: 'default profile', args: 'NAME', group: 'profiles', right: 'manage', handle: defaultProfileCommand },
  { words: 'activate profile', args: 'NAME', group: 'profiles', right: 'manage', handle: activateProfileCommand },
  { words: 'maintenance', args: 'NAME', group: 'profiles', right: 'manage', handle: maintenanceCommand },
  { words: 'deactivate profile', args: 'NAME', group: 'profiles', right: 'manage', handle: deactivateProfileCommand },
  { words: 'delete profile', args: 'NAME', group: 'profiles', right: 'manage', handle: deleteProfileCommand },
  { words: 'email settings', args: '', group: 'profiles', right: 'read', handle: showSettings },
  {
    words: 'import mailboxes',
    args: '[ROWS|from NAME|LIST]',
    group: 'mailboxes',
    right: 'manage',
    handle: importMailboxes,
  },
  { words: 'mailboxes', args: '[FILTER]', group: 'mailboxes', right: 'read', handle: showMailboxes },
  { words: 'export mailboxes', args: '[FILTER]', group: 'mailboxes', right: 'audit', handle: exportMailboxes },
  { words: 'mailbox', args: 'ADDRESS', group: 'mailboxes', right: 'read', handle: showMailbox },
  { words: 'edit mailboxes', args: 'FILTER', group: 'mailboxes', right: 'manage', handle: editMailboxesCommand },
  { words: 'apply defaults', args: '[FILTER]', group: 'mailboxes', right: 'manage', handle: applyDefaultsCommand },
  {
    words: 'activate mailboxes',
    args: 'FILTER',
    group: 'mailboxes',
    right: 'manage',
    handle: activateMailboxesCommand,
  },
  {
    words: 'deactivate mailboxes',
    args: 'FILTER',
    group: 'mailboxes',
    right: 'manage',
    handle: deactivateMailboxesCommand,
  },
  { words: 'undo', args: '', group: 'mailboxes', right: 'manage', handle: undoCommand },
  { words: 'pending', args: '', group: 'approval', right: 'read', handle: showPending },
  {
    words: 'approve',
    args: 'ADDRESS…|FILTER',
    group: 'approval',
    right: 'decide',
    isForOwners: true,
    handle: approve,
  },
  { words: 'reject', args: 'ADDRESS… because REASON', group: 'approval', right: 'decide', handle: reject },
  { words: 'ask', args: 'ADDRESS QUESTION', group: 'approval', right: 'decide', handle: askCommand },
  { words: 'withdraw', args: 'ADDRESS…|FILTER', group: 'approval', right: 'manage', handle: withdrawCommand },
  { words: 'approvers', args: '[here]', group: 'approval', right: 'manage', handle: approversCommand },
  { words: 'test', args: 'ADDRESS…|FILTER|profile NAME', group: 'testing', right: 'test', handle: testMailboxes },
  { words: 'runs', args: '', group: 'testing', right: 'read', handle: showRuns },
  { words: 'run', args: 'ID', group: 'testing', right: 'read', handle: showRun },
  { words: 'pause run', args: 'ID', group: 'testing', right: 'test', handle: pauseRunCommand },
  { words: 'resume run', args: 'ID', group: 'testing', right: 'test', handle: resumeRunCommand },
  { words: 'cancel run', args: 'ID', group: 'testing', right: 'test', handle: cancelRunCommand },
  { words: 'roles', args: '', group: 'access', right: 'audit', handle: showRoles },
  { words: 'grant', args: 'ROLE @PERSON', group: 'access', right: 'manage', handle: grantRole },
  { words: 'revoke', args: 'ROLE @PERSON', group: 'access', right: 'manage', handle: revokeRole },
  { words: 'history', args: '[ADDRESS|NAME]', group: 'access', right: 'audit', handle: showHistory },
  { words: 'export history', args: '', group: 'access', right: 'audit', handle: exportHistory },
  { words: 'status', args: '[weekly [off]]', group: 'alerts', right: 'read', handle: showStatus },
  { words: 'alerts', args: '[FILTER]', group: 'alerts', right: 'read', handle: showAlerts },
  { words: 'ack', args: 'INCIDENT', group: 'alerts', right: 'test', handle: acknowledgeCommand },
  { words: 'assign', args: 'INCIDENT @PERSON|me', group: 'alerts', right: 'test', handle: assignCommand },
  { words: 'snooze', args: 'INCIDENT [1h|4h|tomorrow]', group: 'alerts', right: 'test', handle: snoozeCommand },
  { words: 'mute', args: 'INCIDENT', group: 'alerts', right: 'subscribe', handle: muteCommand },
  { words: 'retest', args: 'INCIDENT', group: 'alerts', right: 'test', handle: retestCommand },
  {
    words: 'subscribe',
    args: '[errors|warnings|all] [profile NAME]',
    group: 'alerts',
    right: 'subscribe',
    handle: subscribe,
  },
  { words: 'unsubscribe', args: '', group: 'alerts', right: 'subscribe', handle: unsubscribe },
  { words: 'subscriptions', args: '', group: 'alerts', right: 'read', handle: showSubscriptions },
];

const byLength = commands.toSorted((a, b) => b.words.length - a.words.length);

/** The command that a message is, with what follows its words: the longest match wins (`run` before `runs` cannot happen). */
export function findCommand(text: string): { command: Command; rest: string } | null {
  for (const command of byLength) {
    const rest = restAfter(text, command.words);
    if (rest !== null) return { command, rest };
  }
  return null;
}

/** The nearest command for a message that is none, or null when nothing is near. */
export function suggestCommand(text: string): string | null {
  const typed = text.toLowerCase().split('\n', 1)[0]?.slice(0, 40).trim() ?? '';
  if (typed === '') return null;
  const ranked = commands
    // Only as many words as the command has: what follows them is its argument, `aprove all`.
    .map(({ words }) => ({
      words,
      distance: editDistance(typed.split(/\s+/).slice(0, words.split(' ').length).join(' '), words),
    }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.words.length / 3)) ? best.words : null;
}

/** `create profile`, or `approve ADDRESS…|FILTER`. */
export const usageOf = (command: Command): string =>
  command.args === '' ? command.words : `${command.words} ${command.args}`;

const helpKey = (command: Command): string => `chat.command.${command.words.replaceAll(' ', '-')}`;

const groups: readonly CommandGroup[] = ['profiles', 'mailboxes', 'approval', 'testing', 'alerts', 'access', 'general'];
/** Buttons below the list: the next thing somebody of each right probably wants. */
const suggestions: readonly { words: string; right: Right }[] = [
  { words: 'create profile', right: 'manage' },
  { words: 'import mailboxes', right: 'manage' },
  { words: 'pending', right: 'decide' },
  { words: 'mailboxes', right: 'read' },
  { words: 'status', right: 'read' },
  { words: 'alerts', right: 'read' },
  { words: 'history', right: 'audit' },
];

/** `help`: only what this person may do. `help COMMAND`: one command with its examples. */
async function help(input: TurnInput, rest: string): Promise<Reply[]> {
  const { locale, roles } = input;
  const allowed = commands.filter(({ right }) => right === null || hasRight(roles, right));
  if (rest !== '') {
    const found = findCommand(rest);
    if (found === null || !allowed.includes(found.command))
      throw new MailroomError('command.unknown', { text: rest.slice(0, 60), suggestion: 'help' });
    const more = `${helpKey(found.command)}.more`;
    const lines = [
      `**${usageOf(found.command)}**: ${translate(locale, helpKey(found.command))}`,
      ...(hasText(more) ? [translate(locale, more)] : []),
    ];
    return [{ text: lines.join('\n\n') }];
  }
  // Whoever may do nothing but ask for help learns whom to ask for a role, not that there is a command `help`.
  const listed = allowed.some(({ right }) => right !== null) ? allowed : [];
  // The card is in the language of the conversation, which is not everybody's where many read it.
  const context = cardContext(input);
  const shown = groups
    .map((group) => ({
      title: translate(context.locale, `chat.group.${group}`),
      commands: listed
        .filter((command) => command.group === group)
        .map((command) => ({ usage: usageOf(command), summary: translate(context.locale, helpKey(command)) })),
    }))
    .filter((group) => group.commands.length > 0);
  const buttons = suggestions.filter(({ right }) => hasRight(roles, right)).map(({ words }) => words);
  const own = listed.length === 0 ? await ownMailboxHint(input) : null;
  return [helpCard(shown, buttons, await firstAddresses(input), context, own)];
}
