import type { CardElement } from '@microsoft/teams.cards';
import { hasText } from '../locales/translate.ts';
import { cardButtons, commandButton, executeAction, type ButtonWithInputs } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/help.json' with { type: 'json' };
import { mostStaticChoices, typeaheadInput } from './typeahead-input.ts';

export interface HelpGroup {
  readonly title: string;
  readonly commands: readonly { readonly usage: string; readonly summary: string }[];
}

/** In bytes: what a line and a group of help add to a card beside their words, and all but these; a card stays below 20 KB. */
const weight = { line: 165, group: 160, frame: 3_200, card: 20_000 } as const;

/**
 * What the reader may do here. `suggestions`: commands that get a button, the likely one first; at most four buttons.
 * `addresses`: the first mailboxes, for whoever may see them; the others are found by typing. `own`: the address that a reader
 * without a role signs in with, whose mailbox they may approve.
 */
export function helpCard(
  groups: readonly HelpGroup[],
  suggestions: readonly string[],
  addresses: readonly string[],
  context: CardContext,
  own: { readonly account: string; readonly waits: boolean } | null = null,
): CardView {
  const say = speaker(context);
  const total = groups.reduce((sum, { commands }) => sum + commands.length, 0);
  const finder = addresses.length === 0 ? null : mailboxFinder(addresses, say);
  const shown = fitting(groups, weight.card - weight.frame - Buffer.byteLength(JSON.stringify(finder)));
  const left = total - shown.reduce((sum, { commands }) => sum + commands.length, 0);
  return renderTemplate(
    template,
    {
      header: cardHeader(say('help.title'), { text: say('help.count', { count: total }), color: 'Accent' }),
      intro: say(total === 0 ? 'help.empty' : 'help.intro'),
      groups: shown.map(({ title, commands }) => ({ title, lines: commands.flatMap(linesOf) })),
      more: [
        ...remark(left > 0 ? say('more', { count: left }) : null),
        ...remark(
          own === null ? null : say('help.own-mailbox', { address: plainText(own.account), waits: own.waits }),
          own?.waits === true ? 'Warning' : 'Default',
        ),
      ],
      language: languageRow(say),
      next: nextStep(context, say(total === 0 ? 'help.empty-next' : 'help.next')),
      actions: cardButtons(context, [
        ...suggestions
          .slice(0, addresses.length === 0 ? 4 : 3)
          .map((command, index) => commandButton(titleOf(say, command), command, index === 0 ? 'positive' : undefined)),
        finder,
        // Whoever has no role may own mailboxes all the same.
        total === 0 && context.viewerId !== undefined
          ? { verb: 'owner.show', title: say('button.owner-show'), id: 'help', revision: 0 }
          : null,
      ]),
    },
    say('help.summary', { count: total }),
    context,
  );
}

/** One mailbox by a part of its address. */
function mailboxFinder(addresses: readonly string[], say: Say): ButtonWithInputs {
  return {
    title: say('find-mailbox.title'),
    body: [
      typeaheadInput({
        id: 'address',
        label: say('find-mailbox.label'),
        placeholder: say('find-mailbox.hint'),
        dataset: 'mailboxes',
        choices: addresses
          .slice(0, mostStaticChoices)
          .map((address) => ({ title: plainText(address), value: address })),
        missing: say('find-mailbox.missing'),
      }),
    ],
    submit: { verb: 'mailbox.find', title: say('find-mailbox.open'), id: 'help', revision: 0, style: 'positive' },
  };
}

/** Two blocks side by side with those of the others: a container a command would cost a fifth of the card. */
function linesOf({ usage, summary }: HelpGroup['commands'][number]): CardElement[] {
  return [
    { type: 'TextBlock', text: usage, wrap: true, fontType: 'Monospace', size: 'Small', spacing: 'Small' },
    { type: 'TextBlock', text: summary, wrap: true, size: 'Small', isSubtle: true, spacing: 'None' },
  ];
}

function fitting(groups: readonly HelpGroup[], most: number): HelpGroup[] {
  let left = most;
  return groups
    .map((group) => ({ ...group, title: plainText(group.title) }))
    .map(({ title, commands }) => {
      left -= weight.group + Buffer.byteLength(title);
      return {
        title,
        commands: commands.flatMap((command) => {
          const line = { usage: plainText(command.usage, 120), summary: sentenceCase(plainText(command.summary, 160)) };
          left -= weight.line + Buffer.byteLength(JSON.stringify(line));
          return left < 0 ? [] : [line];
        }),
      };
    })
    .filter(({ commands }) => commands.length > 0);
}

/** A suggested command in the reader's words; one without words of its own stands as it is typed. */
function titleOf(say: Say, command: string): string {
  const key = `button.command.${command.replaceAll(' ', '-')}`;
  return hasText(`card.${key}`) ? say(key) : sentenceCase(plainText(command, 40));
}

/** Below the list, in both languages: whoever needs it may not read the one of the card. */
function languageRow(say: Say): CardElement[] {
  const text = say('help.language');
  return [
    {
      type: 'Container',
      selectAction: executeAction(commandButton(text, 'language')),
      items: [{ type: 'TextBlock', text, color: 'Accent', size: 'Small', wrap: true }],
    },
  ];
}

function sentenceCase(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
