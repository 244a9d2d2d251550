import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { createMetrics, type MetricRow } from '../bot/metrics/metrics.ts';

/** The text of docs/metrics.md: every metric of Mailroom's own, from the code that counts. */
export function metricsPage(): string {
  return `# Metrics

\`GET http://127.0.0.1:9464/metrics\` answers in Prometheus' text format. \`METRICS_PORT\` changes the port, \`0\` takes any free one (the start's log line names it), and \`off\` switches the metrics off. The address is 127.0.0.1 whatever \`HOST\` says, and only that machine's names are answered: the scraper runs beside Mailroom, or a proxy of yours stands in front. Nothing asks who scrapes, and nothing in there is secret: labels are hosts of servers (the first 32; all others together are \`other\`), operations, codes and Mailroom's own words, never a person, a mailbox or an account.

Counters and histograms count from the start of the process; gauges are read at the scrape. Times are in seconds. While the store is dead or silent \`mailroom_store_up\` is 0 and its figures are left out.

<!-- Written by \`node docs/metrics-page.ts\` from bot/metrics/metrics.ts; a test compares them. -->

| metric | type | labels | what it says |
| --- | --- | --- | --- |
${createMetrics().rows.map(line).join('\n')}

\`process_*\` and \`nodejs_*\` (memory, event loop, garbage collection) come from prom-client under its own names.

## What to look at

- Somebody has to act: \`mailroom_incidents_open{level="error"} > 0\`.
- Cards arrive late: \`mailroom_outbox_lag_seconds > 60\`. A run's card is held back on purpose for some seconds.
- A server is away: \`mailroom_exchange_circuit_open == 1\`; it is busy: \`mailroom_exchange_back_off_seconds > 0\` for minutes.
- Passwords and rights: \`sum by (server, code) (increase(mailroom_exchange_calls_total{code!="NoError"}[15m]))\`; what each code means is in [faults](faults.md).
- Mailroom itself: \`mailroom_store_up == 0\`, \`mailroom_jobs_up == 0\`, \`increase(mailroom_tasks_total{result="failed"}[15m]) > 0\`.

## Health

\`GET /healthz\` on \`PORT\` answers 200 while the process lives. \`GET /readyz\` answers 200 once everything is started, and 503 when the store cannot write any more, or background tasks cannot be claimed or outcomes folded. A process whose store cannot write ends itself, so that it can be started again.

## Logs

JSON lines on standard output. A test of a mailbox is one line, \`mailbox tested\`, with \`task\`, \`run\` (null for a retry by itself), \`mailbox\` and each direction's code. \`task\` stays the same over the retries; it is also the marker (property \`MailroomTestMarker\`) of the test message. Each failed call is a line with the same \`task\` and its \`requestId\`: the \`client-request-id\` that Exchange writes into its own EWS log.
`;
}

const line = ({ name, type, labels, help }: MetricRow): string =>
  `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`;

if (import.meta.main) {
  const page = await format(metricsPage(), { parser: 'markdown', printWidth: 120, singleQuote: true });
  await writeFile(new URL('./metrics.md', import.meta.url), page);
}
