import { onTestFinished } from 'vitest';
import { seedRoles } from '../../services/access/roles.ts';
import { changeSubscription } from '../../services/conversations/subscriptions.ts';
import { recordConversation } from '../../services/conversations/record-conversation.ts';
import { startProjector } from '../../services/jobs/projector.ts';
import { startTaskRunner, type TaskRunner } from '../../services/jobs/task-runner.ts';
import { expandList } from '../../services/mailboxes/expand-list.ts';
import { mailboxKey } from '../../services/mailboxes/mailbox-key.ts';
import type { Actor } from '../../services/model/access.ts';
import type { AuditEntry } from '../../services/model/audit.ts';
import type { ConversationReference } from '../../services/model/conversation.ts';
import type { Environment, EmailSettings } from '../../services/model/environment.ts';
import { isMailroomError, type Params } from '../../services/model/error.ts';
import type { Intent } from '../../services/model/intent.ts';
import { approvalStatus, newMailbox, type Mailbox } from '../../services/model/mailbox.ts';
import type { ModernAuthentication } from '../../services/model/modern-authentication.ts';
import type { EmailServerProfile } from '../../services/model/profile.ts';
import type { Task } from '../../services/model/run.ts';
import { secretTargetOfProfile } from '../../services/model/secret-target.ts';
import type { RetryRule } from '../../services/model/test-outcome.ts';
import { readVaultLocation } from '../../services/exchange/oauth/vault-location.ts';
import { ensureEnvironment, getEnvironment } from '../../services/platform/environments.ts';
import { checkDraft } from '../../services/profiles/check-draft.ts';
import { findServer } from '../../services/profiles/find-server.ts';
import { bindingText } from '../../services/secrets/credential-access.ts';
import { createKeyRing } from '../../services/secrets/key-ring.ts';
import { Secret } from '../../services/secrets/secret.ts';
import type { Log, ServiceContext } from '../../services/service-context.ts';
import { keyOf, type Collection, type Records, type Store, type Stored } from '../../services/storage/store.ts';
import { projectOutcomes } from '../../services/testing/project-outcomes.ts';
import { testMailbox } from '../../services/testing/test-mailbox.ts';
import { openTempStore, type TempStore } from '../storage/open-temp-store.ts';
import { ManualClock } from './manual-clock.ts';
import { ScriptedExchange } from './scripted-exchange.ts';
import { ScriptedFiles } from './scripted-files.ts';
import { savedProfile } from './saved-profile.ts';

export { account, location } from './saved-profile.ts';

export const env = 'main';
const tenantId = '11111111-1111-4111-8111-111111111111';
export const ada: Actor = { tenantId, aadObjectId: 'ada', name: 'Ada Admin' };
export const abe: Actor = { tenantId, aadObjectId: 'abe', name: 'Abe Admin' };
export const pia: Actor = { tenantId, aadObjectId: 'pia', name: 'Pia Approver' };
export const pete: Actor = { tenantId, aadObjectId: 'pete', name: 'Pete Approver' };
export const audit: Actor = { tenantId, aadObjectId: 'audit', name: 'Otto Auditor' };
export const stranger: Actor = { tenantId, aadObjectId: 'stranger', name: 'Ada Admin' };

export const adaChat = 'chat-ada';
export const password = 'Sync!Pass1-plain';

/** The app of a profile with Hybrid Modern Authentication, whose certificate was handed in. */
export const hybridApp: ModernAuthentication = {
  tenant: 'contoso.test',
  clientId: '22222222-2222-4222-8222-222222222222',
  resource: '',
  certificate: { source: 'file' },
};

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly details: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Everything that services need, with the real store in a folder of its own, a scripted Exchange and a clock by hand. */
export class MailroomStage implements ServiceContext {
  readonly clock = new ManualClock();
  readonly exchange = new ScriptedExchange();
  readonly files = new ScriptedFiles();
  readonly keys = createKeyRing([Buffer.alloc(32, 7).toString('base64')]);
  readonly lines: LogLine[] = [];
  readonly publicUrl = 'https://mailroom.contoso.test';
  readonly log: Log = {
    info: (details, message) => void this.lines.push({ level: 'info', details, message }),
    warn: (details, message) => void this.lines.push({ level: 'warn', details, message }),
    error: (details, message) => void this.lines.push({ level: 'error', details, message }),
  };
  retry: RetryRule = { attempts: 10, delayMs: 300_000 };
  pollIntervalMs: number | null = null;
  store: Store;
  readonly #temp: TempStore;

