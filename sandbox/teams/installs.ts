import type { BotEndpoint } from './bot-endpoint.ts';
import { envelope } from './compose-activity.ts';
import type { Envelope } from './compose-activity.ts';
import { ActError } from './errors.ts';
import type { Person } from './people.ts';
import type { Conversation, TeamsState } from './state.ts';
import type { Activity } from './wire.ts';

/** Adding the app for a person or to the team, and taking it away again, with the activities that Teams sends for it. */
export class Installs {
  private readonly state: TeamsState;
  private readonly endpoint: BotEndpoint;
  private readonly context: Envelope;

  constructor(state: TeamsState, endpoint: BotEndpoint, context: Envelope) {
    this.state = state;
    this.endpoint = endpoint;
    this.context = context;
  }

  async installFor(who: string): Promise<void> {
    const person = this.state.getPerson(who);
    const chat = this.state.personalChat(person.id);
    this.set([chat], { installed: true, blocked: false });
    const update = this.activity(person, chat, 'conversationUpdate');
    update.membersAdded = [this.context.bot];
    await this.deliver(person, update);
    await this.deliver(person, { ...this.activity(person, chat, 'installationUpdate'), action: 'add' });
  }

  async installInTeam(who: string): Promise<void> {
    const person = this.member(who);
    const { channels, general } = this.teamConversations();
    this.set(channels, { installed: true, blocked: false });
    const update = this.teamActivity(person, general, 'conversationUpdate', 'teamMemberAdded');
    update.membersAdded = [this.context.bot];
    await this.deliver(person, update);
    const installation = this.teamActivity(person, general, 'installationUpdate');
    await this.deliver(person, { ...installation, action: 'add' });
  }

  /** For everybody and in the team. One after the other, so that the bot's own log reads well. */
  async installEverywhere(who: string): Promise<void> {
    for (const person of this.state.people) await this.installFor(person.id);
    await this.installInTeam(who);
  }

  /** Marks the app as installed without telling the bot, for tests that begin later in the story. */
  presetInstalled(): void {
    this.set([...this.state.conversations.values()], { installed: true, blocked: false });
  }

  async uninstallFor(who: string): Promise<void> {
    const person = this.state.getPerson(who);
    const chat = this.state.personalChat(person.id);
    this.set([chat], { installed: false, blocked: true });
    await this.deliver(person, { ...this.activity(person, chat, 'installationUpdate'), action: 'remove' });
  }

  async uninstallFromTeam(who: string): Promise<void> {
    const person = this.member(who);
    const { channels, general } = this.teamConversations();
    this.set(channels, { installed: false, blocked: false });
    const update = this.teamActivity(person, general, 'conversationUpdate', 'teamMemberRemoved');
    update.membersRemoved = [this.context.bot];
    await this.deliver(person, update);
    const installation = this.teamActivity(person, general, 'installationUpdate');
    await this.deliver(person, { ...installation, action: 'remove' });
  }

  /** The person blocks or unblocks the bot; Teams tells the bot nothing. */
  setBlocked(who: string, blocked: boolean): void {
    const chat = this.state.personalChat(who);
    this.set([chat], { installed: chat.installed, blocked });
  }

  private set(conversations: Conversation[], flags: { installed: boolean; blocked: boolean }): void {
    for (const conversation of conversations) Object.assign(conversation, flags);
    this.state.changed();
  }

  private teamConversations(): { channels: Conversation[]; general: Conversation } {
    const channels = [...this.state.conversations.values()].filter((entry) => entry.type === 'channel');
    const general = this.state.conversations.get(this.state.team.id);
    if (general === undefined) throw new ActError('the team has no General channel');
    return { channels, general };
  }

  private member(who: string): Person {
    const person = this.state.getPerson(who);
    if (!this.state.team.members.includes(person.id)) throw new ActError(`"${who}" is not in the team`);
    return person;
  }

  private activity(person: Person, conversation: Conversation, type: string): Activity {
    return envelope(this.context, person, conversation, { id: `f:${this.state.nextId()}`, type });
  }

  private teamActivity(person: Person, general: Conversation, type: string, eventType?: string): Activity {
    const activity = this.activity(person, general, type);
    activity.channelData = {
      ...activity.channelData,
      settings: { selectedChannel: { id: general.id } },
      ...(eventType === undefined ? {} : { eventType }),
    };
    return activity;
  }

  private async deliver(person: Person, activity: Activity): Promise<void> {
    await this.endpoint.deliver(activity, { personId: person.id });
  }
}
