import { createAdapter } from '../../bot/adapter.ts';
import { readConfig } from '../../bot/config.ts';
import { createLog } from '../../bot/log.ts';
import { createBotConnector } from '../../bot/deliver/bot-connector.ts';
import { startOutbox, type Outbox } from '../../bot/deliver/outbox.ts';
import type { Pace } from '../../bot/deliver/pace.ts';
import { renderIntent } from '../../bot/deliver/render-intent.ts';
import { CONTOSO_TENANT_ID, MAILROOM_APP_ID } from '../../sandbox/teams/people.ts';
import { startTeams, type Teams } from '../../sandbox/teams/start-teams.ts';
import { personalChatId, shownActivity, type Message } from '../../sandbox/teams/state.ts';
import { recordConversation } from '../../services/conversations/record-conversation.ts';
import { startAlertDigests } from '../../services/jobs/alert-digests.ts';
import { startProjector, type Projector } from '../../services/jobs/projector.ts';
import { startTaskRunner, type TaskRunner } from '../../services/jobs/task-runner.ts';
import { listMatching } from '../../services/mailboxes/find-mailboxes.ts';
import { mailboxKey } from '../../services/mailboxes/mailbox-key.ts';
import { causeIdOf, type Incident } from '../../services/model/alert.ts';
import { systemClock } from '../../services/model/clock.ts';
import type { FaultCode } from '../../services/model/fault-catalogue.ts';
import { isOver } from '../../services/model/run.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { keyOf } from '../../services/storage/store.ts';
import { startRun } from '../../services/testing/start-run.ts';
import { testMailbox } from '../../services/testing/test-mailbox.ts';
import { openTempStore, type TempStore } from '../storage/open-temp-store.ts';
import { ada, conversation, env, MailroomStage } from './mailroom-stage.ts';

/** Six causes that stay until somebody mends them: each has a card at once. */
export const stormCauses = [
  'ErrorAccessDenied',
  'ErrorImpersonateUserDenied',
  'ErrorNonExistentMailbox',
  'ErrorQuotaExceeded',
  'ErrorSendAsDenied',
  'FolderRightsMissing',
] as const satisfies readonly FaultCode[];

export const stormServers = [1, 2, 3] as const;

const batch = 5000;

/**
 * Thousands of mailboxes on three servers, each of which fails for one of six causes. What Exchange says is written down; from
 * there on everything is as in production, up to the cards that a Teams on loopback has taken.
 */
export class Storm {
  readonly teams: Teams;
  /** The channel that hears of everything. */
  readonly channel: string;
  readonly services: ServiceContext;
  readonly #temp: TempStore;
  readonly #stage: MailroomStage;
  readonly #jobs: readonly { stop(): Promise<void> }[];
  readonly projector: Projector;
  readonly outbox: Outbox;
  readonly tasks: TaskRunner;
  readonly count: number;

  private constructor(
    parts: Pick<Storm, 'teams' | 'channel' | 'services' | 'projector' | 'outbox' | 'tasks' | 'count'> & {
      readonly temp: TempStore;
      readonly stage: MailroomStage;
      readonly jobs: readonly { stop(): Promise<void> }[];
    },
  ) {
    this.teams = parts.teams;
    this.channel = parts.channel;
    this.services = parts.services;
    this.projector = parts.projector;
    this.outbox = parts.outbox;
    this.tasks = parts.tasks;
    this.count = parts.count;
    this.#temp = parts.temp;
    this.#stage = parts.stage;
    this.#jobs = parts.jobs;
  }

