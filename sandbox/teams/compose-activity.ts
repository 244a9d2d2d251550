import type { Person, Team } from './people.ts';
import type { Conversation } from './state.ts';
import type { Account, Activity, Attachment, ChannelData, Entity } from './wire.ts';

/** What all activities of one Teams have in common. */
export interface Envelope {
  bot: Account;
  serviceUrl: string;
  tenantId: string;
  team: Team;
  now: () => number;
}

/** The fields that every activity of a person carries, whatever its type. */
export function envelope(
  context: Envelope,
  person: Person,
  conversation: Conversation,
  draft: { id: string; type: string; threadId?: string },
): Activity {
  const at = new Date(context.now());
  const { id, type, tenantId, channel } = conversation;
  return {
    type: draft.type,
    id: draft.id,
    timestamp: at.toISOString(),
    localTimestamp: localTimestamp(at, person.timezone),
    localTimezone: person.timezone,
    locale: person.locale,
    channelId: 'msteams',
    serviceUrl: new URL(`/${conversation.region}/`, context.serviceUrl).href,
    from: { id: person.mri, name: person.name, aadObjectId: person.aadObjectId },
    recipient: { ...context.bot },
    conversation: {
      id: draft.threadId === undefined ? id : `${id};messageid=${draft.threadId}`,
      conversationType: type,
      tenantId,
      ...(type === 'personal' ? {} : { isGroup: true }),
      ...(channel === undefined ? {} : { name: channel.name }),
    },
    channelData: channelData(context, conversation),
    entities: [clientInfo(person)],
  };
}

function channelData(context: Envelope, conversation: Conversation): ChannelData {
  const { channel, tenantId } = conversation;
  if (channel === undefined) return { tenant: { id: tenantId } };
  return {
    tenant: { id: tenantId },
    team: { id: context.team.id, name: context.team.name, aadGroupId: context.team.aadGroupId },
    channel: { id: channel.id, name: channel.name },
    teamsChannelId: channel.id,
    teamsTeamId: context.team.id,
  };
}

function clientInfo(person: Person): Entity {
  const [, country = 'US'] = person.locale.split('-');
  return { type: 'clientInfo', locale: person.locale, country, platform: 'Web', timezone: person.timezone };
}

/** `2026-11-24T20:15:00.000+01:00`: the wall clock where the person is. */
export function localTimestamp(at: Date, timezone: string): string {
  const zone = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' })
    .formatToParts(at)
    .find((part) => part.type === 'timeZoneName')?.value;
  const offset = zone === undefined || zone === 'GMT' ? '+00:00' : zone.slice(3);
  const sign = offset.startsWith('-') ? -1 : 1;
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  const local = new Date(at.getTime() + sign * (hours * 60 + minutes) * 60_000);
  return `${local.toISOString().slice(0, -1)}${offset}`;
}

/** A person's words as Teams puts them on the wire: mentions marked up, HTML beside the plain text. */
export function composeText(
  words: string,
  options: { bot: Account; people: readonly Person[]; mentionBot: boolean; htmlPaste: boolean },
): { text: string; entities: Entity[]; attachments: Attachment[] } {
  const entities: Entity[] = [];
  let text = words;
  for (const { mri, name, aadObjectId } of options.people) {
    if (!text.includes(`@${name}`)) continue;
    text = text.replaceAll(`@${name}`, `<at>${name}</at>`);
    entities.push({ type: 'mention', text: `<at>${name}</at>`, mentioned: { id: mri, name, aadObjectId } });
  }
  if (options.mentionBot) {
    const botName = options.bot.name ?? '';
    text = `<at>${botName}</at> ${text}`;
    entities.unshift({
      type: 'mention',
      text: `<at>${botName}</at>`,
      mentioned: { id: options.bot.id, name: botName },
    });
  }
  const html = { contentType: 'text/html', content: asHtml(text) };
  if (!options.htmlPaste) return { text, entities, attachments: [html] };
  return { text: text.replaceAll(ADDRESS, '[$&](mailto:$&)'), entities, attachments: [html] };
}

const ADDRESS = /[\w.+'-]+@[\w-]+(?:\.[\w-]+)+/g;

/** Teams' editor wraps paragraphs, links addresses, and keeps mentions as spans. */
function asHtml(text: string): string {
  const html = text
    .split(/<at>(.*?)<\/at>/)
    .map((part, index) => (index % 2 === 0 ? asLinkedHtml(part) : asMentionHtml(part, (index - 1) / 2)))
    .join('');
  return html
    .split('\n')
    .map((line) => `<p>${line === '' ? '&nbsp;' : line}</p>`)
    .join('\n');
}

function asLinkedHtml(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replaceAll(ADDRESS, '<a href="mailto:$&" title="mailto:$&">$&</a>');
}

function asMentionHtml(name: string, index: number): string {
  return `<span itemtype="http://schema.skype.com/Mention" itemscope itemid="${index}">${name}</span>`;
}
