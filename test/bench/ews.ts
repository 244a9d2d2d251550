/**
 * `npm run bench -- ews`: whole mailbox tests (four calls) over 27 NTLM connections, with the stand-in in a process of its
 * own. Beside Mailroom, in the same run: (a) a raw client that posts the same calls and reads nothing, and (b)
 * ews-javascript-api with its own transport. Rounds alternate and the median of neighbours counts, since other programs
 * share the machine. Prints one JSON line; `npm run bench -- ews quick` takes one short round.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { callsPerMailbox, type Figures, type Plan } from './ews/plan.ts';

const connections = 27;
const isQuick = process.argv[3] === 'quick';
const rounds = isQuick ? 1 : 3;
const userName = String.raw`CONTOSO\svc-mailroom`;
const password = 'Sync!Pass1';
type Client = 'mailroom' | 'raw' | 'library';

/** Mailboxes of one round: whole waves of 27, since a last wave that is half empty would measure the division. */
const sizes = { 0: 540, 30: 810, 100: 405 } as const;

const start = (file: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess =>
  spawn(process.execPath, [new URL(file, import.meta.url).pathname, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('a process of the benchmark ended without a word');
}

async function runClient(client: Client, plan: Plan): Promise<Figures> {
  const child = start(`./ews/${client}.ts`, [JSON.stringify(plan)], { ...process.env, NODE_EXTRA_CA_CERTS: plan.ca });
  const exited = once(child, 'exit');
  const figures = JSON.parse(await firstLine(child)) as Figures;
  await exited;
  return figures;
}

/** Calls that the stand-in saw since the last question, and forgets. */
async function countCalls(control: string, since: number): Promise<{ calls: number; last: number }> {
  const response = await fetch(`${control}/requests?since=${since}`);
  const { requests } = (await response.json()) as { requests: { seq: number; operation: string | null }[] };
  return {
    calls: requests.filter(({ operation }) => operation !== null).length,
    last: requests.at(-1)?.seq ?? since,
  };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
const speedOf = ({ calls, ms }: Figures): number => calls / callsPerMailbox / (ms / 1000);
/** Of neighbours in time, so that what else the machine does meets both. */
const ratio = (ours: readonly Figures[], theirs: readonly Figures[]): number =>
  median(ours.map((each, index) => speedOf(each) / speedOf(theirs[index] ?? each)));
const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));

function summary(all: readonly Figures[]) {
  return {
    mailboxesPerSecond: rounded(median(all.map(speedOf)), 1),
    cpuMsPerCall: rounded(median(all.map(({ calls, cpuMs }) => cpuMs / calls)), 3),
    loopDelayP99Ms: rounded(median(all.map(({ loopDelayP99Ms }) => loopDelayP99Ms)), 1),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
  };
}

async function runLatency(latencyMs: 0 | 30 | 100) {
  const mailboxes = isQuick ? 4 * connections : sizes[latencyMs];
  const flags = ['--port', '0', '--schemes', 'ews=Negotiate,NTLM', '--latency-ms', String(latencyMs)];
  const server = start('../../sandbox/exchange/main.ts', [
    ...flags,
    '--mailboxes',
    String(mailboxes + 4 * connections),
  ]);
  try {
    const { ews, ca, control } = JSON.parse(await firstLine(server)) as { ews: string; ca: string; control: string };
    const clients: Client[] = latencyMs === 0 ? ['mailroom', 'raw', 'library'] : ['mailroom', 'raw'];
    const results: Record<Client, Figures[]> = { mailroom: [], raw: [], library: [] };
    let seen = { calls: 0, last: 0 };
    const serverCalls: Record<Client, number> = { mailroom: 0, raw: 0, library: 0 };
    for (let round = 0; round < rounds; round += 1) {
      for (const client of clients) {
        // The library alone takes some ten times as long, and its figure says so with fewer mailboxes as well.
        const size = client === 'library' ? Math.ceil(mailboxes / 5) : mailboxes;
        const plan = { ews, ca, userName, password, connections, mailboxes: size, round: `${client}-${round}` };
        results[client].push(await runClient(client, plan));
        seen = await countCalls(control, seen.last);
        serverCalls[client] += seen.calls;
      }
    }
    const mailroom = summary(results.mailroom);
    const raw = summary(results.raw);
    const library = latencyMs === 0 ? summary(results.library) : null;
    const bound = latencyMs === 0 ? null : (connections * 1000) / (callsPerMailbox * latencyMs);
    return {
      mailroom,
      raw,
      library,
      serverCalls,
      ofRaw: rounded(ratio(results.mailroom, results.raw), 3),
      ofBound: bound === null ? null : rounded(mailroom.mailboxesPerSecond / bound, 3),
      timesLibrary: library === null ? null : rounded(ratio(results.mailroom, results.library), 1),
    };
  } finally {
    server.kill('SIGTERM');
  }
}

const latencies = { '0ms': await runLatency(0), '30ms': await runLatency(30), '100ms': await runLatency(100) };
/** Two processes want a core each: with others at work the figures tell of them as well. */
const machine = { cores: cpus().length, load: rounded(loadavg()[0] ?? 0) };
const aims = {
  '>=0.95 of raw at 30 ms': latencies['30ms'].ofRaw >= 0.95,
  '>=0.95 of the bound at 100 ms': (latencies['100ms'].ofBound ?? 0) >= 0.95,
  '<=0.8 ms CPU a call': latencies['30ms'].mailroom.cpuMsPerCall <= 0.8,
  '>=6 times the library at 0 ms': (latencies['0ms'].timesLibrary ?? 0) >= 6,
  'loop delay p99 <=20 ms': Object.values(latencies).every(({ mailroom }) => mailroom.loopDelayP99Ms <= 20),
};
process.stdout.write(`${JSON.stringify({ bench: 'ews', connections, rounds, ...machine, ...latencies, aims })}\n`);
