import type { CardContext, CardView } from '../../cards/card-context.ts';
import { maintenanceAnnouncedCard, maintenanceCard } from '../../cards/maintenance-card.ts';
import { maintenanceFormCard } from '../../cards/maintenance-form-card.ts';
import { profileCard, type ProfileDetails } from '../../cards/profile-card.ts';
import { runCard } from '../../cards/run-card.ts';
import { statusCard } from '../../cards/status-card.ts';
import type { Incident } from '../../services/model/alert.ts';
import {
  maintenanceFields,
  noMaintenanceValues,
  type MaintenanceEffect,
  type MaintenanceErrors,
  type MaintenanceWindow,
} from '../../services/model/maintenance.ts';
import type { EmailServerProfile } from '../../services/model/profile.ts';
import type { Run } from '../../services/model/run.ts';
import type { ProfileHealth, Status } from '../../services/model/status.ts';

/** What people typed, and the records that it stands in. */
export interface Parts {
  readonly person: string;
  readonly name: string;
  readonly reason: string;
  /** Many: lists as long as they get. */
  readonly many: boolean;
  readonly now: number;
  readonly profile: EmailServerProfile;
  readonly profileDetails: ProfileDetails;
  readonly incidents: readonly Incident[];
  readonly runs: readonly Run[];
}

const hour = 3_600_000;

export function window(parts: Parts, changes: Partial<MaintenanceWindow> = {}): MaintenanceWindow {
  const { now, person, reason } = parts;
  return {
    environmentId: 'contoso',
    id: 'K7Q2M4P9',
    host: parts.many ? `${'mail.'.repeat(40)}contoso.com:8443` : 'mail.contoso.com',
    profileId: parts.profile.id,
    startsAt: now - hour,
    endsAt: now + 3 * hour,
    reason,
    state: 'announced',
    closed: null,
    plannedBy: 'ada',
    plannedByName: person,
    plannedAt: now - 2 * hour,
    conversationId: 'a:1',
    values: { ...noMaintenanceValues, reason },
    timeZone: 'Europe/Zurich',
    shown: 'running',
    revision: 3,
    ...changes,
  };
}

export function maintenanceCards(parts: Parts, context: CardContext): [string, CardView][] {
  const { now, profile, many, name, person, reason } = parts;
  const running = window(parts);
  const later = window(parts, { startsAt: now + hour, shown: 'planned' });
  const effect: MaintenanceEffect = {
    profiles: Array.from({ length: many ? 300 : 2 }, (_, index) => ({
      name,
      state: index % 2 === 0 ? 'active' : 'inactive',
      mailboxes: 12_000 * index,
    })),
    checks: many ? 50_000 : 190,
    tests: 3,
  };
  const nobody: MaintenanceEffect = { profiles: [], checks: 0, tests: 0 };
  const show = (one: MaintenanceWindow, hits = effect, overlaps: MaintenanceWindow[] = []): CardView =>
    maintenanceCard(one, { effect: hits, overlaps }, context);
  const typed = Object.fromEntries(maintenanceFields.map((field) => [field, reason])) as typeof noMaintenanceValues;
  const errors: MaintenanceErrors = {
    start: 'start-missing',
    startDate: 'start-far',
    startTime: 'time-skipped',
    length: 'length-missing',
    endDate: 'too-long',
    endTime: 'end-first',
    reason: 'reason-invalid',
  };
  const closed = { by: 'ada', byName: person, at: now };
  return [
    [
      'maintenance form',
      maintenanceFormCard(profile, { values: noMaintenanceValues, errors: {}, timeZone: 'Europe/Zurich' }, context),
    ],
    [
      'maintenance form, two servers',
      maintenanceFormCard(
        { ...profile, outgoingServerLocation: 'https://send.contoso.com/EWS/Exchange.asmx' },
        { values: { ...noMaintenanceValues, server: 'outgoing' }, errors: {}, timeZone: null },
        context,
      ),
    ],
    ['maintenance form, wrong', maintenanceFormCard(profile, { values: typed, errors, timeZone: null }, context)],
    [
      'maintenance asked',
      show(
        window(parts, { state: 'asked' }),
        effect,
        Array.from({ length: 9 }, () => running),
      ),
    ],
    [
      'maintenance asked for later',
      show(
        window(parts, { state: 'asked', timeZone: null, values: { ...noMaintenanceValues, start: 'later' } }),
        nobody,
      ),
    ],
    ['maintenance announced', maintenanceAnnouncedCard(running, context)],
    ['maintenance planned', show(later, effect, [running])],
    ['maintenance running', show(running)],
    ['maintenance over', show(window(parts, { endsAt: now - 1 }))],
    ['maintenance ended', show(window(parts, { closed }), nobody)],
    ['maintenance cancelled', show(window(parts, { startsAt: now + hour, closed }))],
    [
      'profile under maintenance',
      profileCard(
        profile,
        {
          ...parts.profileDetails,
          trouble: { kind: 'maintenance', until: now + hour },
          windows: [running, ...Array.from({ length: many ? 60 : 1 }, () => later)],
        },
        context,
      ),
    ],
    [
      'profile, maintenance ahead',
      profileCard(profile, { ...parts.profileDetails, trouble: null, windows: [later] }, context),
    ],
    ...parts.runs.slice(0, 1).map((run): [string, CardView] => [
      'run that waits for a maintenance',
      runCard(
        run,
        {
          pace: { rate: null, etaMs: null },
          reportUrl: null,
          resultDays: 7,
          waiting: { count: 40, until: now + hour },
        },
        context,
      ),
    ]),
  ];
}

