/** What a person may do. A person can hold several roles; nobody holds one by default. */
export const roles = ['admin', 'approver', 'auditor', 'viewer'] as const;
export type Role = (typeof roles)[number];

/** Who acts: always from a request whose token was checked, never from a name or a card. */
export interface Actor {
  readonly tenantId: string;
  readonly aadObjectId: string;
  /** Display name as Teams gave it; for reading only, never for a decision. */
  readonly name: string;
  /** The conversation that the request came from, for the audit trail; absent for what came by the web or from the engine. */
  readonly from?: string;
}

/** Somebody whom the roster of Teams vouches for. */
export interface Person {
  readonly aadObjectId: string;
  readonly name: string;
  /** Sign-in name, which tells people of one name apart; '' when the roster has none. */
  readonly account: string;
}

/** Who gave a role, and when. */
export interface RoleGrant {
  readonly by: string;
  readonly byName: string;
  readonly at: number;
}

/** Roles of one person in one environment. */
export interface RoleAssignment {
  readonly environmentId: string;
  readonly aadObjectId: string;
  readonly roles: readonly Role[];
  readonly name: string;
  readonly grantedBy: string;
  readonly grantedAt: number;
  /** Of each role that was given in chat; the others came with `grantedBy` at `grantedAt`. */
  readonly grants?: Readonly<Partial<Record<Role, RoleGrant>>>;
}

export function grantOf({ grants, grantedBy, grantedAt }: RoleAssignment, role: Role): RoleGrant {
  return grants?.[role] ?? { by: grantedBy, byName: '', at: grantedAt };
}

/** The rights that commands and buttons ask for; a role is a set of them. */
/** `audit`: to see who did what and who holds which role. */
export type Right = 'read' | 'manage' | 'decide' | 'test' | 'subscribe' | 'audit';

const rightsByRole: Readonly<Record<Role, readonly Right[]>> = {
  admin: ['read', 'manage', 'test', 'subscribe', 'audit'],
  approver: ['read', 'decide'],
  auditor: ['read', 'audit'],
  viewer: ['read'],
};

/** True when one of the roles includes the right. */
export function hasRight(roles: readonly Role[], right: Right): boolean {
  return roles.some((role) => rightsByRole[role].includes(right));
}

/** The roles that include a right, for sentences such as "an admin can do this". */
export function rolesWithRight(right: Right): Role[] {
  return (Object.keys(rightsByRole) as Role[]).filter((role) => rightsByRole[role].includes(right));
}
