import type { FolderConditions } from '../operations/operation.ts';
import { EwsError } from '../soap/ews-error.ts';
import { globMatcher } from './glob.ts';
import type { FaultAction, FaultRule, WireFault } from './rule.ts';

/** Everything the rules hold in store for one request. */
export interface Misfortune {
  /** Thrown before the operation (fault) or in each of its parts (message). */
  readonly error: EwsError | undefined;
  readonly wire: WireFault | undefined;
  readonly slowMs: number;
  readonly conditions: FolderConditions;
}

interface ActiveRule {
  readonly rule: FaultRule;
  readonly matchesMailbox: (address: string) => boolean;
  readonly calls: Map<string, number>;
}

/** The rules in force, and how often each has matched for each mailbox. */
export class RuleBook {
  #rules: readonly ActiveRule[] = [];

  /** Replaces all rules; counting begins anew. */
  set(rules: readonly FaultRule[]): void {
    this.#rules = rules.map((rule) => ({ rule, matchesMailbox: globMatcher(rule.mailbox), calls: new Map() }));
  }

  rules(): readonly FaultRule[] {
    return this.#rules.map(({ rule }) => rule);
  }

  /**
   * Counts a call and says what befalls it. The first rule that refuses it wins; delays add up, and so do conditions of
   * folders.
   */
  strike(mailbox: string, operation: string): Misfortune {
    const readOnly = new Set<string>();
    const missing = new Set<string>();
    let refusal: FaultAction | undefined;
    let slowMs = 0;
    for (const active of this.#rules) {
      if (!this.#isDue(active, mailbox, operation)) continue;
      const { then } = active.rule;
      if (typeof then === 'string') refusal ??= then;
      else if ('slowMs' in then) slowMs += then.slowMs;
      else if ('readOnly' in then) for (const folder of then.readOnly) readOnly.add(folder.toLowerCase());
      else if ('missing' in then) for (const folder of then.missing) missing.add(folder.toLowerCase());
      else refusal ??= then;
    }
    return { ...readRefusal(refusal, mailbox), slowMs, conditions: { readOnly, missing } };
  }

  #isDue({ rule, matchesMailbox, calls }: ActiveRule, mailbox: string, operation: string): boolean {
    if (rule.operation !== undefined && rule.operation.toLowerCase() !== operation.toLowerCase()) return false;
    if (!matchesMailbox(mailbox)) return false;
    const key = mailbox.toLowerCase();
    const call = (calls.get(key) ?? 0) + 1;
    calls.set(key, call);
    const from = rule.nth ?? rule.from ?? 1;
    const to = rule.nth ?? rule.to ?? Number.POSITIVE_INFINITY;
    return call >= from && call <= to;
  }
}

function readRefusal(action: FaultAction | undefined, mailbox: string): Pick<Misfortune, 'error' | 'wire'> {
  if (action === undefined) return { error: undefined, wire: undefined };
  if (typeof action !== 'string') {
    if ('fault' in action) return { error: ewsError('fault', action.fault, action, mailbox), wire: undefined };
    if ('message' in action) return { error: ewsError('message', action.message, action, mailbox), wire: undefined };
    if ('slowMs' in action || 'readOnly' in action || 'missing' in action) return { error: undefined, wire: undefined };
  }
  return { error: undefined, wire: action };
}

function ewsError(
  place: 'fault' | 'message',
  code: string,
  { backOffMilliseconds, text }: { readonly backOffMilliseconds?: number; readonly text?: string },
  mailbox: string,
): EwsError {
  const values: Record<string, string> = {};
  if (code === 'ErrorNonExistentMailbox') values['SmtpAddress'] = mailbox;
  if (backOffMilliseconds !== undefined) values['BackOffMilliseconds'] = String(backOffMilliseconds);
  return new EwsError(place, code, text === undefined ? { values } : { values, text });
}
