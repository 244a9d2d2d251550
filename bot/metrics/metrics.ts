import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ExchangeCall } from '../../services/exchange/exchange-port.ts';
import type { ServerLoad } from '../../services/exchange/gate.ts';
import type { Task } from '../../services/model/run.ts';
import type { DeliveryFailure } from '../deliver/connector.ts';
import { createServerLabel } from './server-label.ts';
import type { StoreState } from './store-state.ts';

/** What is known at the moment of a scrape. */
export interface Snapshot {
  /** Null: the store is dead, or did not answer in time. */
  readonly store: StoreState | null;
  readonly areJobsAlive: boolean;
  readonly servers: readonly ServerLoad[];
}

export interface CommitMeasured {
  readonly result: 'done' | 'conflict' | 'failed';
  readonly durationMs: number;
}

export interface SendMeasured {
  readonly action: 'post' | 'update' | 'remove';
  readonly result: 'done' | DeliveryFailure;
  readonly durationMs: number;
}

export interface TaskMeasured {
  readonly kind: Task['kind'];
  /** `failed`: it ended with an error of Mailroom's own. What Exchange says against a mailbox is an outcome like any other. */
  readonly result: 'done' | 'failed';
  readonly durationMs: number;
}

export interface TurnMeasured {
  readonly type: 'message' | 'invoke' | 'other';
  /** HTTP status that Teams got. */
  readonly status: number;
  readonly durationMs: number;
}

/** One line of docs/metrics.md. */
export interface MetricRow {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

export interface Metrics {
  readonly onCall: (call: ExchangeCall) => void;
  readonly onCommit: (commit: CommitMeasured) => void;
  readonly onSend: (send: SendMeasured) => void;
  readonly onTask: (task: TaskMeasured) => void;
  readonly onTurn: (turn: TurnMeasured) => void;
  /** Everything that was counted, and the state of this moment, in Prometheus' text format. */
  text(snapshot: Snapshot): Promise<string>;
  readonly contentType: string;
  /** Mailroom's own metrics; Node's and the process's come from prom-client. */
  readonly rows: readonly MetricRow[];
}

/** Seconds: a commit takes milliseconds, a call to Exchange up to its deadline of thirty seconds. */
const fast = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const slow = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60];

