import type { ExchangeService, UserConfiguration } from 'ews-javascript-api';
import { scopeOf, type Fault } from '../../model/fault.ts';
import { mostCalls, type OrganizationStamp } from '../exchange-port.ts';
import type { Called, EwsSession } from './session.ts';

/**
 * The stamp is a user configuration item behind the calendar: the one folder in which ACT has just seen the rights that
 * writing it takes, so that a delegate needs none in the root of the mailbox. People do not see it. Its name is how every
 * other installation finds it, so it never changes; docs/organization-stamp.md tells admins the same.
 */
export const stampName = 'Mailroom.OrganizationStamp';
const organizationKey = 'Organization';
const timeKey = 'StampedAt';

/** What stands in a mailbox. Anybody with rights there may have written it: the values are bounded, and may be missing. */
interface FoundStamp {
  readonly organization: string | null;
  readonly stampedAt: string | null;
}

/**
 * One Exchange mailbox belongs to one organization for appointments, contacts and tasks, as with the platform
 * (learn.microsoft.com/power-platform/admin/when-would-want-use-check-box). A mailbox without a stamp gets ours, ours gets
 * the new time, and another's is a fault unless it shall be taken over. Two calls, and two more where somebody else wrote
 * at the same moment and the budget of the mailbox allows it.
 */
export async function stampMailbox(session: EwsSession, stamp: OrganizationStamp): Promise<Fault | null> {
  for (let tries = 1; ; tries += 1) {
    const found = await readStamp(session);
    if (found.fault !== null) return found.fault;
    const isForeign = found.value !== null && found.value.organization !== stamp.organizationId;
    if (isForeign && !stamp.takeOver) return foreignFault(session.address, found.value);
    const fault = await writeStamp(
      session,
      stamp,
      found.value === null ? 'CreateUserConfiguration' : 'UpdateUserConfiguration',
    );
    if (fault === null || scopeOf(fault) === 'server') return fault;
    // The code for a name that somebody else has taken meanwhile is not documented: what is there now decides.
    if (tries === 2 || session.calls + 2 > mostCalls) return passing(fault);
  }
}

function foreignFault(address: string, { organization, stampedAt }: FoundStamp): Fault {
  return {
    code: 'OrganizationStampForeign',
    params: {
      address,
      ...(organization === null ? {} : { organization }),
      ...(stampedAt === null ? {} : { stampedAt }),
    },
  };
}

/** Removed between look and update: the next try makes a new one, so nobody has to act. */
function passing(fault: Fault): Fault {
  if (fault.code !== 'ErrorItemNotFound') return fault;
  return { code: 'EwsOther', params: { ...fault.params, responseCode: fault.code }, raw: fault.code };
}

/** Null: the mailbox has none. */
export async function readStamp(session: EwsSession): Promise<Called<FoundStamp | null>> {
  const { library } = session;
  const before = session.calls;
  const called = await session.call<FoundStamp>(async (service) => {
    try {
      const { Dictionary } = await service.GetUserConfiguration(
        stampName,
        calendarOf(session),
        library.UserConfigurationProperties.Dictionary,
      );
      const valueOf = (key: string): unknown => (Dictionary.ContainsKey(key) ? Dictionary._getItem(key) : null);
      return { organization: bounded(valueOf(organizationKey)), stampedAt: timeOf(valueOf(timeKey)) };
    } catch (error) {
      if (session.calls === before) throw error;
      // There is an item of this name, and nothing of it can be read: not ours.
      return { organization: null, stampedAt: null };
    }
  });
  return called.fault?.code === 'ErrorItemNotFound' ? { value: null, fault: null } : called;
}

/** Makes the stamp, or overwrites the one that is there. */
export async function writeStamp(
  session: EwsSession,
  { organizationId, at }: OrganizationStamp,
  operation: 'CreateUserConfiguration' | 'UpdateUserConfiguration',
): Promise<Fault | null> {
  const called = await session.call((service) => {
    const item = newItem(session, service);
    item.Dictionary.Add(organizationKey, organizationId);
    item.Dictionary.Add(timeKey, new Date(at).toISOString());
    return service[operation](item);
  });
  return called.fault;
}

function newItem(session: EwsSession, service: ExchangeService): UserConfiguration {
  const item = new session.library.UserConfiguration(service);
  item.Name = stampName;
  item.ParentFolderId = calendarOf(session);
  return item;
}

const calendarOf = (session: EwsSession) => session.folder(session.library.WellKnownFolderName.Calendar);

/** Our ids have 36 characters; a longer text is another's anyway, and its beginning tells enough. */
const longestId = 80;

/** Printable text, or null. */
function bounded(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value
    .slice(0, 4 * longestId)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  if (text === '') return null;
  return text.length > longestId ? `${text.slice(0, longestId - 1).replace(/\p{Cs}$/u, '')}…` : text;
}

/** The day and minute of a time as we write it; null for anything else. */
function timeOf(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 40 || !/^\d{4}-\d{2}-\d{2}T/.test(value)) return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
