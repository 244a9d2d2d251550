import { approverSetLimits, isSameScope, type ApproverSet } from './approver-set.ts';
import type { Params } from './error.ts';
import type { MailboxType } from './mailbox.ts';
import type { FieldProblem } from './settings-input.ts';
import { hasUnseenCharacters } from './visible-text.ts';

/** The fields of the form of an approver set. */
export const approverSetFields = ['setName', 'setProfile', 'setType', 'setMembers', 'setSecond'] as const;
export type ApproverSetField = (typeof approverSetFields)[number];

export type ApproverSetProblems = Readonly<Partial<Record<ApproverSetField, FieldProblem>>>;

/** How a choice says that it means all, or nobody in particular: a choice needs a value. */
export const anyChoice = 'any';

/** What the form may name. */
export interface KnownToSets {
  readonly profileIds: ReadonlySet<string>;
  /** Entra object ids of everybody who may decide. */
  readonly approvers: ReadonlySet<string>;
}

const types: Readonly<Record<string, MailboxType | null>> = { [anyChoice]: null, user: 'user', queue: 'queue' };

/**
 * Reads the form of a set, the new one or that in `sets` with this id: all is right, or each wrong value is refused beside its
 * field. `set` has what could be read also where something is wrong.
 */
export function readApproverSet(
  sets: readonly ApproverSet[],
  id: string,
  inputs: Readonly<Record<string, unknown>>,
  known: KnownToSets,
): { readonly set: ApproverSet; readonly problems: ApproverSetProblems } {
  const problems: Partial<Record<ApproverSetField, FieldProblem>> = {};
  const refuse = (field: ApproverSetField, code: string, params: Params = {}): void => {
    problems[field] ??= { code: `approver-set.${code}`, params };
  };
  const others = sets.filter((set) => set.id !== id);
  const typed = (field: ApproverSetField): string => {
    const value = Object.hasOwn(inputs, field) ? inputs[field] : undefined;
    return typeof value === 'string' ? value.trim() : '';
  };

  const name = typed('setName').normalize();
  const { nameCharacters, members: mostMembers } = approverSetLimits;
  if (name === '') refuse('setName', 'name-missing');
  else if (name.length > nameCharacters) refuse('setName', 'name-too-long', { limit: nameCharacters });
  else if (hasUnseenCharacters(name)) refuse('setName', 'name-unseen');
  else if (others.some((set) => set.name.toLowerCase() === name.toLowerCase())) refuse('setName', 'name-taken');

  const profile = typed('setProfile');
  const profileId = profile === '' || profile === anyChoice ? null : profile;
  if (profileId !== null && !known.profileIds.has(profileId)) refuse('setProfile', 'profile-unknown');
  const type = typed('setType') || anyChoice;
  const mailboxType = Object.hasOwn(types, type) ? (types[type] ?? null) : null;
  if (!Object.hasOwn(types, type)) refuse('setType', 'type-unknown');
  const scope = { profileId, mailboxType };
  const same = others.find((set) => isSameScope(set, scope));
  if (profileId === null && mailboxType === null) refuse('setProfile', 'scope-missing');
  else if (same !== undefined) refuse('setProfile', 'scope-taken', { name: same.name });

  // Teams sends several choices with commas between them.
  const members = [
    ...new Set(
      typed('setMembers')
        .split(/[\s,]+/)
        .map((member) => member.toLowerCase()),
    ),
  ].filter((member) => member !== '');
  const strangers = members.filter((member) => !known.approvers.has(member)).length;
  if (members.length === 0) refuse('setMembers', 'members-missing');
  else if (strangers > 0) refuse('setMembers', 'members-no-approvers', { count: strangers });
  else if (members.length > mostMembers) refuse('setMembers', 'members-too-many', { limit: mostMembers });

  const second = typed('setSecond');
  const secondSetId = second === '' || second === anyChoice ? null : second;
  if (secondSetId !== null && secondSetId === id) refuse('setSecond', 'second-itself');
  else if (secondSetId !== null && !others.some((set) => set.id === secondSetId)) refuse('setSecond', 'second-unknown');

  return { set: { id, name, ...scope, members, secondSetId }, problems };
}