/**
 * The metrics of one process, in a registry of their own. Labels are servers and words of Mailroom's own: never a person, a
 * mailbox, an account or a profile, so their number is bounded and nothing here is anybody's.
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const rows: MetricRow[] = [];
  const registers = [registry];
  const counter = <L extends string = never>(name: string, help: string, labels: readonly L[] = []): Counter<L> => {
    rows.push({ name, type: 'counter', labels, help });
    return new Counter({ name, help, labelNames: labels, registers });
  };
  const gauge = <L extends string = never>(name: string, help: string, labels: readonly L[] = []): Gauge<L> => {
    rows.push({ name, type: 'gauge', labels, help });
    return new Gauge({ name, help, labelNames: labels, registers });
  };
  const histogram = <L extends string = never>(
    name: string,
    help: string,
    buckets: number[],
    labels: readonly L[] = [],
  ): Histogram<L> => {
    rows.push({ name, type: 'histogram', labels, help });
    return new Histogram({ name, help, labelNames: labels, buckets, registers });
  };

  const calls = counter(
    'mailroom_exchange_calls_total',
    'Calls to Exchange that ended, by EWS operation (or Autodiscover, for a whole search, or Token, for one asked of Entra) and fault code, NoError when it went well',
    ['server', 'operation', 'code'],
  );
  const callTime = histogram(
    'mailroom_exchange_call_duration_seconds',
    'How long a call to Exchange took, with what signing in takes',
    slow,
    ['server', 'operation'],
  );
  const slotsUsed = gauge('mailroom_exchange_slots_used', 'Work that the gate has let in now', ['server']);
  const slotsLimit = gauge(
    'mailroom_exchange_slots_limit',
    'How much it lets in at most, over the accounts in use; it shrinks when the server is busy',
    ['server'],
  );
  const waiting = gauge('mailroom_exchange_waiting', 'Work that waits at the gate', ['server']);
  const backOff = gauge(
    'mailroom_exchange_back_off_seconds',
    'Time left that the server asked for; 0 when it did not',
    ['server'],
  );
  const circuit = gauge(
    'mailroom_exchange_circuit_open',
    '1 while the server counts as out of reach and only a probe a minute goes there',
    ['server'],
  );

  const runs = gauge('mailroom_runs', 'Test & Enable runs', ['state']);
  const mailboxes = gauge('mailroom_mailboxes', 'Mailboxes by roll-up of their directions', ['status']);
  const approvals = gauge('mailroom_mailbox_approvals', 'Mailboxes by approval', ['approval']);
  const incidents = gauge('mailroom_incidents_open', 'Causes that hit mailboxes now', ['level']);
  const tasks = gauge(
    'mailroom_tasks',
    'Background tasks: due (also those of a paused run), claimed (in hand), later (a retry and its time), or waiting (for a profile that is switched off or whose password is refused)',
    ['state'],
  );
  const tasksDone = counter(
    'mailroom_tasks_total',
    'Tasks that ended; failed means an error of Mailroom’s own, and that it will be tried again',
    ['kind', 'result'],
  );
  const taskTime = histogram(
    'mailroom_task_duration_seconds',
    'How long a task took, with the wait at the gate',
    slow,
    ['kind'],
  );

  const outbox = gauge('mailroom_outbox_intents', 'Cards that wait to be posted or changed');
  const outboxLag = gauge('mailroom_outbox_lag_seconds', 'Age of the oldest card that waits');
  const sends = counter('mailroom_sends_total', 'Calls to Teams for cards', ['action', 'result']);
  const sendTime = histogram('mailroom_send_duration_seconds', 'How long a call to Teams for a card took', slow, [
    'action',
  ]);
  const turns = histogram(
    'mailroom_turn_duration_seconds',
    'Time until Teams had its answer: messages typed, cards clicked (invoke), and whatever else it tells',
    slow,
    ['type', 'status'],
  );

  const commits = counter('mailroom_commits_total', 'Writes of the store', ['result']);
  const commitTime = histogram('mailroom_commit_duration_seconds', 'Time until a write was safe on disk', fast);
  const records = gauge('mailroom_records', 'Records of the store', ['collection']);
  const storeUp = gauge('mailroom_store_up', '1 if the store answered this scrape');
  const jobsUp = gauge(
    'mailroom_jobs_up',
    '1 while background tasks are claimed, outcomes are folded and enabled mailboxes are checked',
  );
  collectDefaultMetrics({ register: registry });

  const serverLabel = createServerLabel();
  const ofServers = { slotsUsed, slotsLimit, waiting, backOff, circuit };

  function showServers(servers: readonly ServerLoad[]): void {
    for (const one of Object.values(ofServers)) one.reset();
    for (const load of servers) {
      const labels = { server: serverLabel(load.server) };
      // Added up, not set: servers beyond the bound share one label.
      slotsUsed.inc(labels, load.running);
      slotsLimit.inc(labels, load.limit);
      waiting.inc(labels, load.waiting);
      backOff.inc(labels, load.backOffMs / 1000);
      circuit.inc(labels, load.isCircuitOpen ? 1 : 0);
    }
  }

  function showStore(state: StoreState | null): void {
    storeUp.set(state === null ? 0 : 1);
    for (const one of [runs, mailboxes, approvals, incidents, tasks, records]) one.reset();
    // A number of before would look like one of now.
    outbox.remove();
    outboxLag.remove();
    if (state === null) return;
    setAll(runs, state.runs);
    setAll(mailboxes, state.mailboxes);
    setAll(approvals, state.approvals);
    setAll(incidents, state.incidents);
    setAll(tasks, state.tasks);
    setAll(records, state.records);
    outbox.set(state.intents);
    outboxLag.set(state.oldestIntentMs / 1000);
  }

  return {
    onCall({ server, operation, code, durationMs }) {
      const labels = { server: serverLabel(server), operation };
      calls.inc({ ...labels, code });
      callTime.observe(labels, durationMs / 1000);
    },
    onCommit({ result, durationMs }) {
      commits.inc({ result });
      if (result === 'done') commitTime.observe(durationMs / 1000);
    },
    onSend({ action, result, durationMs }) {
      sends.inc({ action, result });
      sendTime.observe({ action }, durationMs / 1000);
    },
    onTask({ kind, result, durationMs }) {
      tasksDone.inc({ kind, result });
      taskTime.observe({ kind }, durationMs / 1000);
    },
    onTurn: ({ type, status, durationMs }) => turns.observe({ type, status }, durationMs / 1000),
    text({ store, areJobsAlive, servers }) {
      showStore(store);
      showServers(servers);
      jobsUp.set(areJobsAlive ? 1 : 0);
      return registry.metrics();
    },
    contentType: registry.contentType,
    rows,
  };
}

function setAll(gauge: Gauge, figures: Readonly<Record<string, number>>): void {
  for (const [word, figure] of Object.entries(figures)) gauge.labels(word).set(figure);
}
