import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { BotProcess } from '../../sandbox/bot-process.ts';
import { demoMailboxes, type DemoMailbox } from '../../sandbox/exchange/index.ts';
import { Journey, linkOf, type SeenCard } from '../../sandbox/journey.ts';
import type { SendOptions } from '../../sandbox/teams/acts.ts';
import { readActions, type CardAction } from '../../sandbox/teams/card-reading.ts';
import type { Dialog, DialogOutcome } from '../../sandbox/teams/dialogs.ts';
import type { InvokeOutcome } from '../../sandbox/teams/invoke-answer.ts';
import { shownActivity, type Message } from '../../sandbox/teams/state.ts';
import { cardOf, isObject, type JsonObject } from '../../sandbox/teams/wire.ts';
import { csvOf, startWorld, type World, type WorldOptions } from '../../sandbox/world.ts';
import type { AuditEntry } from '../../services/model/audit.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import type { Store } from '../../services/storage/store.ts';

export const personal = 'personal';
export const approvals = 'Mailroom approvals';
export const alerts = 'Mailroom alerts';

/** Teams' clients give up on a click after this long (DESIGN, law 7: two seconds). */
const clickLimitMs = 2000;

/** Mailboxes without any trouble. */
export function goodMailboxes(count: number): DemoMailbox[] {
  return demoMailboxes()
    .filter(({ trouble }) => trouble === undefined)
    .slice(0, count);
}

export interface StageOptions extends WorldOptions {
  readonly environment?: Readonly<Record<string, string>>;
}

/** The whole product over HTTP: one world, one bot in its own process, and people who type and click. */
export class Stage {
  readonly world: World;
  readonly journey: Journey;
  bot: BotProcess;
  /** Everything that earlier processes of this bot wrote. */
  #earlierOutput = '';
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(world: World, bot: BotProcess, environment: Readonly<Record<string, string>>) {
    this.world = world;
    this.bot = bot;
    this.journey = new Journey(world);
    this.#environment = environment;
  }

