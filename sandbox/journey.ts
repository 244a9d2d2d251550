import { readActions } from './teams/card-reading.ts';
import type { Dialog, DialogOutcome } from './teams/dialogs.ts';
import { shownActivity, shownCard, type Message } from './teams/state.ts';
import type { JsonObject } from './teams/wire.ts';
import type { World } from './world.ts';

/** What a person sees of a message: its card as text, and the buttons on it. */
export interface SeenCard {
  readonly message: Message;
  readonly card: JsonObject;
  /** Every text on the card, joined. */
  readonly text: string;
  readonly buttons: readonly string[];
}

/** People at work in the stand-in Teams: says, clicks and looks as they would, and counts what they did. */
export class Journey {
  readonly world: World;
  /** Messages sent, buttons clicked and forms posted by people. */
  actions = 0;
  #notices = 0;

  constructor(world: World) {
    this.world = world;
  }

  /** Types a message; in a channel with a mention. */
  async say(who: string, where: string, text: string): Promise<void> {
    this.actions += 1;
    await this.world.teams.acts.send(who, where, text);
  }

  /** Clicks a button of the newest card that has it, by its title or verb. Returns what Teams showed as a notice, if anything. */
  async click(
    who: string,
    where: string,
    query: { title?: string; verb?: string },
    inputs: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const seen = await this.see(
      who,
      where,
      ({ card }) => readActions(card).some((action) => fits(action, query)),
      `a button ${JSON.stringify(query)}`,
    );
    this.actions += 1;
    this.#notices = this.world.teams.state.notices.length;
    await this.world.teams.acts.click(who, seen.message.id, query, { ...inputs });
    return this.world.teams.state.notices
      .slice(this.#notices)
      .map((notice) => notice.text)
      .join(' ');
  }

  /** Presses a button that opens a dialog, on the newest card that has it. */
  async openDialog(
    who: string,
    where: string,
    query: { title?: string; verb?: string },
    inputs: Readonly<Record<string, string>> = {},
  ): Promise<Dialog> {
    const { message } = await this.see(
      who,
      where,
      ({ card }) => readActions(card).some((action) => fits(action, query)),
      `a button ${JSON.stringify(query)}`,
    );
    this.actions += 1;
    const outcome = await this.world.teams.dialogs.open(who, message.id, query, { ...inputs });
    if (outcome.kind === 'dialog') return outcome.dialog;
    throw new Error(`no dialog behind ${JSON.stringify(query)}: ${'text' in outcome ? outcome.text : outcome.kind}`);
  }

  /** Presses a button of an open dialog, with what was typed into it. */
  submitDialog(
    who: string,
    dialog: Dialog,
    query: { title?: string; verb?: string },
    inputs: Readonly<Record<string, string>> = {},
  ): Promise<DialogOutcome> {
    this.actions += 1;
    return this.world.teams.dialogs.submit(who, dialog, query, { ...inputs });
  }

  /** Opens the link of a card and posts the form behind it, as a browser does. Returns the page that answers. */
  postForm(url: string, fields: Readonly<Record<string, string>>): Promise<{ status: number; page: string }> {
    return this.#post(url, (hidden) => new URLSearchParams([...hidden, ...Object.entries(fields)]));
  }

  /** The same with a file and its password. */
  postFile(
    url: string,
    file: { readonly name: string; readonly content: Buffer },
    password: string,
  ): Promise<{ status: number; page: string }> {
    return this.#post(url, (hidden) => {
      const form = new FormData();
      for (const [name, value] of hidden) form.append(name, value);
      form.append('file', new Blob([new Uint8Array(file.content)], { type: 'application/x-pkcs12' }), file.name);
      form.append('password', password);
      return form;
    });
  }

  async #post(
    url: string,
    bodyOf: (hidden: readonly [string, string][]) => URLSearchParams | FormData,
  ): Promise<{ status: number; page: string }> {
    this.actions += 2;
    const shown = await fetch(url);
    const page = await shown.text();
    const hidden = [...page.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([tag]): [string, string] => [
      attribute(tag, 'name'),
      attribute(tag, 'value'),
    ]);
    const answer = await fetch(url, {
      method: 'POST',
      body: bodyOf(hidden),
      headers: { origin: new URL(url).origin, 'sec-fetch-site': 'same-origin' },
    });
    return { status: answer.status, page: await answer.text() };
  }

  /** Waits until somebody sees a card that fits, the newest first. */
  see(
    who: string,
    where: string,
    fitting: (seen: SeenCard) => boolean,
    what: string,
    timeoutMs = 30_000,
  ): Promise<SeenCard> {
    return this.world.teams.waitFor(() => this.cards(who, where).findLast(fitting), {
      timeoutMs,
      what: `${who} sees ${what} in ${where}`,
    });
  }

  /** All cards of a conversation as a person sees them, oldest first. */
  cards(who: string, where: string): SeenCard[] {
    return this.world.teams.state.visibleMessages(this.conversationId(who, where)).flatMap((message) => {
      const card = shownCard(message, this.world.teams.state.getPerson(who).id);
      return card === undefined
        ? []
        : [{ message, card, text: textsOf(card).join('\n'), buttons: readActions(card).map((action) => action.title) }];
    });
  }

  /** Plain messages of the bot in a conversation, oldest first. */
  texts(who: string, where: string): string[] {
    return this.world.teams.state
      .visibleMessages(this.conversationId(who, where))
      .filter((message) => message.from === 'bot')
      .map((message) => shownActivity(message).text ?? '')
      .filter((text) => text !== '');
  }

  /** Waits for a plain message of the bot. */
  hear(who: string, where: string, pattern: RegExp, timeoutMs = 10_000): Promise<string> {
    return this.world.teams.waitFor(() => this.texts(who, where).findLast((text) => pattern.test(text)), {
      timeoutMs,
      what: `${who} reads ${String(pattern)} in ${where}`,
    });
  }

  conversationId(who: string, where: string): string {
    const { state } = this.world.teams;
    if (where === 'personal') return state.personalChat(who).id;
    const found = [...state.conversations.values()].find(
      (conversation) => conversation.name === where || conversation.id === where,
    );
    if (found === undefined) throw new Error(`there is no conversation "${where}"`);
    return found.id;
  }
}

/** The address behind a card's link. */
export function linkOf(card: JsonObject): string {
  const link = readActions(card).find((action) => action.type === 'Action.OpenUrl');
  const url = link?.action['url'];
  if (typeof url !== 'string') throw new Error('the card has no link');
  return url;
}

function fits(action: { title: string; verb: string }, query: { title?: string; verb?: string }): boolean {
  return (
    (query.title === undefined || action.title === query.title) &&
    (query.verb === undefined || action.verb === query.verb)
  );
}

function attribute(tag: string, name: string): string {
  return new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
}

/** Texts of a card in reading order; what only a fallback would show is left out. */
function textsOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(textsOf);
  if (node === null || typeof node !== 'object') return [];
  const own = ['title', 'text', 'value', 'label', 'errorMessage'].flatMap((key) => {
    const value = (node as JsonObject)[key];
    return typeof value === 'string' ? [value] : [];
  });
  return [
    ...own,
    ...Object.entries(node).flatMap(([key, value]) => (key === 'fallback' || key === 'data' ? [] : textsOf(value))),
  ];
}
