import type { BotProcess } from '../../sandbox/bot-process.ts';
import { Journey, linkOf, type SeenCard } from '../../sandbox/journey.ts';
import { readActions, type CardAction } from '../../sandbox/teams/card-reading.ts';
import { ActError } from '../../sandbox/teams/errors.ts';
import { OBJECT_IDS } from '../../sandbox/teams/people.ts';
import { startWorld, type World } from '../../sandbox/world.ts';
import type { EmailServerProfile } from '../../services/model/profile.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { randomFrom } from './random.ts';

/*
 * Guided creations as impatient people walk through them, against the real process: answers, back, cancel, junk, old cards,
 * two clicks at once, wrong codes and passwords, other commands in between, and restarts of the process. Each ends in saved,
 * cancelled, or a question that can be answered; what is saved is what the review showed.
 */

export interface RandomDraftsOptions {
  readonly seed: number;
  readonly sequences: number;
  /** Ends of the process, about half of them by SIGKILL. */
  readonly restarts: number;
  readonly note?: (line: string) => void;
}

export interface RandomDraftsFigures {
  readonly seed: number;
  readonly sequences: number;
  readonly restarts: number;
  /** Things that people did. */
  readonly acts: number;
  readonly saved: number;
  /** Sequences that stood at a question at their end; it was asked again and then cancelled. */
  readonly questions: number;
  readonly ms: number;
  /** What does not hold, in words; empty when all is well. */
  readonly broken: readonly string[];
}

const personal = 'personal';
const people = ['ada', 'ben'] as const;
const actsEach = 14;
const probe = 'user1@contoso.test';
const shownWithinMs = 20_000;
/** Some answers change nothing. */
const movedWithinMs = 5_000;
const junk = ['', ' ', 'x'.repeat(3000), '{{DATE(2025-01-01T00:00:00Z)}}', '${name}', '</form>', '\u202Etxt', '-1'];
const otherWords = ['profiles', 'help', 'mailboxes', 'what now?', 'yes', '1234'];

export async function playRandomDrafts(options: RandomDraftsOptions): Promise<RandomDraftsFigures> {
  const startedAt = Date.now();
  const user = { address: probe, displayName: 'User 1', type: 'user', owner: probe, trouble: undefined } as const;
  const world = await startWorld({ mailboxes: [user] });
  try {
    for (const who of people) await world.teams.installs.installEverywhere(who);
    const player = new Player(world, options);
    await player.play();
    const { acts, questions, broken, reviews } = player;
    const profiles = await readProfiles(world.environment['MAILROOM_DATA_DIR'] ?? '');
    for (const profile of profiles) broken.push(...notAsReviewed(profile, reviews.get(profile.name)));
    if (profiles.length !== reviews.size) broken.push(`${reviews.size} were told as saved, ${profiles.length} are`);
    const { seed, sequences, restarts } = options;
    return { seed, sequences, restarts, acts, saved: profiles.length, questions, ms: Date.now() - startedAt, broken };
  } finally {
    await world.close();
  }
}

class Player {
  acts = 0;
  questions = 0;
  readonly broken: string[] = [];
  /** Text of the review that was saved, by the name of its profile. */
  readonly reviews = new Map<string, string>();
  /** Who has begun something and neither saved nor cancelled it: a card will come, also where it is just being moved. */
  readonly #open = new Set<string>();
  readonly #world: World;
  readonly #journey: Journey;
  readonly #options: RandomDraftsOptions;
  readonly #random: () => number;

  constructor(world: World, options: RandomDraftsOptions) {
    this.#world = world;
    this.#journey = new Journey(world);
    this.#options = options;
    this.#random = randomFrom(options.seed);
  }

  async play(): Promise<void> {
    const { sequences, restarts, note = () => undefined } = this.#options;
    const restartsAt = new Set(
      Array.from({ length: restarts }, (_, index) => Math.floor(((index + 0.5) * sequences) / restarts)),
    );
    let bot = await this.#start();
    try {
      for (let number = 0; number < sequences; number += 1) {
        const who = this.#pick(people);
        await this.#say(who, 'create profile');
        for (let act = 0; act < actsEach; act += 1) {
          await this.#actOnce(who, number);
          await this.#waitForCard(who);
          if (act !== actsEach / 2 || !restartsAt.has(number)) continue;
          if (this.#random() < 0.5) await bot.crash();
          else await bot.stop();
          this.#readLog(bot);
          bot = await this.#start();
        }
        if (number % 3 === 2) await this.#finish(who, `Straight ${number}`);
        else await this.#leave(who, number);
        if (number % 20 === 19) note(`${number + 1} sequences, ${this.acts} acts, ${this.reviews.size} saved`);
      }
      await bot.stop();
      this.#readLog(bot);
    } finally {
      await bot.crash();
    }
  }

  #start(): Promise<BotProcess> {
    const admins = people.map((who) => OBJECT_IDS[who]).join(',');
    return this.#world.startBot({ MAILROOM_ADMINS: admins, MAILROOM_APPROVERS: '' });
  }

