import { Journey, type SeenCard } from '../../sandbox/journey.ts';
import { readActions } from '../../sandbox/teams/card-reading.ts';
import { OBJECT_IDS, person } from '../../sandbox/teams/people.ts';
import type { InvokeOutcome } from '../../sandbox/teams/invoke-answer.ts';
import { startWorld, type World } from '../../sandbox/world.ts';
import type { BotProcess } from '../../sandbox/bot-process.ts';
import { tellsOfRemoval, type AuditEntry } from '../../services/model/audit.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { verifyLog } from '../../services/storage/log-chain.ts';
import type { Store } from '../../services/storage/store.ts';

/** Ada asks; these three decide. */
export const approvers = ['ben', 'cleo', 'dora'] as const;

/** Teams fetches views of their own for so many. */
const mostReaders = 60;
const crowd = Array.from({ length: mostReaders - approvers.length }, (_unused, index) =>
  person({
    id: `reader${index}`,
    name: `Reader ${index}`,
    aadObjectId: `4eade400-0000-4000-8000-${String(index).padStart(12, '0')}`,
  }),
);

const personal = 'personal';
const channel = 'Mailroom approvals';

/** A request that stands in the channel, as each of the three sees it. */
export interface RaisedRequest {
  readonly raiseMs: number;
  readonly cards: readonly SeenCard[];
  /** The most new messages that a conversation got. */
  readonly messages: number;
}

/** First answers to clicks on requests of one mailbox each, ms. */
export interface SingleClicks {
  readonly approveMs: readonly number[];
  readonly rejectMs: readonly number[];
}

/** One request, from the click that raises it to the last card that says how it ended; ms. */
export interface ApprovalRound {
  /** From the admin's confirmation until the card stands in the channel. */
  readonly raiseMs: number;
  /** First answers, as the three get them: to "Approve all", and to the confirmation behind it. */
  readonly askMs: readonly number[];
  readonly confirmMs: readonly number[];
  /** From the confirmation until nothing in the channel or in the views of the three decides any more. */
  readonly finalMs: number;
  /** The most new messages that a conversation got. */
  readonly messages: number;
}

/**
 * The real bot and a Teams on loopback, in which many mailboxes wait for three approvers, who click at the same instant.
 * They have the channel open: their clients fetch their own views after each edit, as Teams' do.
 */
export class ApprovalPlay {
  readonly world: World;
  readonly bot: BotProcess;
  readonly #journey: Journey;
  /** Addresses that were or will be approved, and those that were rejected. */
  readonly #asked: string[] = [];
  readonly #rejected: string[] = [];

  private constructor(world: World, bot: BotProcess) {
    this.world = world;
    this.bot = bot;
    this.#journey = new Journey(world);
  }

