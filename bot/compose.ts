import { seedRoles } from '../services/access/roles.ts';
import { createExchange } from '../services/exchange/exchange.ts';
import { parseAllowList } from '../services/exchange/address-guard.ts';
import { checkServerLocation } from '../services/exchange/server-location.ts';
import { startHousekeeping } from '../services/jobs/housekeeping.ts';
import { startProjector } from '../services/jobs/projector.ts';
import { startTaskRunner } from '../services/jobs/task-runner.ts';
import { systemClock } from '../services/model/clock.ts';
import { ensureEnvironment, firstEnvironmentId } from '../services/platform/environments.ts';
import { checkDraft } from '../services/profiles/check-draft.ts';
import { createKeyRing } from '../services/secrets/key-ring.ts';
import type { ServiceContext } from '../services/service-context.ts';
import { openJournalStore } from '../services/storage/journal-store.ts';
import { keyOf } from '../services/storage/store.ts';
import { testMailbox } from '../services/testing/test-mailbox.ts';
import { createAdapter } from './adapter.ts';
import type { Config } from './config.ts';
import { createBotConnector } from './deliver/bot-connector.ts';
import { startOutbox } from './deliver/outbox.ts';
import { renderIntent } from './deliver/render-intent.ts';
import type { BotLog } from './log.ts';
import { askRoster, createMembership } from './membership.ts';
import { createTurn } from './turn.ts';
import { createWebServer } from './web/server.ts';

/** How often the store is asked whether it still works. */
const watchMs = 1000;

export interface Mailroom {
  readonly port: number;
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
  const store = await openJournalStore({
    folder: config.dataDir,
    clock,
    logger: log,
  });
  const exchange = createExchange({ allowList: config.exchangeHosts, clock });
  const policy = parseAllowList(config.exchangeHosts);
  const services: ServiceContext = {
    store,
    exchange,
    keys: createKeyRing(config.keys.map((key) => key.reveal())),
    clock,
    log,
    retry: config.retry,
    publicUrl: config.publicUrl,
    checkServerLocation: (url) => checkServerLocation(url, policy),
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
    checkMembership: config.app === null ? async () => undefined : createMembership(clock, askRoster),
  });
  const outbox = startOutbox({
    store,
    clock,
    log,
    connector: createBotConnector(adapter, clock),
    render: (intent, reference) => renderIntent(services, intent, reference),
  });
  const projector = startProjector(services, environmentId);
  const housekeeping = startHousekeeping(services, environmentId);
  const tasks = await startTaskRunner({
    store,
    clock,
    log,
    environmentId,
    handlers: {
      'test-mailbox': (task, signal) => testMailbox(services, task, signal),
      'check-draft': (task, signal) => checkDraft(services, task, signal),
    },
  });
  const web = createWebServer({
    config,
    log,
    processActivity: (activity, authorization) => adapter.receive(activity, authorization, turn),
    secretForm: services,
    isReady: () => store.alive,
  });
  const { port } = await web.listen();
  const watch = setInterval(() => {
    if (!store.alive) onDead();
  }, watchMs);

  return {
    port,
    async stop() {
      clearInterval(watch);
      await web.close();
      await tasks.stop();
      await housekeeping.stop();
      await projector.stop();
      await outbox.stop();
      await exchange.close();
      await store.close();
    },
  };
}
