import { z } from 'zod';
import { MailroomError } from '../services/model/error.ts';
import { formerVerbs, verbs } from '../cards/verbs.ts';

/** What a card may carry: a verb, an id, a revision, and the inputs of its form. Everything else is ignored. */
const schema = z.object({
  verb: z.enum(verbs),
  id: z.string().max(200),
  revision: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});

export interface CardData {
  readonly verb: (typeof verbs)[number];
  readonly id: string;
  readonly revision: number;
  /** Values typed into the card, by input id: text only, as every client sends them. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** One more than the longest field may have, so that a longer one is refused and not cut. */
const inputLimit = 4001;
const reserved = new Set(['verb', 'id', 'revision', 'msteams']);

/** What a refresh carries besides its verb is an id alone (`approval-refresh.ts`); buttons of before have one of today. */
function asOfToday(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || !('verb' in value) || typeof value.verb !== 'string') return value;
  const verb = Object.hasOwn(formerVerbs, value.verb) ? formerVerbs[value.verb] : value.verb;
  return verb === 'approval.refresh' ? { ...value, revision: 0 } : { ...value, verb };
}

/**
 * Reads the data of a click. It comes from outside and may be anything.
 * @throws MailroomError `card.unreadable`
 */
export function readCardData(value: unknown): CardData {
  const parsed = schema.safeParse(asOfToday(value));
  if (!parsed.success) throw new MailroomError('card.unreadable');
  const inputs: Record<string, string> = Object.create(null);
  for (const [name, input] of Object.entries(value as Record<string, unknown>)) {
    if (reserved.has(name) || !/^\w{1,60}$/.test(name) || name === '__proto__') continue;
    if (typeof input === 'string') inputs[name] = input.slice(0, inputLimit);
    else if (typeof input === 'boolean' || typeof input === 'number') inputs[name] = String(input);
  }
  return { ...parsed.data, inputs };
}
