import { automatic, languageCard } from '../../cards/language-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import { languages } from '../../locales/catalogues.ts';
import { chooseLocale } from '../../locales/choose-locale.ts';
import { languageName } from '../../locales/language-name.ts';
import { MailroomError } from '../../services/model/error.ts';
import { chooseLanguage, languageOfPerson, setConversationLanguage } from '../../services/people/language.ts';
import { cardContext } from '../card-context.ts';
import { chatText } from '../chat-text.ts';
import type { CardAction, RenderedCard, Reply, TurnInput } from '../turn-input.ts';

/**
 * `language [CODE]`: in a 1:1 chat of all that goes to the person, wherever; where many read, of the cards there, which an
 * admin sets. `auto` follows the client again.
 */
export async function languageCommand(input: TurnInput, rest: string): Promise<Reply[]> {
  if (rest === '') return [await showLanguage(input)];
  const after = await choose(input, rest);
  const own = input.conversation.kind === 'personal';
  const { locale } = own ? after : input;
  return [{ text: chatText(locale, own ? 'chat.language.own' : 'chat.language.shared', { name: nameAfter(after) }) }];
}

export const languageActions = {
  'language.choose': async (input, { id }) => languageView(await choose(input, id)),
} satisfies Partial<Record<Verb, CardAction>>;

/** Whoever has no role gets words: a button asks for one. */
async function showLanguage(input: TurnInput): Promise<Reply> {
  if (input.roles.length > 0) return languageView(input);
  const name = languageName(input.locale);
  return { text: chatText(input.locale, 'chat.language.shown', { name, codes: [...languages, automatic].join(', ') }) };
}

async function languageView(input: TurnInput): Promise<RenderedCard> {
  const { services, environmentId, actor, conversation } = input;
  const own = conversation.kind === 'personal';
  const chosen = own ? await languageOfPerson(services.store, environmentId, actor.aadObjectId) : conversation.language;
  return languageCard({ chosen, languages, whose: own ? 'own' : 'shared' }, cardContext(input));
}

/** The input as it is after the choice, so that the answer is in the new language already. */
async function choose(input: TurnInput, typed: string): Promise<TurnInput> {
  const { services, environmentId, actor, conversation } = input;
  const code = typed.trim().toLowerCase();
  const language = code === automatic ? null : languages.find((one) => one === code);
  if (language === undefined)
    throw new MailroomError('language.unknown', {
      text: typed.slice(0, 20),
      codes: [...languages, automatic].join(', '),
    });
  if (conversation.kind === 'personal') {
    await chooseLanguage(services, environmentId, actor, language);
    return { ...input, locale: chooseLocale(language, conversation.locale) };
  }
  await setConversationLanguage(services, environmentId, actor, conversation.conversationId, language);
  return { ...input, conversation: { ...conversation, language } };
}

const nameAfter = (input: TurnInput): string => languageName(cardContext(input).locale);
