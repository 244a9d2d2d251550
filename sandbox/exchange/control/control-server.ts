import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Account } from '../authentication/account.ts';
import type { AutodiscoverLog } from '../autodiscover/log.ts';
import { readAutodiscoverRules } from '../autodiscover/rule.ts';
import type { AutodiscoverRuleBook } from '../autodiscover/rule-book.ts';
import { FaultRuleError, readFaultRules } from '../faults/rule.ts';
import type { RuleBook } from '../faults/rule-book.ts';
import { readBody } from '../http/body.ts';
import type { Organization } from '../mailbox/organization.ts';
import type { RequestLog } from '../request-log.ts';

/** What can be looked at and changed while the stand-in runs. */
export interface ControlParts {
  readonly log: RequestLog;
  readonly organization: Organization;
  readonly rules: RuleBook;
  readonly account: Account;
  readonly autodiscover: { readonly log: AutodiscoverLog; readonly rules: AutodiscoverRuleBook };
}

export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** Rules for thousands of mailboxes fit in this. */
const MAX_CONTROL_BYTES = 4 * 1024 * 1024;
const NOT_FOUND: Reply = { status: 404, body: { error: 'There is no such page.' } };

/** The stand-in's own door: plain HTTP on loopback, apart from what a client of Exchange sees. */
export async function listenControl(parts: ControlParts): Promise<ControlServer> {
  const server = createServer((request, response) => {
    answer(request, parts, port).then(
      (reply) => {
        send(response, reply);
      },
      (error: unknown) => {
        send(response, { status: 500, body: { error: error instanceof Error ? error.message : String(error) } });
      },
    );
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('The control server has no port.'));
      else resolve(address.port);
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, parts: ControlParts, port: number): Promise<Reply> {
  // A page in a browser could reach loopback under a name of its own, or send from a page of its own.
  const names = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
  if (!names.includes(request.headers.host?.toLowerCase() ?? '') || request.headers.origin !== undefined) {
    return { status: 403, body: { error: 'Only loopback names are served.' } };
  }
  const url = new URL(request.url ?? '/', 'http://control');
  if (request.method === 'GET') return look(url, parts);
  if (request.method === 'POST') return change(url.pathname, request, parts);
  return { status: 405, body: { error: 'GET or POST is expected.' } };
}

function look(url: URL, { log, organization, rules, account, autodiscover }: ControlParts): Reply {
  switch (url.pathname) {
    case '/requests':
      return { status: 200, body: { requests: select(log.requests(), url), signIns: log.signIns() } };
    case '/autodiscover':
      return { status: 200, body: { requests: autodiscover.log.entries(), rules: autodiscover.rules.rules() } };
    case '/mail':
      return { status: 200, body: { mail: organization.mail.entries() } };
    case '/state':
      return {
        status: 200,
        body: {
          account: account.userName,
          principalName: account.principalName,
          locked: account.isLocked,
          wrongPasswords: account.wrongPasswords,
          mailboxes: organization.all().map(({ address }) => address),
          faults: rules.rules(),
        },
      };
    default:
      return NOT_FOUND;
  }
}

/** `?mailbox=`, `?operation=` and `?since=` (a seq) narrow the list. */
function select<T extends { seq: number; mailbox: string | null; operation: string | null }>(
  entries: readonly T[],
  { searchParams }: URL,
): readonly T[] {
  const mailbox = searchParams.get('mailbox')?.toLowerCase();
  const operation = searchParams.get('operation')?.toLowerCase();
  const since = Number(searchParams.get('since') ?? 0);
  return entries.filter(
    (entry) =>
      entry.seq > since &&
      (mailbox === undefined || entry.mailbox?.toLowerCase() === mailbox) &&
      (operation === undefined || entry.operation?.toLowerCase() === operation),
  );
}

async function change(path: string, request: IncomingMessage, parts: ControlParts): Promise<Reply> {
  const text = await readBody(request, MAX_CONTROL_BYTES);
  if (text === undefined) return { status: 413, body: { error: 'The body is too large.' } };
  switch (path) {
    case '/faults':
      return changeFaults(text, (value) => {
        const rules = readFaultRules(value);
        parts.rules.set(rules);
        return { faults: rules.length };
      });
    case '/autodiscover':
      return changeFaults(text, (value) => {
        const rules = readAutodiscoverRules(value);
        parts.autodiscover.rules.set(rules);
        return { rules: rules.length };
      });
    case '/password':
      return changePassword(text, parts.account);
    case '/unlock':
      parts.account.unlock();
      return { status: 200, body: { locked: false } };
    case '/reset-log':
      parts.log.reset();
      parts.autodiscover.log.reset();
      parts.organization.mail.reset();
      return { status: 200, body: { reset: true } };
    default:
      return NOT_FOUND;
  }
}

/** @param set reads rules and puts them in force */
function changeFaults(text: string, set: (value: unknown) => unknown): Reply {
  try {
    return { status: 200, body: set(readJson(text)) };
  } catch (error) {
    if (error instanceof FaultRuleError) return { status: 400, body: { error: error.message } };
    throw error;
  }
}

function changePassword(text: string, account: Account): Reply {
  const value = readJson(text);
  const password = typeof value === 'object' && value !== null && 'password' in value ? value.password : undefined;
  if (typeof password !== 'string' || password === '') {
    return { status: 400, body: { error: 'An object with a password is expected.' } };
  }
  account.setPassword(password);
  return { status: 200, body: { changed: true } };
}

/** Undefined for what is no JSON; no reader takes that. The text is never repeated, since it may hold a password. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}
