import { isMailroomError } from '../model/error.ts';
import type { Task } from '../model/run.ts';
import type { FindServerRequest } from '../exchange/exchange-port.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import { openSecret, passwordAuthentication } from '../secrets/credential-access.ts';
import type { Stored } from '../storage/store.ts';
import { secretMissing, takeUpDraft, type DraftWork, type DraftWorkContext } from './draft-work.ts';

/**
 * Looks for a draft's server by Autodiscover and commits what came of it with the settled task: a proposal, a question about
 * a host, or a fault, each with the trace. A draft that moved on meanwhile is left alone.
 */
export async function findServer(context: DraftWorkContext, task: Stored<Task>, signal: AbortSignal): Promise<void> {
  const work = await takeUpDraft(context, task, 'finding', signal);
  if (work === null) return;
  const request = readRequest(context.keys, work);
  if (request === null) {
    const fault = secretMissing(work);
    await work.finish({ kind: 'searched', report: { kind: 'fault', fault, trace: [] } }, fault);
    return;
  }
  const report = await context.exchange.findServer(request, signal);
  await work.finish({ kind: 'searched', report }, report.kind === 'fault' ? report.fault : null);
}

/** Null when the password cannot be opened for a search in this domain. */
function readRequest(keys: KeyRing, { draft, key, target, credential }: DraftWork): FindServerRequest | null {
  const { values, discovery } = draft;
  if (credential === null) return null;
  try {
    return {
      address: values.probeAddress,
      authentication: passwordAuthentication(target, openSecret(keys, credential, key, target)),
      credentialId: credential.id,
      confirmedHosts: discovery?.confirmedHosts ?? [],
      declinedHosts: discovery?.declinedHosts ?? [],
    };
  } catch (error) {
    if (isMailroomError(error, 'secret.unreadable')) return null;
    throw error;
  }
}