  static async open({ environment = {}, ...options }: StageOptions = {}): Promise<Stage> {
    const world = await startWorld({ mailboxes: goodMailboxes(3), ...options });
    try {
      const stage = new Stage(world, await world.startBot(environment), environment);
      await world.teams.installs.installEverywhere('ada');
      return stage;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.bot.stop();
    await this.world.close();
  }

  /** Ends the process, as an operator does or as a crash does, and starts it again on the same data folder. */
  async restart(how: 'stop' | 'kill'): Promise<void> {
    await this.down(how);
    await this.up();
  }

  async up(): Promise<void> {
    this.bot = await this.world.startBot(this.#environment);
  }

  async down(how: 'stop' | 'kill'): Promise<void> {
    if (how === 'kill') await this.bot.crash();
    else expect(await this.bot.stop(), 'SIGTERM ends the process in order').toBe(0);
    this.#earlierOutput += this.bot.output();
  }

  /** Stops the bot, reads its store, and starts it again. */
  async lookIntoStore<T>(look: (store: Store) => Promise<T>): Promise<T> {
    await this.down('stop');
    const store = await openJournalStore({ folder: this.world.environment['MAILROOM_DATA_DIR'] ?? '' });
    try {
      return await look(store);
    } finally {
      await store.close();
      await this.up();
    }
  }

  output(): string {
    return this.#earlierOutput + this.bot.output();
  }

  /** Everything that the bot left behind: its output, what it sent, what arrived elsewhere, its data folder. */
  async traces(): Promise<{ place: string; text: string }[]> {
    const { teams, exchange, environment } = this.world;
    const sent = [...teams.state.messages.values()].filter(({ from }) => from === 'bot');
    return [
      { place: 'output of the bot', text: this.output() },
      { place: 'calls and deliveries', text: JSON.stringify(teams.log.entries) },
      {
        place: 'messages, cards, views',
        text: JSON.stringify(sent.map(({ versions, views }) => [versions, [...views.values()]])),
      },
      { place: 'notices', text: JSON.stringify(teams.state.notices) },
      { place: 'requests at Exchange', text: JSON.stringify([exchange.requests(), exchange.signIns()]) },
      { place: 'mail', text: JSON.stringify(exchange.mail()) },
      ...(await textsOfFolder(environment['MAILROOM_DATA_DIR'] ?? '')),
    ];
  }

  /** Types something; returns what the bot said in that turn: sentences, and the words of cards. */
  async ask(who: string, where: string, words: string, options: SendOptions = {}): Promise<string> {
    return (await this.answers(who, where, words, options)).map(wordsOfMessage).join('\n');
  }

  /** Types something; returns the messages that the bot sent in that turn. */
  async answers(who: string, where: string, words: string, options: SendOptions = {}): Promise<Message[]> {
    const { teams } = this.world;
    const id = this.journey.conversationId(who, where);
    const before = new Set(teams.state.visibleMessages(id).map((message) => message.id));
    const sent = await teams.acts.send(who, where, words, options);
    expect(sent.status, `"${words.slice(0, 40)}" is taken`).toBeGreaterThanOrEqual(200);
    expect(sent.status, `"${words.slice(0, 40)}" is taken`).toBeLessThan(300);
    return teams.state.visibleMessages(id).filter((message) => message.from === 'bot' && !before.has(message.id));
  }

  /** The newest card that a person sees with a button of this verb. */
  async find(who: string, where: string, verb: string): Promise<{ seen: SeenCard; action: CardAction }> {
    const seen = await this.journey.see(who, where, ({ card }) => actionOf(card, verb) !== undefined, `"${verb}"`);
    const action = actionOf(seen.card, verb);
    if (action === undefined) throw new Error(`no "${verb}"`);
    return { seen, action };
  }

  /** Presses the button of this verb on the newest card that has it, with these inputs, as a client would. */
  async press(who: string, where: string, verb: string, inputs: JsonObject = {}): Promise<InvokeOutcome> {
    const { seen } = await this.find(who, where, verb);
    return this.pressOn(who, seen.message.id, verb, inputs);
  }

  /** Presses the button of this verb on this message, as a client would. */
  async pressOn(who: string, messageId: string, verb: string, inputs: JsonObject = {}): Promise<InvokeOutcome> {
    const result = await this.world.teams.acts.click(who, messageId, { verb }, inputs);
    if (result.kind !== 'execute') throw new Error(`"${verb}" is ${result.kind}`);
    return inOrder(result.outcome);
  }

  /** Opens the dialog behind the button of this verb, on the newest card that has it. */
  async openDialog(who: string, where: string, verb: string, inputs: JsonObject = {}): Promise<Dialog> {
    const { seen } = await this.find(who, where, verb);
    const outcome = inOrder(await this.world.teams.dialogs.open(who, seen.message.id, { verb }, inputs));
    if (outcome.kind !== 'dialog') throw new Error(`no dialog behind "${verb}": ${wordsOfDialog(outcome)}`);
    return outcome.dialog;
  }

  /** Presses the button of this verb in an open dialog, as a client would. */
  async submitDialog(who: string, dialog: Dialog, verb: string, inputs: JsonObject = {}): Promise<DialogOutcome> {
    return inOrder(await this.world.teams.dialogs.submit(who, dialog, { verb }, inputs));
  }

  /** Approves all that the newest request waits for: many are asked about once more. */
  async approveAll(who: string, where: string): Promise<InvokeOutcome> {
    const { seen } = await this.find(who, where, 'approval.approve-all');
    const outcome = await this.pressOn(who, seen.message.id, 'approval.approve-all');
    const isQuestion = outcome.kind === 'card' && actionOf(outcome.card, 'approval.confirm-all') !== undefined;
    return isQuestion ? this.pressOn(who, seen.message.id, 'approval.confirm-all') : outcome;
  }

  /** Sends a click with any data, as nobody's client would. */
  async forge(who: string, messageId: string, verb: string, data: JsonObject): Promise<InvokeOutcome> {
    return inOrder(await this.world.teams.acts.execute(who, messageId, { verb, data }));
  }

  details(over: JsonObject = {}): Record<string, string> {
    return {
      name: 'Contoso on-premises',
      isDefault: 'true',
      serverLocation: this.world.ewsUrl,
      useSameSettingsForOutgoing: 'true',
      outgoingServerLocation: '',
      userName: this.world.exchange.serviceAccount.principalName,
      autodiscover: 'inactive',
      authentication: 'basic',
      access: 'impersonation',
      probeAddress: this.world.mailboxes[0]?.address ?? '',
      ...over,
    };
  }

  /** Opens the link on the card of this profile, posts the password, and returns the code of the page. */
  async enterPassword(
    who: string,
    password = this.world.exchange.serviceAccount.password,
    name = 'Contoso on-premises',
  ): Promise<string> {
    const { card } = await this.journey.see(
      who,
      personal,
      ({ card, text }) => hasLink(card) && text.includes(name),
      'the link of the form',
    );
    return this.postPassword(linkOf(card), password);
  }

  /** Types `create profile` and waits for the card that comes for it: one of an earlier profile may still be changing. */
  async startProfile(who: string, where = personal): Promise<Message> {
    const known = new Set(this.world.teams.state.messages.keys());
    await this.ask(who, where, 'create profile');
    const isNew = ({ card, message }: SeenCard): boolean =>
      !known.has(message.id) && actionOf(card, 'profile.cancel') !== undefined;
    return (await this.journey.see(who, where, isNew, 'the first card')).message;
  }

  async postPassword(link: string, password: string): Promise<string> {
    return codeOn(await this.journey.postForm(link, { password }));
  }

  /** From nothing to the end of the connection check, whatever it finds. */
  async checkProfile(who: string, over: JsonObject = {}, password?: string): Promise<SeenCard> {
    const { id } = await this.startProfile(who);
    const details = this.details(over);
    await this.pressOn(who, id, 'profile.answer', details);
    const code = await this.enterPassword(who, password, details['name']);
    await this.press(who, personal, 'profile.confirm-code', { code });
    return this.checked(who);
  }

  /** The card when the check has ended: the review, what to mend, or a new link. */
  checked(who: string): Promise<SeenCard> {
    return this.journey.see(
      who,
      personal,
      ({ buttons }) =>
        buttons.includes('Save') || buttons.includes('Check again') || buttons.includes('Enter a new password'),
      'the result of the check',
    );
  }

  async createProfile(who = 'ada', over: JsonObject = {}): Promise<void> {
    await this.checkProfile(who, over);
    await this.press(who, personal, 'profile.save');
  }

  /** Pastes the world's mailboxes (or others) and confirms the dry run. */
  async importMailboxes(
    mailboxes: readonly DemoMailbox[] = this.world.mailboxes,
    testWhenApproved = 'true',
  ): Promise<void> {
    await this.ask('ada', personal, `import mailboxes\n${csvOf(mailboxes)}`);
    await this.press('ada', personal, 'import.confirm', { testWhenApproved });
  }
}

/** The code on the page that answers a form. */
export function codeOn({ status, page }: { readonly status: number; readonly page: string }): string {
  const code = /class="code"[^>]*>(\d{4})</.exec(page)?.[1];
  if (status !== 200 || code === undefined) throw new Error(`the form answered ${status} without a code`);
  return code;
}

/** Every click that was understood is answered with HTTP 200 and in time; its outcome is in the body. */
function inOrder<T extends InvokeOutcome | DialogOutcome>(outcome: T): T {
  expect(outcome.status, 'HTTP status of a click').toBe(200);
  expect(outcome.tookMs, 'a click is answered in time').toBeLessThan(clickLimitMs);
  return outcome;
}

/** What a person reads after a click. */
export function wordsOf(outcome: InvokeOutcome): string {
  return outcome.kind === 'card' ? textsOf(outcome.card).join('\n') : outcome.text;
}

/** What a person reads after a button that opens a dialog, or after one in it; nothing when it closed. */
export function wordsOfDialog(outcome: DialogOutcome): string {
  if (outcome.kind === 'closed') return '';
  return outcome.kind === 'dialog' ? [outcome.dialog.title, ...textsOf(outcome.dialog.card)].join('\n') : outcome.text;
}

export function wordsOfMessage(message: Message): string {
  const activity = shownActivity(message);
  const card = cardOf(activity);
  return [activity.text ?? '', ...(card === undefined ? [] : textsOf(card))].filter((text) => text !== '').join('\n');
}

export function actionOf(card: JsonObject, verb: string): CardAction | undefined {
  return readActions(card).find((action) => action.verb === verb);
}

export function hasLink(card: JsonObject): boolean {
  return readActions(card).some((action) => action.type === 'Action.OpenUrl');
}

/** Texts of a card in reading order; fallbacks and data are not read by anybody. */
function textsOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(textsOf);
  if (!isObject(node)) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    if (key === 'fallback' || key === 'data') return [];
    if (typeof value !== 'string') return textsOf(value);
    return ['title', 'text', 'value', 'label', 'errorMessage'].includes(key) ? [value] : [];
  });
}

/** All entries of the audit trail, oldest first. */
export async function auditOf(store: Store): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for await (const entry of store.readLog('audit')) entries.push(entry);
  return entries;
}

/** Everything that lies in a folder, one text a file. */
async function textsOfFolder(folder: string): Promise<{ place: string; text: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const place = join(entry.parentPath, entry.name);
        return { place, text: await readFile(place, 'latin1') };
      }),
  );
}