  /** What nobody foresaw is logged as an error; people would have read of a reference. */
  #readLog(bot: BotProcess): void {
    const errors = bot
      .output()
      .split('\n')
      .filter((line) => /"level":"(error|fatal)"/.test(line));
    this.broken.push(...errors.slice(0, 3).map((line) => `logged: ${line.slice(0, 400)}`));
  }

  async #actOnce(who: string, number: number): Promise<void> {
    const card = this.#cards(who).at(-1);
    const dice = this.#random();
    if (card === undefined || dice < 0.05) await this.#say(who, 'create profile');
    else if (dice < 0.09) await this.#say(who, this.#pick(['back', 'cancel']));
    else if (dice < 0.13) await this.#say(who, this.#pick(otherWords));
    else if (hasForm(card) && dice < 0.75) await this.#handIn(who, card);
    // An older card, at times: what it says is long over.
    else await this.#clickAny(who, dice < 0.18 ? this.#pick(this.#cards(who)) : card, number);
  }

  async #clickAny(who: string, seen: SeenCard, number: number): Promise<void> {
    const actions = draftActions(seen);
    // The way on is taken more often than the others.
    const action = this.#random() < 0.8 ? actions[0] : this.#pick(actions);
    if (action === undefined) return;
    const values = this.#spoilt(this.#valuesFor(action, `Contoso ${number}`));
    const clicks = this.#random() < 0.1 ? [action, action] : [action];
    await Promise.all(clicks.map((one) => this.#click(who, seen, one, values)));
  }

  async #click(who: string, seen: SeenCard, { verb, data }: CardAction, values: Record<string, string>): Promise<void> {
    this.acts += 1;
    const action = { verb, data: { ...data, ...values } };
    const outcome = await this.#world.teams.acts.execute(who, seen.message.id, action).catch((error: unknown) => {
      // The card was moved under the finger.
      if (error instanceof ActError) return null;
      throw error;
    });
    if (outcome === null) return;
    if (outcome.kind === 'unreachable' || outcome.kind === 'error')
      this.broken.push(`"${verb}" was answered with ${outcome.status}, ${outcome.kind}`);
    if (outcome.kind !== 'card') return;
    if (isOverCard(outcome.card)) this.#open.delete(who);
    if (verb === 'profile.save' && isSavedCard(outcome.card)) this.reviews.set(nameOnReview(seen), seen.text);
  }

  #valuesFor({ inputs }: CardAction, name: string): Record<string, string> {
    const good: Readonly<Record<string, string>> = {
      name,
      isDefault: this.#pick(['true', 'false']),
      serverLocation: this.#world.ewsUrl,
      useSameSettingsForOutgoing: this.#pick(['true', 'true', 'false']),
      outgoingServerLocation: this.#world.ewsUrl,
      userName: this.#world.exchange.serviceAccount.principalName,
      autodiscover: 'inactive',
      authentication: 'basic',
      access: 'impersonation',
      probeAddress: probe,
      maxConcurrentConnections: this.#pick(['1', '27', '300']),
      description: this.#pick(['', 'Made at random']),
      // A form shows again what was wrong: whoever goes on has to correct it.
      minPollingIntervalMinutes: '0',
      timeoutMailboxConnectionAfterAmount: '100000',
      processEmailsReceivedAfter: '',
    };
    return Object.fromEntries(inputs.map(({ id, initial = '' }) => [id, good[id] ?? initial]));
  }

  #spoilt(values: Record<string, string>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(values).map(([id, value]) => [id, this.#random() < 0.02 ? this.#pick(junk) : value]),
    );
  }

  /** Opens the link, hands a password in, and says the code. */
  async #handIn(who: string, seen: SeenCard): Promise<void> {
    const code = await this.#post(seen, this.#random() < 0.85 ? this.#password : 'wrong');
    if (code !== undefined && this.#random() < 0.9) await this.#say(who, this.#random() < 0.9 ? code : '0000');
  }

  get #password(): string {
    return this.#world.exchange.serviceAccount.password;
  }

  async #post(seen: SeenCard, password: string): Promise<string | undefined> {
    this.acts += 1;
    const { page } = await this.#journey.postForm(linkOf(seen.card), { password });
    return /class="code"[^>]*>(\d{4})</.exec(page)?.[1];
  }

  /** From wherever it stands, the right answers lead to a profile. */
  async #finish(who: string, name: string): Promise<void> {
    await this.#say(who, 'create profile');
    for (let step = 0; step < 25 && !this.reviews.has(name); step += 1) {
      await this.#waitForCard(who);
      const card = this.#cards(who).at(-1);
      if (card === undefined) {
        // It is just being moved, or ended: who asks again is shown where it stands.
        await this.#say(who, 'create profile');
        continue;
      }
      const code = hasForm(card) ? await this.#post(card, this.#password) : undefined;
      if (code !== undefined) await this.#say(who, code);
      else await this.#goOn(who, card, name);
      await this.#waitForChange(who, card);
    }
    if (!this.reviews.has(name)) this.broken.push(`"${name}" could not be finished`);
  }

  /** The likely button; a review of other values goes back first. */
  async #goOn(who: string, card: SeenCard, name: string): Promise<void> {
    const actions = draftActions(card);
    const isOfOther = actions[0]?.verb === 'profile.save' && nameOnReview(card) !== name;
    // Nobody knows the code of a form that was sent before.
    const lost = actions[0]?.verb === 'profile.confirm-code' ? 'profile.new-link' : null;
    const wanted = isOfOther ? 'profile.back' : (lost ?? actions[0]?.verb);
    const action = actions.find(({ verb }) => verb === wanted);
    if (action !== undefined) await this.#click(who, card, action, this.#valuesFor(action, name));
  }

  /** Whatever came before: the conversation can be taken up again, and left. */
  async #leave(who: string, number: number): Promise<void> {
    if (/we go on with it/.test(await this.#say(who, 'create profile'))) this.questions += 1;
    await this.#world.teams.waitFor(() => this.#cards(who).length > 0, {
      timeoutMs: shownWithinMs,
      what: `sequence ${number} asks ${who} something`,
    });
    if (!/Nothing was saved/.test(await this.#say(who, 'cancel')))
      this.broken.push(`sequence ${number} could not be left`);
  }

  /** A check that goes on ends by itself, and a card that is moved comes again. */
  async #waitForCard(who: string): Promise<void> {
    const stands = (): boolean => {
      const cards = this.#cards(who);
      return (cards.length > 0 || !this.#open.has(who)) && cards.every((seen) => !isChecking(seen));
    };
    await this.#world.teams.waitFor(stands, { timeoutMs: shownWithinMs, what: `${who} is asked something` });
  }

  /** The answer to a click is there at once; what a code or a check leads to comes by the outbox. */
  async #waitForChange(who: string, before: SeenCard): Promise<void> {
    const changed = (): boolean => this.#cards(who).at(-1)?.text !== before.text;
    await this.#world.teams
      .waitFor(changed, { timeoutMs: movedWithinMs, what: `the card of ${who} changes` })
      .catch(() => undefined);
  }

  async #say(who: string, words: string): Promise<string> {
    this.acts += 1;
    const before = this.#journey.texts(who, personal).length;
    if (words === 'create profile') this.#open.add(who);
    if (words === 'cancel') this.#open.delete(who);
    const { status } = await this.#world.teams.acts.send(who, personal, words);
    if (status !== 200) this.broken.push(`"${words}" was answered with ${status}`);
    return this.#journey.texts(who, personal).slice(before).join('\n');
  }

  /** Cards of drafts with something to do, the newest last. */
  #cards(who: string): SeenCard[] {
    return this.#journey.cards(who, personal).filter((seen) => draftActions(seen).length > 0);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)] as T;
  }
}

