import { setTimeout as delay } from 'node:timers/promises';
import type { Teams } from '../../sandbox/teams/start-teams.ts';
import type { Place } from './chaos-places.ts';
import { randomFrom } from './random.ts';

/** How far the run has come; what is to happen looks at it. */
export interface Progress {
  /** Calls that came to Teams. */
  calls: number;
  /** What is to die or to move has to do so now: changes of the last part wait for it. */
  halfway: boolean;
  /** The last change was wished. */
  wished: boolean;
  /** And everything was sent. */
  drained: boolean;
}

/** What happens to which places; drawn from the seed. */
export interface Fates {
  readonly diesForGood: readonly Place[];
  readonly diesForAWhile: readonly Place[];
  readonly moves: readonly Place[];
}

interface Step {
  /** A death or a move. */
  readonly isShake?: boolean;
  readonly isDue: (progress: Progress) => boolean;
  readonly run: () => Promise<void> | void;
}

export interface Happenings {
  /** Shuts that were opened again, with when somebody spoke there: before that and after it, epoch ms. */
  readonly revivals: ReadonlyMap<string, readonly (readonly [from: number, to: number])[]>;
  readonly moved: ReadonlySet<string>;
  /** To be called whenever `progress` changed; what is due happens, one after the other. */
  readonly look: () => void;
  /** Resolves when all that is to die or to move has done so, at halfway at the latest. */
  readonly shaken: Promise<void>;
  /** Resolves when everything has happened. */
  readonly over: Promise<void>;
}

/**
 * At least one of each kind of place. An admin's chat dies for a while as well, so that what had gone there goes on to
 * another; the others stay.
 */
export function drawFates(seed: number, homes: readonly Place[], admins: readonly Place[]): Fates {
  const random = randomFrom(seed);
  // The first one is the busy one.
  const left = homes.slice(1);
  const take = (count: number): Place[] =>
    Array.from({ length: count }, (_unused, index) => {
      const kind = (['personal', 'groupChat', 'channel'] as const)[index % 3];
      const fitting = left.filter((place) => place.kind === kind);
      const place = fitting[Math.floor(random() * fitting.length)]!;
      left.splice(left.indexOf(place), 1);
      return place;
    });
  const share = (part: number): number => Math.max(3, Math.floor(homes.length * part));
  return {
    diesForGood: take(share(0.02)),
    diesForAWhile: [...take(share(0.04)), ...admins.slice(-1)],
    moves: take(share(0.1)),
  };
}

/** Sets it going: deaths and moves at a number of calls that the seed draws, revivals some calls after the first refusal. */
export function letHappen(
  teams: Teams,
  fates: Fates,
  options: {
    readonly seed: number;
    readonly messages: number;
    readonly homes: readonly Place[];
    readonly progress: Progress;
    /** How many calls had come when a place was refused first, shut or at its old address. */
    readonly refusedAt: ReadonlyMap<string, number>;
    /** Resolves when the bot can be spoken to. */
    readonly ready: () => Promise<void>;
  },
): Happenings {
  const { progress, refusedAt, messages, homes } = options;
  const random = randomFrom(options.seed + 3);
  const between = (from: number, to: number): number => Math.floor(messages * (from + random() * (to - from)));
  const revivals = new Map<string, (readonly [from: number, to: number])[]>();
  const moved = new Set<string>();
  const steps = new Set<Step>([
    ...fates.diesForGood.map(deathOf),
    ...fates.diesForAWhile.map(deathOf),
    ...fates.diesForAWhile.map(revivalOf),
    ...fates.moves.flatMap(moveOf),
    ...Array.from({ length: Math.ceil(messages / 50) }, chatter),
  ]);
  const shaken = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  let line = Promise.resolve();
  let isWaiting = false;
  return { revivals, moved, shaken: shaken.promise, over: over.promise, look };

  function look(): void {
    if (isWaiting) return;
    isWaiting = true;
    line = line.then(async () => {
      for (let due = next(); due !== undefined; due = next()) {
        steps.delete(due);
        await due.run();
      }
      isWaiting = false;
      if (![...steps].some(({ isShake }) => isShake === true)) shaken.resolve();
      if (steps.size === 0) over.resolve();
    });
    line.catch((error: unknown) => over.reject(error));
  }

  function next(): Step | undefined {
    return [...steps].find(({ isDue }) => isDue(progress));
  }

  function deathOf(place: Place, index: number): Step {
    const calls = between(0.05, 0.4);
    return {
      isShake: true,
      isDue: (now) => now.calls >= calls || now.halfway,
      run: async () => {
        if (place.kind === 'personal' && index % 2 === 0) teams.installs.setBlocked(place.personId, true);
        // Teams tells of it, if the bot is there to hear it.
        else if (place.kind === 'personal') await teams.installs.uninstallFor(place.personId);
        else if (place.kind === 'channel' && fates.diesForGood.includes(place))
          teams.state.conversations.delete(place.id);
        else setInstalled(place, false);
      },
    };
  }

  function revivalOf(place: Place): Step {
    const gap = between(0.05, 0.2);
    return {
      isDue: (now) => now.drained || now.calls >= (refusedAt.get(place.id) ?? Infinity) + gap,
      run: async () => {
        setInstalled(place, true);
        const from = Date.now();
        await speakUntilHeard(place);
        revivals.set(place.id, [...(revivals.get(place.id) ?? []), [from, Date.now()]]);
      },
    };
  }

  function moveOf(place: Place): Step[] {
    const calls = between(0.1, 0.5);
    const gap = between(0, 0.02);
    return [
      {
        isShake: true,
        isDue: (now) => now.calls >= calls || now.halfway,
        run: () => {
          teams.state.move(place.id, 'emea');
          moved.add(place.id);
        },
      },
      {
        isDue: (now) => {
          const refused = refusedAt.get(place.id);
          // Whoever wrote there by chance may have told the new address before anything went to the old one.
          return now.drained || (refused !== undefined && (now.wished || now.calls >= refused + gap));
        },
        run: () => speakUntilHeard(place),
      },
    ];
  }

  /** People write, in channels into the thread of a card or to begin one; an answer comes, unless the bot is down. */
  function chatter(): Step {
    const calls = between(0, 0.6);
    const place = homes[Math.floor(random() * homes.length)]!;
    return {
      isDue: (now) => now.calls >= calls || now.wished,
      run: async () => {
        if (teams.state.conversations.get(place.id)?.installed === true) await speak(place);
      },
    };
  }

  function setInstalled({ id }: Place, installed: boolean): void {
    const conversation = teams.state.conversations.get(id);
    if (conversation !== undefined) Object.assign(conversation, { installed, blocked: false });
  }

  async function speak({ id, personId, kind }: Place): Promise<number> {
    const card = kind === 'channel' ? teams.state.visibleMessages(id).find(({ from }) => from === 'bot') : undefined;
    const where = card === undefined ? {} : { inThreadOf: card.id };
    return (await teams.acts.send(personId, id, 'hello', where)).status;
  }

  async function speakUntilHeard(place: Place): Promise<void> {
    for (;;) {
      await options.ready();
      if ((await speak(place)) === 200) return;
      await delay(50);
    }
  }
}
