import { Journey, type SeenCard } from '../../sandbox/journey.ts';
import { readActions } from '../../sandbox/teams/card-reading.ts';
import { OBJECT_IDS } from '../../sandbox/teams/people.ts';
import type { InvokeOutcome } from '../../sandbox/teams/invoke-answer.ts';
import { startWorld, type World } from '../../sandbox/world.ts';
import type { BotProcess } from '../../sandbox/bot-process.ts';
import { tellsOfRemoval, type AuditEntry } from '../../services/model/audit.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { verifyLog } from '../../services/storage/log-chain.ts';
import type { Store } from '../../services/storage/store.ts';

/** Ada asks; these three decide. */
export const approvers = ['ben', 'cleo', 'dora'] as const;

const personal = 'personal';
const channel = 'Mailroom approvals';

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
  readonly #asked: string[] = [];

  private constructor(world: World, bot: BotProcess) {
    this.world = world;
    this.bot = bot;
    this.#journey = new Journey(world);
  }

  static async open(environment: Readonly<Record<string, string>> = {}): Promise<ApprovalPlay> {
    const world = await startWorld({ mailboxes: [] });
    try {
      const ids = approvers.map((who) => OBJECT_IDS[who]).join(',');
      const bot = await world.startBot({ MAILROOM_APPROVERS: ids, ...environment });
      const play = new ApprovalPlay(world, bot);
      for (const who of ['ada', ...approvers]) await world.teams.installs.installEverywhere(who);
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
    const { teams } = this.world;
    const first = this.#asked.length;
    const addresses = Array.from({ length: mailboxes }, (_unused, index) => `user${first + index}@contoso.test`);
    this.#asked.push(...addresses);
    const attachment = teams.files.upload({ name: 'mailboxes.csv', content: addresses.join('\n') });
    await teams.acts.send('ada', personal, '', { attachments: [attachment] });
    const known = new Set(teams.state.messages.keys());
    const isNew = ({ message }: SeenCard): boolean => !known.has(message.id);
    const confirm = await this.#journey.see('ada', personal, (seen) => hasVerb(seen, 'import.confirm'), 'the dry run');

    const raisedAt = performance.now();
    await this.#click('ada', confirm, 'import.confirm', { testWhenApproved: 'false' });
    const cards = await Promise.all(
      approvers.map((who) =>
        this.#journey.see(who, channel, (seen) => isNew(seen) && hasVerb(seen, 'approval.approve-all'), 'the request'),
      ),
    );
    const raiseMs = performance.now() - raisedAt;

    const asked = await Promise.all(
      approvers.map((who, index) => this.#click(who, cards[index], 'approval.approve-all')),
    );
    const confirmedAt = performance.now();
    const confirmed = await Promise.all(
      approvers.map((who, index) => this.#click(who, cards[index], 'approval.confirm-all')),
    );
    await teams.waitFor(
      () =>
        approvers.every((who) =>
          this.#journey
            .cards(who, channel)
            .filter(isNew)
            .every((seen) => !decides(seen)),
        ),
      { timeoutMs: 60_000, what: 'no card decides any more' },
    );
    return {
      raiseMs,
      askMs: asked.map(({ tookMs }) => tookMs),
      confirmMs: confirmed.map(({ tookMs }) => tookMs),
      finalMs: performance.now() - confirmedAt,
      messages: this.#mostMessages(known),
    };
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
        if (value.pending > 0 || value.approved !== value.total) wrong.push(`request ${value.id} is not over`);
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

  #mostMessages(known: ReadonlySet<string>): number {
    const counts = new Map<string, number>();
    for (const { id, from, conversationId } of this.world.teams.state.messages.values())
      if (from === 'bot' && !known.has(id)) counts.set(conversationId, (counts.get(conversationId) ?? 0) + 1);
    return Math.max(0, ...counts.values());
  }
}

const hasVerb = ({ card }: SeenCard, verb: string): boolean => readActions(card).some((action) => action.verb === verb);

const decides = (seen: SeenCard): boolean =>
  ['approval.approve-all', 'approval.confirm-all', 'approval.choose', 'approval.view'].some((verb) =>
    hasVerb(seen, verb),
  );