  private constructor(temp: TempStore) {
    this.#temp = temp;
    this.store = temp.store;
  }

  /** Opens a stage with its people; it is taken down when the test ends. */
  static async open(): Promise<MailroomStage> {
    const temp = await openTempStore();
    onTestFinished(() => temp.dispose());
    return MailroomStage.on(temp);
  }

  /** The same over a store that somebody else takes down. */
  static async on(temp: TempStore): Promise<MailroomStage> {
    const stage = new MailroomStage(temp);
    await ensureEnvironment(stage.store, env, 'Main');
    await seedRoles(stage, env, {
      admin: [ada.aadObjectId, abe.aadObjectId],
      approver: [pia.aadObjectId, pete.aadObjectId],
      auditor: [audit.aadObjectId],
    });
    const chat = conversation(adaChat, { kind: 'personal', aadObjectId: ada.aadObjectId });
    await recordConversation(stage.store, chat, 0);
    return stage;
  }

  readonly checkServerLocation = (url: string): string | null =>
    url.startsWith('https://') && URL.canParse(url) ? null : 'server-location.not-https';

  readonly checkVaultUrl = (url: string): string | null =>
    readVaultLocation(url) === null ? 'profile.vault-invalid' : null;

  get folder(): string {
    return this.#temp.folder;
  }

  /** Closes the store and opens its folder again, as a restart does. */
  async reopen(): Promise<void> {
    this.store = await this.#temp.reopen();
  }

  async get<C extends Collection>(collection: C, ...parts: readonly string[]): Promise<Records[C]> {
    const stored = await this.stored(collection, ...parts);
    return stored.value;
  }

  async stored<C extends Collection>(collection: C, ...parts: readonly string[]): Promise<Stored<Records[C]>> {
    const found = await this.store.get(collection, keyOf(env, ...parts));
    if (found === undefined) throw new Error(`no ${collection} ${parts.join('/')}`);
    return found;
  }

  async all<C extends Collection>(collection: C): Promise<Records[C][]> {
    return (await this.store.query(collection, { limit: 100_000 })).map(({ value }) => value);
  }

  mailbox(address: string): Promise<Mailbox> {
    return this.get('mailbox', address);
  }

  async audit(kind?: AuditEntry['kind']): Promise<AuditEntry[]> {
    const entries: AuditEntry[] = [];
    for await (const entry of this.store.readLog('audit')) entries.push(entry);
    return entries.filter((entry) => kind === undefined || entry.kind === kind);
  }

  /** Intents as `conversation kind`, sorted. */
  async wishes(kind?: Intent['kind']): Promise<string[]> {
    const intents = await this.all('intent');
    return intents
      .filter((intent) => kind === undefined || intent.kind === kind)
      .map((intent) => `${intent.conversationId} ${intent.kind}`)
      .sort();
  }

  /** Takes the intents away, as the outbox does when it has sent them. */
  async sendAll(): Promise<void> {
    const intents = await this.store.query('intent', { limit: 100_000 });
    await this.store.commit(intents.map(({ key }) => ({ kind: 'delete', collection: 'intent', key })));
  }

  async settings(changes: Partial<EmailSettings>): Promise<Environment> {
    const { key, value } = await getEnvironment(this.store, env);
    const environment = { ...value, settings: { ...value.settings, ...changes }, revision: value.revision + 1 };
    await this.store.commit([{ kind: 'put', collection: 'environment', key, value: environment }]);
    return environment;
  }

  subscribe(conversationId: string, change: Parameters<typeof changeSubscription>[4]): Promise<unknown> {
    return changeSubscription(this, env, ada, conversationId, change);
  }

  /** A saved, active profile with a usable secret; the default of the environment. */
  async profile(id = 'p1', changes: Partial<EmailServerProfile> = {}): Promise<EmailServerProfile> {
    const key = keyOf(env, id);
    const profile = { ...savedProfile(env, id, ada.aadObjectId, this.clock.now()), ...changes };
    const binding = { ...secretTargetOfProfile(profile), ownerRecord: key };
    await this.store.commit([
      { kind: 'put', collection: 'profile', key, value: profile },
      {
        kind: 'put',
        collection: 'credential',
        key: keyOf(env, profile.credentialId),
        value: {
          environmentId: env,
          id: profile.credentialId,
          binding,
          envelope: this.keys.seal(new Secret(password), bindingText(binding)),
          certificate: null,
          setBy: ada.aadObjectId,
          setAt: this.clock.now(),
          refused: false,
          revision: 1,
        },
      },
    ]);
    await this.settings({ defaultProfileId: id });
    return profile;
  }

