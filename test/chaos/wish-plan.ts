import { randomFrom } from './random.ts';

export const environmentId = 'chaos';

export interface PlanOptions {
  readonly seed: number;
  readonly messages: number;
  readonly conversations: readonly string[];
  /** Conversations of which something has to be shown towards the end, too. */
  readonly late: readonly string[];
}

/**
 * What happens to a subject:
 * - `begin`, `change`: its card is to be shown as it is now     - `again`: and as the newest message
 * - `resolve`: over; its card says so                           - `end`: its record is deleted
 * - `never`: its record is deleted before anything was sent
 */
export type Deed = 'begin' | 'change' | 'again' | 'resolve' | 'end' | 'never';

/** A change of a subject that its conversation has to show. */
export interface Wish {
  readonly conversationId: string;
  readonly subjectId: string;
  readonly version: number;
  readonly deed: Deed;
}

/** One wish in so many is for the busy conversation, which so comes to the limit of 30 s. */
const busyShare = 0.02;
const lateFrom = 0.6;
/**
 * One wish in so many of the last part is for one of those that are to have some, in turn. The first of each ends the oldest
 * thing that it shows: a place that is dead by then learns of it when it lives again.
 */
const lateEvery = 3;
const changeShare = 0.3;
const neverShare = 0.02;
/** Of the changes, what is drawn below; the others are plain ones. */
const deeds: readonly (readonly [below: number, deed: Deed])[] = [
  [0.15, 'again'],
  [0.35, 'resolve'],
  [0.45, 'end'],
];

/** Where the last part begins. */
export function halfwayOf(messages: number): number {
  return Math.floor(messages * lateFrom);
}

/** `messages` changes, nearly a third of them of a subject that is there already; the same for the same seed. */
export function planWishes({ seed, messages, conversations, late }: PlanOptions): Wish[] {
  const random = randomFrom(seed);
  const draw = (count: number): number => Math.floor(random() * count);
  const subjects = new Map<string, Wish[]>();
  return Array.from({ length: messages }, (_unused, index): Wish => {
    const sinceLate = index - halfwayOf(messages);
    const isLate = sinceLate >= 0 && sinceLate % lateEvery === 0 && late.length > 0;
    const conversationId = isLate
      ? late[(sinceLate / lateEvery) % late.length]!
      : conversations[random() < busyShare ? 0 : draw(conversations.length)]!;
    const going = subjects.get(conversationId) ?? [];
    subjects.set(conversationId, going);
    const ends = isLate && sinceLate / lateEvery < late.length && going.length > 0;
    if (!ends && random() < neverShare) return { conversationId, subjectId: `s${index}`, version: 1, deed: 'never' };
    if (going.length === 0 || (!ends && random() >= changeShare)) {
      const wish: Wish = { conversationId, subjectId: `s${index}`, version: 1, deed: 'begin' };
      going.push(wish);
      return wish;
    }
    const at = ends ? 0 : draw(going.length);
    const drawn = random();
    const deed = ends ? 'resolve' : (deeds.find(([below]) => drawn < below)?.[1] ?? 'change');
    const { subjectId, version } = going[at]!;
    const wish: Wish = { conversationId, subjectId, version: version + 1, deed };
    // What is over does not change any more.
    if (deed === 'resolve' || deed === 'end') going.splice(at, 1);
    else going[at] = wish;
    return wish;
  });
}
