import type { BotAnswer, BotEndpoint } from './bot-endpoint.ts';
import { asStrings, fillInputs, findAction } from './choose-action.ts';
import type { ActionQuery } from './choose-action.ts';
import { composeText, envelope } from './compose-activity.ts';
import type { Envelope } from './compose-activity.ts';
import { opensDialog } from './dialogs.ts';
import type { DialogOutcome, Dialogs } from './dialogs.ts';
import { ActError } from './errors.ts';
import { applyInvokeAnswer, UNREACHABLE } from './invoke-answer.ts';
import type { InvokeOutcome } from './invoke-answer.ts';
import type { Person } from './people.ts';
import { checkMember, seenMessage } from './seen-message.ts';
import { datasetOf, DIRECTORY, peopleLike, readSearchAnswer, TYPEAHEAD_TOP } from './typeahead.ts';
import type { TypeaheadOutcome } from './typeahead.ts';
import { shownCard, splitConversationId } from './state.ts';
import type { Conversation, Message, TeamsState } from './state.ts';
import type { Attachment, JsonObject } from './wire.ts';
import { isObject } from './wire.ts';

export interface SendOptions {
  /** In a channel: mention the bot (default). Without it Teams does not deliver the message. */
  mention?: boolean;
  /** In a channel: write into the thread of this message. */
  inThreadOf?: string;
  /** Send addresses as a paste from Outlook arrives: `[x](mailto:x)`. */
  htmlPaste?: boolean;
  attachments?: Attachment[];
}

export interface SendResult {
  messageId: string;
  /** False in a channel without a mention. */
  delivered: boolean;
  status: number;
  tookMs: number;
}

export interface ExecuteAction {
  verb: string;
  data?: JsonObject;
  id?: string;
}

export type Trigger = 'manual' | 'automatic';

export type ClickResult =
  | { kind: 'execute'; outcome: InvokeOutcome }
  | { kind: 'submit'; result: SendResult }
  | { kind: 'dialog'; outcome: DialogOutcome }
  | { kind: 'openUrl'; url: string };

/** What people do in Teams. Each act resolves when the bot has answered it. */
export class Acts {
  private readonly state: TeamsState;
  private readonly endpoint: BotEndpoint;
  private readonly context: Envelope;
  private readonly dialogs: Dialogs;

  constructor(state: TeamsState, endpoint: BotEndpoint, context: Envelope, dialogs: Dialogs) {
    this.state = state;
    this.endpoint = endpoint;
    this.context = context;
    this.dialogs = dialogs;
  }

  /** Types a message. `where` is `personal`, a channel's name, or a conversation's id. `@Name` of a person becomes a mention. */
  async send(who: string, where: string, words: string, options: SendOptions = {}): Promise<SendResult> {
    const person = this.state.getPerson(who);
    const { conversation, threadId } = this.resolve(person, where);
    const thread = options.inThreadOf === undefined ? threadId : this.seen(person, options.inThreadOf).message.threadId;
    const isShared = conversation.type !== 'personal';
    const mentionBot = isShared && (options.mention ?? true);
    const composed = composeText(words, {
      bot: this.context.bot,
      people: this.state.people,
      mentionBot,
      htmlPaste: options.htmlPaste ?? false,
    });
    const id = this.state.nextId();
    const shownThread = conversation.type === 'channel' ? (thread ?? id) : undefined;
    const threaded = shownThread === undefined ? {} : { threadId: shownThread };
    const activity = envelope(this.context, person, conversation, { id, type: 'message', ...threaded });
    activity.textFormat = 'plain';
    activity.text = composed.text;
    activity.attachments = [...(options.attachments ?? []), ...composed.attachments];
    activity.entities = [...composed.entities, ...(activity.entities ?? [])];
    this.state.post({ conversationId: conversation.id, from: person.id, activity, id, ...threaded });
    if (!conversation.installed || (isShared && !mentionBot)) {
      return { messageId: id, delivered: false, status: 0, tookMs: 0 };
    }
    const answer = await this.endpoint.deliver(activity, { personId: person.id });
    this.noticeFailure(answer, person, conversation);
    return { messageId: id, delivered: true, status: answer.status, tookMs: answer.tookMs };
  }

  /** Presses an Action.Submit. `data` is the action's own data; of the inputs Teams sends strings only. */
  async submit(who: string, messageId: string, data: JsonObject, inputs: JsonObject = {}): Promise<SendResult> {
    const person = this.state.getPerson(who);
    const { message, conversation } = this.seen(person, messageId);
    const id = this.state.nextId();
    const threaded = message.threadId === undefined ? {} : { threadId: message.threadId };
    const activity = envelope(this.context, person, conversation, { id, type: 'message', ...threaded });
    activity.value = { ...data, ...asStrings(inputs) };
    activity.replyToId = message.id;
    if (activity.channelData !== undefined) {
      activity.channelData = {
        ...activity.channelData,
        source: { name: 'message' },
        legacy: { replyToId: message.id },
      };
    }
    const answer = await this.endpoint.deliver(activity, { personId: person.id });
    this.noticeFailure(answer, person, conversation, message);
    return { messageId: id, delivered: true, status: answer.status, tookMs: answer.tookMs };
  }

