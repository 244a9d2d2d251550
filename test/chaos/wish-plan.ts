import { randomFrom } from './random.ts';

export const environmentId = 'chaos';

export interface PlanOptions {
  readonly seed: number;
  readonly messages: number;
  readonly conversations: readonly string[];
}

/** A change of a subject that its conversation has to show. */
export interface Wish {
  readonly conversationId: string;
  readonly subjectId: string;
  readonly version: number;
}

/** One wish in so many is for the busy conversation, which so comes to the limit of 30 s. */
const busyShare = 0.02;
const changeShare = 0.25;

/** `messages` changes, a quarter of them of a subject that is there already; the same for the same seed. */
export function planWishes({ seed, messages, conversations }: PlanOptions): Wish[] {
  const random = randomFrom(seed);
  const draw = (count: number): number => Math.floor(random() * count);
  const subjects = new Map<string, Wish[]>();
  return Array.from({ length: messages }, (_unused, index): Wish => {
    const conversationId = conversations[random() < busyShare ? 0 : draw(conversations.length)]!;
    const own = subjects.get(conversationId) ?? [];
    subjects.set(conversationId, own);
    const known = own.length > 0 && random() < changeShare ? draw(own.length) : own.length;
    const { subjectId, version } = own[known] ?? { subjectId: `s${index}`, version: 0 };
    const wish = { conversationId, subjectId, version: version + 1 };
    own[known] = wish;
    return wish;
  });
}
