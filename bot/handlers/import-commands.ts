import { createHash, randomUUID } from 'node:crypto';
import { importSourcesCard, pasteLimit } from '../../cards/import-sources-card.ts';
import { lookupCard } from '../../cards/lookup-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import type { CardContext, CardView } from '../../cards/card-context.ts';
import { translate } from '../../locales/translate.ts';
import type { SharedFile } from '../../services/files/shared-file.ts';
import {
  activeProfiles,
  answerLookup,
  startLookup,
  type LookupAnswer,
} from '../../services/mailboxes/look-up-mailboxes.ts';
import { planFileImport } from '../../services/mailboxes/plan-file-import.ts';
import { planImport } from '../../services/mailboxes/plan-import.ts';
import type { DirectoryLookup } from '../../services/model/directory-lookup.ts';
import { isMailroomError, MailroomError } from '../../services/model/error.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { keyOf } from '../../services/storage/store.ts';
import { cardContext } from '../card-context.ts';
import type { CardData } from '../card-data.ts';
import { chatText } from '../chat-text.ts';
import type { ActionAnswer, CardAction, Reply, TurnInput } from '../turn-input.ts';

/** Each is a dry run with a card of its own; more at once are a mistake, and would be fetched one after the other. */
const mostFiles = 5;

/**
 * `import mailboxes`: with rows below it, `from` a name or list, or with attached files; the dry run, and the card of a
 * look-up, come through the outbox. Alone it shows these ways.
 */
export async function importMailboxes(input: TurnInput, rest: string): Promise<Reply[]> {
  if (input.files.length > 0) return importFiles(input, rest);
  if (rest.trim() === '') return [await showSources(input)];
  const named = /^from[^\S\n]+([^\n]+)$/i.exec(rest.trim())?.[1];
  if (named === undefined) await planPasted(input, rest);
  else await lookUp(input, named, null);
  return [];
}

async function planPasted(
  { services, environmentId, actor, conversation }: TurnInput,
  rows: string,
  id?: string,
): Promise<void> {
  // Lines are counted from the first row, as in the sheet that the rows come from.
  const pasted = rows.replace(/^[^\S\t]*\n/, '');
  await planImport(services, environmentId, actor, conversation.conversationId, pasted, id);
}

async function lookUp(input: TurnInput, text: string, profileId: string | null, id?: string): Promise<void> {
  const { services, environmentId, actor, conversation } = input;
  await startLookup(services, environmentId, actor, conversation.conversationId, text, profileId, id);
}

/** A dry run a file. One that cannot be read leaves the others as they are, and says why. */
async function importFiles(input: TurnInput, rest: string): Promise<Reply[]> {
  const { services, environmentId, actor, conversation, files, locale } = input;
  if (conversation.kind !== 'personal') throw new MailroomError('import.file-personal-only');
  // Which of the two is meant, nobody can tell.
  if (/[@\n]/.test(rest)) throw new MailroomError('import.file-and-rows');
  if (files.length > mostFiles) throw new MailroomError('import.too-many-files', { limit: mostFiles });
  const replies: Reply[] = [];
  const importOne = async (file: SharedFile): Promise<void> => {
    try {
      await planFileImport(services, environmentId, actor, conversation.conversationId, file);
    } catch (error) {
      if (!isMailroomError(error) || !error.code.startsWith('import.')) throw error;
      replies.push({ text: chatText(locale, `error.${error.code}`, error.params) });
    }
  };
  // At once, so that the deadline of one is the deadline of all.
  await Promise.all(files.map(importOne));
  return replies;
}

async function showSources(input: TurnInput): Promise<CardView> {
  const { services, environmentId, conversation } = input;
  const { settings } = (await getEnvironment(services.store, environmentId)).value;
  return importSourcesCard(
    {
      id: randomUUID(),
      isPersonal: conversation.kind === 'personal',
      profiles: await activeProfiles(services.store, environmentId),
      defaultProfileId: settings.defaultProfileId,
    },
    cardContext(input),
  );
}

/** The card of a look-up, with the names of the records that it speaks of. */
export async function renderLookup(
  { store }: Pick<ServiceContext, 'store'>,
  lookup: DirectoryLookup,
  context: CardContext,
): Promise<CardView> {
  const { environmentId, profileId, state } = lookup;
  const profile = profileId === null ? undefined : (await store.get('profile', keyOf(environmentId, profileId)))?.value;
  const profiles = state === 'asking-profile' ? await activeProfiles(store, environmentId) : [];
  return lookupCard(lookup, { profileName: profile?.name ?? null, profiles }, context);
}

async function answer(input: TurnInput, data: CardData, given: LookupAnswer): Promise<ActionAnswer> {
  const { services, environmentId, actor } = input;
  const lookup = await answerLookup(services, environmentId, actor, data.id, data.revision, given);
  return renderLookup(services, lookup, cardContext(input));
}

/** One use of a card: the same for the same content, so that a double click is one; another for what was corrected. */
const useOf = ({ actor }: TurnInput, { verb, id }: CardData, content: string): string =>
  createHash('sha256')
    .update(JSON.stringify([verb, id, actor.aadObjectId, content]))
    .digest('hex')
    .slice(0, 32);

/** The number of a choice; a card that was forged names none. */
const placeOf = (text: string | undefined): number => (/^\d{1,3}$/.test(text ?? '') ? Number(text) : -1);

export const importActions = {
  'import.paste': async (input, data) => {
    const rows = data.inputs['rows'] ?? '';
    // Cut off where the input ends, the rest of the rows would be lost without a word.
    if (rows.length >= pasteLimit) throw new MailroomError('import.paste-too-long', { limit: pasteLimit });
    await planPasted(input, rows, useOf(input, data, rows));
    return { notice: translate(input.locale, 'chat.import.planned') };
  },
  'import.look-up': async (input, data) => {
    const [text, profileId] = [data.inputs['list'] ?? '', data.inputs['profileId'] ?? null];
    await lookUp(input, text, profileId, useOf(input, data, JSON.stringify([text, profileId])));
    return { notice: translate(input.locale, 'chat.import.looking-up') };
  },
  'lookup.use-profile': (input, data) =>
    answer(input, data, { kind: 'use-profile', profileId: data.inputs['profileId'] ?? '' }),
  'lookup.choose': (input, data) => answer(input, data, { kind: 'choose', place: placeOf(data.inputs['choice']) }),
  'lookup.repeat': (input, data) => answer(input, data, { kind: 'repeat' }),
  'lookup.cancel': (input, data) => answer(input, data, { kind: 'cancel' }),
} satisfies Partial<Record<Verb, CardAction>>;
