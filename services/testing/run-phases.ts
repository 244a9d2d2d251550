import type { Exchange, MailboxTestRequest, ServerAccess } from '../exchange/exchange-port.ts';
import { isMailroomError, type Params } from '../model/error.ts';
import type { Fault } from '../model/fault.ts';
import type { Direction, Mailbox } from '../model/mailbox.ts';
import { serversOf, type EmailServerProfile } from '../model/profile.ts';
import type { PhaseResult, Task } from '../model/run.ts';
import { hostOf, secretTargetOfProfile } from '../model/secret-target.ts';
import { mayBeTested } from '../mailboxes/approval-requirement.ts';
import { getEnvironment } from '../platform/environments.ts';
import { openAccess } from '../secrets/credential-access.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf } from '../storage/store.ts';
import { refusalIn } from './refuse-credential.ts';

/** What was found of a mailbox, direction by direction. */
export interface Findings {
  readonly phases: readonly PhaseResult[];
  readonly markerFound: boolean;
  /** Directions whose server is known to be out of reach: it was not asked, and the try is not counted for them. */
  readonly unasked: readonly Direction[];
  /** Calls of Exchange. */
  readonly calls: number;
  /** The password that was used; null: Exchange was not asked. */
  readonly credentialId: string | null;
}

/**
 * Asks Exchange, unless Mailroom itself already knows why it must not; of a profile with two servers, each for its own
 * directions.
 */
export async function runPhases(
  context: Pick<ServiceContext, 'store' | 'clock' | 'keys' | 'exchange'>,
  task: Pick<Task, 'id' | 'claims' | 'priority' | 'takeOver'>,
  mailbox: Mailbox,
  wanted: readonly Direction[],
  signal: AbortSignal,
): Promise<Findings> {
  const { store, exchange, keys, clock } = context;
  const { environmentId } = mailbox;
  const refuse = (fault: Fault): Findings => ({
    phases: wanted.map((direction) => ({ direction, fault, durationMs: 0 })),
    markerFound: false,
    unasked: [],
    calls: 0,
    credentialId: null,
  });

  const { settings, organizationId } = (await getEnvironment(store, environmentId)).value;
  if (!mayBeTested(settings, mailbox))
    return refuse({ code: 'UnapprovedMailbox', params: { address: mailbox.address } });
  const profile =
    mailbox.profileId === null
      ? undefined
      : (await store.get('profile', keyOf(environmentId, mailbox.profileId)))?.value;
  if (profile === undefined)
    return refuse({ code: 'EmailServerProfileNotAssociated', params: { address: mailbox.address } });
  if (profile.state !== 'active')
    return refuse({ code: 'InactiveEmailServerProfile', params: { profile: profile.name } });
  const credential = (await store.get('credential', keyOf(environmentId, profile.credentialId)))?.value;
  const target = secretTargetOfProfile(profile);
  // The rights that a mailbox gives to an account are granted by other cmdlets than impersonation is.
  const rights: Params = profile.useImpersonation ? {} : { access: 'delegate' };
  const about: Params = { account: target.account, host: target.host, ...rights };
  if (credential === undefined) return refuse({ code: 'CredentialMissing', params: about });
  if (credential.refused) return refuse({ code: 'CredentialRefused', params: { ...about, scheme: target.scheme } });
  const stamp =
    settings.organizationStamp && organizationId !== null
      ? { organizationId, takeOver: task.takeOver ?? false, at: clock.now() }
      : null;
  try {
    const parts = serversOf(profile).map(({ serverLocation, directions }) => ({
      directions: wanted.filter((direction) => directions.includes(direction)),
      access: openAccess(keys, credential, {
        ownerRecord: keyOf(environmentId, profile.id),
        secret: target,
        serverLocation,
        modernAuthentication: profile.modernAuthentication,
        access: profile.useImpersonation ? 'impersonation' : 'delegate',
        maxConnections: profile.maxConcurrentConnections,
        ...timeoutOf(profile),
      }),
    }));
    const request = {
      address: mailbox.address,
      marker: task.id,
      lookForMarker: task.claims > 1,
      isUrgent: task.priority === 0,
      stamp,
    };
    const { phases, ...found } = await askServers(exchange, parts, request, rights, signal);
    return {
      ...found,
      phases: phases.toSorted((one, other) => wanted.indexOf(one.direction) - wanted.indexOf(other.direction)),
      credentialId: credential.id,
    };
  } catch (error) {
    if (isMailroomError(error, 'secret.unreadable')) return refuse({ code: 'CredentialMissing', params: about });
    throw error;
  }
}

/** A server, and what is tested there. */
interface Part {
  readonly directions: readonly Direction[];
  readonly access: ServerAccess;
}

/** One server after the other: what the first says against the password keeps it from the second (law 6). */
async function askServers(
  exchange: Exchange,
  parts: readonly Part[],
  request: Omit<MailboxTestRequest, 'directions'>,
  rights: Params,
  signal: AbortSignal,
): Promise<Omit<Findings, 'credentialId'>> {
  const phases: PhaseResult[] = [];
  const unasked: Direction[] = [];
  let [markerFound, calls] = [false, 0];
  for (const { directions, access } of parts) {
    if (directions.length === 0) continue;
    const refused = refusalIn(phases);
    if (refused !== null) {
      phases.push(...directions.map((direction) => ({ direction, fault: refused, durationMs: 0 })));
      continue;
    }
    const report = await exchange.testMailbox(access, { ...request, directions }, signal);
    const about: Params = { account: access.account, host: hostOf(access.serverLocation), ...rights };
    phases.push(...report.phases.map((phase) => named(phase, about)));
    if (report.circuitOpen) unasked.push(...directions);
    markerFound ||= report.markerFound;
    calls += report.calls;
  }
  return { phases, markerFound, unasked, calls };
}

/** No wait at all (0) would fail every test: it leaves the wait to the engine. */
function timeoutOf({ timeoutMailboxConnectionAfterAmount: timeoutMs }: EmailServerProfile): { timeoutMs?: number } {
  return timeoutMs === 0 ? {} : { timeoutMs };
}

/** A fault with the account and host that its next step is about, so that the cmdlet on a card can be pasted as it is. */
function named(phase: PhaseResult, about: Params): PhaseResult {
  if (phase.fault === null) return phase;
  return { ...phase, fault: { ...phase.fault, params: { ...about, ...phase.fault.params } } };
}
