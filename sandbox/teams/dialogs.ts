import type { BotAnswer, BotEndpoint } from './bot-endpoint.ts';
import { asStrings, fillInputs, findAction } from './choose-action.ts';
import type { ActionQuery } from './choose-action.ts';
import { envelope } from './compose-activity.ts';
import type { Envelope } from './compose-activity.ts';
import { ActError } from './errors.ts';
import { SOMETHING_WRONG, UNREACHABLE } from './invoke-answer.ts';
import type { Person } from './people.ts';
import { conversationOf, seenMessage } from './seen-message.ts';
import { shownCard } from './state.ts';
import type { Conversation, Message, TeamsState } from './state.ts';
import { ADAPTIVE_CARD, isObject } from './wire.ts';
import type { Activity, JsonObject } from './wire.ts';

/** A dialog (task module) that stands open for one person. It lives in that person's client alone. */
export interface Dialog {
  /** The message whose button opened it. */
  messageId: string;
  title: string;
  /** Pixels, or the names that Teams has for sizes. */
  height: number | string | undefined;
  width: number | string | undefined;
  card: JsonObject;
}

/** What a person sees after a button that opens a dialog, or after a button in one. */
export type DialogOutcome = { status: number; tookMs: number } & (
  | { kind: 'dialog'; dialog: Dialog }
  /** A box with a sentence takes the place of the dialog. */
  | { kind: 'message'; text: string }
  | { kind: 'closed' }
  /** The dialog stays open, with what was typed into it. */
  | { kind: 'error' | 'unreachable'; text: string }
);

/** Dialogs behind the buttons of cards: `task/fetch` opens one, `task/submit` is what its own buttons send. */
export class Dialogs {
  private readonly state: TeamsState;
  private readonly endpoint: BotEndpoint;
  private readonly context: Envelope;

  constructor(state: TeamsState, endpoint: BotEndpoint, context: Envelope) {
    this.state = state;
    this.endpoint = endpoint;
    this.context = context;
  }

  /** Presses a button that opens a dialog, with the inputs of the card around it. */
  async open(
    who: string,
    messageId: string,
    query: string | ActionQuery,
    inputs: JsonObject = {},
  ): Promise<DialogOutcome> {
    const person = this.state.getPerson(who);
    const { message } = seenMessage(this.state, person, messageId);
    const found = findAction(shownCard(message, person.id), query);
    if (found.type !== 'Action.Submit' || !opensDialog(found.data)) {
      throw new ActError(`the action "${found.title}" opens no dialog`);
    }
    return this.fetch(person.id, messageId, found.data, fillInputs(found, inputs));
  }

  /** Presses a button of an open dialog; refuses what a client would refuse, such as an empty required input. */
  async submit(
    who: string,
    dialog: Dialog,
    query: string | ActionQuery,
    inputs: JsonObject = {},
  ): Promise<DialogOutcome> {
    const found = findAction(dialog.card, query);
    if (found.type !== 'Action.Submit' && found.type !== 'Action.Execute') {
      throw new ActError(`${found.type} sends nothing`);
    }
    return this.send(who, dialog.messageId, found.data, fillInputs(found, inputs));
  }

  /** `task/fetch` with any data. A failure shows below the card, since there is no dialog yet. */
  async fetch(who: string, messageId: string, data: JsonObject, inputs: JsonObject = {}): Promise<DialogOutcome> {
    const person = this.state.getPerson(who);
    const { message, conversation } = seenMessage(this.state, person, messageId);
    const activity = this.invoke(person, { message, conversation }, 'task/fetch', { ...data, ...asStrings(inputs) });
    activity.replyToId = message.id;
    const outcome = readTaskAnswer(await this.deliver(person, activity), messageId);
    // There is nothing to close: a dialog that was asked for and has no content is a failure.
    const failed = outcome.kind === 'closed' ? fail('error', outcome, SOMETHING_WRONG) : outcome;
    if (failed.kind === 'error' || failed.kind === 'unreachable') {
      const { id: personId } = person;
      this.state.notify({ personId, conversationId: conversation.id, messageId, kind: 'error', text: failed.text });
    }
    return failed;
  }

  /**
   * `task/submit` with any data. It works also when the message is gone meanwhile, and does not say which message it was:
   * Teams leaves `replyToId` out (botframework-sdk#6473), so whatever a bot needs has to lie in the data.
   */
  async send(who: string, messageId: string, data: JsonObject, inputs: JsonObject = {}): Promise<DialogOutcome> {
    const person = this.state.getPerson(who);
    const message = this.state.messages.get(messageId);
    if (message === undefined) throw new ActError(`there is no message "${messageId}"`);
    const conversation = conversationOf(this.state, person, message);
    const activity = this.invoke(person, { message, conversation }, 'task/submit', { ...data, ...asStrings(inputs) });
    return readTaskAnswer(await this.deliver(person, activity), messageId);
  }

  private invoke(
    person: Person,
    { message, conversation }: { message: Message; conversation: Conversation },
    name: string,
    data: JsonObject,
  ): Activity {
    const draft = { id: `f:${this.state.nextId()}`, type: 'invoke' };
    const threaded = message.threadId === undefined ? {} : { threadId: message.threadId };
    const activity = envelope(this.context, person, conversation, { ...draft, ...threaded });
    return { ...activity, name, value: { data, context: { theme: 'default' } } };
  }

  private deliver(person: Person, activity: Activity): Promise<BotAnswer> {
    return this.endpoint.deliver(activity, { personId: person.id });
  }
}

/** Whether a client asks for a dialog when a button with this data is pressed, and sends no message. */
export function opensDialog(data: JsonObject): boolean {
  return isObject(data['msteams']) && data['msteams']['type'] === 'task/fetch';
}

function readTaskAnswer({ status, body, tookMs }: BotAnswer, messageId: string): DialogOutcome {
  const base = { status, tookMs };
  if (status < 200 || status >= 300) return fail('unreachable', base, UNREACHABLE);
  const { task } = isObject(body) ? body : {};
  if (task === undefined || task === null) return { ...base, kind: 'closed' };
  const { type, value } = isObject(task) ? task : {};
  if (type === 'message' && typeof value === 'string' && value !== '') return { ...base, kind: 'message', text: value };
  // Only dialogs of cards are drawn here; one of a web page would be an address and no card.
  const card = isObject(value) && isObject(value['card']) ? value['card'] : {};
  const { contentType, content } = card;
  if (
    type !== 'continue' ||
    contentType !== ADAPTIVE_CARD ||
    !isObject(content) ||
    content['type'] !== 'AdaptiveCard'
  ) {
    return fail('error', base, SOMETHING_WRONG);
  }
  const { title, height, width } = value as JsonObject;
  const dialog = {
    messageId,
    title: typeof title === 'string' ? title : '',
    height: sizeOf(height),
    width: sizeOf(width),
    card: content,
  };
  return { ...base, kind: 'dialog', dialog };
}

function sizeOf(size: unknown): number | string | undefined {
  return typeof size === 'number' || typeof size === 'string' ? size : undefined;
}

function fail(
  kind: 'error' | 'unreachable',
  { status, tookMs }: { status: number; tookMs: number },
  text: string,
): DialogOutcome {
  return { status, tookMs, kind, text };
}
