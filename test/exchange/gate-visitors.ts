import type { Admission, Gate, Lesson, Ticket } from '../../services/exchange/gate.ts';
import type { FaultCode } from '../../services/model/fault-catalogue.ts';
import type { Fault } from '../../services/model/fault.ts';
import { settle } from './fake-clock.ts';

export const good: Lesson = { faults: [], signedIn: true };

/** What a call teaches that met this fault; Exchange's own codes are seen only by who has signed in. */
export const bad = (code: FaultCode, params: Fault['params'] = {}): Lesson => ({
  faults: [{ code, params }],
  signedIn: code.startsWith('Error'),
});

interface Call {
  readonly name: string;
  readonly signal: AbortSignal;
  readonly end: (lesson: Lesson) => void;
  readonly fail: (error: unknown) => void;
}

/** Sends calls to a gate; `inside` are those that it let in and that have not ended. */
export function visitorsOf(gate: Gate, changes: Partial<Ticket> = {}) {
  const ticket: Ticket = {
    server: 'mail.contoso.test',
    account: 'CONTOSO\\svc',
    credentialId: 'c1',
    maxConnections: 300,
    subject: 'kim@contoso.test',
    ...changes,
  };
  const inside: Call[] = [];
  const results: Promise<Admission<Lesson>>[] = [];
  let admitted = 0;
  const visit = (name: string, signal?: AbortSignal): Promise<Admission<Lesson>> => {
    const result = gate.admit(
      ticket,
      (own) => {
        admitted += 1;
        const { promise, resolve, reject } = Promise.withResolvers<Lesson>();
        const call = { name, signal: own, end: resolve, fail: reject };
        inside.push(call);
        own.addEventListener('abort', () => reject(own.reason));
        return promise.finally(() => inside.splice(inside.indexOf(call), 1));
      },
      (lesson) => lesson,
      signal,
    );
    results.push(result);
    return result;
  };
  const visitMany = async (count: number, prefix = 'v'): Promise<void> => {
    for (let index = 0; index < count; index += 1) void visit(`${prefix}${index}`);
    await settle();
  };
  const prove = async (): Promise<void> => {
    void visit('canary');
    await settle();
    inside[0]?.end(good);
    await settle();
  };
  return { visit, visitMany, prove, inside, results, admitted: () => admitted };
}
