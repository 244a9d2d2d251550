import type { EmailServerProfile } from '../services/model/profile.ts';
import { cardButtons, commandButton, type Button } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/confirm.json' with { type: 'json' };

export interface ProfileChange {
  /** A question (`deactivate`, `delete`), why it cannot be (`in-use`), or that it is done (`deleted`). */
  readonly kind: 'deactivate' | 'delete' | 'in-use' | 'deleted';
  readonly mailboxes: number;
  readonly enabled: number;
  readonly testing: number;
  readonly runs: number;
  readonly isDefault: boolean;
}

/**
 * What a change of a profile would do, in numbers, before it is done. The button carries the profile's revision: the yes is
 * to the profile that was shown.
 */
export function profileChangeCard(profile: EmailServerProfile, change: ProfileChange, context: CardContext): CardView {
  const say = speaker(context);
  const { kind } = change;
  const words = { ...change, name: plainText(profile.name, 80) };
  const isQuestion = kind === 'deactivate' || kind === 'delete';
  const deed = isQuestion ? say(`profile-change.${kind}.button`, words) : '';
  return renderTemplate(
    template,
    {
      header: cardHeader(say(`profile-change.${kind}.title`, words), stateOf(say, kind)),
      text: textOf(say, change, words),
      sample: [],
      choices: [],
      next: nextStep(context, say(`profile-change.${kind}.next`, { ...words, deed })),
      actions: cardButtons(context, buttons(say, profile, change, deed)),
    },
    say(`profile-change.${kind}.summary`, words),
    context,
  );
}

function textOf(
  say: Say,
  { kind, testing, isDefault }: ProfileChange,
  words: Readonly<Record<string, string | number | boolean>>,
): string {
  const parts = [say(`profile-change.${kind}.text`, words)];
  if (kind === 'deactivate' && testing > 0) parts.push(say('profile-change.deactivate.testing', words));
  if ((kind === 'deactivate' || kind === 'delete') && isDefault)
    parts.push(say(`profile-change.${kind}.default`, words));
  return parts.join(' ');
}

function stateOf(say: Say, kind: ProfileChange['kind']): StateWord {
  if (kind === 'in-use') return { text: say('profile-change.in-use.state'), color: 'Attention' };
  if (kind === 'deleted') return { text: say('profile-change.deleted.state'), color: 'Good' };
  return { text: say('state.waiting'), color: 'Warning' };
}

function buttons(
  say: Say,
  { id, revision, state }: EmailServerProfile,
  { kind, mailboxes }: ProfileChange,
  deed: string,
): (Button | null)[] {
  const back: Button = { verb: 'profile.show', title: say('button.open-profile'), id, revision };
  switch (kind) {
    case 'deactivate':
    case 'delete':
      return [
        { verb: `profile.confirm-${kind}`, title: deed, id, revision, style: 'destructive' },
        { ...back, title: say('button.cancel') },
      ];
    case 'in-use':
      return [
        {
          verb: 'profile.mailboxes',
          title: say('button.see-all', { count: mailboxes }),
          id,
          revision,
          style: 'positive',
        },
        state === 'inactive' ? null : { verb: 'profile.deactivate', title: say('button.deactivate'), id, revision },
        back,
      ];
    case 'deleted':
      return [commandButton(say('button.profiles'), 'profiles')];
  }
}
