import { changedSets, type ApproverSet } from '../services/model/approver-set.ts';
import type { Say } from './card-text.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';

/** Names of profiles and of people, by id. */
export type NamesById = Readonly<Record<string, string>>;

/** Members that a line names; of more it says how many. Where many sets change at once, each names fewer. */
const mostNamed = 8;
const fewNamed = 2;
const manySets = 4;

const nameOf = (names: NamesById, id: string): string | undefined => (Object.hasOwn(names, id) ? names[id] : undefined);

export const setName = ({ name }: Pick<ApproverSet, 'name'>): string => plainText(name, 40);

/** Many names stand on one card. */
export const shortName = (say: Say, name: string | undefined): string => personName(say, name?.slice(0, 40) ?? null);

/** Which mailboxes a set decides about, in words. */
export function scopeText(say: Say, { profileId, mailboxType }: ApproverSet, names: NamesById): string {
  const profile = profileId === null ? '' : plainText(nameOf(names, profileId) ?? say('settings-value.gone'), 40);
  return say('approver-set.scope', { type: mailboxType ?? 'both', hasProfile: profileId !== null, profile });
}

export function memberNames(say: Say, members: readonly string[], names: NamesById, most = mostNamed): string {
  const shown = members.slice(0, most).map((id) => shortName(say, nameOf(names, id)));
  return say('approver-set.people', {
    count: members.length,
    names: shown.join(', '),
    more: members.length - shown.length,
  });
}

export function secondText(say: Say, { secondSetId }: ApproverSet, sets: readonly ApproverSet[]): string {
  const second = sets.find(({ id }) => id === secondSetId);
  return second === undefined ? say('approver-set.second-all') : setName(second);
}

/** What differs between two lists of sets: a line for each set. */
export function setChanges(
  say: Say,
  before: readonly ApproverSet[],
  after: readonly ApproverSet[],
  names: NamesById,
): [string, string][] {
  const changed = changedSets(before, after);
  const most = changed.length > manySets ? fewNamed : mostNamed;
  return changed.map((id) => {
    const then = before.find((set) => set.id === id);
    const next = after.find((set) => set.id === id);
    const title = say('approver-set.line', { name: setName(next ?? then ?? { name: '' }) });
    if (then === undefined || next === undefined) {
      const set = next ?? then;
      const sets = next === undefined ? before : after;
      if (set === undefined) return [title, ''];
      return [
        title,
        say(next === undefined ? 'approver-set.deleted' : 'approver-set.added', {
          scope: scopeText(say, set, names),
          members: memberNames(say, set.members, names, most),
          second: secondText(say, set, sets),
        }),
      ];
    }
    return [title, differences(say, then, next, before, after, names, most).join(' ')];
  });
}

function differences(
  say: Say,
  then: ApproverSet,
  next: ApproverSet,
  before: readonly ApproverSet[],
  after: readonly ApproverSet[],
  names: NamesById,
  most: number,
): string[] {
  const joining = next.members.filter((id) => !then.members.includes(id));
  const leaving = then.members.filter((id) => !next.members.includes(id));
  const change = (key: string, was: string, is: string): string[] =>
    was === is ? [] : [say(`approver-set.${key}-change`, { before: was, after: is })];
  return [
    ...change('name', setName(then), setName(next)),
    ...change('scope', scopeText(say, then, names), scopeText(say, next, names)),
    ...(joining.length === 0 ? [] : [say('approver-set.joining', { members: memberNames(say, joining, names, most) })]),
    ...(leaving.length === 0 ? [] : [say('approver-set.leaving', { members: memberNames(say, leaving, names, most) })]),
    ...change('second', secondText(say, then, before), secondText(say, next, after)),
  ];
}
