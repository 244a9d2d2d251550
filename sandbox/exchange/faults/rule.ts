/**
 * Fault rules: what goes wrong, for whom and when. They come as JSON from a file, from `POST control/faults` or from a
 * test, and are read strictly, since a misspelt rule that silently does nothing would make a test pass for nothing.
 */
export interface FaultRule {
  /** Glob of the mailbox the request acts for, as it was sent. */
  readonly mailbox: string;
  /** Name of the operation; every operation without it. */
  readonly operation?: string;
  /** Only this call of a mailbox, counting from 1 the calls the rule matches. */
  readonly nth?: number;
  /** First and last such call, both included. */
  readonly from?: number;
  readonly to?: number;
  readonly then: FaultAction;
}

export type FaultAction =
  | WireFault
  /** A SOAP fault with HTTP 500. */
  | { readonly fault: string; readonly backOffMilliseconds?: number; readonly text?: string }
  /** Every response message of the answer reports this code, with HTTP 200. */
  | { readonly message: string; readonly backOffMilliseconds?: number; readonly text?: string }
  /** The answer comes so much later. */
  | { readonly slowMs: number }
  /** Folders (DistinguishedFolderId) whose EffectiveRights are all false, and that refuse new items. */
  | { readonly readOnly: readonly string[] }
  /** Folders the mailbox does not have: ErrorFolderNotFound. */
  | { readonly missing: readonly string[] };

/**
 * What goes wrong below SOAP. The operation is carried out only with `cut` and `lost`: there the answer is lost half
 * way or altogether, which a client cannot tell from a request that never arrived.
 */
export type WireFault =
  | 'html200'
  | 'empty500'
  | 'text500'
  | 'reset'
  | 'cut'
  | 'lost'
  | 'hang'
  | { readonly status: number; readonly retryAfter?: number; readonly body?: string }
  /** 302, or another status of redirection. */
  | { readonly redirect: string; readonly status?: number }
  /** An answer of so many bytes, packed to a thousandth. */
  | { readonly gzipBomb: number }
  /** An answer of so many bytes. */
  | { readonly huge: number };

export class FaultRuleError extends Error {
  override readonly name = 'FaultRuleError';
}

const WORDS: readonly string[] = ['html200', 'empty500', 'text500', 'reset', 'cut', 'lost', 'hang'];
const RULE_KEYS: readonly string[] = ['mailbox', 'operation', 'nth', 'from', 'to', 'then'];
const MAX_RULES = 10_000;

export type Fields = Readonly<Record<string, unknown>>;

/** Reads a list of rules; FaultRuleError says which rule is wrong and why. */
export function readFaultRules(value: unknown): FaultRule[] {
  if (!Array.isArray(value)) throw new FaultRuleError('fault rules: an array is expected');
  if (value.length > MAX_RULES) throw new FaultRuleError(`fault rules: at most ${MAX_RULES} are taken`);
  return value.map((rule: unknown, index) => {
    try {
      return readRule(rule);
    } catch (error) {
      const reason = error instanceof FaultRuleError ? error.message : String(error);
      throw new FaultRuleError(`fault rule ${index + 1}: ${reason}`);
    }
  });
}

