import type { Mailbox } from '../model/mailbox.ts';
import type { PhaseResult } from '../model/run.ts';

/**
 * A mailbox that worked and that Exchange does not know any more was moved, as a rule to Exchange Online, or taken away;
 * one that never worked is misspelt. Exchange says the same of both, so the fault remembers it: the next steps differ.
 */
export function withMemory(mailbox: Mailbox, phases: readonly PhaseResult[]): PhaseResult[] {
  return phases.map((phase) => {
    const { direction, fault } = phase;
    const before = mailbox[direction];
    const worked = before.enabled || before.fault?.params['worked'] === 'yes';
    if (fault?.code !== 'ErrorNonExistentMailbox' || !worked) return phase;
    return { ...phase, fault: { ...fault, params: { ...fault.params, worked: 'yes' } } };
  });
}
