import { roles, type Role } from './access.ts';

/**
 * A role that is to be given or taken away. It is shown with its effect before it is done; what weakens a control then
 * waits for a second person or, where there is none, is done and told to everybody (DESIGN, law 10).
 */
export interface RoleChange {
  readonly environmentId: string;
  readonly id: string;
  readonly deed: 'grant' | 'revoke';
  readonly role: Role;
  readonly personId: string;
  readonly personName: string;
  /** Sign-in name, '' when it is not known. */
  readonly personAccount: string;
  readonly askedBy: string;
  readonly askedByName: string;
  readonly askedAt: number;
  /** Roles of the person when it was asked; with others than these it is void. */
  readonly before: readonly Role[];
  /** Whether a second person has to agree, as it was when it was last looked at. */
  readonly second: 'not-needed' | 'needed' | 'nobody-there';
  /** Nobody would hold the role afterwards. */
  readonly leavesNobody: boolean;
  /**
   * `asked`: the one who asks has not confirmed yet. `waiting`: for a second person. `alone`: done without one, since nobody
   * is there. `void`: something changed meanwhile, so nothing was done.
   */
  readonly state: 'asked' | 'waiting' | 'done' | 'agreed' | 'alone' | 'refused' | 'cancelled' | 'void';
  readonly decidedByName: string | null;
  readonly decidedAt: number | null;
  readonly revision: number;
}

const dayMs = 24 * 60 * 60 * 1000;
/** A question that nobody answered in this time is void: its reason is forgotten by then. */
export const roleChangeLifetimeMs = { asked: dayMs, waiting: 7 * dayMs } as const;

/** True when a change weakens a control: it names somebody who decides about mailboxes, or who can name such people. */
export function weakensControl({ deed, role }: Pick<RoleChange, 'deed' | 'role'>): boolean {
  return deed === 'grant' && (role === 'admin' || role === 'approver');
}

/** Roles after a change, in their usual order. */
export function rolesAfter({ deed, role, before }: Pick<RoleChange, 'deed' | 'role' | 'before'>): readonly Role[] {
  return roles.filter((each) => (each === role ? deed === 'grant' : before.includes(each)));
}
