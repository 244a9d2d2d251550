import { startOutbox, type Outbox, type OutboxOptions } from '../../../bot/deliver/outbox.ts';
import type { Rendered } from '../../../bot/deliver/send-intent.ts';
import { intentChange } from '../../../services/conversations/intents.ts';
import type { ConversationReference } from '../../../services/model/conversation.ts';
import type { Intent, IntentKind } from '../../../services/model/intent.ts';
import type { Run, RunState } from '../../../services/model/run.ts';
import { keyOf, type Change, type Store } from '../../../services/storage/store.ts';
import { openTempStore, type TempStore } from '../../storage/open-temp-store.ts';
import { RecordedTeams } from './recorded-teams.ts';
import { StepClock } from './step-clock.ts';

export const environmentId = 'e1';

export interface LogLine {
  readonly level: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A store, a recorded Teams and an outbox between them, on a clock that the test moves. */
export class OutboxStage {
  readonly clock = new StepClock();
  readonly teams = new RecordedTeams(this.clock);
  readonly lines: LogLine[] = [];
  /** What a subject looks like now; the summary of its card. */
  readonly subjects = new Map<string, Rendered>();
  readonly #temp: TempStore;
  store: Store;
  outbox: Outbox | null = null;

  private constructor(temp: TempStore) {
    this.#temp = temp;
    this.store = temp.store;
  }

  static async open(): Promise<OutboxStage> {
    return new OutboxStage(await openTempStore());
  }

  start(options: Partial<OutboxOptions> = {}): void {
    const line = (level: string) => (details: Readonly<Record<string, unknown>>, message: string) =>
      void this.lines.push({ level, details, message });
    this.outbox = startOutbox({
      store: this.store,
      clock: this.clock,
      connector: this.teams,
      render: (intent) => Promise.resolve(this.#look(intent)),
      log: { info: line('info'), warn: line('warn'), error: line('error') },
      random: () => 0,
      ...options,
    });
  }

  /** Opens the folder again, as after a restart; the outbox has to be started again. */
  async reopen(): Promise<void> {
    await this.outbox?.stop();
    this.store = await this.#temp.reopen();
  }

  async dispose(): Promise<void> {
    await this.outbox?.stop();
    await this.#temp.dispose();
  }

  async know(...conversationIds: readonly string[]): Promise<void> {
    await this.store.commit(conversationIds.map((id) => conversationChange(id)));
  }

  /** Sets what a subject looks like (null: it is gone) and wishes it to be shown. */
  async wish(
    conversationId: string,
    subjectId: string,
    look: string | Exclude<Rendered, 'gone'> | null = subjectId,
    options: { kind?: IntentKind; placement?: Intent['placement'] } = {},
  ): Promise<void> {
    this.subjects.set(subjectId, typeof look === 'string' ? { card: {}, summary: look } : (look ?? 'gone'));
    await this.store.commit([
      intentChange(
        environmentId,
        options.kind ?? 'incident',
        subjectId,
        conversationId,
        this.clock.now(),
        options.placement,
      ),
    ]);
  }

  /** A run whose card tells of progress, or of its end. */
  async setRun(id: string, state: RunState): Promise<void> {
    await this.store.commit([
      { kind: 'put', collection: 'run', key: keyOf(environmentId, id), value: runOf(id, state) },
    ]);
  }

  async idle(): Promise<void> {
    await this.outbox?.idle();
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms, () => this.idle());
  }

  intents(): Promise<number> {
    return this.store.count('intent', {});
  }

  #look(intent: Intent): Rendered {
    return this.subjects.get(intent.subjectId) ?? 'gone';
  }
}

function runOf(id: string, state: RunState): Run {
  return {
    environmentId,
    id,
    title: { kind: 'approved' },
    requestedBy: 'ada',
    requestedByName: 'Ada',
    conversationId: 'c1',
    state,
    total: 1,
    done: 0,
    succeeded: 0,
    failed: 0,
    retrying: 0,
    causes: {},
    leftOut: { notApproved: 0, withoutProfile: 0, nothingToTest: 0, alreadyInRun: 0 },
    samples: [],
    results: 'kept',
    startedAt: 0,
    finishedAt: state === 'completed' ? 1 : null,
    revision: 1,
  };
}

export function conversationChange(conversationId: string, deadReason: string | null = null): Change {
  return {
    kind: 'put',
    collection: 'conversation',
    key: keyOf(environmentId, conversationId),
    value: placeOf(conversationId, { deadReason }),
  };
}

/** A conversation as Teams told of it: a chat, unless `changes` say something else. */
export function placeOf(conversationId: string, changes: Partial<ConversationReference> = {}): ConversationReference {
  return {
    conversationId,
    environmentId,
    kind: 'personal',
    serviceUrl: 'https://smba.example/amer/',
    tenantId: '11111111-1111-4111-8111-111111111111',
    botId: '28:bot',
    botName: 'Mailroom',
    aadObjectId: null,
    locale: 'en-US',
    timeZone: null,
    language: null,
    name: conversationId,
    deadReason: null,
    deadSince: null,
    deathNotice: null,
    revision: 1,
    ...changes,
  };
}
