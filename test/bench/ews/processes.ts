import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Figures, Plan } from './plan.ts';

export const userName = String.raw`CONTOSO\svc-mailroom`;
export const password = 'Sync!Pass1';
export type Client = 'mailroom' | 'raw' | 'library';

export interface StandIn {
  readonly ews: string;
  readonly ca: string;
  readonly control: string;
  readonly stop: () => void;
}

/** A request as the stand-in's log shows it. */
export interface LoggedRequest {
  readonly seq: number;
  readonly operation: string | null;
  readonly inFlight: number;
  readonly code: string | null;
}

/** The stand-in in a process of its own, so that it does not share an event loop with a client. */
export async function startStandIn(flags: readonly string[], schemes = 'Negotiate,NTLM'): Promise<StandIn> {
  const file = new URL('../../../sandbox/exchange/main.ts', import.meta.url);
  const server = start(file, ['--port', '0', '--schemes', `ews=${schemes}`, ...flags]);
  const addresses = JSON.parse(await firstLine(server)) as Omit<StandIn, 'stop'>;
  return { ...addresses, stop: () => void server.kill('SIGTERM') };
}

/** One client in a process of its own, until it is done. */
export async function runClient(client: Client, plan: Plan): Promise<Figures> {
  const child = start(new URL(`${client}.ts`, import.meta.url), [JSON.stringify(plan)], {
    ...process.env,
    NODE_EXTRA_CA_CERTS: plan.ca,
  });
  const exited = once(child, 'exit');
  const figures = JSON.parse(await firstLine(child)) as Figures;
  await exited;
  return figures;
}

/** What the stand-in saw after the request of this number. */
export async function requestsSince(control: string, since: number): Promise<readonly LoggedRequest[]> {
  const response = await fetch(`${control}/requests?since=${since}`);
  return ((await response.json()) as { requests: LoggedRequest[] }).requests;
}

/** Whole mailbox tests a second. */
export const speedOf = ({ mailboxes, ms }: Figures): number => mailboxes / (ms / 1000);

/** A program of the benchmarks, by its address. */
export function start(file: URL, args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(file), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
}

export async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('a process of the benchmark ended without a word');
}