export function statusOf(parts: Parts, changes: Partial<Status> = {}): Status {
  const { name, many, now, profile } = parts;
  const profiles: ProfileHealth[] = Array.from({ length: many ? 400 : 3 }, (_, index) => ({
    id: profile.id,
    name,
    state: 'active',
    counts: { success: 40 + index, failure: index % 2, notRun: index === 1 ? 7 : 0 },
  }));
  const sum = (state: keyof ProfileHealth['counts']): number =>
    profiles.reduce((total, { counts }) => total + counts[state], 0);
  return {
    environmentName: name,
    counts: { success: sum('success'), failure: sum('failure'), notRun: sum('notRun') + 5 },
    profiles,
    withoutProfile: { success: 0, failure: 0, notRun: 5 },
    incidents: { errors: 1, warnings: 2, acknowledged: 2, assigned: 1, worst: parts.incidents },
    pending: { mailboxes: 12, requests: 2, oldestAt: now - 50 * hour },
    retries: { mailboxes: 4, nextAt: now + 90_000 },
    runs: parts.runs,
    maintenance: Array.from({ length: many ? 90 : 1 }, () => window(parts)),
    limits: [
      { kind: 'mailboxes', value: 45_000, limit: 50_000, percent: 90 },
      { kind: 'writes', value: 410.4, limit: 500, percent: 82 },
      { kind: 'memory', value: 1_900_000_000, limit: 2_000_000_000, percent: 95 },
    ],
    ...changes,
  };
}

export const emptyStatus: Status = {
  environmentName: 'Main',
  counts: { success: 0, failure: 0, notRun: 0 },
  profiles: [],
  withoutProfile: { success: 0, failure: 0, notRun: 0 },
  incidents: { errors: 0, warnings: 0, acknowledged: 0, assigned: 0, worst: [] },
  pending: { mailboxes: 0, requests: 0, oldestAt: null },
  retries: { mailboxes: 0, nextAt: null },
  runs: [],
  maintenance: [],
  limits: [],
};

export function statusCards(parts: Parts, context: CardContext): [string, CardView][] {
  const well = { success: 40, failure: 0, notRun: 2 };
  const show = (status: Status, weekly = false): CardView => statusCard(status, { weekly }, context);
  return [
    ['status', show(statusOf(parts))],
    ['status, weekly', show(statusOf(parts), true)],
    ['status, empty', show(emptyStatus)],
    ['status, all well', show({ ...emptyStatus, counts: well, withoutProfile: well })],
    [
      'status, failing',
      show({ ...emptyStatus, counts: { ...well, failure: 1 }, withoutProfile: { ...well, failure: 1 } }),
    ],
    ['status, a limit near', show({ ...emptyStatus, counts: well, limits: statusOf(parts).limits })],
    [
      'status, pending and due',
      show({
        ...emptyStatus,
        counts: well,
        pending: { mailboxes: 1, requests: 1, oldestAt: parts.now },
        retries: { mailboxes: 1, nextAt: parts.now },
        incidents: { errors: 0, warnings: 1, acknowledged: 0, assigned: 0, worst: [] },
      }),
    ],
    ['status, maintenance', show({ ...emptyStatus, counts: well, maintenance: [window(parts)] })],
  ];
}