  /** `pace`: of the outbox; without it Teams' own limits hold. */
  static async open(count: number, pace: Partial<Pace> = {}): Promise<Storm> {
    const temp = await openTempStore();
    const stage = await MailroomStage.on(temp);
    const teams = await startTeams({ appId: MAILROOM_APP_ID, tenantId: CONTOSO_TENANT_ID, autoRefresh: false });
    teams.installs.presetInstalled();
    const { store, exchange, files, keys, log, retry, pollIntervalMs, publicUrl } = stage;
    const { checkServerLocation, checkVaultUrl } = stage;
    const services: ServiceContext = {
      store,
      exchange,
      files,
      keys,
      log,
      retry,
      pollIntervalMs,
      publicUrl,
      checkServerLocation,
      checkVaultUrl,
      clock: systemClock,
    };
    const channel = await settle(stage, teams);
    await fill(stage, count);
    const outbox = startOutbox({
      store,
      clock: systemClock,
      log,
      pace,
      connector: createBotConnector(unsignedAdapter(), systemClock),
      render: (intent, reference) => renderIntent(services, intent, reference),
    });
    const projector = startProjector(services, env);
    const digests = startAlertDigests(services, env);
    const tasks = await startTaskRunner({
      store,
      clock: systemClock,
      log,
      handlers: {
        'test-mailbox': (task, signal) => testMailbox(services, task, signal),
        'check-draft': nobody,
        'find-server': nobody,
        'expand-list': nobody,
      },
    });
    const jobs = [tasks, digests, projector, outbox];
    return new Storm({ teams, channel, services, projector, outbox, tasks, count, temp, stage, jobs });
  }

  async close(): Promise<void> {
    for (const job of this.#jobs) await job.stop();
    await this.teams.close();
    await this.#temp.dispose();
  }

  /** Exchange says no to everybody from now on, or to nobody. */
  weather(now: 'bad' | 'good'): void {
    this.#stage.exchange.answer = (address) =>
      now === 'good' ? null : { code: causeOf(numberOf(address)), params: {} };
  }

  /** Tests every mailbox, a run a server, and waits for the last outcome to be folded. */
  async testAll(): Promise<void> {
    const { store } = this.services;
    for (const server of stormServers) {
      const mailboxes = await store.query('mailbox', { where: { profileId: profileId(server) }, limit: 100_000 });
      const title = { kind: 'profile', name: profileId(server) } as const;
      await startRun(
        this.services,
        env,
        ada,
        personalChatId(this.teams.state.getPerson('ada')),
        title,
        mailboxes.map(({ value }) => value),
      );
    }
    await this.tasks.idle();
    await this.projector.idle();
    const runs = await store.query('run', { limit: 100 });
    if (!runs.every(({ value }) => isOver(value))) throw new Error('a run is not over');
  }

  /** Everything that was wished for stands in Teams. */
  async delivered(timeoutMs: number): Promise<void> {
    const { store } = this.services;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = async (): Promise<void> => {
      if ((await store.count('intent', {})) === 0) resolve();
    };
    const stop = store.onCommit(() => void look());
    const cancel = systemClock.after(timeoutMs, resolve);
    await look();
    await promise;
    stop();
    cancel();
    const left = await store.count('intent', {});
    if (left > 0) throw new Error(`${left} cards are not as they should be after ${timeoutMs} ms`);
  }

  async incidents(): Promise<Incident[]> {
    return (await this.services.store.query('incident', { limit: 1000 })).map(({ value }) => value);
  }

  /** All that was ever posted in the channel: edits are none. */
  posted(): Message[] {
    return [...this.teams.state.messages.values()].filter(
      ({ conversationId, from }) => from === 'bot' && conversationId === this.channel,
    );
  }

  /** What stands in the channel about an incident. */
  async cardOf({ id }: Incident): Promise<string> {
    const key = keyOf(env, this.channel, 'incident', id);
    const sent = (await this.services.store.get('message', key))?.value;
    const message = sent === undefined ? undefined : this.teams.state.messages.get(sent.activityId);
    return message === undefined ? '' : JSON.stringify(shownActivity(message));
  }

  /** The list behind a card, as its button opens it. */
  async behind({ id }: Incident): Promise<readonly string[]> {
    return (await listMatching(this.services.store, env, `incident:${id}`)).ids;
  }

  /** What does not hold while everybody fails, in words. */
  async wrongInStorm(): Promise<string[]> {
    const wrong: string[] = [];
    const incidents = await this.incidents();
    const listed = new Set<string>();
    for (const server of stormServers) {
      for (const code of stormCauses) {
        const expected = this.#failing(server, code);
        const causeId = causeIdOf(profileId(server), code);
        const [incident, ...others] = incidents.filter((each) => each.causeId === causeId);
        if (incident === undefined || others.length > 0 || incident.state !== 'open') {
          wrong.push(`${causeId} has not one open incident`);
          continue;
        }
        if (incident.open !== expected.length) wrong.push(`${causeId} counts ${incident.open}, not ${expected.length}`);
        const words = `Hits ${expected.length.toLocaleString('en')} mailboxes`;
        if (!(await this.cardOf(incident)).includes(words))
          wrong.push(`the card of ${causeId} does not say "${words}"`);
        const behind = await this.behind(incident);
        for (const id of behind) listed.add(id);
        if (behind.join() !== expected.toSorted().join()) wrong.push(`behind ${causeId} are ${behind.length} others`);
      }
    }
    if (listed.size !== this.count) wrong.push(`${listed.size} mailboxes are behind cards, not ${this.count}`);
    return wrong;
  }

  /** What does not hold when everybody is well again, in words. */
  async wrongAfterwards(): Promise<string[]> {
    const wrong: string[] = [];
    for (const incident of await this.incidents()) {
      const card = await this.cardOf(incident);
      if (incident.state !== 'resolved' || incident.open > 0) wrong.push(`${incident.causeId} is not resolved`);
      if (!/(Solved|Over) after \S/.test(card) || !card.includes('Resolved'))
        wrong.push(`the card of ${incident.causeId} is live`);
    }
    const { store } = this.services;
    const failing = await store.count('alert', {});
    if (failing > 0) wrong.push(`${failing} alerts are left`);
    return wrong;
  }

  #failing(server: (typeof stormServers)[number], code: (typeof stormCauses)[number]): string[] {
    return Array.from({ length: this.count }, (_unused, number) => number)
      .filter((number) => serverOf(number) === server && causeOf(number) === code)
      .map(addressOf);
  }
}