  /** Presses an Action.Execute, or refreshes a view. Sets the person's view or shows a notice, as the answer says. */
  async execute(
    who: string,
    messageId: string,
    action: ExecuteAction,
    trigger: Trigger = 'manual',
  ): Promise<InvokeOutcome> {
    const person = this.state.getPerson(who);
    const { message, conversation } = this.seen(person, messageId);
    const versions = message.versions.length;
    const id = `f:${this.state.nextId()}`;
    const threaded = message.threadId === undefined ? {} : { threadId: message.threadId };
    const activity = envelope(this.context, person, conversation, { id, type: 'invoke', ...threaded });
    activity.name = 'adaptiveCard/action';
    activity.replyToId = message.id;
    const { verb, data = {}, id: actionId } = action;
    const wireAction = { type: 'Action.Execute', verb, data, ...(actionId === undefined ? {} : { id: actionId }) };
    activity.value = { action: wireAction, trigger };
    const answer = await this.endpoint.deliver(activity, { personId: person.id, trigger });
    // An edit that came while a view was being refreshed starts its own refresh: the older answer must not cover it.
    const stale = trigger === 'automatic' && message.versions.length !== versions;
    return applyInvokeAnswer(this.state, answer, { person, message, quiet: trigger === 'automatic', stale });
  }

  /**
   * Types into an input with typeahead: the bot is asked with every pause, also before the first letter. The input is on
   * the card of the message, or on that of a dialog.
   */
  async search(
    who: string,
    messageId: string,
    inputId: string,
    text: string,
    dialogCard?: JsonObject,
  ): Promise<TypeaheadOutcome> {
    const person = this.state.getPerson(who);
    const { message, conversation } = this.seen(person, messageId);
    const dataset = datasetOf(dialogCard ?? shownCard(message, person.id), inputId);
    if (dataset === DIRECTORY) {
      return { kind: 'choices', choices: peopleLike(this.state.people, person.tenantId, text), tookMs: 0 };
    }
    const threaded = message.threadId === undefined ? {} : { threadId: message.threadId };
    const draft = { id: `f:${this.state.nextId()}`, type: 'invoke', ...threaded };
    const activity = envelope(this.context, person, conversation, draft);
    activity.name = 'application/search';
    activity.replyToId = message.id;
    activity.value = { queryText: text, queryOptions: { skip: 0, top: TYPEAHEAD_TOP }, dataset };
    return readSearchAnswer(await this.endpoint.deliver(activity, { personId: person.id }));
  }

  /** "Refresh card" in the message's menu. */
  async refresh(who: string, messageId: string, trigger: Trigger = 'manual'): Promise<InvokeOutcome> {
    const person = this.state.getPerson(who);
    const { message } = this.seen(person, messageId);
    const action = refreshAction(shownCard(message, person.id));
    if (action === undefined) throw new ActError(`the card of message "${messageId}" cannot be refreshed`);
    return this.execute(person.id, messageId, action, trigger);
  }

  /** Presses a button of the card that the person sees, with these inputs; refuses what a client would refuse. */
  async click(
    who: string,
    messageId: string,
    query: string | ActionQuery,
    inputs: JsonObject = {},
  ): Promise<ClickResult> {
    const person = this.state.getPerson(who);
    const { message } = this.seen(person, messageId);
    const found = findAction(shownCard(message, person.id), query);
    if (found.type === 'Action.OpenUrl') return { kind: 'openUrl', url: String(found.action['url']) };
    const values = fillInputs(found, inputs);
    if (found.type === 'Action.Execute') {
      const { id } = found.action;
      const action = {
        verb: found.verb,
        data: { ...found.data, ...values },
        ...(typeof id === 'string' ? { id } : {}),
      };
      return { kind: 'execute', outcome: await this.execute(person.id, messageId, action) };
    }
    if (found.type !== 'Action.Submit') throw new ActError(`${found.type} sends nothing`);
    if (opensDialog(found.data)) {
      return { kind: 'dialog', outcome: await this.dialogs.fetch(person.id, messageId, found.data, values) };
    }
    return { kind: 'submit', result: await this.submit(person.id, messageId, found.data, values) };
  }

  private resolve(person: Person, where: string): { conversation: Conversation; threadId?: string } {
    const split = splitConversationId(where);
    const conversation =
      where === 'personal'
        ? this.state.personalChat(person.id)
        : (this.state.conversations.get(split.conversationId) ??
          [...this.state.conversations.values()].find((entry) => entry.channel?.name === where));
    if (conversation === undefined) throw new ActError(`there is no conversation "${where}"`);
    checkMember(this.state, person, conversation);
    return { conversation, ...(split.threadId === undefined ? {} : { threadId: split.threadId }) };
  }

  private seen(person: Person, messageId: string): { message: Message; conversation: Conversation } {
    return seenMessage(this.state, person, messageId);
  }

  private noticeFailure(answer: BotAnswer, person: Person, conversation: Conversation, message?: Message): void {
    if (answer.status >= 200 && answer.status < 300) return;
    this.state.notify({
      personId: person.id,
      conversationId: conversation.id,
      ...(message === undefined ? {} : { messageId: message.id }),
      kind: 'error',
      text: UNREACHABLE,
    });
  }
}

/** The action behind `refresh`, whose automatic run must never change anything in the bot. */
export function refreshAction(card: JsonObject | undefined): ExecuteAction | undefined {
  const refresh = card?.['refresh'];
  const action = isObject(refresh) ? refresh['action'] : undefined;
  if (!isObject(action) || typeof action['verb'] !== 'string') return undefined;
  const { verb, data, id } = action;
  return { verb, ...(isObject(data) ? { data } : {}), ...(typeof id === 'string' ? { id } : {}) };
}
