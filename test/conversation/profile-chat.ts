import type { Activity, TestAdapter } from 'botbuilder';
import type { Verb } from '../../cards/verbs.ts';
import type { ProfileDraft } from '../../services/model/draft.ts';
import type { HandedIn } from '../../services/secrets/handed-in.ts';
import { formToken, parkSecret } from '../../services/secrets/secret-form.ts';
import { textOf } from '../cards/card-client.ts';
import type { Stage } from './stage.ts';

/** One admin's way through the guided creation: words, clicks on the card as it is now, the one-time form. */
export class ProfileChat {
  readonly #stage: Stage;
  readonly #chat: TestAdapter;

  constructor(stage: Stage, chat: TestAdapter) {
    this.#stage = stage;
    this.#chat = chat;
  }

  async draft(): Promise<ProfileDraft> {
    const [only, ...others] = await this.#stage.drafts();
    if (only === undefined || others.length > 0) throw new Error('there is not exactly one draft');
    return only;
  }

  /** What the bot answers to words: sentences, and the texts of cards. */
  async say(words: string): Promise<string> {
    return this.#send({ type: 'message', text: words });
  }

  /** A click; of the card as it is now, unless a revision is given. */
  async click(verb: Verb, inputs: Readonly<Record<string, string>> = {}, revision?: number): Promise<string> {
    const { id, revision: current } = await this.draft();
    const action = { type: 'Action.Execute', verb, data: { ...inputs, id, revision: revision ?? current } };
    return this.#send({ type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } });
  }

  /** Posts the form and types the code that its page shows. */
  async handIn(handedIn: HandedIn): Promise<void> {
    const { services, environmentId } = this.#stage;
    const id = (await this.draft()).secretRequestId ?? '';
    const { code } = await parkSecret(services, formToken(services.keys, { environmentId, id }), handedIn);
    await this.click('profile.confirm-code', { code });
  }

  /** The card as the next click that changes nothing would show it. */
  async card(): Promise<string> {
    return this.click('profile.check', {}, 0);
  }

  async #send(activity: Partial<Activity>): Promise<string> {
    this.#chat.activeQueue.length = 0;
    await this.#chat.send(activity).startTest();
    return this.#chat.activeQueue.map(shown).join('\n');
  }
}

/** What a reader sees of an activity: its words, its cards, or the card or sentence that answers a click. */
function shown({ text, attachments = [], value }: Partial<Activity>): string {
  const { body } = (value ?? {}) as { body?: { value: unknown } };
  const answer = typeof body?.value === 'string' ? body.value : textOf(body?.value);
  // Markdown is escaped on cards; the reader sees no backslash.
  return [text ?? '', ...attachments.map(({ content }) => textOf(content)), answer].join('\n').replaceAll('\\', '');
}
