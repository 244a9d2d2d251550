import type { Incident } from '../../services/model/alert.ts';
import { notHandled } from '../../services/model/incident-handling.ts';

/** An incident of one mailbox of profile `p1` that is open and that nobody has touched. */
export function incidentRecord(
  environmentId: string,
  id: string,
  at: number,
  { profileId = 'p1', profileName = 'Contoso', ...changes }: Partial<Incident> = {},
): Incident {
  return {
    environmentId,
    id,
    causeId: `${profileId}~${id}`,
    profileId,
    profileIds: [profileId],
    profileName,
    code: 'ErrorAccessDenied',
    fault: { code: 'ErrorAccessDenied', params: {} },
    nature: 'permanent',
    scope: 'mailbox',
    level: 'error',
    open: 1,
    waiting: 0,
    peak: 1,
    sample: [],
    state: 'open',
    firstAt: at,
    lastAt: at,
    resolvedAt: null,
    ending: null,
    handling: notHandled,
    wakeAt: null,
    revision: 1,
    ...changes,
  };
}