function readRule(value: unknown): FaultRule {
  const fields = asFields(value, 'a rule');
  onlyKeys(fields, RULE_KEYS);
  const operation = optional(fields, 'operation', text);
  const nth = optional(fields, 'nth', count);
  const from = optional(fields, 'from', count);
  const to = optional(fields, 'to', count);
  if (nth !== undefined && (from ?? to) !== undefined) throw new FaultRuleError('nth excludes from and to');
  return {
    mailbox: text(fields['mailbox'], 'mailbox'),
    ...(operation === undefined ? {} : { operation }),
    ...(nth === undefined ? {} : { nth }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    then: readAction(fields['then']),
  };
}

function readAction(value: unknown): FaultAction {
  if (typeof value === 'string') return readWireFault(value);
  const fields = asFields(value, 'then');
  const [kind] = Object.keys(fields);
  switch (kind) {
    case 'fault':
    case 'message':
      return readCode(fields, kind);
    case 'slowMs':
      onlyKeys(fields, ['slowMs']);
      return { slowMs: number(fields['slowMs'], 'slowMs', 0, 600_000) };
    case 'readOnly':
      onlyKeys(fields, ['readOnly']);
      return { readOnly: texts(fields['readOnly'], 'readOnly') };
    case 'missing':
      onlyKeys(fields, ['missing']);
      return { missing: texts(fields['missing'], 'missing') };
    default:
      return readWireFault(fields);
  }
}

/** Reads a fault of the wire alone. */
export function readWireFault(value: unknown): WireFault {
  if (typeof value === 'string') {
    if (!isWord(value)) throw new FaultRuleError(`then: unknown "${value}", expected one of ${WORDS.join(', ')}`);
    return value;
  }
  const fields = asFields(value, 'then');
  const [kind] = Object.keys(fields);
  switch (kind) {
    case 'status': {
      onlyKeys(fields, ['status', 'retryAfter', 'body']);
      const retryAfter = optional(fields, 'retryAfter', count);
      const body = optional(fields, 'body', text);
      return {
        status: number(fields['status'], 'status', 200, 599),
        ...(retryAfter === undefined ? {} : { retryAfter }),
        ...(body === undefined ? {} : { body }),
      };
    }
    case 'redirect':
      return readRedirect(fields);
    case 'gzipBomb':
      onlyKeys(fields, ['gzipBomb']);
      return { gzipBomb: number(fields['gzipBomb'], 'gzipBomb', 1, 2 ** 31) };
    case 'huge':
      onlyKeys(fields, ['huge']);
      return { huge: number(fields['huge'], 'huge', 1, 2 ** 31) };
    default:
      throw new FaultRuleError(`then: unknown "${kind ?? ''}"; its first key says what happens`);
  }
}

function readRedirect(fields: Fields): WireFault {
  onlyKeys(fields, ['redirect', 'status']);
  const redirect = headerText(fields['redirect'], 'redirect');
  const { status } = fields;
  return status === undefined ? { redirect } : { redirect, status: number(status, 'status', 300, 399) };
}

function readCode(fields: Fields, kind: 'fault' | 'message'): FaultAction {
  onlyKeys(fields, [kind, 'backOffMilliseconds', 'text']);
  const code = text(fields[kind], kind);
  if (!/^Error[A-Za-z0-9]+$/.test(code)) throw new FaultRuleError(`${kind}: "${code}" is no response code`);
  const backOff = optional(fields, 'backOffMilliseconds', count);
  const wording = optional(fields, 'text', text);
  const rest = {
    ...(backOff === undefined ? {} : { backOffMilliseconds: backOff }),
    ...(wording === undefined ? {} : { text: wording }),
  };
  return kind === 'fault' ? { fault: code, ...rest } : { message: code, ...rest };
}

function isWord(value: string): value is Extract<WireFault, string> {
  return WORDS.includes(value);
}

export function asFields(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FaultRuleError(`${what}: an object is expected`);
  }
  return Object.fromEntries(Object.entries(value));
}

export function onlyKeys(fields: Fields, allowed: readonly string[]): void {
  const unknown = Object.keys(fields).find((key) => !allowed.includes(key));
  if (unknown !== undefined) throw new FaultRuleError(`unknown key "${unknown}", expected ${allowed.join(', ')}`);
}

export function optional<T>(fields: Fields, key: string, read: (value: unknown, what: string) => T): T | undefined {
  return fields[key] === undefined ? undefined : read(fields[key], key);
}

export function text(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw new FaultRuleError(`${what}: a text is expected`);
  return value;
}

/** A text that cannot break out of a header. */
function headerText(value: unknown, what: string): string {
  const line = text(value, what);
  if (!/^[\x21-\x7e]+$/.test(line)) throw new FaultRuleError(`${what}: a URL is expected`);
  return line;
}

function texts(value: unknown, what: string): string[] {
  if (!Array.isArray(value)) throw new FaultRuleError(`${what}: an array of texts is expected`);
  return value.map((entry: unknown) => text(entry, what));
}

function number(value: unknown, what: string, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new FaultRuleError(`${what}: a whole number from ${min} to ${max} is expected`);
  }
  return value;
}

function count(value: unknown, what: string): number {
  return number(value, what, 1, 1_000_000_000);
}
