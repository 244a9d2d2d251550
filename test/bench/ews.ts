/**
 * `npm run bench -- ews`: whole mailbox tests (four calls) over 27 NTLM connections, with the stand-in in a process of its
 * own. Beside Mailroom, in the same run: (a) a raw client that posts the same calls and reads nothing, and (b)
 * ews-javascript-api with its own transport, whose public API needs six calls for the same test; both ratios are printed, of
 * mailboxes and of calls. Rounds alternate and the median of neighbours counts, since other programs share the machine.
 * Prints one JSON line; `npm run bench -- ews quick` takes one short round.
 */
import { machine, median, rounded } from './figures.ts';
import { callsPerMailbox, type Figures } from './ews/plan.ts';
import { password, requestsSince, runClient, speedOf, startStandIn, userName, type Client } from './ews/processes.ts';

const connections = 27;
const isQuick = process.argv[3] === 'quick';
const rounds = isQuick ? 1 : 3;

/** Mailboxes of one round: whole waves of 27, since a last wave that is half empty would measure the division. */
const sizes = { 0: 540, 30: 810, 100: 810 } as const;

/** Of neighbours in time, so that what else the machine does meets both. */
const ratio = (ours: readonly Figures[], theirs: readonly Figures[]): number =>
  median(ours.map((each, index) => speedOf(each) / speedOf(theirs[index] ?? each)));
const callsASecond = ({ calls, ms }: Figures): number => calls / (ms / 1000);
const callRatio = (ours: readonly Figures[], theirs: readonly Figures[]): number =>
  median(ours.map((each, index) => callsASecond(each) / callsASecond(theirs[index] ?? each)));

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
  const { ews, ca, control, stop } = await startStandIn([
    '--latency-ms',
    String(latencyMs),
    '--mailboxes',
    String(mailboxes + 4 * connections),
  ]);
  try {
    const clients: Client[] = latencyMs === 0 ? ['mailroom', 'raw', 'library'] : ['mailroom', 'raw'];
    const results: Record<Client, Figures[]> = { mailroom: [], raw: [], library: [] };
    let last = 0;
    const serverCalls: Record<Client, number> = { mailroom: 0, raw: 0, library: 0 };
    for (let round = 0; round < rounds; round += 1) {
      for (const client of clients) {
        // The library alone takes some ten times as long, and its figure says so with fewer mailboxes as well.
        const size = client === 'library' ? Math.ceil(mailboxes / 5) : mailboxes;
        const plan = { ews, ca, userName, password, connections, mailboxes: size, round: `${client}-${round}` };
        results[client].push(await runClient(client, plan));
        const seen = await requestsSince(control, last);
        last = seen.at(-1)?.seq ?? last;
        serverCalls[client] += seen.filter(({ operation }) => operation !== null).length;
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
      timesLibraryInCalls: library === null ? null : rounded(callRatio(results.mailroom, results.library), 1),
    };
  } finally {
    stop();
  }
}

const latencies = { '0ms': await runLatency(0), '30ms': await runLatency(30), '100ms': await runLatency(100) };
const aims = {
  '>=0.95 of raw at 30 ms': latencies['30ms'].ofRaw >= 0.95,
  '>=0.95 of the bound at 100 ms': (latencies['100ms'].ofBound ?? 0) >= 0.95,
  '<=0.8 ms CPU a call': latencies['30ms'].mailroom.cpuMsPerCall <= 0.8,
  '>=6 times the library at 0 ms': (latencies['0ms'].timesLibrary ?? 0) >= 6,
  'loop delay p99 <=20 ms': Object.values(latencies).every(({ mailroom }) => mailroom.loopDelayP99Ms <= 20),
};
process.stdout.write(`${JSON.stringify({ bench: 'ews', connections, rounds, ...machine(), ...latencies, aims })}\n`);
