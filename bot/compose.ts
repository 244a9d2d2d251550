import { seedRoles } from '../services/access/roles.ts';
import { createExchange } from '../services/exchange/exchange.ts';
import { parseAllowList } from '../services/exchange/address-guard.ts';
import { readVaultLocation } from '../services/exchange/oauth/vault-location.ts';
import { proxySettingsOf, readProxy } from '../services/exchange/proxy.ts';
import { checkServerLocation } from '../services/exchange/server-location.ts';
import { createTlsContext } from '../services/exchange/tls-context.ts';
import { startAlertDigests } from '../services/jobs/alert-digests.ts';
import { startApprovalWatch } from '../services/jobs/approval-watch.ts';
import { startClockWatch } from '../services/jobs/clock-watch.ts';
import { startHousekeeping } from '../services/jobs/housekeeping.ts';
import { startIncidentWatch } from '../services/jobs/incident-watch.ts';
import { startMaintenanceWatch } from '../services/jobs/maintenance-watch.ts';
import { startOwnerWatch } from '../services/jobs/owner-watch.ts';
import { startPoller } from '../services/jobs/poller.ts';
import { startProjector } from '../services/jobs/projector.ts';
import { startTaskRunner } from '../services/jobs/task-runner.ts';
import { startWaker } from '../services/jobs/waker.ts';
import { startWeeklyStatus } from '../services/jobs/weekly-status.ts';
import { systemClock } from '../services/model/clock.ts';
import { probeMsOf } from '../services/model/poll.ts';
import { ensureEnvironment, firstEnvironmentId } from '../services/platform/environments.ts';
import { createSharedFiles } from '../services/files/download-file.ts';
import { expandList } from '../services/mailboxes/expand-list.ts';
import { checkDraft } from '../services/profiles/check-draft.ts';
import { findServer } from '../services/profiles/find-server.ts';
import { createKeyRing } from '../services/secrets/key-ring.ts';
import type { ServiceContext } from '../services/service-context.ts';
import { openJournalStore } from '../services/storage/journal-store.ts';
import { meterStore } from '../services/status/store-load.ts';
import { keyOf } from '../services/storage/store.ts';
import { testMailbox } from '../services/testing/test-mailbox.ts';
import { createAdapter } from './adapter.ts';
import type { Config } from './config.ts';
import { createBotConnector } from './deliver/bot-connector.ts';
import { startOutbox } from './deliver/outbox.ts';
import { pacedAnswers } from './deliver/paced-answers.ts';
import { renderIntent } from './deliver/render-intent.ts';
import { isReady } from './health.ts';
import type { BotLog } from './log.ts';
import { measuredConnector, measuredStore, measuredTasks, measuredTurns } from './metrics/measured.ts';
import { createMetrics } from './metrics/metrics.ts';
import { startMetricsServer } from './metrics/metrics-server.ts';
import { createScrape } from './metrics/scrape.ts';
import { askRoster, createMembership } from './membership.ts';
import { believeMention, findInRoster } from './mentioned-person.ts';
import { createTurn } from './turn.ts';
import { createWebServer } from './web/server.ts';

/** How often the store is asked whether it still works. */
const watchMs = 1000;

export interface Mailroom {
  readonly port: number;
  /** Null: there are no metrics. */
  readonly metricsPort: number | null;
  /** Takes no more requests, ends or gives back what is in hand, closes the store. */
  stop(): Promise<void>;
}

/**
 * Builds the whole from a checked configuration and starts it, each part after those it needs: store, Exchange, background
 * work, outbox, and last the door. Nothing is global; stopping goes the other way round. `onDead`: the store could not write
 * and takes nothing more, so this process is of no use until it is started again.
 */