  /** The same with Hybrid Modern Authentication; its secret is the certificate. */
  oauthProfile(id = 'p1', app: ModernAuthentication = hybridApp): Promise<EmailServerProfile> {
    return this.profile(id, {
      authenticationProtocol: 4,
      credentialRetrieval: 6,
      userName: '',
      modernAuthentication: app,
    });
  }

  /** Changes the stored record of a profile, and leaves its secret as it was. */
  async changeProfile(id: string, changes: Partial<EmailServerProfile>): Promise<void> {
    const { key, value } = await this.stored('profile', id);
    await this.store.commit([{ kind: 'put', collection: 'profile', key, value: { ...value, ...changes } }]);
  }

  /** Mailboxes as an import and an approval leave them, unless the changes say otherwise. */
  async mailboxes(addresses: readonly string[], changes: Partial<Mailbox> = {}): Promise<Mailbox[]> {
    const made = addresses.map((address): Mailbox => ({
      ...newMailbox(
        {
          environmentId: env,
          id: address,
          address,
          type: 'user',
          owner: address,
          importedBy: ada.aadObjectId,
          createdAt: this.clock.now(),
        },
        {
          profileId: 'p1',
          incomingMethod: 2,
          outgoingMethod: 2,
          actMethod: 1,
          approval: approvalStatus.approved,
        },
      ),
      ...changes,
    }));
    await this.store.commit(
      made.map((value) => ({ kind: 'put', collection: 'mailbox', key: mailboxKey(env, value.address), value })),
    );
    return made;
  }

  async change(address: string, changes: Partial<Mailbox>): Promise<void> {
    const { key, value } = await this.stored('mailbox', address);
    await this.store.commit([
      { kind: 'put', collection: 'mailbox', key, value: { ...value, ...changes, revision: value.revision + 1 } },
    ]);
  }

  task(address: string): Promise<Stored<Task> | undefined> {
    return this.store.get('task', keyOf(env, 'test-mailbox', address));
  }

  runTasks(capacity?: number): Promise<TaskRunner> {
    return startTaskRunner({
      store: this.store,
      clock: this.clock,
      log: this.log,
      handlers: {
        'test-mailbox': (task, signal) => testMailbox(this, task, signal),
        'check-draft': (task, signal) => checkDraft(this, task, signal),
        'find-server': (task, signal) => findServer(this, task, signal),
        'expand-list': (task, signal) => expandList(this, task, signal),
      },
      ...(capacity === undefined ? {} : { capacity }),
    });
  }

  /** Does all that is due now and folds what it gave. */
  async work(): Promise<void> {
    const runner = await this.runTasks();
    await runner.idle();
    await runner.stop();
    await this.fold();
  }

  async fold(): Promise<number> {
    let folded = 0;
    for (let more = -1; more !== 0; folded += more) more = await projectOutcomes(this, env);
    return folded;
  }

  projector(paceMs?: number): ReturnType<typeof startProjector> {
    return startProjector(this, env, paceMs);
  }
}

export function conversation(
  conversationId: string,
  changes: Partial<ConversationReference> = {},
): Omit<ConversationReference, 'revision' | 'deadReason' | 'deadSince' | 'deathNotice'> {
  return {
    conversationId,
    environmentId: env,
    kind: 'channel',
    serviceUrl: 'https://smba.example/amer/',
    tenantId,
    botId: '28:bot',
    botName: 'Mailroom',
    aadObjectId: null,
    locale: 'en-US',
    timeZone: null,
    language: null,
    name: conversationId,
    ...changes,
  };
}

export const addresses = (count: number, domain = 'contoso.test'): string[] =>
  Array.from({ length: count }, (_, index) => `user${String(index + 1).padStart(4, '0')}@${domain}`);

/** A list whose order does not matter, in one that does not change. */
export function inOrder<T>(items: readonly T[]): T[] {
  const keyed = items.map((item) => ({ item, key: JSON.stringify(item) }));
  return keyed.sort((left, right) => (left.key < right.key ? -1 : 1)).map(({ item }) => item);
}

/** The code that a use case refuses with; a failed expectation when it does not refuse. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  return (await refusalOf(work)).code;
}

export async function refusalOf(work: Promise<unknown>): Promise<{ code: string; params: Params }> {
  try {
    await work;
  } catch (error) {
    if (isMailroomError(error)) return { code: error.code, params: error.params };
    throw error;
  }
  throw new Error('it was not refused');
}
