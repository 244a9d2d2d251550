import { globMatcher } from '../faults/glob.ts';
import type { WireFault } from '../faults/rule.ts';
import type { AutodiscoverAction, AutodiscoverProtocol, AutodiscoverRule } from './rule.ts';

type Matcher = (text: string) => boolean;

interface ActiveRule {
  readonly rule: AutodiscoverRule;
  readonly matchesAddress: Matcher;
  readonly matchesHost: Matcher;
}

/** The rules in force. */
export class AutodiscoverRuleBook {
  #rules: readonly ActiveRule[] = [];

  set(rules: readonly AutodiscoverRule[]): void {
    this.#rules = rules.map((rule) => ({
      rule,
      matchesAddress: globMatcher(rule.address ?? '*'),
      matchesHost: globMatcher(rule.host ?? '*'),
    }));
  }

  rules(): readonly AutodiscoverRule[] {
    return this.#rules.map(({ rule }) => rule);
  }

  /** What befalls a request before its sender is known. */
  atTheDoor(protocol: AutodiscoverProtocol, host: string): WireFault | undefined {
    for (const active of this.#fitting(protocol, host)) {
      const { address, then } = active.rule;
      if (address === undefined && isWireFault(then)) return then;
    }
    return undefined;
  }

  forAddress(protocol: AutodiscoverProtocol, host: string, address: string): AutodiscoverAction | undefined {
    return this.#fitting(protocol, host).find((active) => active.matchesAddress(address))?.rule.then;
  }

  #fitting(protocol: AutodiscoverProtocol, host: string): readonly ActiveRule[] {
    return this.#rules.filter(({ rule, matchesHost }) => {
      const names = rule.protocol === undefined ? protocol !== 'http' : rule.protocol === protocol;
      return names && matchesHost(host);
    });
  }
}

export function isWireFault(action: AutodiscoverAction): action is WireFault {
  if (typeof action === 'string') return true;
  return !('redirectAddress' in action || 'redirectUrl' in action || 'error' in action || 'settings' in action);
}
