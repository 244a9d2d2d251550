import type { Verb } from '../../cards/verbs.ts';
import { faultTitle } from '../../locales/fault-text.ts';
import { formatMoment } from '../../locales/format-time.ts';
import { assignTo, getIncident, handleIncident } from '../../services/alerts/handle-incident.ts';
import { assigneeChat } from '../../services/alerts/incident-intents.ts';
import type { Incident } from '../../services/model/alert.ts';
import { isMailroomError, MailroomError } from '../../services/model/error.ts';
import {
  snoozeChoices,
  snoozedUntil,
  type HandlingDeed,
  type SnoozeChoice,
} from '../../services/model/incident-handling.ts';
import { timeZoneOfPerson } from '../../services/people/time-zone.ts';
import { retestIncident } from '../../services/testing/retest.ts';
import { cardContext } from '../card-context.ts';
import { chatText } from '../chat-text.ts';
import { renderIncident } from '../deliver/render-intent.ts';
import type { CardAction, Reply, TurnInput } from '../turn-input.ts';
import { runStarted } from './run-commands.ts';

/** `ack INCIDENT` */
export async function acknowledgeCommand(input: TurnInput, rest: string): Promise<Reply[]> {
  const [id] = wordsOf(rest, 'ack INCIDENT', 1);
  const { incident, changed } = await typed(input, id, { kind: 'acknowledge' });
  return said(input, changed ? 'acknowledged' : 'unchanged', incident);
}

/** `assign INCIDENT @PERSON`, or `me` */
export async function assignCommand(input: TurnInput, rest: string): Promise<Reply[]> {
  const usage = 'assign INCIDENT @PERSON';
  const [id, word] = wordsOf(rest, usage, 2);
  const isMe = word?.toLowerCase() === 'me';
  // Words beside the mention are a name that somebody typed: only a mention says who.
  if (word !== undefined && !isMe) throw new MailroomError('person.typed', { usage });
  const [mention, ...others] = input.mentions;
  if (!isMe && mention === undefined) throw new MailroomError('person.missing', { usage });
  if (others.length > 0 || (isMe && mention !== undefined)) throw new MailroomError('person.several');
  const person = mention === undefined ? input.actor : await input.findPerson(mention);
  const { incident, changed } = await typed(input, id, assignTo(person));
  if (!changed) return said(input, 'unchanged', incident);
  const { services, environmentId } = input;
  const chat = await assigneeChat(services.store, environmentId, person.aadObjectId);
  return said(input, chat === undefined ? 'assigned-without-chat' : 'assigned', incident, {
    name: person.name.slice(0, 80),
  });
}

/** `snooze INCIDENT [1h|4h|tomorrow]`: an hour, where nothing is said. */
export async function snoozeCommand(input: TurnInput, rest: string): Promise<Reply[]> {
  const usage = 'snooze INCIDENT [1h|4h|tomorrow]';
  const [id, word = '1h'] = wordsOf(rest, usage, 2);
  const choice = snoozeChoices.find((known) => known === word.toLowerCase());
  if (choice === undefined) throw new MailroomError('command.argument-unknown', { usage });
  const { incident } = await typed(input, id, await snooze(input, choice));
  const time = formatMoment(input.locale, incident.handling.quiet?.until ?? 0, await zoneOf(input));
  return said(input, 'snoozed', incident, { time });
}

/** `mute INCIDENT` */
export async function muteCommand(input: TurnInput, rest: string): Promise<Reply[]> {
  const [id] = wordsOf(rest, 'mute INCIDENT', 1);
  const { incident, changed } = await typed(input, id, { kind: 'mute' });
  if (!changed) return said(input, 'unchanged', incident);
  return said(input, incident.handling.quiet === null ? 'mute-asked' : 'muted', incident);
}

/** `retest INCIDENT` */
export async function retestCommand(input: TurnInput, rest: string): Promise<Reply[]> {
  const [id] = wordsOf(rest, 'retest INCIDENT', 1);
  const { services, environmentId, actor, conversation } = input;
  return runStarted(
    input,
    await retestIncident(services, environmentId, actor, id.toUpperCase(), conversation.conversationId),
  );
}

export const incidentActions = {
  'incident.acknowledge': (input, data) => click(input, data, { kind: 'acknowledge' }),
  'incident.take': (input, data) => click(input, data, assignTo(input.actor)),
  'incident.snooze-hour': async (input, data) => click(input, data, await snooze(input, '1h')),
  'incident.snooze-hours': async (input, data) => click(input, data, await snooze(input, '4h')),
  'incident.snooze-tomorrow': async (input, data) => click(input, data, await snooze(input, 'tomorrow')),
  'incident.mute': (input, data) => click(input, data, { kind: 'mute' }),
  'incident.wake': (input, data) => click(input, data, { kind: 'wake' }),
} satisfies Partial<Record<Verb, CardAction>>;

/** A click on a card of before changes nothing: its reader sees the incident as it is now. */
async function click(
  input: TurnInput,
  { id, revision }: Parameters<CardAction>[1],
  deed: HandlingDeed,
): ReturnType<CardAction> {
  const { services, environmentId, actor } = input;
  try {
    const { incident } = await handleIncident(services, environmentId, actor, id, deed, revision);
    return await renderIncident(services, incident, cardContext(input));
  } catch (error) {
    if (!isMailroomError(error, 'incident.over')) throw error;
    const { value } = await getIncident(services.store, environmentId, id);
    return renderIncident(services, value, cardContext(input));
  }
}

const typed = ({ services, environmentId, actor }: TurnInput, id: string, deed: HandlingDeed) =>
  handleIncident(services, environmentId, actor, id.toUpperCase(), deed, null);

async function snooze(input: TurnInput, choice: SnoozeChoice): Promise<HandlingDeed> {
  return { kind: 'snooze', until: snoozedUntil(choice, input.services.clock.now(), await zoneOf(input)) };
}

/** In a channel the client says as little as anywhere; the person's own chat may have said it. */
async function zoneOf({ services, environmentId, actor, timeZone }: TurnInput): Promise<string | null> {
  return timeZone ?? timeZoneOfPerson(services.store, environmentId, actor.aadObjectId);
}

function wordsOf(rest: string, usage: string, most: number): [string, ...string[]] {
  const [first, ...more] = rest.split(/\s+/).filter((part) => part !== '');
  if (first === undefined) throw new MailroomError('command.argument-missing', { usage });
  if (more.length >= most) throw new MailroomError('command.argument-unknown', { usage });
  return [first, ...more];
}

type Said = 'acknowledged' | 'assigned' | 'assigned-without-chat' | 'snoozed' | 'mute-asked' | 'muted' | 'unchanged';

function said(
  input: TurnInput,
  what: Said,
  { id, code }: Incident,
  params: Readonly<Record<string, string>> = {},
): Reply[] {
  const title = faultTitle(input.locale, code);
  return [{ text: chatText(input.locale, `chat.incident.${what}`, { id, title, ...params }) }];
}
