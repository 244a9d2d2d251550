import { person, type Channel, type GroupChat, type Person, type Team } from '../../sandbox/teams/people.ts';
import { personalChatId } from '../../sandbox/teams/state.ts';
import type { ConversationReference } from '../../services/model/conversation.ts';

/** A conversation of the chaos, and who speaks there. */
export interface Place {
  readonly id: string;
  readonly kind: ConversationReference['kind'];
  readonly name: string;
  readonly personId: string;
  /** Of a 1:1 chat. */
  readonly aadObjectId: string | null;
  /** The profile whose alerts come here, and nowhere else. */
  readonly profileId: string;
}

/** Of ten conversations six are 1:1 chats, two group chats and two channels. */
const kindOf = (index: number): Place['kind'] =>
  index % 10 < 6 ? 'personal' : index % 10 < 8 ? 'groupChat' : 'channel';

const somebody = (id: string, name: string, number: number): Person =>
  person({ id, name, aadObjectId: `aaaaaaaa-0000-4000-8000-${String(number).padStart(12, '0')}` });

const chatOf = (who: Person, profileId: string): Place => ({
  id: personalChatId(who),
  kind: 'personal',
  name: who.name,
  personId: who.id,
  aadObjectId: who.aadObjectId,
  profileId,
});

const speaker = somebody('speaker', 'Sam Speaker', 900_000);

/** The same for the same count: the process to kill and whoever watches it make them by themselves. */
export function chaosPlaces(count: number): {
  /** Alerts of their own come here by subscription. */
  readonly homes: readonly Place[];
  /** The own chats of three admins, which no subscription names. */
  readonly admins: readonly Place[];
  readonly people: Person[];
  readonly team: Team;
  readonly groups: readonly GroupChat[];
} {
  const admins = ['Ada', 'Abe', 'Amy'].map((name, index) =>
    somebody(`admin${index}`, `${name} Admin`, 900_001 + index),
  );
  const people: Person[] = [speaker, ...admins];
  const channels: Channel[] = [];
  const groups: GroupChat[] = [];
  const homes = Array.from({ length: count }, (_unused, index): Place => {
    const kind = kindOf(index);
    const profileId = `profile${index}`;
    if (kind === 'personal') {
      const who = somebody(`p${index}`, `Person ${index}`, index);
      people.push(who);
      return chatOf(who, profileId);
    }
    const shared = { kind, personId: speaker.id, aadObjectId: null, profileId };
    if (kind === 'channel') {
      const channel = { id: `19:chaos-${index}@thread.tacv2`, name: `Channel ${index}` };
      channels.push(channel);
      return { ...shared, ...channel };
    }
    const group = { id: `19:chaos-${index}@thread.v2`, name: `Group ${index}` };
    groups.push({ ...group, members: [speaker.id] });
    return { ...shared, ...group };
  });
  const team: Team = { id: '19:chaos-team', name: 'Chaos', aadGroupId: '', channels, members: [speaker.id] };
  return { homes, admins: admins.map((who) => chatOf(who, '')), people, team, groups };
}
