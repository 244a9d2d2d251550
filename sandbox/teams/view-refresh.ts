import { refreshAction } from './acts.ts';
import type { Acts } from './acts.ts';
import type { Person } from './people.ts';
import { shownActivity, shownCard } from './state.ts';
import type { Message, TeamsState } from './state.ts';
import { cardOf, isObject } from './wire.ts';
import type { JsonObject } from './wire.ts';

/** Teams refreshes for so many people at most. */
export const MAX_REFRESH_USERS = 60;

/** A view younger than this is not refreshed when its message comes into sight again. */
const FRESH_MS = 60_000;

/** Asks the bot for user-specific views, as the clients of the listed people do when they show a message. */
export class ViewRefresh {
  private readonly state: TeamsState;
  private readonly acts: Acts;
  private readonly now: () => number;
  private readonly running = new Set<Promise<unknown>>();

  constructor(state: TeamsState, acts: Acts, now: () => number) {
    this.state = state;
    this.acts = acts;
    this.now = now;
  }

  /** A message was posted or edited while everybody has the conversation open. Does not wait for the answers. */
  shown(message: Message): void {
    for (const person of this.audience(message, cardOf(shownActivity(message)))) this.start(person, message);
  }

  /** A person opens a conversation: views that are missing or older than a minute are fetched. */
  async display(person: Person, conversationId: string): Promise<void> {
    for (const message of this.state.visibleMessages(conversationId)) {
      const view = message.views.get(person.id);
      if (view !== undefined && this.now() - view.at < FRESH_MS) continue;
      // A view without `refresh` is final, whatever the message's own card says.
      if (this.audience(message, shownCard(message, person.id)).includes(person)) this.start(person, message);
    }
    await this.settled();
  }

  /** Resolves when no refresh is under way any more, including those that an answer set off. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running);
  }

  private start(person: Person, message: Message): void {
    const work = this.acts.refresh(person.id, message.id, 'automatic').finally(() => this.running.delete(work));
    this.running.add(work);
    // The message may vanish before the turn begins; a client that finds it gone asks for nothing.
    work.catch(() => undefined);
  }

  private audience(message: Message, card: JsonObject | undefined): Person[] {
    if (message.from !== 'bot' || message.deleted) return [];
    if (refreshAction(card) === undefined) return [];
    const conversation = this.state.conversations.get(message.conversationId);
    if (conversation === undefined) return [];
    const members = this.state.members(conversation);
    const listed = refreshUserIds(card);
    if (listed === undefined) return members.length <= MAX_REFRESH_USERS ? members : [];
    const ids = new Set(listed.slice(0, MAX_REFRESH_USERS));
    return members.filter((person) => ids.has(person.mri));
  }
}

/** Undefined when the card does not say for whom: then it is everybody in a small conversation. */
function refreshUserIds(card: JsonObject | undefined): string[] | undefined {
  const refresh = card?.['refresh'];
  const ids = isObject(refresh) ? refresh['userIds'] : undefined;
  return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : undefined;
}
