/**
 * `npm run bench -- throttling`: the stand-in admits 27 requests of the account and answers any other with "busy". Two
 * profiles of that account, each of which would allow 50 connections by itself, test whole mailboxes; beside them, in the
 * same run, a raw client that posts the same calls over 27 connections and so never meets the limit. Rounds alternate and
 * the median of neighbours counts. Prints one JSON line.
 */
import { machine, median, rounded } from './figures.ts';
import type { Figures } from './ews/plan.ts';
import { password, requestsSince, runClient, speedOf, startStandIn, userName, type Client } from './ews/processes.ts';

const admitted = 27;
const rounds = 3;
/** Of a server at some distance: the limit is what binds, and not the processor that the stand-in shares with its clients. */
const latencyMs = 100;
/** Whole waves: a last one that is half empty would measure the division. */
const mailboxes = 15 * admitted;
const warmUp = 4 * admitted;

const { ews, ca, control, stop } = await startStandIn([
  '--latency-ms',
  String(latencyMs),
  '--concurrency',
  String(admitted),
  '--mailboxes',
  String(mailboxes + warmUp),
]);
try {
  const figures: Record<'mailroom' | 'raw', Figures[]> = { mailroom: [], raw: [] };
  const seen = { mailroom: { inFlight: 0, busy: 0 }, raw: { inFlight: 0, busy: 0 } };
  let last = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const client of ['mailroom', 'raw'] as const satisfies Client[]) {
      const plan = { ews, ca, userName, password, connections: admitted, mailboxes, round: `${client}-${round}` };
      figures[client].push(await runClient(client, { ...plan, profiles: { count: 2, connections: 50 } }));
      const requests = await requestsSince(control, last);
      last = requests.at(-1)?.seq ?? last;
      seen[client].inFlight = Math.max(seen[client].inFlight, ...requests.map(({ inFlight }) => inFlight));
      seen[client].busy += requests.filter(({ code }) => code === 'ErrorExceededConnectionCount').length;
    }
  }
  const failed = figures.mailroom.reduce((sum, each) => sum + each.failed, 0);
  const ofRaw = median(figures.mailroom.map((ours, index) => speedOf(ours) / speedOf(figures.raw[index] ?? ours)));
  const line = {
    bench: 'throttling',
    ...machine(),
    rounds,
    mailboxes,
    admitted,
    latencyMs,
    mailroom: { mailboxesPerSecond: rounded(median(figures.mailroom.map(speedOf)), 1), failed, ...seen.mailroom },
    raw: { mailboxesPerSecond: rounded(median(figures.raw.map(speedOf)), 1), ...seen.raw },
    ofRaw: rounded(ofRaw, 3),
    aims: {
      'no mailbox fails': failed === 0,
      'never above what is admitted': seen.mailroom.inFlight <= admitted && seen.mailroom.busy === 0,
      '>=0.9 of raw': ofRaw >= 0.9,
    },
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
} finally {
  stop();
}