  static async open(environment: Readonly<Record<string, string>> = {}): Promise<ApprovalPlay> {
    const world = await startWorld({ mailboxes: [] });
    try {
      const ids = [...approvers.map((who) => OBJECT_IDS[who]), ...crowd.map(({ aadObjectId }) => aadObjectId)].join(
        ',',
      );
      const bot = await world.startBot({ MAILROOM_APPROVERS: ids, ...environment });
      const play = new ApprovalPlay(world, bot);
      for (const who of ['ada', ...approvers]) await world.teams.installs.installEverywhere(who);
      // They have the team, and no chat with the bot: it knows them by their roles alone until they look.
      world.teams.state.people.push(...crowd);
      world.teams.state.team.members.push(...crowd.map(({ id }) => id));
      await play.#journey.say('ada', channel, 'approvers here');
      return play;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.bot.crash();
    await this.world.close();
  }

  /** So many new mailboxes become Pending together and are decided: each approver clicks twice, and the first confirmation counts. */
  async round(mailboxes: number): Promise<ApprovalRound> {
    const raised = await this.raise(mailboxes);
    const { messages, ...decided } = await this.decide(raised);
    return { raiseMs: raised.raiseMs, ...decided, messages: raised.messages + messages };
  }

  /** So many new mailboxes become Pending together. */
  async raise(mailboxes: number): Promise<RaisedRequest> {
    const first = this.#asked.length + this.#rejected.length;
    const addresses = Array.from({ length: mailboxes }, (_unused, index) => `user${first + index}@contoso.test`);
    const attachment = this.world.teams.files.upload({ name: 'mailboxes.csv', content: addresses.join('\n') });
    await this.world.teams.acts.send('ada', personal, '', { attachments: [attachment] });
    const isNew = this.#newSince();
    const confirm = await this.#journey.see('ada', personal, (seen) => hasVerb(seen, 'import.confirm'), 'the dry run');

    const raisedAt = performance.now();
    await this.#click('ada', confirm, 'import.confirm', { testWhenApproved: 'false' });
    const cards = await Promise.all(
      approvers.map((who) =>
        this.#journey.see(who, channel, (seen) => isNew(seen) && hasVerb(seen, 'approval.approve-all'), 'the request'),
      ),
    );
    const raiseMs = performance.now() - raisedAt;
    this.#asked.push(...addresses);
    return { raiseMs, cards, messages: this.#mostMessages(isNew) };
  }

  /** The three click at the same instant, each twice: the first confirmation counts. */
  async decide({ cards }: RaisedRequest): Promise<Omit<ApprovalRound, 'raiseMs'>> {
    const isNew = this.#newSince();
    const ids = new Set(cards.map(({ message }) => message.id));
    const asked = await Promise.all(
      approvers.map((who, index) => this.#click(who, cards[index], 'approval.approve-all')),
    );
    const confirmedAt = performance.now();
    const confirmed = await Promise.all(
      approvers.map((who, index) => this.#click(who, cards[index], 'approval.confirm-all')),
    );
    await this.world.teams.waitFor(
      () =>
        approvers.every((who) =>
          this.#journey
            .cards(who, channel)
            .filter((seen) => ids.has(seen.message.id) || isNew(seen))
            .every((seen) => !decides(seen)),
        ),
      { timeoutMs: 60_000, what: 'no card decides any more' },
    );
    return {
      askMs: asked.map(({ tookMs }) => tookMs),
      confirmMs: confirmed.map(({ tookMs }) => tookMs),
      finalMs: performance.now() - confirmedAt,
      messages: this.#mostMessages(isNew),
    };
  }

  /** Requests of one mailbox each, one after the other; every third is rejected in its dialog: two clicks. */
  async singles(count: number): Promise<SingleClicks> {
    const approveMs: number[] = [];
    const rejectMs: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const { cards } = await this.raise(1);
      const who = approvers[index % approvers.length] ?? 'ben';
      const seen = cards[index % approvers.length];
      if (index % 3 < 2) {
        approveMs.push((await this.#click(who, seen, 'approval.approve-all')).tookMs);
        continue;
      }
      const { dialogs } = this.world.teams;
      const opened = await dialogs.open(who, seen?.message.id ?? '', { verb: 'approval.reject-dialog' });
      if (opened.kind !== 'dialog') throw new Error(`no dialog opened: ${opened.kind}`);
      const done = await dialogs.submit(who, opened.dialog, { verb: 'approval.reject' }, { reason: 'Not in use' });
      rejectMs.push(opened.tookMs, done.tookMs);
      this.#rejected.push(...this.#asked.splice(-1));
    }
    return { approveMs, rejectMs };
  }

  /** Clients of the three fetch their views, so often one after the other; ms of each answer. */
  async refresh({ cards }: RaisedRequest, times: number): Promise<number[]> {
    const all = await Promise.all(
      approvers.map(async (who, index) => {
        const tookMs: number[] = [];
        for (let time = 0; time < times; time += 1) tookMs.push(await this.#fetchView(who, cards[index]));
        return tookMs;
      }),
    );
    return all.flat();
  }

  /** The clients of sixty approvers, as many as Teams does it for, fetch their views of one card at the same instant. */
  refreshByAll({ cards: [card] }: RaisedRequest): Promise<number[]> {
    return Promise.all([...approvers, ...crowd.map(({ id }) => id)].map((who) => this.#fetchView(who, card)));
  }

  /** Ends the bot and says what its store does not hold as it should, in words; `look` sees that store. */
  async check(
    look: (store: Store) => Promise<void> = () => Promise.resolve(),
  ): Promise<{ right: number; wrong: string[] }> {
    await this.bot.stop();
    const store = await openJournalStore({ folder: this.world.environment['MAILROOM_DATA_DIR'] ?? '' });
    try {
      const wrong: string[] = [];
      const entries = new Map<string, AuditEntry[]>();
      for await (const entry of store.readLog('audit')) {
        if (entry.kind !== 'approval.approved') continue;
        if (entry.subjects.length !== 1) wrong.push(`an entry names ${entry.subjects.length} mailboxes`);
        const address = entry.subjects[0] ?? '';
        entries.set(address, [...(entries.get(address) ?? []), entry]);
      }
      for (const address of this.#rejected)
        if (entries.has(address)) wrong.push(`${address} was rejected and has an entry that says approved`);
      let right = 0;
      for (const address of this.#asked) {
        const mine = entries.get(address) ?? [];
        const { value } = (await store.get('mailbox', `main/${address}`)) ?? {};
        const [entry] = mine;
        const isRight =
          mine.length === 1 &&
          entry?.details['request'] === value?.approvalRequestId &&
          entry?.details['askedById'] === OBJECT_IDS.ada &&
          value?.decidedAt === entry?.at;
        if (isRight) right += 1;
        else if (wrong.length < 5) wrong.push(`${address} has ${mine.length} entries, or one that is not its own`);
      }
      for (const { value } of await store.query('approvalRequest', { limit: 1000 }))
        if (value.pending > 0 || value.approved + value.rejected !== value.total)
          wrong.push(`request ${value.id} is not over`);
      const { problem } = await verifyLog(store, 'audit', tellsOfRemoval);
      if (problem !== null) wrong.push(`the trail is ${problem}`);
      await look(store);
      return { right, wrong };
    } finally {
      await store.close();
    }
  }

  async #click(
    who: string,
    seen: SeenCard | undefined,
    verb: string,
    inputs: Readonly<Record<string, string>> = {},
  ): Promise<InvokeOutcome> {
    const result = await this.world.teams.acts.click(who, seen?.message.id ?? '', { verb }, { ...inputs });
    if (result.kind !== 'execute' || result.outcome.kind !== 'card')
      throw new Error(`"${verb}" of ${who} showed ${JSON.stringify(result).slice(0, 300)}`);
    return result.outcome;
  }

  async #fetchView(who: string, seen: SeenCard | undefined): Promise<number> {
    const outcome = await this.world.teams.acts.refresh(who, seen?.message.id ?? '', 'automatic');
    if (outcome.kind !== 'card') throw new Error(`the view of ${who} is ${JSON.stringify(outcome).slice(0, 300)}`);
    return outcome.tookMs;
  }

  #newSince(): (seen: Pick<SeenCard, 'message'>) => boolean {
    const known = new Set(this.world.teams.state.messages.keys());
    return ({ message }) => !known.has(message.id);
  }

  #mostMessages(isNew: (seen: Pick<SeenCard, 'message'>) => boolean): number {
    const counts = new Map<string, number>();
    for (const message of this.world.teams.state.messages.values())
      if (message.from === 'bot' && isNew({ message }))
        counts.set(message.conversationId, (counts.get(message.conversationId) ?? 0) + 1);
    return Math.max(0, ...counts.values());
  }
}

const hasVerb = ({ card }: SeenCard, verb: string): boolean => readActions(card).some((action) => action.verb === verb);

const decides = (seen: SeenCard): boolean =>
  ['approval.approve-all', 'approval.confirm-all', 'approval.choose', 'approval.view'].some((verb) =>
    hasVerb(seen, verb),
  );
