import type { Activity } from 'botbuilder';
import { plainText } from './command-text.ts';

/** Who is meant, before Teams has been asked. */
export interface Claim {
  /** Teams' id of the person in this bot, or the Entra object id. */
  readonly id: string;
  /** As the activity names it; the roster has the last word. */
  readonly aadObjectId: string | null;
  /** What the writer of a mention sees; null where somebody was chosen from a list. */
  readonly name: string | null;
}

/** Somebody whom a message mentions. */
export interface Mention extends Claim {
  readonly name: string;
}

/**
 * The people whom a message mentions, each once, without the bot itself. Only what Teams resolved counts: an entity with an
 * id, whose text stands in the message, so that nobody is meant who is not seen.
 */
export function mentionsOf(activity: Pick<Activity, 'entities' | 'text' | 'recipient'>): Mention[] {
  const text = activity.text ?? '';
  const found = new Map<string, Mention>();
  for (const entity of activity.entities ?? []) {
    if (entity.type !== 'mention') continue;
    const { mentioned, text: marked } = entity as { mentioned?: unknown; text?: unknown };
    if (typeof mentioned !== 'object' || mentioned === null || typeof marked !== 'string' || marked === '') continue;
    const { id, aadObjectId } = mentioned as { id?: unknown; aadObjectId?: unknown };
    if (typeof id !== 'string' || id === '' || id === activity.recipient.id || !text.includes(marked)) continue;
    const name = plainText(marked.replaceAll(/<\/?at[^<>]*>/gi, ' ')).replaceAll(/\s+/g, ' ');
    if (name === '') continue;
    const objectId = typeof aadObjectId === 'string' && aadObjectId !== '' ? aadObjectId.toLowerCase() : null;
    // One id under two names is two claims about who is meant: both are kept, and whoever asks for one person is told.
    found.set(`${id}\n${name}`, { id, aadObjectId: objectId, name });
  }
  return [...found.values()];
}
