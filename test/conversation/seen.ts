import type { Activity, TestAdapter } from 'botbuilder';
import { nodesOf, textOf, type CardNode } from '../cards/card-client.ts';

/** What a person sees after something was said or clicked: words, the cards that came, and the parts of them. */
export interface Seen {
  readonly words: string;
  /** In place of the one that was clicked, or below. */
  readonly cards: readonly unknown[];
  readonly nodes: readonly CardNode[];
}

/** Gives an activity to the bot. Markdown is escaped on cards; the reader sees no backslash. */
export async function send(adapter: TestAdapter, activity: Partial<Activity>): Promise<Seen> {
  adapter.activeQueue.length = 0;
  await adapter.send(activity).startTest();
  const answers = adapter.activeQueue.flatMap(({ text, attachments = [], value }) => {
    const body = (value as { body?: { value: unknown } } | undefined)?.body?.value;
    return [text, body, ...attachments.map(({ content }) => content as unknown)];
  });
  const words = answers.map((answer) => (typeof answer === 'string' ? answer : textOf(answer))).join('\n');
  const cards = answers.filter((answer) => typeof answer === 'object' && answer !== null);
  return { words: words.replaceAll('\\', ''), cards, nodes: answers.flatMap((answer) => nodesOf(answer)) };
}
