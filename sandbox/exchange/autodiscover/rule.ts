import {
  asFields,
  FaultRuleError,
  onlyKeys,
  optional,
  readWireFault,
  text,
  type Fields,
  type WireFault,
} from '../faults/rule.ts';

/** The three ways to ask: the two of the service, and the unauthenticated step over plain HTTP. */
export type AutodiscoverProtocol = 'pox' | 'soap' | 'http';

/**
 * What Autodiscover answers instead of the settings of a mailbox. The first rule that fits counts. One without an
 * address that makes trouble on the wire strikes before anybody is asked who they are, as a server in front would.
 */
export interface AutodiscoverRule {
  /** Glob of the address asked for; every address without it. */
  readonly address?: string;
  /** Glob of the host in the request's Host, without the port. */
  readonly host?: string;
  /** Without it POX and SOAP; plain HTTP only obeys a rule that names it. */
  readonly protocol?: AutodiscoverProtocol;
  readonly then: AutodiscoverAction;
}

export type AutodiscoverAction =
  | WireFault
  | { readonly redirectAddress: string }
  | { readonly redirectUrl: string }
  /** A POX code (500, 600 …) or a SOAP one (InvalidUser, ServerBusy …); each is translated for the other protocol. */
  | { readonly error: number | string; readonly text?: string }
  /** Other addresses of Exchange Web Services in the settings; null leaves one out. */
  | { readonly settings: { readonly externalEwsUrl?: string | null; readonly internalEwsUrl?: string | null } };

const RULE_KEYS = ['address', 'host', 'protocol', 'then'] as const;
const PROTOCOLS: readonly AutodiscoverProtocol[] = ['pox', 'soap', 'http'];
const MAX_RULES = 10_000;

/** Reads a list of rules strictly; FaultRuleError says which one is wrong and why. */
export function readAutodiscoverRules(value: unknown): AutodiscoverRule[] {
  if (!Array.isArray(value)) throw new FaultRuleError('autodiscover rules: an array is expected');
  if (value.length > MAX_RULES) throw new FaultRuleError(`autodiscover rules: at most ${MAX_RULES} are taken`);
  return value.map((rule: unknown, index) => {
    try {
      return readRule(asFields(rule, 'a rule'));
    } catch (error) {
      const reason = error instanceof FaultRuleError ? error.message : String(error);
      throw new FaultRuleError(`autodiscover rule ${index + 1}: ${reason}`);
    }
  });
}

function readRule(fields: Fields): AutodiscoverRule {
  onlyKeys(fields, RULE_KEYS);
  const address = optional(fields, 'address', text);
  const host = optional(fields, 'host', text);
  const protocol = optional(fields, 'protocol', readProtocol);
  return {
    ...(address === undefined ? {} : { address }),
    ...(host === undefined ? {} : { host }),
    ...(protocol === undefined ? {} : { protocol }),
    then: readAction(fields['then']),
  };
}

function readProtocol(value: unknown): AutodiscoverProtocol {
  const protocol = PROTOCOLS.find((candidate) => candidate === value);
  if (!protocol) throw new FaultRuleError(`protocol: one of ${PROTOCOLS.join(', ')} is expected`);
  return protocol;
}

function readAction(value: unknown): AutodiscoverAction {
  if (typeof value === 'string') return readWireFault(value);
  const fields = asFields(value, 'then');
  const [kind] = Object.keys(fields);
  switch (kind) {
    case 'redirectAddress':
      onlyKeys(fields, ['redirectAddress']);
      return { redirectAddress: text(fields['redirectAddress'], 'redirectAddress') };
    case 'redirectUrl':
      onlyKeys(fields, ['redirectUrl']);
      return { redirectUrl: text(fields['redirectUrl'], 'redirectUrl') };
    case 'error': {
      onlyKeys(fields, ['error', 'text']);
      const { error } = fields;
      const wording = optional(fields, 'text', text);
      if (typeof error !== 'number' && (typeof error !== 'string' || error === '')) {
        throw new FaultRuleError('error: a number of POX or a code of SOAP is expected');
      }
      return wording === undefined ? { error } : { error, text: wording };
    }
    case 'settings': {
      onlyKeys(fields, ['settings']);
      const settings = asFields(fields['settings'], 'settings');
      onlyKeys(settings, ['externalEwsUrl', 'internalEwsUrl']);
      return { settings: { ...urlIn(settings, 'externalEwsUrl'), ...urlIn(settings, 'internalEwsUrl') } };
    }
    default:
      return readWireFault(value);
  }
}

function urlIn(fields: Fields, key: string): Readonly<Record<string, string | null>> {
  const value = fields[key];
  if (value === undefined) return {};
  return { [key]: value === null ? null : text(value, key) };
}