export async function startMailroom(config: Config, log: BotLog, onDead: () => void): Promise<Mailroom> {
  const clock = systemClock;
  const environmentId = firstEnvironmentId;
  const metrics = createMetrics();
  const journalStore = await openJournalStore({
    folder: config.dataDir,
    clock,
    logger: log,
  });
  const store = measuredStore(journalStore, metrics.onCommit);
  const exchange = createExchange({
    ...config.exchange,
    circuitProbeMs: probeMsOf(config.pollIntervalMs),
    clock,
    onCall(call) {
      metrics.onCall(call);
      if (call.code === 'NoError') return;
      const { marker, durationMs, ...about } = call;
      log.warn({ ...about, task: marker, durationMs: Math.round(durationMs) }, 'a call to Exchange failed');
    },
  });
  const policy = parseAllowList(config.exchange.allowList);
  const proxy = proxySettingsOf(process.env);
  const services: ServiceContext = {
    store,
    exchange,
    files: createSharedFiles({
      clock,
      log,
      tlsContext: createTlsContext(),
      proxy: proxy === null ? null : readProxy(proxy),
      standInOrigin: config.fileStandIn,
    }),
    keys: createKeyRing(config.keys.map((key) => key.reveal())),
    clock,
    log,
    retry: config.retry,
    pollIntervalMs: config.pollIntervalMs,
    publicUrl: config.publicUrl,
    meter: meterStore(store, clock),
    checkServerLocation: (url) => checkServerLocation(url, policy),
    checkVaultUrl: (url) =>
      readVaultLocation(url, config.exchange.vaultStandIn) === null ? 'profile.vault-invalid' : null,
  };
  await ensureEnvironment(store, environmentId, 'Main');
  await seedRoles(services, environmentId, {
    admin: config.admins,
    approver: config.approvers,
    auditor: config.auditors,
  });
  for (const { value } of await store.query('credential', {
    prefix: keyOf(environmentId, ''),
    where: { refused: true },
    limit: 10_000,
  })) {
    exchange.holdCredential(value.id, {
      code: 'CredentialRefused',
      params: { account: value.binding.account, host: value.binding.host },
    });
  }

  const adapter = createAdapter(config, log);
  const turn = createTurn({
    services,
    environmentId,
    tenants: config.tenants,
    // Without an app there is no Entra that could vouch for anybody; the flag for that is for loopback only.
    findPerson: config.app === null ? believeMention : findInRoster(store, environmentId),
    checkMembership: config.app === null ? async () => ({ account: null }) : createMembership(clock, askRoster),
  });
  const outbox = startOutbox({
    store,
    clock,
    log,
    connector: measuredConnector(createBotConnector(adapter, clock), metrics.onSend),
    render: (intent, reference) => renderIntent(services, intent, reference),
  });
  const answers = pacedAnswers(turn, environmentId, outbox, log);
  const projector = startProjector(services, environmentId);
  const housekeeping = startHousekeeping(services, environmentId, config.retention);
  const clockWatch = startClockWatch(services, environmentId);
  const maintenance = startMaintenanceWatch(services, environmentId);
  const weeklyStatus = startWeeklyStatus(services, environmentId);
  const approvalWatch = startApprovalWatch(services, environmentId);
  const incidentWatch = startIncidentWatch(services, environmentId);
  const ownerWatch = startOwnerWatch(services, environmentId);
  const alertDigests = startAlertDigests(services, environmentId);
  const tasks = await startTaskRunner({
    store,
    clock,
    log,
    handlers: measuredTasks(
      {
        'test-mailbox': (task, signal) => testMailbox(services, task, signal),
        'check-draft': (task, signal) => checkDraft(services, task, signal),
        'find-server': (task, signal) => findServer(services, task, signal),
        'expand-list': (task, signal) => expandList(services, task, signal),
      },
      metrics.onTask,
    ),
  });
  const poller = startPoller(services, environmentId);
  const waker = startWaker(services, environmentId);
  const jobs = [tasks, projector, poller];
  const web = createWebServer({
    config,
    log,
    processActivity: measuredTurns(
      (activity, authorization) => adapter.receive(activity, authorization, answers),
      metrics.onTurn,
    ),
    secretForm: services,
    isReady: () => isReady(store, jobs),
  });
  const scrape = createScrape({ metrics, store, exchange, clock, jobs });
  const metricsServer =
    config.metricsPort === null
      ? null
      : await startMetricsServer({ port: config.metricsPort, log, contentType: metrics.contentType, scrape });
  const { port } = await web.listen();
  const watch = setInterval(() => {
    if (!store.alive) onDead();
  }, watchMs);

  return {
    port,
    metricsPort: metricsServer?.port ?? null,
    async stop() {
      clearInterval(watch);
      await web.close();
      await metricsServer?.close();
      await poller.stop();
      await waker.stop();
      await tasks.stop();
      await housekeeping.stop();
      await clockWatch.stop();
      await maintenance.stop();
      await weeklyStatus.stop();
      await approvalWatch.stop();
      await incidentWatch.stop();
      await ownerWatch.stop();
      await alertDigests.stop();
      await projector.stop();
      await outbox.stop();
      await exchange.close();
      await store.close();
    },
  };
}
