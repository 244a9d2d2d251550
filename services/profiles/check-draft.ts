import type { Check } from '../model/draft.ts';
import { isMailroomError } from '../model/error.ts';
import { serversOf } from '../model/profile.ts';
import type { Task } from '../model/run.ts';
import { modernAuthenticationOf, outgoingLocationOf } from '../model/secret-target.ts';
import type { ServerAccess } from '../exchange/exchange-port.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import { openAccess } from '../secrets/credential-access.ts';
import type { Stored } from '../storage/store.ts';
import { secretMissing, takeUpDraft, type DraftWork, type DraftWorkContext } from './draft-work.ts';

/** Parallel calls while a profile is only a draft. */
const draftConnections = 1;

/**
 * Checks the connection of a draft while its card shows each step, and commits the result with the settled task; where mail
 * is sent by another server, that one after the first is well: a wrong password is tried once in all. A draft that moved on
 * meanwhile (back, cancel) is left alone.
 */
export async function checkDraft(context: DraftWorkContext, task: Stored<Task>, signal: AbortSignal): Promise<void> {
  const work = await takeUpDraft(context, task, 'checking', signal);
  if (work === null) return;
  const [incoming, outgoing] = serversOf({
    serverLocation: work.draft.values.serverLocation,
    outgoingServerLocation: outgoingLocationOf(work.draft.values),
  }).map(({ serverLocation }) => readAccess(context.keys, work, serverLocation));
  if (incoming === undefined || incoming === null || outgoing === null) {
    const fault = secretMissing(work);
    await work.finish({ kind: 'checked', checks: [], server: null, fault }, fault);
    return;
  }

  // Progress is written one after the other, so that the final result cannot be overtaken.
  let written: Promise<unknown> = Promise.resolve();
  const tell = (checks: readonly Check[]): void => {
    written = written.then(() => work.tell({ kind: 'progress', checks }));
    // It is awaited below; until then a failed write must not count as a rejection that nobody handles.
    written.catch(() => undefined);
  };
  const { probeAddress } = work.draft.values;
  let report = await context.exchange.checkConnection(incoming, probeAddress, tell, signal);
  if (report.fault === null && outgoing !== undefined) {
    const before = report;
    const all = (checks: readonly Check[]): Check[] => [
      ...before.checks,
      ...checks.map((check) => ({ ...check, at: 'outgoing' as const })),
    ];
    const second = await context.exchange.checkConnection(
      outgoing,
      probeAddress,
      (checks) => tell(all(checks)),
      signal,
    );
    report = { checks: all(second.checks), server: before.server, fault: second.fault };
  }
  await written;
  await work.finish({ kind: 'checked', ...report }, report.fault);
}

/** The secret for exactly these servers and account; null when it cannot be opened: its key is gone, or it is not for them. */
function readAccess(
  keys: KeyRing,
  { draft, key, target, credential }: DraftWork,
  serverLocation: string,
): ServerAccess | null {
  const { values } = draft;
  if (credential === null) return null;
  try {
    return openAccess(keys, credential, {
      ownerRecord: key,
      secret: target,
      serverLocation,
      modernAuthentication: values.authentication === 'oauth' ? modernAuthenticationOf(values) : null,
      access: values.access,
      maxConnections: draftConnections,
    });
  } catch (error) {
    if (isMailroomError(error, 'secret.unreadable')) return null;
    throw error;
  }
}
