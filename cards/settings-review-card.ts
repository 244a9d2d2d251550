import type { CardElement } from '@microsoft/teams.cards';
import type { EmailSettings } from '../services/model/environment.ts';
import type { SettingsDraft } from '../services/model/settings-draft.ts';
import type { SettingsEffect } from '../services/model/settings-effect.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import type { NamesById } from './approver-set-words.ts';
import { fileTypeNames, settingsChanges } from './settings-changes.ts';
import template from './templates/settings-review.json' with { type: 'json' };

/** What a change of the email settings would do, in numbers, before it is saved. The yes is to exactly this draft. */
export function settingsReviewCard(
  draft: SettingsDraft,
  before: EmailSettings,
  effects: readonly SettingsEffect[],
  names: NamesById,
  context: CardContext,
): CardView {
  const say = speaker(context);
  const { id, revision, settings } = draft;
  const changes = settingsChanges(say, before, settings, names);
  const asks = effects.some((effect) => effect.kind === 'second-person' && !effect.alone);
  const count = changes.length;
  return renderTemplate(
    template,
    {
      header: cardHeader(say('settings-review.title', { count }), { text: say('state.waiting'), color: 'Warning' }),
      changes: cardFacts(changes),
      effectsTitle: say('settings-review.effects'),
      effects: effects.map((effect): CardElement => ({
        type: 'TextBlock',
        text: effectText(say, effect),
        wrap: true,
        spacing: 'Small',
      })),
      next: nextStep(context, say(asks ? 'settings-review.ask-next' : 'settings-review.next')),
      actions: cardButtons(context, [
        {
          verb: 'settings.confirm',
          title: say(asks ? 'settings-review.ask' : 'button.confirm'),
          id,
          revision,
          style: 'positive',
        },
        { verb: 'settings.back', title: say('button.back'), id, revision },
      ]),
    },
    say('settings-review.summary', { count }),
    context,
  );
}

function effectText(say: Say, effect: SettingsEffect): string {
  const key = `settings-effect.${effect.kind}`;
  switch (effect.kind) {
    case 'file-types': {
      const { more, fewer } = effect;
      return say(key, {
        more: more.length,
        fewer: fewer.length,
        joining: fileTypeNames(say, more),
        leaving: fileTypeNames(say, fewer),
      });
    }
    case 'second-person':
      return say(key, { count: effect.controls.length, alone: effect.alone });
    case 'approver-set':
      return say(key, { ...effect, name: plainText(effect.name, 60) });
    case 'method':
      return say(key, { others: effect.others, method: say(`direction.${effect.direction}`) });
    default:
      return say(key, { ...effect });
  }
}
