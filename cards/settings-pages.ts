import type { CardElement } from '@microsoft/teams.cards';
import { translate } from '../locales/translate.ts';
import type { FieldProblem } from '../services/model/settings-input.ts';
import { settingsSections, type SettingsSection } from '../services/model/settings-section.ts';
import type { ButtonMenu } from './card-action-buttons.ts';
import type { CardContext } from './card-context.ts';
import type { StateWord } from './card-header.ts';
import { remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';

/**
 * How the page of a form stands. `waiting`: the change waits for a second person, and the values shown are the old ones.
 * `stale`: somebody else changed the settings meanwhile, so that nothing was saved.
 */
export type SettingsWord = 'current' | 'saved' | 'waiting' | 'unchanged' | 'stale';

/** The other pages of the email settings. */
export function otherSettingsPages(say: Say, shown: SettingsSection, revision: number): ButtonMenu {
  return {
    title: say('settings-form.others'),
    text: say('settings-form.others-text'),
    buttons: settingsSections
      .filter((section) => section !== shown)
      .map((section) => ({
        verb: 'settings.open',
        title: say(`settings-section.${section}`),
        id: section,
        revision,
        inputs: 'none',
      })),
  };
}

/** `current`: what a page says that nothing happened to. */
export function settingsStateWord(say: Say, word: SettingsWord, current: StateWord): StateWord {
  switch (word) {
    case 'waiting':
      return { text: say('settings.waiting'), color: 'Warning' };
    case 'saved':
      return { text: say('state.saved'), color: 'Good' };
    case 'unchanged':
      return { text: say('settings-form.unchanged'), color: 'Default' };
    case 'stale':
      return { text: say('settings-form.stale'), color: 'Warning' };
    case 'current':
      return current;
  }
}

/** What is wrong with a field, below it. `labelOf`: a field as the form names it. */
export function fieldError(
  problem: FieldProblem | undefined,
  labelOf: (field: string) => string,
  context: CardContext,
): CardElement[] {
  if (problem === undefined) return [];
  const { code, params } = problem;
  const named = typeof params['field'] === 'string' ? { field: labelOf(params['field']) } : {};
  const texts = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? plainText(value, 100) : value]),
  );
  const text = translate(context.locale, `error.${code}`, { ...texts, ...named });
  return remark(speaker(context)('field-error', { text }), 'Attention').map((block) => ({
    ...block,
    spacing: 'Small',
  }));
}
