import type { CardElement } from '@microsoft/teams.cards';
import { translate } from '../locales/translate.ts';
import { keepChoice, noProfileChoice, type EditErrors, type EditField } from '../services/model/mailbox-edit.ts';
import { deliveryMethods, mailboxLimits, type Direction } from '../services/model/mailbox.ts';
import type { EmailServerProfile } from '../services/model/profile.ts';
import type { CardContext } from './card-context.ts';
import { remark } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { methodWord } from './status-words.ts';
import { mostStaticChoices, staticChoices, typeaheadInput, type TypeaheadChoice } from './typeahead-input.ts';

export const methodFields = { incoming: 'incomingMethod', outgoing: 'outgoingMethod', act: 'actMethod' } as const;

/** The profile of mailboxes. More profiles than a list can show are found by typing. `keeps`: it may stay as it is. */
export function profileInput(
  profiles: readonly EmailServerProfile[],
  value: string,
  keeps: boolean,
  context: CardContext,
): object {
  const say = speaker(context);
  const first: TypeaheadChoice[] = [
    ...(keeps ? [{ title: say('mailbox-edit.keep'), value: keepChoice }] : []),
    { title: say('mailbox-edit.no-profile'), value: noProfileChoice },
  ];
  const named = profiles.map(({ id, name, state }): TypeaheadChoice => {
    const title = plainText(name, 80);
    return { title: state === 'active' ? title : say('mailbox-edit.inactive-profile', { name: title }), value: id };
  });
  const label = say('mailbox-edit.profileId');
  const missing = say('mailbox-edit.missing');
  if (named.length <= mostStaticChoices)
    return { ...choiceInput('profileId', label, [...first, ...named], value), isRequired: true, errorMessage: missing };
  const choices = [...first, ...staticChoices(named, value)];
  return typeaheadInput({ id: 'profileId', label, dataset: 'profiles', choices, value, missing });
}

/** The delivery method of one direction, with the platform's whole option set. */
export function methodInput(direction: Direction, value: string, keeps: boolean, context: CardContext): object {
  const say = speaker(context);
  const choices = deliveryMethods[direction].map((method) => ({
    title: methodWord(say, direction, method),
    value: String(method),
  }));
  const all = keeps ? [{ title: say('mailbox-edit.keep'), value: keepChoice }, ...choices] : choices;
  const field = methodFields[direction];
  return {
    ...choiceInput(field, say(`mailbox-edit.${field}`), all, value),
    isRequired: true,
    errorMessage: say('mailbox-edit.missing'),
  };
}

export function choiceInput(id: EditField, label: string, choices: readonly TypeaheadChoice[], value: string): object {
  return { type: 'Input.ChoiceSet', id, label, style: 'compact', choices, value };
}

export function textInput(id: EditField, label: string, value: string): object {
  return { type: 'Input.Text', id, label, value, maxLength: mailboxLimits.owner };
}

/** What is wrong with a field, right below it. */
export function fieldProblem(errors: EditErrors, field: EditField, context: CardContext): CardElement[] {
  const code = errors[field];
  if (code === undefined) return [];
  const text = translate(context.locale, `error.${code}`, { limit: mailboxLimits.owner });
  return remark(speaker(context)('field-error', { text }), 'Attention').map((block): CardElement => ({
    ...block,
    spacing: 'Small',
  }));
}