const profileId = (server: number): string => `p${server}`;
const serverOf = (number: number): number => stormServers[number % stormServers.length] ?? 1;
/** Uneven, so that no count is another's by chance. */
const causeOf = (number: number): (typeof stormCauses)[number] => {
  const at = Math.floor(number / stormServers.length) % 21;
  let first = 0;
  for (const [index, code] of stormCauses.entries()) {
    first += index + 1;
    if (at < first) return code;
  }
  return stormCauses[0];
};
const addressOf = (number: number): string => `user${number}@contoso.test`;
const numberOf = (address: string): number => Number(/\d+/.exec(address)?.[0]);

async function settle(stage: MailroomStage, teams: Teams): Promise<string> {
  const channel = teams.state.team.channels.at(-1)?.id ?? '';
  const chat = personalChatId(teams.state.getPerson('ada'));
  const { serviceUrl } = teams;
  const botId = teams.bot.id;
  await recordConversation(stage.store, conversation(channel, { serviceUrl, botId }), 0);
  await recordConversation(
    stage.store,
    conversation(chat, { kind: 'personal', aadObjectId: ada.aadObjectId, serviceUrl, botId }),
    0,
  );
  await stage.subscribe(channel, { alerts: 'all' });
  return channel;
}

async function fill(stage: MailroomStage, count: number): Promise<void> {
  for (const server of stormServers)
    await stage.profile(profileId(server), {
      serverLocation: `https://mail${server}.contoso.test/EWS/Exchange.asmx`,
      userName: `svc${server}@contoso.test`,
    });
  for (let from = 0; from < count; from += batch) {
    const numbers = Array.from({ length: Math.min(batch, count - from) }, (_unused, index) => from + index);
    const made = await stage.mailboxes(numbers.map(addressOf));
    await stage.store.commit(
      made.map((value, index) => ({
        kind: 'put',
        collection: 'mailbox',
        key: mailboxKey(env, value.address),
        value: { ...value, profileId: profileId(serverOf(from + index)) },
      })),
    );
  }
}

/** Without an app the calls go out unsigned, as a Teams without Entra takes them. */
function unsignedAdapter(): ReturnType<typeof createAdapter> {
  const config = readConfig({
    MicrosoftAppType: 'SingleTenant',
    MicrosoftAppId: MAILROOM_APP_ID,
    MicrosoftAppTenantId: CONTOSO_TENANT_ID,
    MicrosoftAppPassword: 'not used',
    MAILROOM_KEY: Buffer.alloc(32).toString('base64'),
    MAILROOM_PUBLIC_URL: 'https://mailroom.contoso.test',
  });
  return createAdapter({ app: null, botFramework: config.botFramework, tenants: [] }, createLog({ level: 'silent' }));
}

const nobody = (): Promise<void> => Promise.reject(new Error('no such work in a storm'));
