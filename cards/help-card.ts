import { cardButtons, commandButton } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/help.json' with { type: 'json' };

export interface HelpGroup {
  readonly title: string;
  readonly commands: readonly { readonly usage: string; readonly summary: string }[];
}

/** What a line of help adds to a card beside its words, and what all lines may weigh: a card stays below 20 KB. */
const weight = { line: 300, all: 15_000 } as const;

/** What the reader may do here. `suggestions`: commands that get a button, the likely one first; at most four. */
export function helpCard(groups: readonly HelpGroup[], suggestions: readonly string[], context: CardContext): CardView {
  const say = speaker(context);
  const total = groups.reduce((sum, { commands }) => sum + commands.length, 0);
  const shown = fitting(groups);
  const left = total - shown.reduce((sum, { commands }) => sum + commands.length, 0);
  return renderTemplate(
    template,
    {
      header: cardHeader(say('help.title'), { text: say('help.count', { count: total }), color: 'Accent' }),
      intro: say(total === 0 ? 'help.empty' : 'help.intro'),
      groups: shown,
      more: remark(left > 0 ? say('more', { count: left }) : null),
      next: nextStep(context, say(total === 0 ? 'help.empty-next' : 'help.next')),
      actions: cardButtons(
        context,
        suggestions
          .slice(0, 4)
          .map((command, index) =>
            commandButton(sentenceCase(plainText(command, 40)), command, index === 0 ? 'positive' : undefined),
          ),
      ),
    },
    say('help.summary', { count: total }),
    context,
  );
}

function fitting(groups: readonly HelpGroup[]): HelpGroup[] {
  let left = weight.all;
  return groups
    .map(({ title, commands }) => ({
      title: plainText(title),
      commands: commands.flatMap((command) => {
        const line = { usage: plainText(command.usage, 120), summary: sentenceCase(plainText(command.summary, 160)) };
        left -= weight.line + Buffer.byteLength(line.usage + line.summary);
        return left < 0 ? [] : [line];
      }),
    }))
    .filter(({ commands }) => commands.length > 0);
}

function sentenceCase(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
