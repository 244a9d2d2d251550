/** Somebody who uses Teams. */
export interface Person {
  /** A short name for scripts: `ada`. */
  id: string;
  name: string;
  aadObjectId: string;
  /** Teams' own id, `29:…`; differs from bot to bot, so nothing durable may hang on it. */
  mri: string;
  email: string;
  userPrincipalName: string;
  userRole: 'user' | 'guest';
  locale: string;
  timezone: string;
  tenantId: string;
}

export interface Channel {
  id: string;
  /** The General channel's id is the team's id, and the REST list gives it no name. */
  name: string;
}

export interface Team {
  id: string;
  name: string;
  aadGroupId: string;
  channels: Channel[];
  /** Ids of the people who belong to it. */
  members: string[];
}

export interface GroupChat {
  id: string;
  name: string;
  /** Ids of the people in it. */
  members: string[];
}

export const CONTOSO_TENANT_ID = '5f1b2c3d-0000-4c0a-9a7e-c0470500a001';
export const FABRIKAM_TENANT_ID = '5f1b2c3d-0000-4c0a-9a7e-fab214a30001';
export const MAILROOM_APP_ID = '3a11f00a-0000-4b07-8b07-3a1120030001';

/** Entra object ids of the default people, fixed so that roles can be seeded before anything starts. */
export const OBJECT_IDS = {
  ada: 'ada00000-0000-4000-8000-000000000001',
  ben: 'be000000-0000-4000-8000-000000000002',
  cleo: 'c1e00000-0000-4000-8000-000000000003',
  gus: '60500000-0000-4000-8000-000000000004',
  fay: 'fa100000-0000-4000-8000-000000000005',
  dora: 'd0fa0000-0000-4000-8000-000000000006',
  greta: '96e7a000-0000-4000-8000-000000000007',
} as const;

interface PersonSeed {
  id: string;
  name: string;
  aadObjectId: string;
  tenantId?: string;
  userRole?: 'user' | 'guest';
  locale?: string;
  timezone?: string;
  email?: string;
}

/** Fills in what follows from a name and a tenant. */
export function person(seed: PersonSeed): Person {
  const email = seed.email ?? `${seed.name.toLowerCase().replaceAll(' ', '.')}@contoso.test`;
  return {
    id: seed.id,
    name: seed.name,
    aadObjectId: seed.aadObjectId,
    mri: `29:1${Buffer.from(`mailroom:${seed.aadObjectId}`).toString('base64url')}`,
    email,
    userPrincipalName: email,
    userRole: seed.userRole ?? 'user',
    locale: seed.locale ?? 'en-US',
    timezone: seed.timezone ?? 'Europe/Berlin',
    tenantId: seed.tenantId ?? CONTOSO_TENANT_ID,
  };
}

/**
 * An admin, two approvers, somebody without a role, a guest, somebody of another tenant, and the owner of a mailbox of the
 * demo. Who has which role is decided where the bot is started.
 */
export function defaultPeople(tenantId = CONTOSO_TENANT_ID): Person[] {
  return [
    person({ id: 'ada', name: 'Ada Admin', aadObjectId: OBJECT_IDS.ada, tenantId }),
    person({ id: 'ben', name: 'Ben Brandt', aadObjectId: OBJECT_IDS.ben, tenantId }),
    person({ id: 'cleo', name: 'Cleo Clark', aadObjectId: OBJECT_IDS.cleo, tenantId }),
    person({
      id: 'gus',
      name: 'Gus Guest',
      aadObjectId: OBJECT_IDS.gus,
      tenantId,
      userRole: 'guest',
      email: 'gus@partner.test',
    }),
    person({
      id: 'fay',
      name: 'Fay Fabrikam',
      aadObjectId: OBJECT_IDS.fay,
      tenantId: FABRIKAM_TENANT_ID,
      email: 'fay@fabrikam.test',
    }),
    person({ id: 'dora', name: 'Dora Dietz', aadObjectId: OBJECT_IDS.dora, tenantId }),
    person({ id: 'greta', name: 'Greta Garcia', aadObjectId: OBJECT_IDS.greta, tenantId }),
  ];
}

export const TEAM_ID = '19:contoso-it@thread.tacv2';

/** Fay is not a member: people of another tenant meet the bot in a personal chat only. */
export function defaultTeam(): Team {
  return {
    id: TEAM_ID,
    name: 'Contoso IT',
    aadGroupId: '7ea00000-0000-4000-8000-00000000c017',
    channels: [
      { id: TEAM_ID, name: 'General' },
      { id: '19:mailroom-approvals@thread.tacv2', name: 'Mailroom approvals' },
      { id: '19:mailroom-alerts@thread.tacv2', name: 'Mailroom alerts' },
    ],
    members: ['ada', 'ben', 'cleo', 'gus', 'dora', 'greta'],
  };
}
