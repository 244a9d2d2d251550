/** What a person may do. A person can hold several roles; nobody holds one by default. */
export type Role = 'admin' | 'approver' | 'auditor' | 'viewer';

/** Who acts: always from a request whose token was checked, never from a name or a card. */
export interface Actor {
  readonly tenantId: string;
  readonly aadObjectId: string;
  /** Display name as Teams gave it; for reading only, never for a decision. */
  readonly name: string;
}

/** Roles of one person in one environment. */
export interface RoleAssignment {
  readonly environmentId: string;
  readonly aadObjectId: string;
  readonly roles: readonly Role[];
  readonly name: string;
  readonly grantedBy: string;
  readonly grantedAt: number;
}

/** The rights that commands and buttons ask for; a role is a set of them. */
export type Right = 'read' | 'manage' | 'decide' | 'test' | 'subscribe';

const rightsByRole: Readonly<Record<Role, readonly Right[]>> = {
  admin: ['read', 'manage', 'test', 'subscribe'],
  approver: ['read', 'decide'],
  auditor: ['read'],
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