const draftVerb = /^profile\.(answer|back|cancel|new-link|check|confirm-code|save|advanced)$/;
const draftActions = ({ card }: SeenCard): CardAction[] => readActions(card).filter(({ verb }) => draftVerb.test(verb));
const hasForm = ({ card }: SeenCard): boolean => readActions(card).some(({ type }) => type === 'Action.OpenUrl');
const isSavedCard = (card: SeenCard['card']): boolean => JSON.stringify(card).includes('The profile is saved');
/** Saved or cancelled: no button leads on. */
const isOverCard = (card: SeenCard['card']): boolean => readActions(card).every(({ verb }) => !draftVerb.test(verb));
/** While it goes on there is only a way back. */
const isChecking = (seen: SeenCard): boolean =>
  draftActions(seen).every(({ verb }) => verb === 'profile.back' || verb === 'profile.cancel');

/** What a review says, line by line: a name of a fact and its value. */
function factOn({ text }: Pick<SeenCard, 'text'>, name: string): string {
  // Markdown is escaped on cards; the reader sees no backslash.
  const lines = text.replaceAll('\\', '').split('\n');
  return lines[lines.indexOf(name) + 1] ?? '';
}

const nameOnReview = (seen: SeenCard): string => factOn(seen, 'Name');

function notAsReviewed(profile: EmailServerProfile, review: string | undefined): string[] {
  if (review === undefined) return [`"${profile.name}" was saved without a review`];
  const shown = [profile.serverLocation, profile.userName, profile.description].filter((value) => value !== '');
  const missing = shown.filter((value) => !review.includes(value));
  if (!review.includes(String(profile.maxConcurrentConnections)))
    missing.push(String(profile.maxConcurrentConnections));
  return missing.map((value) => `"${profile.name}" was saved with "${value}", which its review did not show`);
}

async function readProfiles(folder: string): Promise<EmailServerProfile[]> {
  const store = await openJournalStore({ folder });
  try {
    return (await store.query('profile', { limit: 10_000 })).map(({ value }) => value);
  } finally {
    await store.close();
  }
}
